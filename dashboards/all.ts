/** The dashboards and alerts, and the text of the file that is generated for each: the same on every machine. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertFiles } from './alerts/all.js';
import { forecasts } from './forecasts.js';
import { overview } from './overview.js';
import { pipeline } from './pipeline.js';
import { product } from './product.js';
import { surges } from './surges.js';

export const dashboards: readonly Dashboard[] = [overview(), product(), surges(), forecasts(), pipeline()];

const text = (content: unknown): string => `${JSON.stringify(content, null, 2)}\n`;

/** Folders under dashboards/ that hold generated files and nothing else; file name to text. */
export const generatedFiles: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ['generated', new Map(dashboards.map((dashboard) => [`${dashboard.uid}.json`, text(dashboard)]))],
  ['provisioning/alerting', new Map(Object.entries(alertFiles).map(([name, file]) => [name, text(file)]))],
]);
