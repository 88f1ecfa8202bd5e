/** When each chore runs. One that fails is tried at its next turn; one that still runs is not started again. */
import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Logger } from '../stream-worker/logger.js';
import { ChoreWatch } from './chore-watch.js';
import { closeQuietSurges, deliverOutbox, keepPartitions, pruneOldRows, watchFeeds, writePriorSnapshot, type ChoreParts } from './chores.js';
import { closeOverdueForecasts } from './close-overdue.js';
import { explainGroups } from './explain-groups.js';
import { explainSurges, type ExplainParts } from './explain-surges.js';
import { keepCalendar } from './keep-calendar.js';
import { keepProducts } from './keep-products.js';
import { keepStandings } from './keep-standings.js';
import { learnFeedback } from './learn-feedback.js';
import { nameLanguages } from './name-languages.js';
import { deliverTo, planNotices, type NotifyParts } from './notify.js';
import { publishDeadLetters } from './publish-dead-letters.js';
import { sampleStreams } from './sample-streams.js';
import { watchProducts } from './watch-products.js';
import { watchSymbols } from './watch-symbols.js';

export const CHORE_PARTS = Symbol('chore parts');
export const NOTIFY_PARTS = Symbol('notify parts');
export const EXPLAIN_PARTS = Symbol('explain parts');
export const SCHEDULER_LOGGER = Symbol('scheduler logger');

const HOUR_MS = 3_600_000;

@Injectable()
export class Scheduler {
  private readonly running = new Map<string, Promise<void>>();
  private stopping = false;

  constructor(@Inject(CHORE_PARTS) private readonly parts: ChoreParts, @Inject(NOTIFY_PARTS) private readonly notify: NotifyParts, @Inject(EXPLAIN_PARTS) private readonly explain: ExplainParts, @Inject(SCHEDULER_LOGGER) private readonly logger: Logger, private readonly watch: ChoreWatch) {}

  @Interval(2_000)
  surges(): Promise<void> {
    return this.once('close quiet surges', () => closeQuietSurges(this.parts, Date.now()));
  }

  @Interval(60_000)
  overdueForecasts(): Promise<void> {
    return this.once('close overdue forecasts', () => closeOverdueForecasts(this.parts, Date.now()));
  }

  @Interval(10_000)
  standings(): Promise<void> {
    return this.once('keep the standing of the forecasts', () => keepStandings(this.parts));
  }

  @Interval(5_000)
  products(): Promise<void> {
    return this.once('keep the last days of the products', () => keepProducts(this.parts));
  }

  @Interval(5_000)
  languages(): Promise<void> {
    return this.once('name languages', () => nameLanguages(this.parts));
  }

  @Interval(30_000)
  symbols(): Promise<void> {
    return this.once('watch for silent symbols', () => watchSymbols(this.parts, Date.now()));
  }

  @Interval(30_000)
  samples(): Promise<void> {
    return this.once('sample the streams', () => sampleStreams(this.parts));
  }

  @Interval(1_000)
  outbox(): Promise<void> {
    return this.once('deliver the outbox', () => deliverOutbox(this.parts, this.notify.explainMs, this.notify.lexicon));
  }

  @Interval(1_000)
  async notifications(): Promise<void> {
    await this.once('plan notifications', () => planNotices(this.notify));
    await Promise.all(this.notify.channels.map((channel) => this.once(`deliver to ${channel.kind}`, () => deliverTo(this.notify, channel, Date.now))));
  }

  @Interval(2_000)
  deadLetters(): Promise<void> {
    return this.once('publish dead letters', () => publishDeadLetters(this.parts));
  }

  @Interval(2_000)
  explanations(): Promise<void> {
    return this.once('explain surges', async () => {
      await explainSurges(this.explain);
      await explainGroups(this.explain);
    });
  }

  @Interval(2_000)
  calendar(): Promise<void> {
    return this.once('write the calendar', () => keepCalendar(this.parts));
  }

  @Interval(5_000)
  feedback(): Promise<void> {
    return this.once('learn from feedback', () => learnFeedback(this.parts));
  }

  @Interval(10_000)
  feeds(): Promise<void> {
    return this.once('watch the feeds', () => watchFeeds(this.parts, Date.now()));
  }

  @Interval(60_000)
  silentProducts(): Promise<void> {
    return this.once('watch silent products', () => watchProducts(this.parts, Date.now()));
  }

  @Interval(HOUR_MS)
  hourly(): Promise<void> {
    return this.once('partitions and snapshot', async () => {
      await keepPartitions(this.parts);
      await pruneOldRows(this.parts);
      await writePriorSnapshot(this.parts);
    });
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.running.values());
  }

  private once(name: string, chore: () => Promise<unknown>): Promise<void> {
    const before = this.running.get(name);
    if (before !== undefined || this.stopping) return before ?? Promise.resolve();
    this.watch.started(name, Date.now());
    const work = chore()
      .then(() => this.watch.ended(name, false, Date.now()), (error: unknown) => {
        this.watch.ended(name, true, Date.now());
        this.logger.warn({ chore: name, cause: String((error as Error).message) }, 'a chore failed and is tried again at its next turn');
      })
      .finally(() => this.running.delete(name));
    this.running.set(name, work);
    return work;
  }
}
