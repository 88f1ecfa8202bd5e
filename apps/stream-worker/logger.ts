/** Structured logs: pino for ourselves, and the same pino behind Nest's logger interface. bigint offsets print as text. */
import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    base: { name, pid: process.pid },
    formatters: {
      level: (label) => ({ level: label }),
      log: (detail) => Object.fromEntries(Object.entries(detail).map(([key, value]) => [key, typeof value === 'bigint' ? value.toString() : value])),
    },
  });
}

/** Nest's own lines are of interest only when they warn. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}
  log(message: unknown): void { this.logger.debug(String(message)); }
  debug(message: unknown): void { this.logger.debug(String(message)); }
  verbose(message: unknown): void { this.logger.trace(String(message)); }
  warn(message: unknown): void { this.logger.warn(String(message)); }
  error(message: unknown, ...rest: unknown[]): void { this.logger.error({ detail: rest.map(String) }, String(message)); }
}
