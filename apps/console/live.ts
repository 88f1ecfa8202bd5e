/**
 * Server-sent events: one poller for all clients, which runs only while someone listens and sends a part of the first
 * screen when it changed. Events carry whole parts, so a client that comes back needs no history: it is sent what is now.
 */
import { createHash } from 'node:crypto';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Response } from 'express';
import { PARTS, readPart, type Part } from './now.js';
import { Reader } from './reader.js';

interface Client {
  /** Whether it may still listen: a token can be revoked meanwhile. */
  readonly allowed: () => Promise<boolean>;
}

interface Sent {
  readonly id: string;
  readonly data: string;
}

const POLL_MS: Readonly<Record<Part, number>> = { surges: 1_000, products: 3_000, forecasts: 2_000, pipeline: 1_000, totals: 3_000 };
const HEARTBEAT_MS = 15_000;
const MAX_CLIENTS = 200;
/** A client this far behind is cut off rather than buffered; it reconnects and gets what is now. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

@Injectable()
export class Live implements OnModuleDestroy {
  private readonly clients = new Map<Response, Client>();
  private readonly newest = new Map<string, Sent>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private polling = false;
  private heartbeat: NodeJS.Timeout | undefined;

  constructor(private readonly reader: Reader) {}

  /** False when there are too many clients. */
  attach(response: Response, client: Client): boolean {
    if (this.clients.size >= MAX_CLIENTS) return false;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', connection: 'keep-alive', 'x-accel-buffering': 'no' });
    response.write('retry: 2000\n\n');
    for (const [event, sent] of this.newest) this.write(response, event, sent);
    this.clients.set(response, client);
    response.on('close', () => this.detach(response));
    this.begin();
    return true;
  }

  onModuleDestroy(): void {
    for (const client of this.clients.keys()) client.end();
    this.clients.clear();
    this.rest();
  }

  private detach(response: Response): void {
    this.clients.delete(response);
    if (this.clients.size === 0) this.rest();
  }

  private begin(): void {
    if (this.polling) return;
    this.polling = true;
    for (const part of PARTS) this.poll(part);
    this.heartbeat = setInterval(() => {
      for (const [response, { allowed }] of this.clients) {
        response.write(': still here\n\n');
        allowed().then((still) => still || response.end(), () => undefined);
      }
    }, HEARTBEAT_MS);
  }

  private rest(): void {
    this.polling = false;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    clearInterval(this.heartbeat);
    this.newest.clear();
  }

  private poll(part: Part): void {
    void readPart(this.reader, part)
      .then((value) => {
        this.publish(part, JSON.stringify(value));
        this.publish('trouble', 'null');
      }, (error: unknown) => this.publish('trouble', JSON.stringify((error as { response?: unknown }).response ?? { title: 'The page cannot read the database', detail: 'See the console log.' })))
      .then(() => {
        if (!this.polling) return;
        const timer = setTimeout(() => {
          this.timers.delete(timer);
          this.poll(part);
        }, POLL_MS[part]);
        this.timers.add(timer);
      });
  }

  private publish(event: string, data: string): void {
    const id = createHash('sha256').update(event).update(data).digest('base64url').slice(0, 12);
    if (!this.polling || this.newest.get(event)?.id === id) return;
    const sent = { id, data };
    this.newest.set(event, sent);
    for (const client of this.clients.keys()) this.write(client, event, sent);
  }

  private write(client: Response, event: string, sent: Sent): void {
    if (client.writableLength > MAX_BUFFERED_BYTES) {
      client.destroy();
      return;
    }
    client.write(`id: ${sent.id}\nevent: ${event}\ndata: ${sent.data}\n\n`);
  }
}
