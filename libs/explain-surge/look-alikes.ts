/**
 * Does a surge look as if few people stood behind it? Two signs, each against the product's own normal, since some products bring
 * copies or come from one source by themselves:
 *   copies   texts that are nearly the same (copies.ts), beyond what such a product has anyhow (Fisher's exact test);
 *   burst    many negatives within minutes from a few accounts, or from a few sources that had hardly any part in the negatives before.
 * What is found is counted apart: all of a burst, and of each group of copies all but the first, which may be somebody's own. A surge is marked
 * when what stands apart is a real part of it. A mark is a reason to look, not a verdict.
 */
import { copyGroups } from './copies.js';
import { upperTail } from './fisher.js';

/** A negative review of the surge, or of before it. */
export interface Voice {
  readonly text: string;
  readonly at: number;
  readonly pNegative: number;
  readonly source: string | null;
  /** Whoever wrote it, where the producer says so. */
  readonly account: string | null;
}

export interface LookAlikes {
  /** Negatives that are counted apart, and what they count for: sum of P. */
  readonly apart: number;
  readonly weight: number;
  /** Why the surge is marked as possible brigading, a sentence each; empty: it is not. */
  readonly reasons: readonly string[];
}

const SIGNIFICANT = 0.001;
/** Copies beyond the first of each group, or negatives of a burst, from which a surge may be marked; and their part of its negatives. */
const LEAST = 4;
const PART = 0.15;
/** A product with fewer negatives before is taken for one that had so many, none of them alike. */
const NEW = 50;
const BURST_MS = 10 * 60_000;
const BURST_LEAST = 5;
const BURST_PART = 0.3;
const FEW = 3;
/** Of a burst's negatives, how many the few must account for; and how much more than before. */
const BY_FEW = 0.8;
const MORE = 3;
const SHOWN = 80;

/** `now`: the surge's negatives; `before`: the product's before it began. Their order does not matter. */
export function lookAlikesAmong(now: readonly Voice[], before: readonly Voice[]): LookAlikes {
  const voices = now.toSorted((a, b) => a.at - b.at || (a.text < b.text ? -1 : 1));
  const apart = new Set<number>();
  const reasons: string[] = [];

  const groups = copyGroups(voices.map(({ text }) => text));
  const copies = groups.reduce((sum, group) => sum + group.length - 1, 0);
  const usual = copyGroups(before.map(({ text }) => text)).reduce((sum, group) => sum + group.length - 1, 0);
  if (copies >= LEAST && copies >= PART * voices.length && upperTail(copies, voices.length, usual, Math.max(NEW, before.length)) <= SIGNIFICANT) {
    for (const group of groups) for (const i of group.slice(1)) apart.add(i);
    const [largest] = groups;
    const first = voices[largest![0]!]!;
    const last = voices[largest!.at(-1)!]!;
    reasons.push(`${copies + groups.length} of ${voices.length} negatives say nearly the same as another; ${largest!.length} of them within ${spanOf(last.at - first.at)}: "${cut(first.text)}"`);
  }

  const burst = burstOf(voices, before);
  if (burst !== null) {
    for (const i of burst.members) apart.add(i);
    reasons.push(burst.reason);
  }
  let weight = 0;
  for (const i of apart) weight += voices[i]!.pNegative;
  return { apart: apart.size, weight, reasons };
}

interface Burst {
  readonly members: readonly number[];
  readonly reason: string;
}

/** The largest burst of a few accounts, else of a few unusual sources. */
function burstOf(voices: readonly Voice[], before: readonly Voice[]): Burst | null {
  for (const field of ['account', 'source'] as const) {
    let found: Burst | null = null;
    let from = 0;
    for (let to = 0; to < voices.length; to += 1) {
      while (voices[to]!.at - voices[from]!.at > BURST_MS) from += 1;
      const size = to - from + 1;
      if (size < BURST_LEAST || size < BURST_PART * voices.length || size <= (found?.members.length ?? 0)) continue;
      const window = Array.from({ length: size }, (_, i) => from + i);
      found = byFew(voices, window, before, field) ?? found;
    }
    if (found !== null) return found;
  }
  return null;
}

function byFew(voices: readonly Voice[], window: readonly number[], before: readonly Voice[], field: 'account' | 'source'): Burst | null {
  const counts = new Map<string, number>();
  for (const i of window) {
    const value = voices[i]![field];
    if (value !== null && value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const few = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).slice(0, FEW).filter(([, n]) => n >= 2).map(([value]) => value);
  const members = window.filter((i) => few.includes(voices[i]![field] ?? ''));
  if (few.length === 0 || members.length < BURST_LEAST || members.length < BY_FEW * window.length) return null;
  const earlier = before.filter((voice) => few.includes(voice[field] ?? '')).length;
  const [shareNow, shareBefore] = [members.length / window.length, earlier / Math.max(1, before.length)];
  if (shareNow < MORE * shareBefore || upperTail(members.length, window.length, earlier, Math.max(NEW, before.length)) > SIGNIFICANT) return null;
  const within = spanOf(voices[members.at(-1)!]!.at - voices[members[0]!]!.at);
  return { members, reason: `${members.length} of ${voices.length} negatives came within ${within} from ${few.length === 1 ? `one ${field}` : `${few.length} ${field}s`} (${few.map((value) => `"${cut(value)}"`).join(', ')}), ${(100 * shareBefore).toFixed(0)} % of the negatives before` };
}

const cut = (text: string): string => {
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > SHOWN ? `${line.slice(0, SHOWN).replace(/\p{Surrogate}$/u, '')}…` : line.replace(/\p{Surrogate}/gu, '\ufffd');
};

function spanOf(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}
