/** Groups of products and the surges that widened over them, over HTTP. */
import { Controller, Get, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { z } from 'zod';
import { Needs } from './access/access.guard.js';
import { answers } from './answers/answer.js';
import { GroupSurges, ProductGroup, ProductGroups } from './answers/schemas.js';
import { Paged, pageRequest, readPage } from './paging.js';
import { checked, readJson, text } from './read-body.js';
import { Operator, Reader } from './reader.js';
import { orRefused } from './refusals.js';

const MOST_PRODUCTS = 1_000;
const body = z.strictObject({ by: text(200), group: text(200).nullable(), products: z.array(text(1_000)).min(1).max(MOST_PRODUCTS) });
const BODY = {
  schema: {
    type: 'object' as const, additionalProperties: false, required: ['by', 'group', 'products'],
    properties: {
      by: { type: 'string' as const, maxLength: 200, description: 'Who, as they name themselves.' },
      group: { type: ['string', 'null'] as unknown as 'string', maxLength: 200, description: 'Name of the group; null takes the products out of theirs.' },
      products: { type: 'array' as const, items: { type: 'string' as const }, minItems: 1, maxItems: MOST_PRODUCTS, description: 'Product ids.' },
    },
  },
};

@ApiTags('groups')
@Controller('api')
export class GroupsController {
  constructor(private readonly operator: Operator, private readonly reader: Reader) {}

  @Get('group-surges')
  @Needs('read')
  @ApiOperation({ summary: 'Surges that widened to several products of a group, open ones first, with their children.' })
  @Paged(50)
  @ApiOkResponse(answers(GroupSurges))
  surges(@Query('limit') limit?: string, @Query('cursor') cursor?: unknown): Promise<unknown> {
    return readPage(this.reader, pageRequest(limit, cursor, 50), 'group surges', { columns: ['(g.closed_at is null)', 'g.opened_at', 'g.group_surge_id'], newestFirst: true }, [], ({ key, after, tail }) => `
select group_surge_id, group_name, status, opened_at, closed_at, started_at, severity, expected, observed, excess_low, excess_high, products, open_products, children, contributors, evidence, look_alikes, observed_without, brigading, ${key} from tidewatch.group_surges g where ${after} ${tail}`);
  }

  @Get('product-groups')
  @Needs('read')
  @ApiOperation({ summary: 'Which group each product belongs to.' })
  @Paged(500)
  @ApiOkResponse(answers(ProductGroups))
  groups(@Query('limit') limit?: string, @Query('cursor') cursor?: unknown): Promise<unknown> {
    return readPage(this.reader, pageRequest(limit, cursor, 500), 'product groups', { columns: ['g.group_name', 'g.product_id'] }, [], ({ key, after, tail }) => `
select product_id, group_name, set_by, set_at, ${key} from tidewatch.product_groups g where ${after} ${tail}`);
  }

  @Post('product-groups')
  @HttpCode(200)
  @Needs('write')
  @ApiOperation({ summary: 'Puts products into a group, or out of theirs; all or none. Answers with these products and their group.' })
  @ApiBody(BODY)
  @ApiOkResponse(answers(z.array(ProductGroup)))
  async set(@Req() request: Request): Promise<unknown> {
    const { by, group, products } = checked(body, await readJson(request));
    await orRefused(this.operator.rows('select tidewatch.import_product_groups($1, false, $2)', [JSON.stringify(products.map((productId) => ({ productId, group }))), by]));
    return this.reader.rows('select product_id, group_name, set_by, set_at from tidewatch.product_groups where product_id = any($1) order by product_id', [products]);
  }
}
