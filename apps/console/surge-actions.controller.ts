/** What people do about a surge, over HTTP: each call is one of the public SQL functions, and answers with the surge as it is then. */
import { Controller, HttpCode, NotFoundException, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { z } from 'zod';
import { Needs } from './access/access.guard.js';
import { answers } from './answers/answer.js';
import { Surge } from './answers/schemas.js';
import { nameOf } from './parameters.js';
import * as queries from './queries.js';
import { checked, readJson, storable, text } from './read-body.js';
import { Operator, Reader } from './reader.js';
import { orRefused } from './refusals.js';

const by = text(200);
const bodies = {
  acknowledge: z.strictObject({ by }),
  owner: z.strictObject({ by, owner: text(200).nullable() }),
  note: z.strictObject({ by, note: text(4_000) }),
  feedback: z.strictObject({ by, verdict: z.enum(['real', 'expected', 'brigading', 'false']), remark: text(4_000).nullish() }),
};

const BY = { type: 'string' as const, maxLength: 200, description: 'Who, as they name themselves.' };
const schemaOf = (properties: Record<string, object>, required = Object.keys(properties)) => ({ schema: { type: 'object' as const, additionalProperties: false, required: [...required, 'by'], properties: { ...properties, by: BY } } });
const SURGE = answers(Surge, 'The surge as it is then.');
const ID = { name: 'id', description: 'surge_id' };

@ApiTags('tidewatch')
@Controller('api/surges/:id')
@Needs('write')
export class SurgeActionsController {
  constructor(private readonly operator: Operator, private readonly reader: Reader) {}

  @Post('acknowledge')
  @HttpCode(200)
  @ApiOperation({ summary: 'Somebody has seen it. The first stands: 409 for a second.' })
  @ApiParam(ID)
  @ApiOkResponse(SURGE)
  @ApiBody(schemaOf({}))
  async acknowledge(@Param('id') id: string, @Req() request: Request): Promise<unknown> {
    const given = checked(bodies.acknowledge, await readJson(request));
    return this.act(id, 'tidewatch.acknowledge_surge($1, by => $2)', [given.by]);
  }

  @Post('owner')
  @HttpCode(200)
  @ApiOperation({ summary: 'Whose it is now; null gives it up.' })
  @ApiParam(ID)
  @ApiOkResponse(SURGE)
  @ApiBody(schemaOf({ owner: { type: ['string', 'null'], maxLength: 200 } }))
  async own(@Param('id') id: string, @Req() request: Request): Promise<unknown> {
    const given = checked(bodies.owner, await readJson(request));
    return this.act(id, 'tidewatch.own_surge($1, $2, by => $3)', [given.owner, given.by]);
  }

  @Post('note')
  @HttpCode(200)
  @ApiOperation({ summary: 'A note to it.' })
  @ApiParam(ID)
  @ApiOkResponse(SURGE)
  @ApiBody(schemaOf({ note: { type: 'string', maxLength: 4_000 } }))
  async note(@Param('id') id: string, @Req() request: Request): Promise<unknown> {
    const given = checked(bodies.note, await readJson(request));
    return this.act(id, 'tidewatch.note_surge($1, $2, by => $3)', [given.note, given.by]);
  }

  @Post('feedback')
  @HttpCode(200)
  @ApiOperation({ summary: 'What it was. The newest verdict counts.' })
  @ApiParam(ID)
  @ApiOkResponse(SURGE)
  @ApiBody(schemaOf({ verdict: { type: 'string', enum: ['real', 'expected', 'brigading', 'false'] }, remark: { type: ['string', 'null'], maxLength: 4_000 } }, ['verdict']))
  async judge(@Param('id') id: string, @Req() request: Request): Promise<unknown> {
    const given = checked(bodies.feedback, await readJson(request));
    return this.act(id, 'tidewatch.judge_surge($1, $2, $3, by => $4)', [given.verdict, given.remark ?? null, given.by]);
  }

  private async act(id: string, call: string, values: readonly unknown[]): Promise<unknown> {
    const surgeId = nameOf(id, 'id');
    if (!storable(surgeId)) throw new NotFoundException({ title: 'Not found', detail: 'There is no such surge.' });
    await orRefused(this.operator.rows(`select ${call}`, [surgeId, ...values]));
    return queries.surge(this.reader, surgeId);
  }
}
