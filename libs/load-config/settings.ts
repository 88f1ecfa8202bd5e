/**
 * Settings are read once from the environment, completed with defaults, cross-checked, and only this type travels on.
 * A message names the variable and what was expected, never its value: a value may be a password.
 */
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { TidewatchError } from '#contracts';
import { parseBudget, parseChannels } from './budget.js';
import { http, isZone, notifyExpected, notifySchema, notifySettings, type NotifySettings } from './notify.js';
import { projectRoot } from './paths.js';

export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly tls: boolean;
  readonly sessionTimeoutMs: number;
  /** Bytes fetched at most per partition and fetch: the size of a batch. */
  readonly fetchBytes: number;
  readonly sasl: { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly username: string; readonly password: string } | null;
}

/** Where each worker and the scheduler serve /metrics, /livez and /readyz. */
export interface MetricsSettings {
  readonly host: string;
  /** null: each process has its own usual one; 'off': nothing is served. */
  readonly port: number | 'off' | null;
}

export interface Settings {
  /** Local services, logs and the feed's position live here. */
  readonly home: string;
  /** null: an embedded Postgres under `home`. */
  readonly databaseUrl: string | null;
  /** null: a local broker under `home`, or the file log. */
  readonly kafka: KafkaSettings | null;
  /** The file log's folder when it, not a broker, carries the streams. */
  readonly streamFolder: string | null;
  readonly topics: { readonly reviews: string; readonly quotes: string; readonly surges: string };
  readonly partitions: number;
  readonly groupPrefix: string;
  /** `publicUrl`: where people reach the page, as links name it; without a slash at its end. */
  readonly page: { readonly host: string; readonly port: number; readonly publicUrl: string };
  readonly metrics: MetricsSettings;
  readonly models: { readonly reviews: string; readonly quotes: string };
  /** What runs the models' graphs: ONNX Runtime, or TensorFlow.js where it is installed. */
  readonly modelEngine: 'onnx' | 'tfjs';
  readonly encoderThreads: number;
  readonly cacheEntities: number;
  readonly surgeBudgetPerDay: number;
  /** False alarms a day over all products together; null: no such limit. */
  readonly surgePortfolioPerDay: number | null;
  /** null: both channels, the count only where the share is risen too. */
  readonly surgeChannels: readonly ('count' | 'share')[] | null;
  /** IANA zone whose hours of the week the expected rates follow. */
  readonly surgeTimeZone: string;
  /** Lexicon of aspects, an absolute path. */
  readonly aspectsFile: string;
  /** A worker with lag that commits nothing for this long reports unhealthy and exits. */
  readonly stallSeconds: number;
  readonly deadFeedSeconds: number;
  readonly retentionDays: number;
  readonly notify: NotifySettings;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

const port = z.coerce.number().int().min(0).max(65_535);
const count = (low: number, high: number) => z.coerce.number().int().min(low).max(high);
const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1');
const name = z.string().regex(/^[A-Za-z0-9._-]{1,200}$/);

const schema = z.object({
  TIDEWATCH_HOME: z.string().min(1).optional(),
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//).optional(),
  KAFKA_BROKERS: z.string().regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/).optional(),
  KAFKA_TLS: flag.default(false),
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  KAFKA_USERNAME: z.string().min(1).optional(),
  KAFKA_PASSWORD: z.string().min(1).optional(),
  KAFKA_SESSION_TIMEOUT_MS: count(1_000, 1_800_000).default(15_000),
  KAFKA_FETCH_BYTES: count(1_000, 100_000_000).default(1_048_576),
  STREAM_FOLDER: z.string().min(1).optional(),
  REVIEWS_TOPIC: name.default('reviews.v1'),
  QUOTES_TOPIC: name.default('quotes.v1'),
  SURGES_TOPIC: name.default('surges.v1'),
  TOPIC_PARTITIONS: count(1, 10_000).default(4),
  KAFKA_GROUP_PREFIX: name.default('tidewatch'),
  PAGE_HOST: z.string().min(1).default('127.0.0.1'),
  PAGE_PORT: port.default(7400),
  PUBLIC_URL: http.refine((text) => !/[?#]/.test(text)).optional(),
  METRICS_HOST: z.string().min(1).default('127.0.0.1'),
  METRICS_PORT: z.literal('off').or(port).optional(),
  REVIEW_MODEL: z.string().min(1).optional(),
  QUOTE_MODEL: z.string().min(1).optional(),
  MODEL_ENGINE: z.enum(['onnx', 'tfjs']).default('onnx'),
  ENCODER_THREADS: count(1, 64).default(2),
  CACHE_ENTITIES: count(1, 10_000_000).default(20_000),
  SURGE_ALARM_BUDGET: z.string().default('1/quarter'),
  SURGE_PORTFOLIO_BUDGET: z.string().optional(),
  SURGE_CHANNELS: z.string().optional(),
  SURGE_TIME_ZONE: z.string().refine(isZone).default('UTC'),
  ASPECTS_FILE: z.string().min(1).optional(),
  STALL_SECONDS: count(5, 86_400).default(120),
  DEAD_FEED_SECONDS: count(5, 31_536_000).default(900),
  RETENTION_DAYS: count(1, 36_500).default(400),
  ...notifySchema,
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

const EXPECTED: Readonly<Record<string, string>> = {
  DATABASE_URL: 'a URL such as postgres://user:password@host:5432/tidewatch',
  KAFKA_BROKERS: 'host:port, several separated by commas',
  KAFKA_SASL_MECHANISM: 'plain, scram-sha-256 or scram-sha-512',
  MODEL_ENGINE: 'onnx or tfjs',
  PUBLIC_URL: 'an address that begins with http:// or https://, such as https://tidewatch.example.com',
  METRICS_PORT: 'a port from 0 (any free one) to 65535, or off',
  SURGE_TIME_ZONE: 'a time zone such as Europe/Berlin',
  ...notifyExpected,
};

export function loadSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const variable = String(issue.path[0]);
      return `${variable}: expected ${EXPECTED[variable] ?? issue.message}`;
    });
    throw new TidewatchError('SETTING_INVALID', `Settings cannot be used. ${lines.join('; ')}. Change the environment variable and start again.`);
  }
  const values = parsed.data;
  const root = projectRoot();
  if (values.KAFKA_BROKERS !== undefined && values.STREAM_FOLDER !== undefined) {
    throw new TidewatchError('SETTING_INVALID', 'KAFKA_BROKERS and STREAM_FOLDER are both set: expected one of them. Unset STREAM_FOLDER to use the broker.');
  }
  return {
    home: resolve(root, values.TIDEWATCH_HOME ?? '.tidewatch'),
    databaseUrl: values.DATABASE_URL ?? null,
    kafka: values.KAFKA_BROKERS === undefined ? null : { brokers: values.KAFKA_BROKERS.split(','), tls: values.KAFKA_TLS, sessionTimeoutMs: values.KAFKA_SESSION_TIMEOUT_MS, fetchBytes: values.KAFKA_FETCH_BYTES, sasl: sasl(values) },
    streamFolder: values.STREAM_FOLDER ?? null,
    topics: { reviews: values.REVIEWS_TOPIC, quotes: values.QUOTES_TOPIC, surges: values.SURGES_TOPIC },
    partitions: values.TOPIC_PARTITIONS,
    groupPrefix: values.KAFKA_GROUP_PREFIX,
    page: { host: values.PAGE_HOST, port: values.PAGE_PORT, publicUrl: (values.PUBLIC_URL ?? addressOf(values.PAGE_HOST, values.PAGE_PORT)).replace(/\/+$/, '') },
    metrics: { host: values.METRICS_HOST, port: values.METRICS_PORT ?? null },
    models: {
      reviews: resolve(root, values.REVIEW_MODEL ?? join('models', 'reviews-v5')),
      quotes: resolve(root, values.QUOTE_MODEL ?? join('models', 'quotes-v2')),
    },
    modelEngine: values.MODEL_ENGINE,
    encoderThreads: values.ENCODER_THREADS,
    cacheEntities: values.CACHE_ENTITIES,
    surgeBudgetPerDay: parseBudget(values.SURGE_ALARM_BUDGET, 'SURGE_ALARM_BUDGET'),
    surgePortfolioPerDay: values.SURGE_PORTFOLIO_BUDGET === undefined ? null : parseBudget(values.SURGE_PORTFOLIO_BUDGET, 'SURGE_PORTFOLIO_BUDGET'),
    surgeChannels: parseChannels(values.SURGE_CHANNELS, 'SURGE_CHANNELS'),
    surgeTimeZone: values.SURGE_TIME_ZONE,
    aspectsFile: resolve(root, values.ASPECTS_FILE ?? join('models', 'aspects.json')),
    stallSeconds: values.STALL_SECONDS,
    deadFeedSeconds: values.DEAD_FEED_SECONDS,
    retentionDays: values.RETENTION_DAYS,
    notify: notifySettings(values),
    logLevel: values.LOG_LEVEL,
  };
}

/** Where a server that listens on `host` is reached from this machine. */
export const addressOf = (host: string, port: number): string => `http://${['0.0.0.0', '::', '::1'].includes(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${port}`;

function sasl(values: z.infer<typeof schema>): KafkaSettings['sasl'] {
  if (values.KAFKA_SASL_MECHANISM === undefined) {
    if (values.KAFKA_USERNAME === undefined && values.KAFKA_PASSWORD === undefined) return null;
    throw new TidewatchError('SETTING_INVALID', 'KAFKA_USERNAME or KAFKA_PASSWORD is set without KAFKA_SASL_MECHANISM: expected plain, scram-sha-256 or scram-sha-512 there.');
  }
  if (values.KAFKA_USERNAME === undefined || values.KAFKA_PASSWORD === undefined) {
    throw new TidewatchError('SETTING_INVALID', 'KAFKA_SASL_MECHANISM is set: expected KAFKA_USERNAME and KAFKA_PASSWORD beside it.');
  }
  return { mechanism: values.KAFKA_SASL_MECHANISM, username: values.KAFKA_USERNAME, password: values.KAFKA_PASSWORD };
}
