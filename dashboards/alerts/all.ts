/** The alert rules, and the provisioning files that are generated for them. */
import { alertRule, asProvisioned, type AlertText } from '../shared/alert.js';
import { contactFile } from './contact.js';
import { pipelineAlerts } from './pipeline.js';
import { surgeAlerts } from './surges.js';

const FOLDER = 'Tidewatch';
const group = (name: string, alerts: readonly AlertText[]) => ({ orgId: 1, name, folder: FOLDER, interval: '1m', rules: alerts.map((alert) => asProvisioned(alertRule(name, alert))) });

export const rulesFile = { apiVersion: 1, groups: [group('tidewatch-surges', surgeAlerts), group('tidewatch-pipeline', pipelineAlerts)] };
export const alertFiles = { 'tidewatch-rules.json': rulesFile, 'tidewatch-contact.json': contactFile } as const;
