/** Every error leaves as application/problem+json: a title, a sentence, a status; never a stack. */
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import type { Logger } from '../stream-worker/logger.js';

const TITLES: Readonly<Record<number, string>> = { 404: 'Not found', 500: 'Something went wrong' };

/** Faults of Nest, and of the body parser (too large, broken JSON), which says its status itself. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const { status, expose } = error as { status?: unknown; expose?: unknown };
  return expose === true && typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
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
    response.status(status).type('application/problem+json').send(JSON.stringify({ type: 'about:blank', ...body, status }));
  }
}
