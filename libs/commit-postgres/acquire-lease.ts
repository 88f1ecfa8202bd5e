/**
 * Takes a partition. The upsert waits while a commit of the former owner is under way, which is milliseconds, unless that
 * owner was stopped in the middle of it (SIGSTOP, a frozen machine): its session is then ended by the server, its
 * transaction rolled back, and when it wakes up it finds itself fenced. Nobody waits for a zombie for longer than `patienceMs`.
 */
import type { Lease, TopicPartition } from '#contracts';
import type { Sessions } from './session.js';
import { ACQUIRE_LEASE, END_BLOCKERS } from './sql/lease.js';

export async function acquireLease(sessions: Sessions, { topic, partition }: TopicPartition, owner: string, patienceMs: number): Promise<Lease> {
  const client = await sessions.pool.connect();
  let impatience: NodeJS.Timeout | null = null;
  let broken = false;
  try {
    const mine = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const pid = mine.rows[0]!.pid;
    impatience = setInterval(() => void sessions.pool.query(END_BLOCKERS, [pid]).catch(() => undefined), patienceMs);
    const { rows } = await client.query<{ epoch: string; next_offset: string }>(ACQUIRE_LEASE, [topic, partition, owner]);
    const { epoch, next_offset } = rows[0]!;
    return { topic, partition, epoch: BigInt(epoch), nextOffset: BigInt(next_offset) };
  } catch (fault) {
    broken = true;
    throw fault;
  } finally {
    if (impatience !== null) clearInterval(impatience);
    client.release(broken);
  }
}
