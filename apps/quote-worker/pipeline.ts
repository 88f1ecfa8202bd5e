/**
 * The quotes flow, in order: decode, load, rounds, score with state (settle, then forecast); what comes out is one
 * commit. Everything between load and commit is pure or an engine call whose result depends on its input alone.
 */
import type { BatchCommit, MessageBatch, QuoteEvent, StreamStore } from '#contracts';
import { roundsByKey } from '#batch-by-key';
import { contextOf, decodeQuotes, type DecodeSettings } from '#decode-events';
import type { StreamFlow } from '#drive-stream';
import type { ForecastTracker } from '#forecast-prices';
import { scoreRounds } from '#score-with-state';
import { untimed, type StageClock } from '../stream-worker/metrics/stage-clock.js';
import { loadStates, statesToCommit } from '../stream-worker/states.js';
import { splitDecoded } from '../stream-worker/split-decoded.js';
import { quoteStep, type QuoteScoring } from './quote-step.js';

export interface QuoteParts {
  readonly store: StreamStore;
  readonly decode: DecodeSettings;
  readonly scoring: QuoteScoring;
  /** Who is told how long a stage took; nobody when absent. */
  readonly stages?: StageClock;
}

/** Decoded: nothing here depends on position or state. */
type ReadQuotes = ReturnType<typeof splitDecoded<QuoteEvent>>;

/** A bar becomes eleven rows: so many make a commit of 11,000 rows, and what is held until then stays out of the old generation. */
const COMMIT_BARS = 1_024;

export function quotePipeline({ store, decode, scoring, stages = untimed }: QuoteParts): StreamFlow<ForecastTracker, ReadQuotes> {
  const prepare = ({ messages }: MessageBatch): Promise<ReadQuotes> => stages.time('decode', () => splitDecoded(decodeQuotes(decode, messages)));
  const complete: StreamFlow<ForecastTracker, ReadQuotes>['complete'] = async ({ events, rejections: undecodable }, batch, lease, cache) => {
    const { states } = await loadStates(store, cache, scoring, { stream: 'quotes', reviews: [] }, events.map((event) => event.symbol), lease);
    const rounds = roundsByKey(events, (event) => event.symbol);
    const scored = await stages.stepping(scoring.stepper, 'forecast', (stepper) => scoreRounds(stepper, rounds, states, scoring.fresh, quoteStep(scoring, contextOf(batch.messages))));
    const bars = scored.results.filter((result) => result.kind === 'scored');
    const commit: BatchCommit = {
      stream: 'quotes',
      lease,
      nextOffset: batch.end,
      highWatermark: batch.highWatermark,
      watermark: events.length === 0 ? null : events.reduce((latest, event) => Math.max(latest, event.at), -Infinity),
      states: statesToCommit(scored.states, states, scoring),
      rejections: [...undecodable, ...scored.results.flatMap((result) => (result.kind === 'rejected' ? [result.rejection] : []))],
      duplicates: scored.results.filter((result) => result.kind === 'duplicate').length,
      reviews: [],
      corrections: [],
      surges: [],
      quotes: bars.map((bar) => bar.quote),
      forecasts: bars.flatMap((bar) => bar.forecasts),
      settlements: bars.flatMap((bar) => bar.settlements),
    };
    return { commit, states: scored.states };
  };
  return { commitMessages: COMMIT_BARS, prepare, complete };
}
