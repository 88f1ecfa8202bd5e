/** Stands before every route: finds who calls, judges by the route's `@Needs`, and bounds how often. A route that states no need takes a token of role write. */
import { HttpException, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { ConsoleSettings } from '../settings.js';
import { cookieName, cookieOf, PageSession } from './page-session.js';
import { foreignPage, isLocal, judge, type Caller, type Credential, type Need } from './policy.js';
import { RateLimit } from './rate-limit.js';
import { Tokens } from './tokens.js';

const NEED = Symbol('need');
export const Needs = (need: Need) => SetMetadata(NEED, need);

@Injectable()
export class Access implements CanActivate {
  private readonly calls = new RateLimit(60, 300);
  /** Refused tokens by address: a mistyped one is forgiven, trying them out is not. */
  private readonly failures = new RateLimit(0.5, 30);

  constructor(private readonly reflector: Reflector, private readonly settings: ConsoleSettings, private readonly tokens: Tokens, private readonly sessions: PageSession) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const need = this.reflector.getAllAndOverride<Need | undefined>(NEED, [context.getHandler(), context.getClass()]) ?? 'write';
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response>();
    const address = request.socket.remoteAddress ?? '';
    refuseFast(response, this.calls.take(address, Date.now()));
    if (need === 'open') return true;
    const caller = await this.callerOf(request);
    if (caller.credential.kind === 'unknown') refuseFast(response, this.failures.take(address, Date.now()));
    const refusal = judge(need, caller);
    if (refusal === null) return true;
    if (refusal.status === 401) response.setHeader('www-authenticate', 'Bearer realm="tidewatch"');
    throw new HttpException(refusal, refusal.status);
  }

  async callerOf(request: Request): Promise<Caller> {
    return {
      local: isLocal(this.settings.host, request.socket.remoteAddress, request.headers),
      foreign: foreignPage(request.headers),
      credential: await this.credentialOf(request),
    };
  }

  private async credentialOf({ headers, socket }: Request): Promise<Credential> {
    if (headers.authorization !== undefined) {
      const [, text = ''] = /^Bearer +(\S+) *$/i.exec(headers.authorization) ?? [];
      const role = await this.tokens.roleOf(text);
      return role === null ? { kind: 'unknown' } : { kind: 'token', role };
    }
    const cookie = cookieOf(headers.cookie, cookieName(socket.localPort));
    if (cookie === null) return { kind: 'none' };
    if (isLocal(this.settings.host, socket.remoteAddress, headers)) return this.sessions.holds(cookie, Date.now()) ? { kind: 'session', role: 'write' } : { kind: 'none' };
    const role = await this.tokens.roleOf(cookie);
    return role === null ? { kind: 'unknown' } : { kind: 'session', role };
  }
}

function refuseFast(response: Response, seconds: number): void {
  if (seconds === 0) return;
  response.setHeader('retry-after', String(seconds));
  throw new HttpException({ title: 'Too many requests', detail: `expected fewer of them: try again in ${seconds} s` }, 429);
}
