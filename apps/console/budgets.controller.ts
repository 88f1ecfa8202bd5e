/** Alarm budgets of products and groups over HTTP. Reading comes from the public view; a change is the public SQL function. */
import { Controller, Get, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { z } from 'zod';
import { Needs } from './access/access.guard.js';
import { answers } from './answers/answer.js';
import { AlarmBudget, AlarmBudgets } from './answers/schemas.js';
import { Paged, pageRequest, readPage } from './paging.js';
import { checked, readJson, text } from './read-body.js';
import { Operator, Reader } from './reader.js';
import { orRefused } from './refusals.js';

const SCOPES = ['product', 'group'] as const;
const body = z.strictObject({ by: text(200), scope: z.enum(SCOPES), name: text(1_000), budget: text(40).nullable() });
const BODY = {
  schema: {
    type: 'object' as const, additionalProperties: false, required: ['by', 'scope', 'name', 'budget'],
    properties: {
      by: { type: 'string' as const, maxLength: 200, description: 'Who, as they name themselves.' },
      scope: { type: 'string' as const, enum: [...SCOPES] },
      name: { type: 'string' as const, maxLength: 1_000, description: 'Product id, or name of the group: then it holds for each of its products.' },
      budget: { type: ['string', 'null'] as unknown as 'string', maxLength: 40, description: 'False alarms in a period, such as 1/quarter or 2/week (day, week, month, quarter, year); null takes it back.' },
    },
  },
};

@ApiTags('budgets')
@Controller('api/budgets')
export class BudgetsController {
  constructor(private readonly operator: Operator, private readonly reader: Reader) {}

  @Get()
  @Needs('read')
  @ApiOperation({ summary: 'Products and groups with an alarm budget of their own; SURGE_ALARM_BUDGET holds for all others.' })
  @Paged(500)
  @ApiOkResponse(answers(AlarmBudgets))
  list(@Query('limit') limit?: string, @Query('cursor') cursor?: unknown): Promise<unknown> {
    return readPage(this.reader, pageRequest(limit, cursor, 500), 'alarm budgets', { columns: ['b.scope', 'b.name'] }, [], ({ key, after, tail }) => `
select scope, name, budget, per_day, set_by, set_at, ${key} from tidewatch.alarm_budgets b where ${after} ${tail}`);
  }

  @Post()
  @HttpCode(200)
  @Needs('write')
  @ApiOperation({ summary: 'Gives a product, or each product of a group, an alarm budget, or takes it back. Workers follow within seconds. Answers with what is now set: nothing where it was taken back.' })
  @ApiBody(BODY)
  @ApiOkResponse(answers(z.array(AlarmBudget)))
  async set(@Req() request: Request): Promise<unknown> {
    const { by, scope, name, budget } = checked(body, await readJson(request));
    await orRefused(this.operator.rows('select tidewatch.set_alarm_budget($1, $2, $3, $4)', [scope, name, budget, by]));
    return this.reader.rows('select scope, name, budget, per_day, set_by, set_at from tidewatch.alarm_budgets where scope = $1 and name = $2', [scope, name]);
  }
}
