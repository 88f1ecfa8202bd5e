/** Is this token valid, and for what? Asked of the database, remembered for a few seconds, compared in constant time. */
import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Operator } from '../reader.js';
import { hashOf, parseToken, type TokenRole } from './token-text.js';

/** So long a revoked token may still be taken. */
const REMEMBERED_MS = 5_000;
const REMEMBERED = 1_000;
/** What an unknown id is compared with, so that it costs what a known one costs. */
const NOBODY = Buffer.alloc(32);

interface Known {
  readonly role: TokenRole | null;
  readonly hash: Buffer;
  readonly until: number;
}

@Injectable()
export class Tokens {
  private readonly known = new Map<string, Known>();

  constructor(private readonly operator: Operator) {}

  /** null: not a token that is valid now. */
  async roleOf(text: string): Promise<TokenRole | null> {
    const token = parseToken(text);
    if (token === null) return null;
    const { role, hash } = await this.find(token.id);
    return timingSafeEqual(hash, hashOf(token.secret)) ? role : null;
  }

  private async find(id: string): Promise<Known> {
    const now = Date.now();
    const remembered = this.known.get(id);
    if (remembered !== undefined && remembered.until > now) return remembered;
    const [row] = await this.operator.rows<{ role: TokenRole; secret_hash: Buffer }>('select role, secret_hash from tidewatch.token_of($1)', [id]);
    const found: Known = { role: row?.role ?? null, hash: row?.secret_hash ?? NOBODY, until: now + REMEMBERED_MS };
    this.known.delete(id);
    this.known.set(id, found);
    if (this.known.size > REMEMBERED) this.known.delete(this.known.keys().next().value!);
    return found;
  }
}
