/** Query parameters, bounded; a wrong one is a 400 that says what was expected. */
import { BadRequestException } from '@nestjs/common';
import { z } from 'zod';

export const MAX_LIMIT = 500;

export function limitOf(given: unknown, otherwise: number): number {
  const parsed = z.coerce.number().int().min(1).max(MAX_LIMIT).safeParse(given ?? otherwise);
  if (!parsed.success) throw new BadRequestException({ title: 'Bad parameter', detail: `limit: expected a whole number from 1 to ${MAX_LIMIT}` });
  return parsed.data;
}

export function nameOf(given: unknown, parameter: string): string {
  if (typeof given !== 'string' || given.length === 0 || given.length > 1_000 || given.includes('\0')) throw new BadRequestException({ title: 'Bad parameter', detail: `${parameter}: expected one text of 1 to 1000 characters, none of them U+0000` });
  return given;
}
