/** Every error leaves as application/problem+json: a title, a sentence, a status; never a stack. */
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import type { Logger } from '../stream-worker/logger.js';

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const status = error instanceof HttpException ? error.getStatus() : 500;
    if (status === 500) this.logger.error({ stack: (error as Error).stack }, 'a request failed');
    const given = error instanceof HttpException ? error.getResponse() : null;
    const body = typeof given === 'object' && given !== null ? given : { title: typeof given === 'string' ? given : 'Something went wrong', detail: 'The fault is in the console log.' };
    response.status(status).type('application/problem+json').send(JSON.stringify({ type: 'about:blank', title: status === 404 ? 'Not found' : 'Request refused', ...body, status }));
  }
}
