/**
 * Lists page by page, the same for all routes. Rows follow each other by a key that no two of them share; the cursor is the key of the
 * last row given, so a page costs the same wherever it lies, and rows that arrive meanwhile shift nothing. A cursor is good for one list
 * under one set of filters.
 */
import { createHash } from 'node:crypto';
import { applyDecorators, BadRequestException } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import type { QueryResultRow } from 'pg';
import { limitOf, MAX_LIMIT } from './parameters.js';
import type { Reader } from './reader.js';

/** SQL expressions, never null, that together are unique: what rows of a list follow each other by. */
export interface Order {
  readonly columns: readonly string[];
  readonly newestFirst?: true;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor: string | null;
}

export interface Page<T> {
  readonly rows: readonly T[];
  /** The cursor of the following page; null at the end. */
  readonly next: string | null;
}

/** A request that cannot be meant; the message says what was found and expected. */
export class BadQuery extends Error {}

/** The two parameters of a list, as the document describes them. */
export const Paged = (otherwise: number): MethodDecorator => applyDecorators(
  ApiQuery({ name: 'limit', required: false, description: `Rows at most, 1 to ${MAX_LIMIT}.`, schema: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: otherwise } }),
  ApiQuery({ name: 'cursor', required: false, description: 'The `next` of the page before.', schema: { type: 'string' } }),
);

export function pageRequest(limit: unknown, cursor: unknown, otherwise: number): PageRequest {
  if (cursor !== undefined && typeof cursor !== 'string') throw new BadRequestException({ title: 'Bad parameter', detail: 'cursor: expected one text' });
  return { limit: limitOf(limit, otherwise), cursor: cursor ?? null };
}

/** From the beginning. */
export const first = (limit: number): PageRequest => ({ limit, cursor: null });

/** Stands for a list under its filters. */
export const digestOf = (list: string, filters: unknown): string => createHash('sha256').update(JSON.stringify([list, filters])).digest('base64url').slice(0, 10);

export interface Clauses {
  /** To be selected: the row's key as `page_key`. */
  readonly key: string;
  /** A condition. */
  readonly after: string;
  /** ORDER BY and LIMIT: one row more than the page has, which says whether there is another. */
  readonly tail: string;
  /** Parameters of the above, to follow those before them. */
  readonly values: readonly unknown[];
}

/** @param taken how many parameters the statement has before these; Postgres gives each text of the cursor the type that it is compared with */
export function clausesOf({ limit, cursor }: PageRequest, digest: string, { columns, newestFirst }: Order, taken: number): Clauses {
  const given = cursor === null ? [] : readCursor(cursor, digest, columns.length);
  return {
    key: `array[${columns.map((column) => `(${column})::text`).join(', ')}] as page_key`,
    after: cursor === null ? 'true' : `(${columns.join(', ')}) ${newestFirst === true ? '<' : '>'} (${given.map((_, n) => `$${taken + n + 1}`).join(', ')})`,
    tail: `order by ${columns.map((column) => `${column}${newestFirst === true ? ' desc' : ''}`).join(', ')} limit $${taken + given.length + 1}`,
    values: [...given, limit + 1],
  };
}

/** The cursor of what follows the row of this key. */
export const cursorBehind = (key: readonly string[], digest: string): string => Buffer.from(JSON.stringify([digest, ...key])).toString('base64url');

/** Of the rows found by a statement with these clauses. */
export function pageOf<T extends { readonly page_key: readonly string[] }>(found: readonly T[], { limit }: PageRequest, digest: string): Page<Omit<T, 'page_key'>> {
  const rows = found.slice(0, limit);
  const next = found.length > limit ? cursorBehind(rows.at(-1)!.page_key, digest) : null;
  return { rows: rows.map(({ page_key: _, ...row }) => row), next };
}

/** One page of a list; `statement` has the clauses in it and `values` before their own. */
export async function readPage(reader: Reader, asked: PageRequest, list: string, order: Order, values: readonly unknown[], statement: (clauses: Clauses) => string): Promise<Page<QueryResultRow>> {
  return told(async () => {
    const digest = digestOf(list, values);
    const clauses = clausesOf(asked, digest, order, values.length);
    return pageOf(await reader.rows<QueryResultRow & { page_key: string[] }>(statement(clauses), [...values, ...clauses.values]), asked, digest);
  });
}

/** A value that Postgres cannot read as the column's type (SQLSTATE class 22) is the caller's, and its sentence says which. */
export async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BadQuery) throw new BadRequestException({ title: 'Bad parameter', detail: error.message });
    const { code, message } = error as { code?: string; message: string };
    if (code?.startsWith('22') === true) throw new BadRequestException({ title: 'Bad parameter', detail: message });
    throw error;
  }
}

function readCursor(cursor: string, digest: string, columns: number): readonly string[] {
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    read = null;
  }
  const parts = Array.isArray(read) ? (read as unknown[]) : [];
  if (parts.length !== columns + 1 || !parts.every((part) => typeof part === 'string' && part.length <= 1_000 && !part.includes('\0'))) throw new BadQuery('cursor: expected the "next" of an earlier page, unchanged');
  if (parts[0] !== digest) throw new BadQuery('cursor: found one of another list or of other filters, expected the "next" of an earlier page of the same');
  return parts.slice(1) as string[];
}
