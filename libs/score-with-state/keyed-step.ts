/** What distinguishes one stream's step from another's. */
import type { EntityState, TidewatchError } from '#contracts';

export type KeyedStep<E, T, R> = {
  entityOf(event: E): string;
  /** Event time, epoch ms. */
  at(event: E): number;
  /** Display name that the event gives its entity; null leaves the known one. */
  labelOf(event: E): string | null;
  /** `tracker` is the one before the step, or the one that `prepare` gave; `outputs` this key's rows by output name: views, to be read and not kept. */
  finish(event: E, tracker: T, outputs: Readonly<Record<string, Float32Array>>): { tracker: T; result: R };
  /** The result of an event whose step was not finite; the state stays as it was. */
  refused?(event: E, state: EntityState<T>, error: TidewatchError): R;
} & (FeaturesByTime<E> | FeaturesByState<E, T, R>);

/** Features that depend on earlier events of the key only through the time of the newest: a busy key's events can be stepped before any of them is finished. */
interface FeaturesByTime<E> {
  /** @param lastEventAt event time of the key's newest event so far, epoch ms; null for a new key */
  featuresAt(event: E, lastEventAt: number | null): ArrayLike<number>;
}

export type TimedStep<E, T, R> = KeyedStep<E, T, R> & FeaturesByTime<E>;

interface FeaturesByState<E, T, R> {
  /** `skip`: the event has its result already and does not advance the state. */
  prepare(event: E, state: EntityState<T>): { kind: 'step'; features: ArrayLike<number>; tracker: T } | { kind: 'skip'; result: R };
}
