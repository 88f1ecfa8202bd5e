/** One dead letter sent back to its topic, with its bytes. It is marked once the stream has it; what fails again becomes a new dead letter. */
import { ConflictException, Controller, HttpCode, NotFoundException, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { z } from 'zod';
import { Needs } from './access/access.guard.js';
import { answers } from './answers/answer.js';
import { Replayed } from './answers/schemas.js';
import { StreamDoor } from './ingest/stream-door.js';
import { Operator } from './reader.js';
import { checked, readJson } from './read-body.js';

const Place = z.strictObject({ topic: z.string().min(1).max(249).regex(/^[A-Za-z0-9._-]+$/), partition: z.int().min(0).max(1_000_000), offset: z.string().regex(/^\d{1,18}$/) });

@ApiTags('dead letters')
@Controller('api/dead-letters')
@Needs('write')
export class ReplayController {
  constructor(private readonly operator: Operator, private readonly door: StreamDoor) {}

  @Post('replay')
  @HttpCode(200)
  @ApiOperation({ summary: 'Sends a dead letter back to its topic, once. "tidewatch replay --dead-letters" sends many.' })
  @ApiBody({ schema: { type: 'object', additionalProperties: false, required: ['topic', 'partition', 'offset'], properties: { topic: { type: 'string' }, partition: { type: 'integer', minimum: 0 }, offset: { type: 'string', pattern: '^[0-9]{1,18}$' } } } })
  @ApiOkResponse(answers(Replayed))
  async replay(@Req() request: Request): Promise<z.infer<typeof Replayed>> {
    const { topic, partition, offset } = checked(Place, await readJson(request));
    const place = [topic, partition, offset];
    const [letter] = await this.operator.rows<{ key: Buffer | null; payload: Buffer | null; replayed_at: Date | null }>('select key, payload, replayed_at from tidewatch.dead_letter_bytes($1, $2, $3)', place);
    if (letter === undefined) throw new NotFoundException({ title: 'Not found', detail: `There is no dead letter at ${topic}/${partition} offset ${offset}.` });
    if (letter.payload === null) throw new ConflictException({ title: 'Nothing to try', detail: 'It has no value (a tombstone): there is nothing to send back.' });
    if (letter.replayed_at !== null) throw new ConflictException({ title: 'Tried already', detail: `It was sent back at ${letter.replayed_at.toISOString()}; if it failed again, that is a dead letter of its own.` });
    await this.door.send(topic, [{ key: letter.key, value: letter.payload }]);
    const [marked] = await this.operator.rows<{ at: Date }>('select tidewatch.mark_replayed($1, $2, $3) as at', place);
    return { topic, partition, offset, replayed_at: marked!.at.toISOString() };
  }
}
