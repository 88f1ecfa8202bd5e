/** snapshot: values that entities share, immutable once written. */
import type { Snapshot, SnapshotName } from '#contracts';

const COLUMNS = 'SELECT snapshot_id, body FROM internal.snapshot WHERE stream = $1';
export const LATEST_SNAPSHOT = `${COLUMNS} ORDER BY snapshot_id DESC LIMIT 1`;
export const ONE_SNAPSHOT = `${COLUMNS} AND snapshot_id = $2`;

export interface SnapshotRow {
  readonly snapshot_id: string;
  readonly body: unknown;
}

export function snapshotOfRow(stream: SnapshotName, { snapshot_id, body }: SnapshotRow): Snapshot<unknown> {
  return { snapshotId: BigInt(snapshot_id), stream, body };
}
