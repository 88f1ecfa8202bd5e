/**
 * Who may change something until there are tokens: a program on this machine, and no page of another site that a browser on it shows.
 * The connection must come from loopback without having been forwarded, under a loopback name (else a name that was pointed at
 * 127.0.0.1, "DNS rebinding", would pass for ours), from our own page if from any, and as JSON, which a foreign form cannot send.
 */
import { ForbiddenException, Injectable, UnsupportedMediaTypeException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import type { Request } from 'express';

const LOOPBACK_ADDRESS = /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/;
const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** Why a request may not change anything; null when it may. `address` is the other end of the connection. */
export function refusalOf(address: string | undefined, headers: IncomingHttpHeaders): string | null {
  if (!LOOPBACK_ADDRESS.test(address ?? '') || headers.forwarded !== undefined || headers['x-forwarded-for'] !== undefined) return 'changes are taken from this machine only: call from it, or use the SQL functions of schema tidewatch';
  const host = headers.host ?? '';
  if (!LOOPBACK_HOST.test(host)) return 'found another Host than this machine, expected localhost or 127.0.0.1';
  const { origin } = headers;
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) return 'found a page of another origin, expected the one of this console';
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'found a page of another site, expected the one of this console';
  return null;
}

@Injectable()
export class LocalOnly implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const refusal = refusalOf(request.socket.remoteAddress, request.headers);
    if (refusal !== null) throw new ForbiddenException({ title: 'Not from here', detail: refusal });
    if (request.is('application/json') === false) throw new UnsupportedMediaTypeException({ title: 'Not JSON', detail: 'expected a body of content-type application/json' });
    return true;
  }
}
