/**
 * Splits events into rounds in which each key occurs at most once, so that one batched step per round can serve many
 * keys and still take every key's events one after the other. The n-th event of a key is in round n: order within a
 * key is kept, and the number of rounds is the smallest possible, the count of the most frequent key.
 * (Batch across keys, never twice within one: Triton's rule for implicit state.)
 */
export function roundsByKey<E>(events: readonly E[], keyOf: (event: E) => string): readonly (readonly E[])[] {
  const rounds: E[][] = [];
  const seen = new Map<string, number>();
  for (const event of events) {
    const key = keyOf(event);
    const earlier = seen.get(key) ?? 0;
    seen.set(key, earlier + 1);
    const round = rounds[earlier];
    if (round === undefined) rounds.push([event]);
    else round.push(event);
  }
  return rounds;
}
