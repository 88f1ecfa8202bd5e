/** The producer behind the API, connected at the first use: a console that nobody sends to needs no broker. */
import { HttpException, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { TidewatchError, type OutgoingMessage, type StreamProducer } from '#contracts';

/** The client tries for longer by itself; nobody waits that long for an answer. */
const PATIENCE_MS = 10_000;

@Injectable()
export class StreamDoor implements OnApplicationShutdown {
  private opened: Promise<StreamProducer> | null = null;

  constructor(private readonly open: () => StreamProducer) {}

  /** Resolves when all replicas have it. @throws 503 when that is not known in time: the same may be sent again */
  async send(topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, refuse) => {
      timer = setTimeout(() => refuse(away(`nothing was acknowledged within ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
    });
    try {
      await Promise.race([this.started().then((producer) => producer.send(topic, messages)), late]);
    } catch (error) {
      if (error instanceof TidewatchError) throw away(error.message);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    const producer = await this.opened?.catch(() => null);
    await producer?.stop().catch(() => undefined);
  }

  private started(): Promise<StreamProducer> {
    this.opened ??= this.start().catch((error: unknown) => {
      this.opened = null;
      throw error;
    });
    return this.opened;
  }

  private async start(): Promise<StreamProducer> {
    const producer = this.open();
    try {
      await producer.start();
      return producer;
    } catch (error) {
      await producer.stop().catch(() => undefined);
      throw error;
    }
  }
}

const away = (why: string) => new HttpException({ title: 'The stream takes nothing', detail: `${why}. Send the same again: what arrived twice counts once.` }, 503);
