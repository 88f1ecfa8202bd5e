/**
 * The session of our own page. On loopback there is no login: the page is given a cookie that this process signed. Elsewhere somebody
 * signs in with a token, and the cookie holds that token: nothing is kept here, a restart signs nobody out, and revoking ends it.
 * No script can read the cookie, and no other site's page sends it.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const LOCAL = /^page\.(\d{10,16})\.([A-Za-z0-9_-]{43})$/;
export const SESSION_MS = 30 * 86_400_000;

export class PageSession {
  private readonly key = randomBytes(32);

  /** The value of a cookie for a page on loopback, good until `until` (epoch ms). */
  issue(until: number): string {
    return `page.${until}.${this.sign(until).toString('base64url')}`;
  }

  /** Whether this process issued it and it is still good. */
  holds(value: string, now: number): boolean {
    const [, until = '', signature = ''] = LOCAL.exec(value) ?? [];
    const given = Buffer.from(signature, 'base64url');
    return given.length === 32 && timingSafeEqual(given, this.sign(Number(until))) && Number(until) > now;
  }

  private sign(until: number): Buffer {
    return createHmac('sha256', this.key).update(String(until)).digest();
  }
}

/** Cookies are shared by all ports of a host, so the name holds ours. */
export const cookieName = (port: number | undefined): string => `tidewatch-${port ?? 0}`;

export function cookieOf(header: string | undefined, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

export function setCookie(name: string, value: string, seconds: number, secure: boolean): string {
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure ? '; Secure' : ''}`;
}
