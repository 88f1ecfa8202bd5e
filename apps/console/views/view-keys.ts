/**
 * What makes a row of each public view unique, as SQL expressions in the order in which pages follow each other. Where a view has a
 * time, the newest comes first. A test holds this against the views that there are.
 */
import type { Order } from '../paging.js';

const newest = (...columns: string[]): Order => ({ columns, newestFirst: true });
const by = (...columns: string[]): Order => ({ columns });

export const VIEW_KEYS: Readonly<Record<string, Order>> = {
  reviews_scored: newest('reviewed_at', 'topic', 'partition', '"offset"'),
  products: by('product_id'),
  product_standing: by('product_id'),
  product_sentiment_hourly: newest('hour', 'product_id'),
  surges: newest('opened_at', 'surge_id'),
  surge_transitions: newest('at', 'surge_id', 'seq'),
  surge_evidence: by('surge_id', 'rank'),
  surge_alerts: by('product_id'),
  surge_actions: newest('acted_at', 'surge_id', 'seq'),
  baseline_changes: newest('changed_at', 'surge_id', 'seq'),
  page_address: by('url'),
  alarm_budgets: by('scope', 'name'),
  alarm_budget_changes: newest('change_id'),
  product_silence: by('product_id'),
  product_groups: by('product_id'),
  group_surges: newest('opened_at', 'group_surge_id'),
  calendar_events: newest('from_at', 'event_id'),
  quotes: newest('at', 'symbol', 'bar'),
  forecasts: newest('made_at', 'symbol', 'bar', 'horizon'),
  forecast_coverage: by('symbol', 'horizon'),
  forecast_bands: by('symbol', 'horizon', 'window_size', 'stated'),
  forecast_skill: by('symbol', 'horizon', 'baseline'),
  forecast_direction: by('symbol', 'horizon'),
  forecast_standing: by('symbol', 'horizon'),
  coverage_alerts: by('symbol', 'horizon'),
  move_alerts: newest('at', 'symbol', 'made_at', 'bar', 'horizon'),
  dead_letters: newest('noted_at', 'topic', 'partition', '"offset"'),
  stream_positions: by('topic', 'partition'),
  stream_samples: newest('sampled_at', 'topic'),
  stream_gaps: newest('recorded_at', 'topic', 'partition', 'from_offset', 'to_offset'),
  models: by('model_id'),
  model_activations: newest('activated_at', 'stream', "coalesce(topic, '')", 'coalesce(partition, -1)'),
  feed_silence: by('stream'),
  stale_symbols: by('symbol'),
  notifications: newest('noted_at', 'notice_id', "coalesce(channel, '')"),
  notification_channels: by('channel'),
};
