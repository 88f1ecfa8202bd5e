/** The calendar of known events over HTTP. Reading comes from the public view; each change is one of the public SQL functions. */
import { BadRequestException, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { z } from 'zod';
import { EVENT_KINDS, LEAST_FACTOR, LONGEST_EVENT_NAME, MOST_EVENT_PRODUCTS, MOST_FACTOR } from '#contracts';
import { Needs } from './access/access.guard.js';
import { answers } from './answers/answer.js';
import { CalendarEvent, CalendarEvents } from './answers/schemas.js';
import { nameOf } from './parameters.js';
import { first, Paged, pageRequest } from './paging.js';
import * as queries from './queries.js';
import { checked, readJson, text } from './read-body.js';
import { Operator, Reader } from './reader.js';
import { orRefused } from './refusals.js';

const time = z.iso.datetime({ offset: true });
const body = z.strictObject({
  by: text(200), name: text(LONGEST_EVENT_NAME), kind: z.enum(EVENT_KINDS), from: time, until: time,
  products: z.array(text(1_000)).min(1).max(MOST_EVENT_PRODUCTS).nullish(), factor: z.number().min(LEAST_FACTOR).max(MOST_FACTOR).nullish(), mute: z.boolean().optional(),
});
const BODY = {
  schema: {
    type: 'object' as const, additionalProperties: false, required: ['by', 'name', 'kind', 'from', 'until'],
    properties: {
      by: { type: 'string' as const, maxLength: 200, description: 'Who, as they name themselves.' },
      name: { type: 'string' as const, maxLength: LONGEST_EVENT_NAME },
      kind: { type: 'string' as const, enum: [...EVENT_KINDS] },
      from: { type: 'string' as const, format: 'date-time', description: 'In force from then on.' },
      until: { type: 'string' as const, format: 'date-time', description: 'No longer in force from then on.' },
      products: { type: ['array', 'null'] as unknown as 'array', items: { type: 'string' as const }, maxItems: MOST_EVENT_PRODUCTS, description: 'Product ids; absent or null: all products.' },
      factor: { type: ['number', 'null'] as unknown as 'number', minimum: LEAST_FACTOR, maximum: MOST_FACTOR, description: 'Expected volume, times the usual. This or mute.' },
      mute: { type: 'boolean' as const, description: 'Surges are recorded, and nobody is told.' },
    },
  },
};

@ApiTags('calendar')
@Controller('api/calendar')
export class CalendarController {
  constructor(private readonly operator: Operator, private readonly reader: Reader) {}

  @Get()
  @Needs('read')
  @ApiOperation({ summary: 'Known events, earliest first.' })
  @Paged(200)
  @ApiQuery({ name: 'product', required: false, description: 'Only what is for this product, or for all.', schema: { type: 'string' } })
  @ApiQuery({ name: 'from', required: false, description: 'Only what is in force then or later.', schema: { type: 'string', format: 'date-time' } })
  @ApiOkResponse(answers(CalendarEvents))
  list(@Query('limit') limit?: string, @Query('cursor') cursor?: unknown, @Query('product') product?: string, @Query('from') from?: string): Promise<unknown> {
    if (from !== undefined && !time.safeParse(from).success) throw new BadRequestException({ title: 'Bad parameter', detail: 'from: expected a time such as 2026-07-01T08:00:00Z' });
    return queries.calendar(this.reader, pageRequest(limit, cursor, 200), product === undefined ? null : nameOf(product, 'product'), from ?? null);
  }

  @Post()
  @HttpCode(201)
  @Needs('write')
  @ApiOperation({ summary: 'Adds an event. Workers apply it within seconds, to reviews that come from then on.' })
  @ApiBody(BODY)
  @ApiCreatedResponse(answers(CalendarEvent, 'The event.'))
  async add(@Req() request: Request): Promise<unknown> {
    const { by, name, kind, from, until, products, factor, mute } = checked(body, await readJson(request));
    const [row] = await orRefused(this.operator.rows<{ id: string }>('select tidewatch.add_calendar_event($1, $2, $3, $4, $5, $6, $7, $8) as id', [name, kind, from, until, products ?? null, factor ?? null, mute ?? false, by]));
    return (await queries.calendar(this.reader, first(1), null, null, row!.id)).rows[0];
  }

  @Delete(':id')
  @HttpCode(204)
  @Needs('write')
  @ApiOperation({ summary: 'Takes an event out. What was judged by it stays as it is.' })
  @ApiParam({ name: 'id', description: 'event_id' })
  @ApiNoContentResponse({ description: 'It is gone.' })
  async remove(@Param('id') id: string): Promise<void> {
    await orRefused(this.operator.rows('select tidewatch.remove_calendar_event($1)', [nameOf(id, 'id')]));
  }
}
