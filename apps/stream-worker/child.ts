/**
 * How a process of Tidewatch lives under its supervisor: it says when it is ready, stops in order when asked, and leaves
 * when the supervisor is gone, kill -9 included: the kernel closes the IPC channel and `disconnect` fires. Started by
 * hand or by a container, without a channel, only signals count.
 */
export interface StopRequest {
  readonly kind: 'stop';
  /** Epoch ms: everything must be over by then. */
  readonly deadline: number;
}

export interface ChildReport {
  readonly kind: 'ready' | 'notice';
  readonly message?: string;
  readonly [detail: string]: unknown;
}

const STOP_MS = 6_000;
const ORPHAN_STOP_MS = 4_000;

export function tellParent(report: ChildReport): void {
  if (process.connected) process.send?.(report);
}

/** Calls `stop` once, on the first reason to end, and exits when it is done or the deadline has passed. */
export function liveUnderSupervisor(stop: (deadline: number, why: string) => Promise<void>): (why: string, exitCode: number) => void {
  let ending = false;
  const end = (why: string, deadline: number, exitCode: number) => {
    if (ending) return;
    ending = true;
    const timer = setTimeout(() => process.exit(exitCode === 0 ? 1 : exitCode), Math.max(0, deadline - Date.now()));
    timer.unref();
    stop(deadline, why).then(
      () => process.exit(exitCode),
      (error: unknown) => {
        process.stderr.write(`stopping failed: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => end('SIGTERM', Date.now() + STOP_MS, 0));
  process.on('SIGINT', () => end('SIGINT', Date.now() + STOP_MS, 0));
  process.on('disconnect', () => end('the supervisor is gone', Date.now() + ORPHAN_STOP_MS, 0));
  process.on('message', (message: unknown) => {
    if ((message as Partial<StopRequest> | null)?.kind === 'stop') end('asked to stop', (message as StopRequest).deadline, 0);
  });
  return (why, exitCode) => end(why, Date.now() + STOP_MS, exitCode);
}
