/** The kinds of panel we use. Each demands title, description and unit, and says what an empty panel means. */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { ReduceDataOptionsBuilder, VizLegendOptionsBuilder, VizTooltipOptionsBuilder, BigValueColorMode, BigValueGraphMode, LegendDisplayMode, LegendPlacement, TooltipDisplayMode } from '@grafana/grafana-foundation-sdk/common';
import { type ThresholdsConfigBuilder, FieldColorBuilder, FieldColorModeId, MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StatesBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as SeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { DATASOURCE } from './datasource.js';
import { informative } from './thresholds.js';

export interface PanelText {
  readonly title: string;
  /** What is shown, over what, and what to do about it. */
  readonly description: string;
  readonly unit: string;
  readonly query: Builder<Dataquery>;
  /** Columns of Grafana's 24. */
  readonly width: number;
  /** Shown when the query gives nothing. */
  readonly empty: string;
}

const BIG = 8;
const SMALL = 4;

/** The whole answer is one number. */
export function number(text: PanelText, thresholds: ThresholdsConfigBuilder = informative): StatBuilder {
  return new StatBuilder()
    .title(text.title).description(text.description).datasource(DATASOURCE).unit(text.unit).noValue(text.empty)
    .span(text.width).height(SMALL).withTarget(text.query).thresholds(thresholds)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .colorMode(BigValueColorMode.Value).graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields(''));
}

export function series(text: PanelText): SeriesBuilder {
  return new SeriesBuilder()
    .title(text.title).description(text.description).datasource(DATASOURCE).unit(text.unit).noValue(text.empty)
    .span(text.width).height(BIG).withTarget(text.query).interval('1m').lineWidth(1).fillOpacity(10)
    .legend(new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom).showLegend(true))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
}

/** Which of a few words held when: columns `time` and one of text. */
export function states(text: PanelText): StatesBuilder {
  return new StatesBuilder()
    .title(text.title).description(text.description).datasource(DATASOURCE).unit(text.unit).noValue(text.empty)
    .span(text.width).height(SMALL).withTarget(text.query).mergeValues(true)
    .mappings([{ type: MappingType.ValueToText, options: { calm: { color: 'green', index: 0 }, opened: { color: 'orange', index: 1 }, worsening: { color: 'red', index: 2 }, easing: { color: 'yellow', index: 3 } } }]);
}

/** `units`: of the columns that are not plain. */
export function table(text: PanelText, units: Readonly<Record<string, string>> = {}): TableBuilder {
  const panel = new TableBuilder()
    .title(text.title).description(text.description).datasource(DATASOURCE).unit(text.unit).noValue(text.empty)
    .span(text.width).height(BIG).withTarget(text.query);
  for (const [column, unit] of Object.entries(units)) panel.overrideByName(column, [{ id: 'unit', value: unit }]);
  return panel;
}
