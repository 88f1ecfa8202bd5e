/** quote_bar, forecast and settlement: appends only. */
import type { BatchCommit, Forecast, ScoredQuote, Settlement } from '#contracts';
import { bool, column, float4Array, float8, int4, int8, jsonb, text, timestamptz } from '../wire/cells.js';
import type { Pipeline } from '../wire/pipeline.js';
import { copyInto } from '../wire/statements.js';

const copyBars = copyInto<ScoredQuote>('internal.quote_bar', [
  column('symbol', text, ({ event }) => event.symbol),
  column('at', timestamptz, ({ event }) => event.at),
  column('bar', int8, ({ bar }) => bar),
  column('topic', text, ({ event }) => event.position.topic),
  column('partition', int4, ({ event }) => event.position.partition),
  column('offset', int8, ({ event }) => event.position.offset),
  column('open', float8, ({ event }) => event.open),
  column('high', float8, ({ event }) => event.high),
  column('low', float8, ({ event }) => event.low),
  column('close', float8, ({ event }) => event.close),
  column('bid', float8, ({ event }) => event.bid),
  column('ask', float8, ({ event }) => event.ask),
  column('volume', float8, ({ event }) => event.volume),
  column('interval', text, ({ event }) => event.interval),
  column('extra', jsonb, ({ event }) => event.extra),
  column('log_return', float8, ({ logReturn }) => logReturn),
  column('break_reason', text, ({ breakReason }) => breakReason),
  column('model_id', text, ({ modelId }) => modelId),
]);

const copyForecasts = copyInto<Forecast>('internal.forecast', [
  column('symbol', text, ({ symbol }) => symbol),
  column('made_at', timestamptz, ({ madeAt }) => madeAt),
  column('bar', int8, ({ bar }) => bar),
  column('horizon', int4, ({ horizon }) => horizon),
  column('close', float8, ({ close }) => close),
  column('levels', float4Array, ({ levels }) => levels),
  column('corrected', float4Array, ({ corrected }) => corrected),
  column('raw', float4Array, ({ raw }) => raw),
  column('baseline_sigma', float8, ({ baselineSigma }) => baselineSigma),
  column('model_id', text, ({ modelId }) => modelId),
]);

const copySettlements = copyInto<Settlement>('internal.settlement', [
  column('symbol', text, ({ symbol }) => symbol),
  column('made_at', timestamptz, ({ madeAt }) => madeAt),
  column('bar', int8, ({ bar }) => bar),
  column('horizon', int4, ({ horizon }) => horizon),
  column('settled_at', timestamptz, ({ settledAt }) => settledAt),
  column('status', text, ({ status }) => status),
  column('reason', text, ({ reason }) => reason),
  column('actual', float8, ({ actual }) => actual),
  column('median', float8, ({ median }) => median),
  column('pinball', float8, ({ pinball }) => pinball),
  column('crps', float8, ({ crps }) => crps),
  column('pit', float8, ({ pit }) => pit),
  column('covered50', bool, ({ covered50 }) => covered50),
  column('covered80', bool, ({ covered80 }) => covered80),
  column('covered90', bool, ({ covered90 }) => covered90),
  column('covered95', bool, ({ covered95 }) => covered95),
  column('covered99', bool, ({ covered99 }) => covered99),
  column('raw_covered90', bool, ({ rawCovered90 }) => rawCovered90),
  column('crps_gaussian', float8, ({ crpsGaussian }) => crpsGaussian),
  column('crps_student_t', float8, ({ crpsStudentT }) => crpsStudentT),
]);

export function addQuotes(to: Pipeline, { quotes, forecasts, settlements }: Pick<BatchCommit, 'quotes' | 'forecasts' | 'settlements'>): void {
  to.copy(copyBars, quotes);
  to.copy(copyForecasts, forecasts);
  to.copy(copySettlements, settlements);
}
