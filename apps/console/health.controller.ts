/**
 * Probes, open to everybody. Alive: this process answers. Ready: the database answers and every partition with messages waiting moves.
 * A page that says what is wrong must stay reachable, so route people by /livez and alert on /readyz.
 */
import { Controller, Get, Header, HttpException } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Needs } from './access/access.guard.js';
import { answers } from './answers/answer.js';
import * as schemas from './answers/schemas.js';
import { judgeHealth, type Health, type PositionRow } from './health.js';
import { Reader } from './reader.js';
import { ConsoleSettings } from './settings.js';

@ApiTags('health')
@Controller()
export class HealthController {
  constructor(private readonly reader: Reader, private readonly settings: ConsoleSettings) {}

  @Get('livez')
  @ApiOkResponse(answers(schemas.Alive))
  @Needs('open')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Does this process answer?' })
  live(): { ok: true } {
    return { ok: true };
  }

  @Get('readyz')
  @ApiOkResponse(answers(schemas.Health))
  @Needs('open')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Does the database answer, and do the partitions move? 503 with reasons when not.' })
  async ready(): Promise<Health & { partitions: number }> {
    return this.verdict([], []);
  }

  @Get('api/health')
  @ApiOkResponse(answers(schemas.Health))
  @Needs('read')
  @ApiOperation({ summary: 'The same, and: do the feeds speak, are people reached? 503 with reasons when not.' })
  async health(): Promise<Health & { partitions: number }> {
    const [silent, failing] = await Promise.all([
      this.reader.rows<{ stream: string }>('select stream from tidewatch.feed_silence order by 1'),
      this.reader.rows<{ channel: string }>('select channel from tidewatch.notification_channels where failing order by 1'),
    ]);
    return this.verdict(silent.map(({ stream }) => stream), failing.map(({ channel }) => channel));
  }

  private async verdict(silent: readonly string[], failing: readonly string[]): Promise<Health & { partitions: number }> {
    const positions = await this.reader.rows<PositionRow & Record<string, unknown>>('select topic, partition, lag::int, committed_at from tidewatch.stream_positions order by 1, 2');
    const health = judgeHealth(positions, silent, failing, Date.now(), this.settings.stallMs);
    if (!health.ok) throw new HttpException({ title: 'Not healthy', detail: health.reasons.join('; '), ...health }, 503);
    return { ...health, partitions: positions.length };
  }
}
