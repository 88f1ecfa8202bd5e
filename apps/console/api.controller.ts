/** The read API. Everything comes from the public views; the descriptions make the OpenAPI document. */
import { Controller, Get, Header, HttpException, NotFoundException, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Access, Needs } from './access/access.guard.js';
import { judge } from './access/policy.js';
import { answers } from './answers/answer.js';
import * as schemas from './answers/schemas.js';
import { Live } from './live.js';
import { MetricsPage } from './metrics.js';
import { limitOf, MAX_LIMIT, nameOf } from './parameters.js';
import { Paged, pageRequest } from './paging.js';
import * as queries from './queries.js';
import { Reader } from './reader.js';

@ApiTags('tidewatch')
@Controller()
@Needs('read')
export class ApiController {
  constructor(private readonly reader: Reader, private readonly live: Live, private readonly metrics: MetricsPage, private readonly access: Access) {}

  @Get('api/surges')
  @ApiOkResponse(answers(schemas.Surges))
  @ApiOperation({ summary: 'Surges, open ones first and worst first, with evidence and history. One that changes between two pages may be in both or in neither.' })
  @Paged(50)
  @ApiQuery({ name: 'product', required: false, description: 'Only this product.' })
  surges(@Query('limit') limit?: string, @Query('cursor') cursor?: unknown, @Query('product') product?: string): Promise<unknown> {
    return queries.surges(this.reader, pageRequest(limit, cursor, 50), product === undefined ? null : nameOf(product, 'product'));
  }

  @Get('api/surges/:id')
  @ApiOkResponse(answers(schemas.Surge))
  @ApiOperation({ summary: 'One surge.' })
  @ApiParam({ name: 'id', description: 'surge_id' })
  async surge(@Param('id') id: string): Promise<unknown> {
    return found(await queries.surge(this.reader, nameOf(id, 'id')), `surge ${id.slice(0, 80)}`);
  }

  @Get('api/products')
  @ApiOkResponse(answers(schemas.Products))
  @ApiOperation({ summary: 'Products, those with an open surge first, then by how much their negatives rose within a day, with their last seven days as the scheduler counted them, seconds ago. One that changes between two pages may be in both or in neither: /api/views/products goes by product_id.' })
  @Paged(100)
  @ApiQuery({ name: 'name', required: false, description: 'Only those whose name or id has this in it, in large or small letters.' })
  products(@Query('limit') limit?: string, @Query('cursor') cursor?: unknown, @Query('name') name?: string): Promise<unknown> {
    return queries.products(this.reader, pageRequest(limit, cursor, 100), name === undefined ? null : nameOf(name, 'name'));
  }

  @Get('api/products/:id')
  @ApiOkResponse(answers(schemas.Product))
  @ApiOperation({ summary: 'One product: hours, newest reviews, surges.' })
  @ApiParam({ name: 'id', description: 'product_id' })
  async product(@Param('id') id: string): Promise<unknown> {
    return found(await queries.product(this.reader, nameOf(id, 'id')), `product ${id.slice(0, 80)}`);
  }

  @Get('api/forecasts')
  @ApiOkResponse(answers(schemas.Forecasts))
  @ApiOperation({ summary: 'Per symbol: newest bars, the fan over the horizons, achieved coverage and skill.' })
  @Paged(100)
  forecasts(@Query('limit') limit?: string, @Query('cursor') cursor?: unknown): Promise<unknown> {
    return queries.forecasts(this.reader, pageRequest(limit, cursor, 100));
  }

  @Get('api/forecasts/:symbol')
  @ApiOkResponse(answers(schemas.Forecast))
  @ApiOperation({ summary: 'One symbol, with its newest forecasts and how they were settled.' })
  @ApiParam({ name: 'symbol', description: 'symbol' })
  @ApiQuery({ name: 'limit', required: false, description: `Forecasts at most, 1 to ${MAX_LIMIT}; older ones are in /api/views/forecasts.`, schema: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: 60 } })
  async forecast(@Param('symbol') symbol: string, @Query('limit') limit?: string): Promise<unknown> {
    const row = await queries.forecast(this.reader, nameOf(symbol, 'symbol'));
    const history = await queries.forecastHistory(this.reader, symbol, limitOf(limit, 60));
    return { ...(found(row, `symbol ${symbol.slice(0, 80)}`) as object), history };
  }

  @Get('api/pipeline')
  @ApiOkResponse(answers(schemas.Pipeline))
  @ApiOperation({ summary: 'Positions with lag, dead letters, models, silent feeds, gaps.' })
  pipeline(): Promise<unknown> {
    return queries.pipeline(this.reader);
  }

  @Get('api/dead-letters')
  @ApiOkResponse(answers(schemas.DeadLetters))
  @ApiOperation({ summary: 'Newest dead letters with payload and reason.' })
  @Paged(50)
  deadLetters(@Query('limit') limit?: string, @Query('cursor') cursor?: unknown): Promise<unknown> {
    return queries.deadLetters(this.reader, pageRequest(limit, cursor, 50));
  }

  @Get('api/stream')
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ description: 'Events surges, products, forecasts, pipeline, trouble; data is JSON.', schema: { type: 'string' } })
  @ApiOperation({ summary: 'Server-sent events: surges, products, forecasts, pipeline, each whole, when it changes.' })
  stream(@Req() request: Request, @Res() response: Response): void {
    const allowed = async () => judge('read', await this.access.callerOf(request)) === null;
    if (!this.live.attach(response, { allowed })) throw new HttpException({ title: 'Too many listeners', detail: 'Close another page, or poll /api/surges.' }, 503);
  }

  @Get('metrics')
  @ApiProduces('text/plain')
  @ApiOkResponse({ description: 'Text format 0.0.4.', schema: { type: 'string' } })
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @ApiOperation({ summary: 'Prometheus metrics.' })
  metricsPage(): Promise<string> {
    return this.metrics.render();
  }
}

function found(row: unknown, what: string): unknown {
  if (row === null) throw new NotFoundException({ title: 'Not found', detail: `There is no ${what}.` });
  return row;
}
