/** A local HTTP receiver that answers as it is told and keeps what it got. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The status it was answered with. */
  readonly status: number;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Never answers. */
  readonly hangs?: boolean;
}

export class Receiver {
  readonly received: Received[] = [];
  answers: Answer[] = [];
  /** Decides by the text, where set; `answers` go first. */
  answerTo: ((text: string) => Answer) | null = null;
  url = '';
  private server: Server | null = null;

  async start(): Promise<void> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const answer = this.answers.shift() ?? this.answerTo?.(text) ?? { status: 200 };
        this.received.push({ path: request.url ?? '', headers: request.headers, text, status: answer.status });
        if (answer.hangs !== true) response.writeHead(answer.status, answer.headers ?? {}).end(`answered ${answer.status}`);
      });
    });
    await new Promise<void>((done) => this.server!.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server?.closeAllConnections();
    return new Promise((done) => (this.server === null ? done() : this.server.close(() => done())));
  }

  /** Bodies that were taken (2xx), in order. */
  taken<T>(): T[] {
    return this.received.filter(({ status }) => status < 300).map(({ text }) => JSON.parse(text) as T);
  }
}
