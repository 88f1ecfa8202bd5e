/** Structured logs: pino for ourselves, and the same pino behind Nest's logger interface. bigint offsets print as text. */
import type { LoggerService } from '@nestjs/common';
import { destination, pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/** JSON leaves alone what a terminal obeys or draws over its neighbours: C1 controls, direction marks, stacked marks. As \\u escapes the line means the same. */
const UNRULY = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{M}{5,}/gu;
const escaped = (found: string): string => Array.from({ length: found.length }, (_, n) => `\\u${found.charCodeAt(n).toString(16).padStart(4, '0')}`).join('');

/** @param out where lines go; stdout at once unless a test says otherwise */
export function createLogger(name: string, level: string, out: { write(line: string): unknown } = destination({ fd: 1, sync: true })): Logger {
  return pino({
    name,
    level,
    base: { name, pid: process.pid },
    formatters: {
      level: (label) => ({ level: label }),
      log: (detail) => Object.fromEntries(Object.entries(detail).map(([key, value]) => [key, typeof value === 'bigint' ? value.toString() : value])),
    },
  }, { write: (line: string) => void out.write(line.replace(UNRULY, escaped)) });
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
