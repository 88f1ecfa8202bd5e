/**
 * Evidence for what leaves before it was explained: the scheduler explains twenty surges a turn, so in a storm of them, or when explaining fails,
 * a message would show no review at all. The newest negatives alone tell which say what the others say; a few milliseconds a surge.
 */
import type { ClientBase } from 'pg';
import { bestEvidence, excerptOf, type Lexicon } from '#explain-surge';
import type { NoticeEvidence } from '#contracts';
import type { Explained, SurgeMessage } from '#plan-notifications';
import { negativesOf } from './surge-reviews.js';

/** As many of the surge's newest negatives are read. */
const READ = 200;

interface Leaving {
  readonly payload: SurgeMessage;
  readonly explained: Explained | null;
}

/** As it was explained, else chosen now, within the caller's transaction. A read that fails costs the evidence, never the message. */
export async function evidenceOf(client: ClientBase, { payload: { productId, startedAt, at }, explained }: Leaving, lexicon: Lexicon): Promise<readonly NoticeEvidence[]> {
  if (explained !== null) return explained.evidence;
  await client.query('savepoint hasty_evidence');
  try {
    const now = await negativesOf(client, productId, new Date(startedAt), new Date(at), READ);
    return bestEvidence(now, [], lexicon.aspectsOf(null)).map(({ reviewId, at: written, pNegative, text, topWords }) => {
      const { excerpt, words } = excerptOf(text, topWords);
      return { reviewId, at: new Date(written).toISOString(), pNegative, excerpt, topWords: words };
    });
  } catch {
    await client.query('rollback to savepoint hasty_evidence');
    return [];
  }
}
