/** A registry of prom-client with the metrics of the process, but for those that it names against Prometheus' rules. */
import { collectDefaultMetrics, Registry } from 'prom-client';

/** Gauges that prom-client names as counters are named. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

export function openRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  return registry;
}
