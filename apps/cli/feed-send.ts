/**
 * Sends in order, in batches bounded by rows and bytes, one batch on its way while the next is prepared. A broker that is
 * away is waited for: nothing is dropped, and what is sent again is a duplicate, which the flow counts and passes over.
 */
import { TidewatchError, type OutgoingMessage, type StreamProducer } from '#contracts';

const MAX_ROWS = 1_000;
/** Half of what a broker takes in one request by default. */
const MAX_BYTES = 512 * 1024;

export interface SenderOptions {
  readonly producer: StreamProducer;
  readonly topic: string;
  readonly signal: AbortSignal;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly notice: (line: string) => void;
}

export class Sender {
  /** Rows acknowledged by the broker. */
  sent = 0;
  private pending: OutgoingMessage[] = [];
  private bytes = 0;
  private onItsWay: Promise<void> = Promise.resolve();
  /** Set when a batch was given up after the signal: nothing may overtake it. */
  private givenUp = false;

  constructor(private readonly options: SenderOptions) {}

  async add(message: OutgoingMessage, size: number): Promise<void> {
    if (this.pending.length > 0 && this.bytes + size > MAX_BYTES) await this.handOver();
    this.pending.push(message);
    this.bytes += size;
    if (this.pending.length >= MAX_ROWS) await this.handOver();
  }

  /** Resolves when everything added so far is acknowledged, or the signal came. */
  async flush(): Promise<void> {
    await this.handOver();
    await this.onItsWay;
  }

  private async handOver(): Promise<void> {
    const batch = this.pending;
    this.pending = [];
    this.bytes = 0;
    await this.onItsWay;
    if (batch.length === 0 || this.givenUp) return;
    this.onItsWay = sendPatiently(this.options, batch).then((acknowledged) => {
      if (acknowledged) this.sent += batch.length;
      else this.givenUp = true;
    });
    // The failure is met by whoever awaits it next; until then it must not count as unhandled.
    this.onItsWay.catch(() => undefined);
  }
}

/** False when the signal came before the broker took the batch. */
export async function sendPatiently({ producer, topic, signal, wait, notice }: SenderOptions, batch: readonly OutgoingMessage[]): Promise<boolean> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await producer.send(topic, batch);
      return true;
    } catch (error) {
      if (!(error instanceof TidewatchError) || !error.retryable) throw error;
      if (signal.aborted) return false;
      if (attempt === 0) notice(`waiting for the broker: ${error.message}`);
      await wait(Math.min(5_000, 250 * 2 ** Math.min(attempt, 5)), signal).catch(() => undefined);
      if (signal.aborted) return false;
    }
  }
}
