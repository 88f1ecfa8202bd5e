/** How our page gets its session: by itself on loopback, by a token elsewhere. */
import { Controller, Delete, ForbiddenException, Get, HttpCode, HttpException, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { answers } from '../answers/answer.js';
import { Session } from '../answers/schemas.js';
import { checked, readJson } from '../read-body.js';
import { Access, Needs } from './access.guard.js';
import { cookieName, PageSession, SESSION_MS, setCookie } from './page-session.js';
import { judge } from './policy.js';
import { RateLimit } from './rate-limit.js';
import { Tokens } from './tokens.js';

const Body = z.strictObject({ token: z.string().max(200).optional() });

export interface SessionState {
  /** What this caller may do now. */
  readonly access: 'none' | 'read' | 'write';
  /** Whether a session is had without a token. */
  readonly local: boolean;
}

@ApiTags('session')
@Controller('api/session')
@Needs('open')
export class SessionController {
  private readonly tries = new RateLimit(0.5, 30);

  constructor(private readonly access: Access, private readonly sessions: PageSession, private readonly tokens: Tokens) {}

  @Get()
  @ApiOkResponse(answers(Session))
  @ApiOperation({ summary: 'What this caller may do: none, read or write.' })
  async state(@Req() request: Request): Promise<SessionState> {
    const caller = await this.access.callerOf(request);
    const may = (need: 'read' | 'write') => judge(need, caller) === null;
    return { access: may('write') ? 'write' : may('read') ? 'read' : 'none', local: caller.local };
  }

  @Post()
  @ApiOkResponse(answers(Session))
  @HttpCode(200)
  @ApiOperation({ summary: 'A session for the page, as a cookie: from this machine without a token, else with one of role read or write.' })
  @ApiBody({ schema: { type: 'object', additionalProperties: false, properties: { token: { type: 'string', maxLength: 200 } } } })
  async begin(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<SessionState> {
    const { local, foreign } = await this.access.callerOf(request);
    if (foreign !== null) throw new ForbiddenException({ title: 'Not from here', detail: foreign });
    if (request.headers.origin === undefined) throw new ForbiddenException({ title: 'Not from here', detail: 'found no browser page: sessions are for the page, programs take a token' });
    const { token } = checked(Body, await readJson(request));
    const keep = (value: string) => response.setHeader('set-cookie', setCookie(cookieName(request.socket.localPort), value, SESSION_MS / 1000, request.headers['x-forwarded-proto'] === 'https'));
    if (local) {
      keep(this.sessions.issue(Date.now() + SESSION_MS));
      return { access: 'write', local };
    }
    const wait = this.tries.take(request.socket.remoteAddress ?? '', Date.now());
    if (wait > 0) throw new HttpException({ title: 'Too many requests', detail: `expected fewer of them: try again in ${wait} s` }, 429);
    const role = await this.tokens.roleOf(token ?? '');
    if (role !== 'read' && role !== 'write') throw new HttpException({ title: 'Unknown token', detail: role === null ? 'expected a token that is valid: "tidewatch token create --role write" makes one' : 'found a token of role ingest, expected one of role read or write' }, 401);
    keep(token!);
    return { access: role, local };
  }

  @Delete()
  @ApiNoContentResponse({ description: 'Signed out.' })
  @HttpCode(204)
  @ApiOperation({ summary: 'Signs out.' })
  end(@Req() request: Request, @Res({ passthrough: true }) response: Response): void {
    response.setHeader('set-cookie', setCookie(cookieName(request.socket.localPort), '', 0, false));
  }
}
