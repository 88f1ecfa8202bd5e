/**
 * Who may do what, purely. Reading is open to programs of this machine while the console listens on loopback only; everything else takes
 * a token, or the session of our own page. A session travels in a cookie that the browser adds by itself, so a change under it must
 * come from our page: same origin, and as JSON, which a foreign form cannot send. A token in a header is added by nobody but its holder.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { TokenRole } from './token-text.js';

/** `open` is for probes and for signing in. */
export type Need = 'open' | TokenRole;

export type Credential =
  | { readonly kind: 'none' }
  /** Found, but known to nobody: revoked, expired, mistyped. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'token' | 'session'; readonly role: TokenRole };

export interface Caller {
  /** A program of this machine, at a console that listens on loopback only. */
  readonly local: boolean;
  /** Why this is not a page of ours; null when it is, or when no browser says anything. */
  readonly foreign: string | null;
  readonly credential: Credential;
}

export interface Refusal {
  readonly status: 401 | 403;
  readonly title: string;
  readonly detail: string;
}

const LOOPBACK_ADDRESS = /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/;
const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)(:\d+)?$/i;
const COVERS: Readonly<Record<TokenRole, readonly Need[]>> = { read: ['read'], write: ['read', 'write'], ingest: ['ingest'] };

export const isLoopbackHost = (host: string): boolean => LOOPBACK_HOST.test(host);

/** Whether the other end is on this machine. A forwarded request is its sender's; under another Host than ours, a name was pointed at 127.0.0.1 ("DNS rebinding"). */
export function isLocal(bindHost: string, address: string | undefined, headers: IncomingHttpHeaders): boolean {
  return isLoopbackHost(bindHost) && LOOPBACK_ADDRESS.test(address ?? '') && headers.forwarded === undefined && headers['x-forwarded-for'] === undefined && isLoopbackHost(headers.host ?? '');
}

/** Another port of this machine is another origin, though browsers call it the same site. */
export function foreignPage({ host = '', origin, 'sec-fetch-site': site }: IncomingHttpHeaders): string | null {
  if (origin !== undefined && origin.replace(/^https?:\/\//i, '').toLowerCase() !== host.toLowerCase()) return 'found a page of another origin, expected the one of this console';
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'found a page of another site, expected the one of this console';
  return null;
}

/** null: go on. */
export function judge(need: Need, { local, foreign, credential }: Caller): Refusal | null {
  if (need === 'open') return null;
  if (credential.kind === 'unknown') return { status: 401, title: 'Unknown token', detail: 'found a token or session that is not valid (any more): "tidewatch token list" shows those that are' };
  if (credential.kind === 'none') {
    if (need === 'read' && local) return null;
    return { status: 401, title: 'Token needed', detail: `expected "Authorization: Bearer TOKEN" with a token of role ${need === 'read' ? 'read or write' : need}: "tidewatch token create --role ${need}" makes one` };
  }
  if (!COVERS[credential.role].includes(need)) return { status: 403, title: 'Another role', detail: `found a token of role ${credential.role}, expected one of role ${need === 'read' ? 'read or write' : need}` };
  if (credential.kind === 'session' && need !== 'read' && foreign !== null) return { status: 403, title: 'Not from here', detail: foreign };
  return null;
}
