/**
 * Request bodies, read only by handlers that were let through and only up to a limit: a body that is announced as larger is refused
 * before a byte of it, one that turns out larger at the byte that is too many. What still comes is thrown away; the problem filter ends it.
 */
import { BadRequestException, PayloadTooLargeException, UnsupportedMediaTypeException } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';

const JSON_BYTES = 64 * 1024;

/** Postgres holds neither U+0000 nor a lone surrogate. */
export const storable = (value: string): boolean => !/\0|\p{Surrogate}/u.test(value);
/** Text that people wrote, of 1 to `most` characters. */
export const text = (most: number) => z.string().trim().min(1).max(most).refine(storable, 'expected text without U+0000 and lone surrogates');

/** @throws 413, 415 for a content-encoding, 400 when the sender goes away */
export async function readBytes(request: Request, limit: number): Promise<Buffer> {
  const tooLarge = () => new PayloadTooLargeException({ title: 'Body too large', detail: `expected at most ${limit} bytes: send less at once` });
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw new UnsupportedMediaTypeException({ title: 'Encoded body', detail: 'expected a body without content-encoding' });
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  return new Promise((done, refuse) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) {
        chunks.push(chunk);
        return;
      }
      request.off('data', take).resume();
      refuse(tooLarge());
    };
    const gone = () => refuse(new BadRequestException({ title: 'Body incomplete', detail: 'the sender went away before the end of the body' }));
    request.on('data', take).once('end', () => done(Buffer.concat(chunks))).once('error', gone).once('close', gone);
  });
}

export async function readJson(request: Request): Promise<unknown> {
  if (request.is('application/json') === false) throw new UnsupportedMediaTypeException({ title: 'Not JSON', detail: 'expected a body of content-type application/json' });
  const bytes = await readBytes(request, JSON_BYTES);
  try {
    return JSON.parse(bytes.length === 0 ? '{}' : bytes.toString('utf8')) as unknown;
  } catch {
    throw new BadRequestException({ title: 'Bad body', detail: 'found a body that is not JSON, expected one JSON object' });
  }
}

export function checked<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const detail = parsed.error.issues.map(({ path, message }) => `${path.length === 0 ? 'body' : path.join('.')}: ${message}`).join('; ');
  throw new BadRequestException({ title: 'Bad body', detail });
}
