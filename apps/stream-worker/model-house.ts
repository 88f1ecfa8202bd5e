/**
 * The models that a worker serves side by side while it changes from one to another. A request is looked for every two
 * seconds; its model is loaded beside the one that serves, and only when it stands do partitions begin with it, each at
 * the first batch that is prepared from then on. One that cannot be loaded leaves everything as it is. A model that no
 * partition uses any more is closed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { TidewatchError, type BatchCommit, type Lease, type ModelBook, type ModelRequest, type ModelSwitch, type StreamName, type TopicPartition } from '#contracts';
import type { Notice, StreamFlow } from '#drive-stream';
import { ModelPlan } from './model-plan.js';

export interface ServedModel<T, P> {
  readonly modelId: string;
  readonly flow: StreamFlow<T, P>;
  close(): Promise<void>;
}

export interface HouseParts<T, P> {
  readonly stream: StreamName;
  readonly book: ModelBook;
  /** The model of the setting, open already. */
  readonly base: ServedModel<T, P>;
  readonly baseFolder: string;
  /** Opens and tries a model folder, and writes the model down; throws MODEL_INVALID with what is wrong. */
  readonly open: (folder: string) => Promise<ServedModel<T, P>>;
  readonly notice: Notice;
}

const LOOK_EVERY_MS = 2_000;
const ASK_AGAIN_MS = 500;
const keyOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`;

export class ModelHouse<T, P> {
  private readonly models = new Map<string, Promise<ServedModel<T, P>>>();
  private readonly plans = new Map<string, { readonly epoch: bigint; readonly plan: Promise<ModelPlan> }>();
  private readonly current = new Map<string, ModelPlan>();
  private ready: ModelRequest | null = null;
  /** Model of the newest request, while it is being loaded too. */
  private wanted: string | null = null;
  private seen = 0;
  private readonly stopping = new AbortController();
  private readonly watching: Promise<void>;

  constructor(private readonly parts: HouseParts<T, P>) {
    this.models.set(parts.base.modelId, Promise.resolve(parts.base));
    this.watching = this.watch();
  }

  /** The plan of a partition under this lease; read once, whenever the partition is taken. */
  plan(lease: Lease): Promise<ModelPlan> {
    const held = this.plans.get(keyOf(lease));
    if (held?.epoch === lease.epoch) return held.plan;
    const plan = this.patiently(() => this.parts.book.switchesOf(lease)).then((switches) => {
      const read = new ModelPlan(lease, switches);
      if (this.plans.get(keyOf(lease))?.plan === plan) this.current.set(keyOf(lease), read);
      return read;
    });
    this.plans.set(keyOf(lease), { epoch: lease.epoch, plan });
    return plan;
  }

  /** The model for a batch that begins at `offset`. */
  async serving(lease: Lease, offset: bigint): Promise<ServedModel<T, P>> {
    const plan = await this.plan(lease);
    const chosen = plan.choose(offset, this.ready);
    return chosen === null ? this.load(this.parts.base.modelId, this.parts.baseFolder) : this.loadOf(chosen);
  }

  committed({ modelSwitch }: BatchCommit): void {
    if (modelSwitch !== undefined) {
      const { topic, partition, modelId, fromOffset } = modelSwitch;
      this.current.get(keyOf(modelSwitch))?.committed(modelSwitch);
      this.parts.notice('info', `${topic}/${partition} is scored by ${modelId} from offset ${fromOffset} on`, { topic, partition });
    }
    if (this.models.size > 1) void this.closeUnused();
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.watching;
    await Promise.allSettled([...this.models.values()].map(async (model) => (await model).close()));
  }

  private async loadOf({ stream, requestId, modelId }: ModelSwitch): Promise<ServedModel<T, P>> {
    const loaded = this.models.get(modelId);
    if (loaded !== undefined) return loaded;
    const request = await this.patiently(() => this.parts.book.request(stream, requestId));
    if (request === null) throw new TidewatchError('MODEL_INVALID', `A partition is scored by ${modelId}, but request ${requestId}, which says where it lies, is gone from the database. Restore it from a backup.`);
    return this.load(modelId, request.folder);
  }

  private load(modelId: string, folder: string): Promise<ServedModel<T, P>> {
    let model = this.models.get(modelId);
    if (model === undefined) {
      model = this.openAs(modelId, folder);
      model.catch(() => this.models.delete(modelId));
      this.models.set(modelId, model);
    }
    return model;
  }

  private async openAs(modelId: string, folder: string): Promise<ServedModel<T, P>> {
    const model = await this.parts.open(folder);
    if (model.modelId === modelId) return model;
    await model.close();
    throw new TidewatchError('MODEL_INVALID', `The folder ${folder} holds model ${model.modelId}, expected ${modelId}, which was asked for. Put it back, or ask for the other one with "tidewatch models activate".`);
  }

  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    for (; !signal.aborted; await sleep(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined)) {
      const request = await this.parts.book.newestRequest(this.parts.stream).catch(() => null); // the database is away: the driver says so
      if (request === null || request.requestId <= this.seen) continue;
      this.seen = request.requestId;
      await this.prepareFor(request);
    }
  }

  private async prepareFor(request: ModelRequest): Promise<void> {
    const before = this.wanted;
    this.wanted = request.modelId;
    try {
      await this.load(request.modelId, request.folder);
      this.ready = request;
    } catch (error) {
      this.wanted = before;
      const reason = error instanceof Error ? error.message : String(error);
      this.parts.notice('error', `model ${request.modelId} was asked for and cannot be served; the model that serves stays: ${reason}`, {});
      await this.parts.book.recordFailure(request.stream, request.requestId, reason).catch(() => undefined);
    }
  }

  private async closeUnused(): Promise<void> {
    const used = new Set([this.wanted, ...[...this.current.values()].flatMap((plan) => plan.inUse.map((modelId) => modelId ?? this.parts.base.modelId))]);
    for (const [modelId, model] of this.models) {
      if (used.has(modelId)) continue;
      this.models.delete(modelId);
      await model.then((one) => one.close()).catch(() => undefined);
    }
  }

  /** While the database is away, a batch waits here as it would for its commit. */
  private async patiently<R>(ask: () => Promise<R>): Promise<R> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof TidewatchError) || !error.retryable || this.stopping.signal.aborted) throw error;
        await sleep(ASK_AGAIN_MS, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
      }
    }
  }
}

/** The flow of whichever model is in force: batches end where a change is planned, and a change goes out with its first batch. */
export function flowOfHouse<T, P>(house: ModelHouse<T, P>): StreamFlow<T, { readonly model: ServedModel<T, P>; readonly prepared: P }> {
  return {
    async within(messages, lease) {
      const boundary = (await house.plan(lease)).boundary(messages[0]!.offset);
      const end = boundary === null ? -1 : messages.findIndex(({ offset }) => offset >= boundary);
      return end === -1 ? messages.length : end;
    },
    async prepare(batch, lease) {
      const model = await house.serving(lease, batch.begin);
      return { model, prepared: await model.flow.prepare(batch, lease) };
    },
    async complete({ model, prepared }, batch, lease, cache) {
      const change = (await house.plan(lease)).pending(batch.begin);
      const done = await model.flow.complete(prepared, batch, lease, cache);
      return change === null ? done : { ...done, commit: { ...done.commit, modelSwitch: change } };
    },
    committed: (commit) => house.committed(commit),
  };
}
