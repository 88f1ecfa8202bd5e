/** Messages for those who have no Kafka producer. 202 says that the broker has what was accepted, and why the rest was refused. */
import { BadRequestException, Controller, HttpCode, HttpException, PayloadTooLargeException, Post, Req, UnsupportedMediaTypeException } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Needs } from '../access/access.guard.js';
import { answers } from '../answers/answer.js';
import { Taken as TakenSchema } from '../answers/schemas.js';
import { readBytes } from '../read-body.js';
import { ConsoleSettings } from '../settings.js';
import { checkItems, type RefusedItem, type Stream } from './check-items.js';
import { cutArray, cutLines } from './cut-items.js';
import { StreamDoor } from './stream-door.js';

const MAX_ITEMS = 1_000;
const MAX_BYTES = 16 * 1024 * 1024;
/** Bodies in memory at once. */
const MAX_AT_ONCE = 8;
const LINES = ['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/x-jsonlines'];

const item = (required: readonly string[], more: Readonly<Record<string, string>>) => ({ schema: { type: 'array' as const, maxItems: MAX_ITEMS, items: { type: 'object' as const, required: [...required], properties: Object.fromEntries(Object.entries(more).map(([name, description]) => [name, { description }])) } } });
const ITEMS = {
  reviews: item(['reviewId', 'productId', 'text', 'reviewedAt'], { reviewId: 'Text.', productId: 'Text.', text: 'At most 32 KB.', reviewedAt: 'ISO 8601.', productName: 'Text.', title: 'Text.', rating: '1 to 5.', lang: 'Text.', source: 'Text.', region: 'Text.', appVersion: 'Text.', verified: 'true or false.', revision: 'Whole, from 0: a higher one corrects.' }),
  quotes: item(['symbol', 'at'], { symbol: 'Text.', at: 'ISO 8601.', close: 'Above 0; or bid and ask.', bid: 'Above 0.', ask: 'Above 0.', open: 'Above 0.', high: 'Above 0.', low: 'Above 0.', volume: 'From 0.', interval: 'Text.' }),
};

export interface Taken {
  readonly topic: string;
  readonly accepted: number;
  readonly refused: readonly RefusedItem[];
}

@ApiTags('ingest')
@Controller('api')
@Needs('ingest')
export class IngestController {
  private atOnce = 0;

  constructor(private readonly door: StreamDoor, private readonly settings: ConsoleSettings) {}

  @Post('reviews')
  @ApiConsumes('application/json', 'application/x-ndjson')
  @ApiBody(ITEMS.reviews)
  @ApiAcceptedResponse(answers(TakenSchema, 'The stream has what was accepted.'))
  @HttpCode(202)
  @ApiOperation({ summary: 'Up to 1,000 reviews into the stream, as a JSON array or as lines. The same reviewId again changes nothing.' })
  reviews(@Req() request: Request): Promise<Taken> {
    return this.take('reviews', request);
  }

  @Post('quotes')
  @ApiConsumes('application/json', 'application/x-ndjson')
  @ApiBody(ITEMS.quotes)
  @ApiAcceptedResponse(answers(TakenSchema, 'The stream has what was accepted.'))
  @HttpCode(202)
  @ApiOperation({ summary: 'Up to 1,000 quotes into the stream, as a JSON array or as lines. The same bar again changes nothing.' })
  quotes(@Req() request: Request): Promise<Taken> {
    return this.take('quotes', request);
  }

  private async take(stream: Stream, request: Request): Promise<Taken> {
    const lines = request.is(LINES) !== false;
    if (!lines && request.is('application/json') === false) throw new UnsupportedMediaTypeException({ title: 'Neither JSON nor lines', detail: 'expected a body of content-type application/json (an array) or application/x-ndjson (an object a line)' });
    if (this.atOnce >= MAX_AT_ONCE) throw new HttpException({ title: 'Busy', detail: `expected at most ${MAX_AT_ONCE} bodies at once: try again in a second` }, 503);
    this.atOnce += 1;
    try {
      const items = cut(await readBytes(request, MAX_BYTES), lines);
      const topic = this.settings.topics[stream];
      const { messages, refused } = checkItems(stream, topic, items, Date.now());
      if (messages.length > 0) await this.door.send(topic, messages);
      return { topic, accepted: messages.length, refused };
    } finally {
      this.atOnce -= 1;
    }
  }
}

function cut(body: Buffer, lines: boolean): readonly Uint8Array[] {
  const found = lines ? { ok: true as const, items: cutLines(body) } : cutArray(body);
  if (!found.ok) throw new BadRequestException({ title: 'Bad body', detail: found.why });
  if (found.items.length === 0) throw new BadRequestException({ title: 'Bad body', detail: 'found no item, expected 1 to 1000' });
  if (found.items.length > MAX_ITEMS) throw new PayloadTooLargeException({ title: 'Too many items', detail: `found ${found.items.length} items, expected at most ${MAX_ITEMS}: nothing of them was taken` });
  return found.items;
}
