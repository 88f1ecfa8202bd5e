/** Every public view over HTTP: page by page as JSON, or whole as CSV or JSON lines, with the same filters. */
import { BadRequestException, Controller, Get, HttpException, Injectable, NotFoundException, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Needs } from '../access/access.guard.js';
import { answers } from '../answers/answer.js';
import { Page, ViewList } from '../answers/schemas.js';
import { Paged, pageOf, pageRequest, told } from '../paging.js';
import { Reader, RoleSession } from '../reader.js';
import { Catalog, type View } from './catalog.js';
import { csvLine, isText } from './csv.js';
import { exportStatement, filtersOf, pageStatement } from './view-query.js';

const BATCH = 500;
const EXPORTS = 2;

/** Connections of exports alone: a long one keeps nobody from reading. */
@Injectable()
export class Exporter extends RoleSession {
  constructor(databaseUrl: string) {
    super(databaseUrl, 'tidewatch_reader', EXPORTS);
  }
}

const VIEW = { name: 'view', description: 'Name of a public view; /api/views lists them.', schema: { type: 'string' as const } };
const FILTER = { name: 'filters', required: false, style: 'form' as const, explode: true, description: 'COLUMN=value, or COLUMN.ne, .gt, .gte, .lt, .lte=value, or COLUMN.null=true or false.', schema: { type: 'object' as const, additionalProperties: { type: 'string' as const } } };

@ApiTags('views')
@Controller('api/views')
@Needs('read')
export class ViewsController {
  private running = 0;

  constructor(private readonly catalog: Catalog, private readonly reader: Reader, private readonly exporter: Exporter) {}

  @Get()
  @ApiOperation({ summary: 'The public views, with a sentence for each column.' })
  @ApiOkResponse(answers(ViewList))
  list(): Promise<readonly View[]> {
    return this.catalog.views();
  }

  @Get(':view')
  @ApiOperation({ summary: 'Rows of a view, newest first where it has a time. `next` is the cursor of the following page, null at the end.' })
  @ApiParam(VIEW)
  @Paged(100)
  @ApiQuery(FILTER)
  @ApiOkResponse(answers(Page))
  async page(@Param('view') name: string, @Query() query: Record<string, unknown>, @Res() response: Response): Promise<void> {
    const view = await this.find(name);
    const { limit, cursor, ...given } = query;
    const asked = pageRequest(limit, cursor, 100);
    const body = await told(async () => {
      const filters = filtersOf(view, given);
      const { text, values } = pageStatement(view, filters, asked);
      const { rows, next } = pageOf(await this.reader.rows<{ row: string; page_key: string[] }>(text, values), asked, filters.digest);
      // the rows stay the text that Postgres made of them: no number loses a digit, no time a microsecond
      return `{"rows":[${rows.map(({ row }) => row).join(',')}],"next":${JSON.stringify(next)}}`;
    });
    response.type('application/json').send(body);
  }

  @Get(':view/export')
  @ApiOperation({ summary: 'All rows of a view, streamed, in no particular order.' })
  @ApiParam(VIEW)
  @ApiQuery({ name: 'format', required: true, description: 'csv (with a header line; what a spreadsheet would take for a formula is led by an apostrophe) or jsonl.', schema: { type: 'string', enum: ['csv', 'jsonl'] } })
  @ApiQuery(FILTER)
  @ApiProduces('text/csv', 'application/x-ndjson')
  @ApiOkResponse({ description: 'A line a row.', schema: { type: 'string' } })
  async export(@Param('view') name: string, @Query() query: Record<string, unknown>, @Res() response: Response): Promise<void> {
    const view = await this.find(name);
    const { format, ...given } = query;
    if (format !== 'csv' && format !== 'jsonl') throw new BadRequestException({ title: 'Bad parameter', detail: 'format: expected csv or jsonl' });
    if (this.running >= EXPORTS) throw new HttpException({ title: 'Busy', detail: `${EXPORTS} exports are running: try again when one has ended` }, 503);
    this.running += 1;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    let batches: AsyncGenerator<{ row: string | (string | null)[] }[], void> | null = null;
    try {
      const { text, values } = await told(async () => exportStatement(view, filtersOf(view, given), format));
      batches = this.exporter.batches<{ row: string | (string | null)[] }>(text, values, BATCH, gone.signal);
      const rows = batches;
      const first = await told(() => rows.next());
      const texts = view.columns.map(({ type }) => isText(type));
      response.setHeader('content-type', format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson');
      response.setHeader('content-disposition', `attachment; filename="${view.name}.${format}"`);
      if (format === 'csv') response.write(csvLine(view.columns.map((column) => column.name), []));
      for (let batch = first; batch.done !== true; batch = await rows.next()) {
        const lines = batch.value.map(({ row }) => (typeof row === 'string' ? `${row}\n` : csvLine(row, texts))).join('');
        if (!response.write(lines)) await drained(response, gone.signal);
      }
      response.end();
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    } finally {
      gone.abort();
      await batches?.return();
      this.running -= 1;
    }
  }

  private async find(name: string): Promise<View> {
    const found = (await this.catalog.views()).find((view) => view.name === name);
    if (found === undefined) throw new NotFoundException({ title: 'Not found', detail: `There is no public view ${JSON.stringify(name.slice(0, 60))}: /api/views lists them.` });
    return found;
  }
}

function drained(response: Response, signal: AbortSignal): Promise<void> {
  return new Promise((done, refuse) => {
    const over = () => refuse(new Error('the receiver is gone'));
    if (signal.aborted) return over();
    signal.addEventListener('abort', over, { once: true });
    response.once('drain', () => {
      signal.removeEventListener('abort', over);
      done();
    });
  });
}
