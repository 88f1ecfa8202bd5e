/**
 * One POST with a deadline, as an outcome. 2xx is delivered. 401, 403, 404, 408, 410, 425, 429, 5xx, a timeout or no connection say nothing about
 * the message: the channel is away (Retry-After is read). Any other answer refuses this message. Redirects are not followed:
 * a signed body goes to the address that was configured and nowhere else. Reasons never contain the address, which may hold a secret.
 */
import type { SendOutcome } from '#contracts';

const PATIENCE_MS = 10_000;
const READ_CHARACTERS = 200;
const AWAY = new Set([401, 403, 404, 408, 410, 425, 429]);

export async function post(url: string, headers: Readonly<Record<string, string>>, body: string, patienceMs = PATIENCE_MS): Promise<SendOutcome> {
  const signal = AbortSignal.timeout(patienceMs);
  try {
    const { authorization, address } = credentialsOf(url);
    const response = await fetch(address, { method: 'POST', redirect: 'manual', signal, headers: { 'content-type': 'application/json', 'user-agent': 'tidewatch', ...authorization, ...headers }, body });
    if (response.ok) {
      await response.body?.cancel();
      return { kind: 'delivered' };
    }
    const reason = `HTTP ${response.status}: ${await beginningOf(response)}`;
    if (AWAY.has(response.status) || response.status >= 500) return { kind: 'away', reason, retryAfterMs: retryAfterOf(response.headers.get('retry-after'), response.headers.get('date')) };
    return { kind: 'refused', reason: response.status >= 300 && response.status < 400 ? `${reason} (redirects are not followed: configure the final address)` : reason };
  } catch (error) {
    return { kind: 'away', reason: signal.aborted ? `no answer within ${patienceMs / 1000} s` : reasonOf(error), retryAfterMs: null };
  }
}

/** fetch refuses addresses with a user and password: they become the header they stand for. */
function credentialsOf(url: string): { address: URL; authorization: Record<string, string> } {
  const address = new URL(url);
  const { username, password } = address;
  address.username = '';
  address.password = '';
  return { address, authorization: username === '' ? {} : { authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}` } };
}

async function beginningOf(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length >= READ_CHARACTERS) break;
  }
  return text.replace(/\s+/g, ' ').trim().slice(0, READ_CHARACTERS) || 'no text';
}

/** Seconds, or a date against the receiver's own clock. */
function retryAfterOf(value: string | null, date: string | null): number | null {
  if (value === null) return null;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
  const wait = Date.parse(value) - (date === null ? NaN : Date.parse(date));
  return Number.isFinite(wait) && wait > 0 ? wait : null;
}

export function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string };
  return cause?.code ?? cause?.message ?? message ?? 'unknown fault';
}
