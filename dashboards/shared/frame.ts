/** What every dashboard has: its data source, the way to the others and to the page, the surges as annotations. */
import { AnnotationQueryBuilder, DashboardBuilder, DashboardCursorSync, DashboardLinkBuilder, DashboardLinkType, DatasourceVariableBuilder, QueryVariableBuilder, TextBoxVariableBuilder, VariableRefresh, VariableSort } from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE, DATASOURCE_TYPE, PROVISIONED } from './datasource.js';
import { rows } from './query.js';

const TAG = 'tidewatch';

export interface Frame {
  /** Also the name of the generated file. */
  readonly name: string;
  readonly title: string;
  /** The question it answers. */
  readonly question: string;
  /** Time range at first, such as now-24h. */
  readonly from: string;
  /** Condition on tidewatch.surges: which of them are annotations. All when absent. */
  readonly surgesOf?: string;
}

export function frame({ name, title, question, from, surgesOf = 'true' }: Frame): DashboardBuilder {
  return new DashboardBuilder(`Tidewatch / ${title}`)
    .uid(`tidewatch-${name}`).description(question).tags([TAG]).time({ from, to: 'now' }).timezone('browser').refresh('1m')
    .tooltip(DashboardCursorSync.Crosshair).readonly()
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type(DATASOURCE_TYPE).current(PROVISIONED))
    .withVariable(new TextBoxVariableBuilder('page').label('Page').defaultValue('http://127.0.0.1:7400'))
    .link(new DashboardLinkBuilder('Tidewatch dashboards').type(DashboardLinkType.Dashboards).tags([TAG]).keepTime(true).includeVars(true).icon('external link').tooltip('The other dashboards of Tidewatch, same time range'))
    .link(new DashboardLinkBuilder('Page').type(DashboardLinkType.Link).url('${page}').icon('external link').tooltip('The live page').targetBlank(true))
    .annotation(surgesAsAnnotations(surgesOf));
}

/** Opens the Product dashboard for a table's column `product_id`. */
export const TO_PRODUCT = { id: 'links', value: [{ title: 'What happened to it', url: '/d/tidewatch-product?var-product=${__data.fields.product_id:percentencode}&${__url_time_range}' }] } as const;

/** A choice among what `sql` gives: one text column, or __text and __value. Used in SQL as ${name:sqlstring}. */
export function choice(name: string, label: string, sql: string, { many }: { many: boolean }): QueryVariableBuilder {
  return new QueryVariableBuilder(name).label(label).datasource(DATASOURCE).query(sql).refresh(VariableRefresh.OnTimeRangeChanged).sort(VariableSort.Disabled).multi(many).includeAll(many)
    .current(many ? { selected: true, text: ['All'], value: ['$__all'] } : { text: '', value: '' });
}

function surgesAsAnnotations(which: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder().name('Surges').datasource(DATASOURCE).enable(true).iconColor('orange').target(rows(`
SELECT opened_at AS time, coalesce(closed_at, now()) AS timeend, coalesce(product_name, product_id) AS title,
  format('%s of %s negatives expected, severity %s', round(expected::numeric, 1), round(observed::numeric, 1), round(severity::numeric, 1)) AS text, channel AS tags
FROM tidewatch.surges
WHERE ${which} AND opened_at <= $__timeTo() AND coalesce(closed_at, now()) >= $__timeFrom()
ORDER BY opened_at DESC LIMIT 200`, 'Anno'));
}
