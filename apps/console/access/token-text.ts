/** A token as people copy it: `tw_` id `_` secret. The id finds the row, the secret (256 random bits) proves it; only its SHA-256 is stored. */
import { createHash, randomBytes } from 'node:crypto';

export const TOKEN_ROLES = ['read', 'write', 'ingest'] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

export interface TokenText {
  readonly id: string;
  readonly secret: string;
}

const SHAPE = /^tw_([0-9a-z]{10})_([A-Za-z0-9_-]{43})$/;

export function makeToken(): TokenText & { readonly text: string } {
  const id = [...randomBytes(10)].map((byte) => (byte % 32).toString(32)).join('');
  const secret = randomBytes(32).toString('base64url');
  return { id, secret, text: `tw_${id}_${secret}` };
}

/** null for anything that no token can be. */
export function parseToken(text: string): TokenText | null {
  const [, id, secret] = SHAPE.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}

export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
