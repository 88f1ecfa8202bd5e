/**
 * /metrics, /livez and /readyz of one process, on a port of its own. Read only, without a token, therefore on loopback unless told
 * otherwise; what is served holds no review, product or symbol. A taken port is no reason not to work: a free one is used, and said.
 */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MetricsSettings } from '#load-config';
import type { Logger } from '../logger.js';

export interface MetricsSource {
  /** In Prometheus' text format. */
  text(): Promise<string>;
  /** Why this process should not be counted on now; null when it may. */
  unready(): string | null;
}

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/** The port of each process where METRICS_PORT is not set. */
const USUAL_PORTS: Readonly<Record<string, number>> = { scheduler: 7401, 'review-worker': 7402, 'quote-worker': 7403 };
const REQUEST_MS = 10_000;
const CONNECTIONS = 64;
const TEXT_FORMAT = 'text/plain; version=0.0.4; charset=utf-8';

/** @returns null when METRICS_PORT is off. Rejects when the address is none of this machine's. */
export async function serveMetrics(name: string, { host, port }: MetricsSettings, logger: Pick<Logger, 'info' | 'warn'>, source: MetricsSource): Promise<MetricsServer | null> {
  if (port === 'off') return null;
  const wanted = port ?? USUAL_PORTS[name] ?? 0;
  const server = createServer((request, response) => {
    answer(source, request.method ?? '', request.url ?? '', response).catch((error: unknown) => send(response, 500, 'text/plain; charset=utf-8', `${(error as Error).message}\n`));
  });
  server.requestTimeout = REQUEST_MS;
  server.maxConnections = CONNECTIONS;
  try {
    await listen(server, wanted, host);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw new Error(`Metrics cannot be served on ${host}:${wanted}: ${(error as Error).message}. Expected an address of this machine in METRICS_HOST; METRICS_PORT=off serves none.`, { cause: error });
    await listen(server, 0, host);
    logger.warn({ host, wanted, port: portOf(server) }, `port ${wanted} is ${code === 'EACCES' ? 'not allowed to this user' : 'taken'}: metrics and probes are on ${portOf(server)} instead`);
  }
  server.unref();
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${portOf(server)}`;
  logger.info({ url }, 'metrics and probes answer');
  return {
    url,
    close: () => new Promise((done) => {
      server.close(() => done());
      server.closeAllConnections();
    }),
  };
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  await once(server.listen(port, host), 'listening');
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function answer(source: MetricsSource, method: string, url: string, response: ServerResponse): Promise<void> {
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    send(response, 405, 'text/plain; charset=utf-8', 'Only GET and HEAD are answered here.\n');
    return;
  }
  const path = url.split('?', 1)[0]!;
  if (path === '/metrics') send(response, 200, TEXT_FORMAT, await source.text());
  else if (path === '/livez') send(response, 200, 'application/json', '{"ok":true}\n');
  else if (path === '/readyz') {
    const reason = source.unready();
    send(response, reason === null ? 200 : 503, 'application/json', `${JSON.stringify({ ok: reason === null, reasons: reason === null ? [] : [reason] })}\n`);
  } else send(response, 404, 'text/plain; charset=utf-8', 'Here are /metrics, /livez and /readyz.\n');
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
