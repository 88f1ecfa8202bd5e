/**
 * Every error leaves as application/problem+json: a title, a sentence, a status; never a stack. A body that was not read to its end is
 * not waited for: the connection is closed once the answer had time to arrive.
 */
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Logger } from '../stream-worker/logger.js';

const TITLES: Readonly<Record<number, string>> = { 404: 'Not found', 500: 'Something went wrong' };
const LINGER_MS = 2_000;

/** Faults of Nest, and of express (a path that cannot be decoded), which says its status itself. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const { status, expose, statusCode } = error as { status?: unknown; expose?: unknown; statusCode?: unknown };
  const said = status ?? statusCode;
  return (expose === true || error instanceof URIError) && typeof said === 'number' && said >= 400 && said < 500 ? said : 500;
}

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const status = statusOf(error);
    if (status === 500) this.logger.error({ stack: (error as Error).stack }, 'a request failed');
    const given = error instanceof HttpException ? error.getResponse() : null;
    const body = typeof given === 'object' && given !== null && 'title' in given ? given : { title: TITLES[status] ?? 'Request refused', detail: status === 500 ? 'The fault is in the console log.' : (error as Error).message };
    if (status === 503 && !response.hasHeader('retry-after')) response.setHeader('retry-after', '2');
    closeUnread(host.switchToHttp().getRequest<Request>(), response);
    response.status(status).type('application/problem+json').send(JSON.stringify({ type: 'about:blank', ...body, status }));
  }
}

/**
 * Closing at once would take the answer along: a connection that is closed with bytes unread is reset. Node does so for whoever sent
 * "connection: close", so the connection is kept here and ended by the timer.
 */
function closeUnread(request: Request, response: Response): void {
  if (request.complete) return;
  const { shouldKeepAlive: kept } = response;
  response.shouldKeepAlive = true;
  response.once('finish', () => setTimeout(() => (request.complete && kept) || request.socket.destroy(), LINGER_MS).unref());
}
