/**
 * A Grafana-managed alert rule on Postgres, within Grafana's constraints: query A is in time-series format with a column `time` and
 * no fill, gives one row per watched entity always, and has stable labels only (its text columns); B takes the last value of
 * each series; C compares it, and lets go only beyond a threshold of its own, so that a value on the border does not flap.
 * "No data" and errors are alerts of their own: a watched entity always has a row.
 */
import type { Query, Rule } from '@grafana/grafana-foundation-sdk/alerting';
import { QueryBuilder, RuleBuilder } from '@grafana/grafana-foundation-sdk/alerting';
import { TypeReduceBuilder, TypeThresholdBuilder } from '@grafana/grafana-foundation-sdk/expr';
import { DATASOURCE_TYPE, PROVISIONED } from './datasource.js';
import { PAGE } from './page.js';

export interface AlertText {
  /** Also the name of its runbook. */
  readonly name: string;
  readonly severity: 'warning' | 'critical';
  /** One sentence; Go templates over .Labels and .Values.B, without a dollar sign, which provisioning would take for a variable. */
  readonly summary: string;
  readonly description: string;
  /** Route of the page, behind #/; may be a template. */
  readonly page: string;
  /** Columns `time`, text columns as labels, one number. */
  readonly sql: string;
  /** Fires above the first, resolves below the second. */
  readonly above: readonly [fires: number, resolves: number];
  /** How long it must hold. */
  readonly for: string;
}

export const FOLDER_UID = 'tidewatch';
const EXPRESSION = { type: '__expr__', uid: '__expr__' } as const;
const RANGE = { from: 600, to: 0 } as const;

const query = (refId: string, datasourceUid: string): QueryBuilder => new QueryBuilder(refId).datasourceUid(datasourceUid).relativeTimeRange(RANGE);

export function alertRule(group: string, alert: AlertText): Rule {
  const { name, sql, above: [fires, resolves] } = alert;
  const model = { refId: 'A', datasource: { type: DATASOURCE_TYPE, uid: PROVISIONED.value }, editorMode: 'code', format: 'time_series', rawQuery: true, rawSql: sql.trim(), _implementsDataqueryVariant: () => undefined };
  return new RuleBuilder(name).uid(name).orgID(1).folderUID(FOLDER_UID).ruleGroup(group)
    .withQuery(query('A', PROVISIONED.value).model({ build: () => model }))
    .withQuery(query('B', EXPRESSION.uid).model(new TypeReduceBuilder().refId('B').datasource(EXPRESSION).expression('A').reducer('last')))
    .withQuery(query('C', EXPRESSION.uid).model(new TypeThresholdBuilder().refId('C').datasource(EXPRESSION).expression('B')
      .conditions([{ evaluator: { type: 'gt', params: [fires] }, unloadEvaluator: { type: 'lt', params: [resolves] } }])))
    .condition('C').forDuration(alert.for).noDataState('NoData').execErrState('Error').isPaused(false)
    .labels({ severity: alert.severity, team: 'tidewatch' })
    .annotations({ summary: alert.summary, description: alert.description, runbook_url: `${PAGE}/runbooks/${name}.md`, page_url: `${PAGE}/#/${alert.page}` })
    .build();
}

/** As the provisioning files name things, which differs from the API: group, folder and organisation stand above the rules. */
export function asProvisioned({ uid, title, condition, data, noDataState, execErrState, for: pending, annotations, labels, isPaused }: Rule): Record<string, unknown> {
  return { uid, title, condition, data: data.map(({ refId, relativeTimeRange, datasourceUid, model }: Query) => ({ refId, relativeTimeRange, datasourceUid, model })), noDataState, execErrState, for: pending, annotations, labels, isPaused };
}
