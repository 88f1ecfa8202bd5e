/** What the Kafka ends of the flow need, and how it maps to kafkajs. */
import kafkajs, { type KafkaConfig, type logCreator, type SASLOptions } from 'kafkajs';

export interface KafkaClientSettings {
  readonly brokers: readonly string[];
  readonly tls: boolean;
  readonly sasl: { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly username: string; readonly password: string } | null;
  readonly clientId: string;
  /** How often a request is tried again before it has failed: 10 times, about half a minute, unless told otherwise. */
  readonly retries?: number;
}

export type KafkaNotice = (level: 'info' | 'warn' | 'error', message: string, detail?: Readonly<Record<string, unknown>>) => void;

/** A client whose requests fail restarts; a restart is tried forever. */
const RETRY = { initialRetryTime: 200, maxRetryTime: 5_000, retries: 10 };

export function kafkaConfig(settings: KafkaClientSettings, creator: logCreator): KafkaConfig {
  const { brokers, tls, sasl, clientId, retries = RETRY.retries } = settings;
  return {
    clientId,
    brokers: [...brokers],
    ssl: tls,
    ...(sasl === null ? {} : { sasl: { ...sasl } as SASLOptions }),
    retry: { ...RETRY, retries },
    connectionTimeout: 5_000,
    logCreator: creator,
    logLevel: kafkajs.logLevel.WARN,
  };
}

/** What a young or rebalancing group says on its way up; it is not a fault. */
const ORDINARY = /rebalanc|coordinator is (loading|not aware|not available)|does not host this topic-partition|not the coordinator|GROUP_COORDINATOR_NOT_AVAILABLE|does not exist in the group|leadership election/i;

/** The broker is out of reach: the consumer says so once, in its own words. */
const OUT_OF_REACH = /connection (error|timeout|closed)|ECONNREFUSED|ECONNRESET|EPIPE|failed to connect|closed connection|broker not connected|request timed out/i;

/** The client's own restart, told by the consumer when it happens. */
const RESTART = /^crash:|^restarting the consumer|number of retries exceeded/i;

/** kafkajs's own lines, told apart: what it gets over by itself is information. */
export function noticeLogger(notice: KafkaNotice, outOfReach: (text: string) => void = () => undefined): logCreator {
  return () => ({ level, log: { message, error } }) => {
    const text = typeof error === 'string' && error !== message ? `${message}: ${error}` : message;
    const unreachable = OUT_OF_REACH.test(text);
    const ordinary = unreachable || RESTART.test(message) || ORDINARY.test(text) || level >= kafkajs.logLevel.INFO;
    notice(ordinary ? 'info' : 'warn', `kafka client: ${text}`);
    if (unreachable && level <= kafkajs.logLevel.ERROR) outOfReach(text);
  };
}
