/**
 * Quotes from the first message consumed to the last row committed, with five forecasts and five settlements a bar, beside what
 * bounds it, interleaved in one run: the model's steps alone (batched, from memory, one thread), and those with the forecast
 * stage around them. Also the bytes of a symbol's stored state, which do not grow, and the worker's memory.
 * Usage: node dist/test/bench/quotes-end-to-end.js [--symbols 500] [--bars 200] [--rounds 3] [--partitions 4] [--model models/...] [--json]
 * Starts its own Postgres and Kafka; broker, database and worker share the machine.
 */
import { parseArgs } from 'node:util';
import { createKafkaProducer } from '#consume-kafka';
import { loadSettings } from '#load-config';
import { type Drained, drainTopic } from './support/drain-topic.js';
import { quoteEngineAlone, sampleQuotes } from './support/quote-engine.js';
import { median } from './support/sample.js';
import { startServices } from './support/services.js';

const { values: options } = parseArgs({ options: { symbols: { type: 'string', default: '500' }, bars: { type: 'string', default: '200' }, rounds: { type: 'string', default: '3' }, partitions: { type: 'string', default: '4' }, model: { type: 'string' }, json: { type: 'boolean', default: false } } });
const [symbols, bars, partitions] = [Number(options.symbols), Number(options.bars), Number(options.partitions)];
const folder = options.model ?? loadSettings(process.env).models.quotes;
const say = (line: string) => process.stderr.write(`${line}\n`);

const services = await startServices();
const quotes = sampleQuotes({ symbols, bars, seed: 11 });
const count = quotes.events.length;
const topic = 'bench-quotes';
const producer = createKafkaProducer({ brokers: [services.brokers], tls: false, sasl: null, clientId: 'bench' });
await producer.start();
await producer.ensureTopic(topic, partitions);
for (let at = 0; at < count; at += 2_000) await producer.send(topic, quotes.messages.slice(at, at + 2_000));
say(`${count} bars of ${symbols} symbols in ${partitions} partitions`);

const results = { tidewatch: [] as number[], engine: [] as number[], model: [] as number[] };
const workers: { cpuSeconds: number; rssMb: number }[] = [];
let stateBytes = 0;
for (let round = 1; round <= Number(options.rounds); round += 1) {
  const { perSecond, ...usage } = await tidewatch(round);
  results.tidewatch.push(perSecond);
  workers.push(usage);
  for (const what of ['engine', 'model'] as const) {
    const alone = await quoteEngineAlone(quotes, folder, what);
    results[what].push(alone.perSecond);
    if (what === 'engine') ({ stateBytes } = alone);
  }
  say(`round ${round}: ${Object.entries(results).map(([name, all]) => `${name} ${Math.round(all.at(-1)!).toLocaleString('en')}`).join(', ')} bars/s`);
}
const [ours, engine, model] = [median(results.tidewatch), median(results.engine), median(results.model)];
const document = {
  bars: count, symbols, barsPerSecond: Math.round(ours), engineAlone: Math.round(engine), modelAlone: Math.round(model),
  ratioToEngine: Number((ours / engine).toFixed(3)), ratioToModel: Number((ours / model).toFixed(3)),
  workerCpuMicrosPerBar: Number(((median(workers.map(({ cpuSeconds }) => cpuSeconds)) * 1e6) / count).toFixed(1)),
  workerRssMb: Math.round(median(workers.map(({ rssMb }) => rssMb))), storedStateBytes: stateBytes,
};
if (options.json) console.log(JSON.stringify(document));
else {
  console.log(`${document.barsPerSecond} bars/s into committed rows with settlement, five horizons (median of ${options.rounds})
  engine alone (features, model, settling, forecasting; from memory, one thread) ${document.engineAlone} bars/s: ratio ${document.ratioToEngine}
  model's steps alone ${document.modelAlone} bars/s: ratio ${document.ratioToModel}
  worker: ${document.workerCpuMicrosPerBar} CPU microseconds a bar, ${document.workerRssMb} MB resident; a symbol's stored state is ${stateBytes} bytes at most`);
}
await producer.stop();
services.stop();

function tidewatch(round: number): Promise<Drained> {
  const environment = (url: string) => ({ DATABASE_URL: url, KAFKA_BROKERS: services.brokers, KAFKA_GROUP_PREFIX: `bench-${round}`, QUOTES_TOPIC: topic, QUOTE_MODEL: folder });
  return drainTopic('apps/quote-worker/main.js', environment, count, async (client) => {
    const { rows: [found] } = await client.query<{ bars: string; settled: string }>(`select (select count(*) from tidewatch.quotes) as bars, (select count(*) from internal.settlement where status = 'settled') as settled`);
    // forecasts begin at bar 11; one h bars ahead is settled for every bar but the last h
    const expected = [1, 2, 5, 10, 20].reduce((sum, horizon) => sum + Math.max(0, bars - 10 - horizon) * symbols, 0);
    if (Number(found!.bars) !== count || Number(found!.settled) !== expected) throw new Error(`found ${found!.bars} bars and ${found!.settled} settlements, expected ${count} and ${expected}`);
  });
}
