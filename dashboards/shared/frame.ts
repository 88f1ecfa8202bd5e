/** What every dashboard has: its data source, the way to the others and to the page, the surges as annotations. */
import { AnnotationQueryBuilder, DashboardBuilder, DashboardCursorSync, DashboardLinkBuilder, DashboardLinkType, DatasourceVariableBuilder, QueryVariableBuilder, VariableHide, VariableRefresh, VariableSort } from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { DATASOURCE, DATASOURCE_TYPE, PROVISIONED } from './datasource.js';
import { PAGE_QUERY } from './page.js';
import { rows } from './query.js';
import { asHtml, asText } from './text.js';

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
    .withVariable(choice('page', 'Page', PAGE_QUERY, { many: false }).hide(VariableHide.HideVariable))
    .link(new DashboardLinkBuilder('Tidewatch dashboards').type(DashboardLinkType.Dashboards).tags([TAG]).keepTime(true).includeVars(true).icon('external link').tooltip('The other dashboards of Tidewatch, same time range'))
    .link(new DashboardLinkBuilder('Page').type(DashboardLinkType.Link).url('${page}').icon('external link').tooltip('The live page').targetBlank(true))
    .annotation(surgesAsAnnotations(surgesOf));
}

const TO_PRODUCT = { id: 'links', value: [{ title: 'What happened to it', url: '/d/tidewatch-product?var-product=${__data.fields.product_id:percentencode}&${__url_time_range}' }] } as const;

/** A table whose column `product` opens the Product dashboard for its column `product_id`, which is not shown. */
export const leadingToProduct = (panel: TableBuilder): TableBuilder => panel.overrideByName('product', [TO_PRODUCT]).overrideByName('product_id', [{ id: 'custom.hidden', value: true }]);

/** A choice among what `sql` gives: one text column, or __text and __value. Used in SQL as ${name:sqlstring}. */
export function choice(name: string, label: string, sql: string, { many }: { many: boolean }): QueryVariableBuilder {
  return new QueryVariableBuilder(name).label(label).datasource(DATASOURCE).query(sql).refresh(VariableRefresh.OnTimeRangeChanged).sort(VariableSort.Disabled).multi(many).includeAll(many)
    .current(many ? { selected: true, text: ['All'], value: ['$__all'] } : { text: '', value: '' });
}

function surgesAsAnnotations(which: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder().name('Surges').datasource(DATASOURCE).enable(true).iconColor('orange').target(rows(`
SELECT opened_at AS time, coalesce(closed_at, now()) AS timeend, ${asHtml(asText('coalesce(product_name, product_id)'))} AS title,
  format('%s negatives where %s were expected, severity %s. <a href="%s/#/surges/%s">Open in Tidewatch</a>', round(observed::numeric, 1), round(expected::numeric, 1), round(severity::numeric, 1), ${asHtml('${page:sqlstring}')}, tidewatch.url_encode(surge_id)) AS text, channel AS tags
FROM tidewatch.surges
WHERE ${which} AND opened_at <= $__timeTo() AND coalesce(closed_at, now()) >= $__timeFrom()
ORDER BY opened_at DESC LIMIT 200`, 'Anno'));
}
