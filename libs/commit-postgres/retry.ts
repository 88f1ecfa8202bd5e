/**
 * Which faults of the database pass by themselves, and how long to wait first: a table of known SQLSTATEs (appendix A of
 * the Postgres manual) and of the socket's codes. Everything else fails at once.
 */
const WAIT_MS_BY_CODE: Readonly<Record<string, number>> = {
  '40001': 20, // serialization_failure
  '40P01': 20, // deadlock_detected
  '55P03': 200, // lock_not_available
  '57014': 1000, // query_canceled: the statement timeout, mostly
  '57P01': 500, // admin_shutdown
  '57P02': 1000, // crash_shutdown
  '57P03': 500, // cannot_connect_now
  '57P05': 100, // idle_session_timeout
  '25P03': 100, // idle_in_transaction_session_timeout
  '25006': 1000, // read_only_sql_transaction: a failover is under way
  '53000': 2000, // insufficient_resources
  '53100': 5000, // disk_full
  '53200': 2000, // out_of_memory
  '53300': 1000, // too_many_connections
  '58030': 5000, // io_error
  '08000': 500, // connection_exception
  '08001': 500,
  '08003': 500,
  '08006': 500,
  '08007': 500, // transaction_resolution_unknown
  ECONNREFUSED: 500,
  ECONNRESET: 200,
  ECONNABORTED: 200,
  EPIPE: 200,
  ETIMEDOUT: 500,
  EHOSTUNREACH: 1000,
  ENETUNREACH: 1000,
  ENOTFOUND: 2000,
  EAI_AGAIN: 1000,
};

/** pg gives these no code. */
const LOST_CONNECTION = /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|timeout expired|Client was closed)/;

export const codeOf = (fault: unknown): string | null => {
  for (let each = fault; each instanceof Error; each = each.cause) {
    if ('code' in each && typeof each.code === 'string') return each.code;
  }
  return null;
};

/** Milliseconds to wait before another try; null when trying again cannot help. */
export function waitBeforeRetry(fault: unknown): number | null {
  const code = codeOf(fault);
  if (code !== null) return WAIT_MS_BY_CODE[code] ?? null;
  return fault instanceof Error && LOST_CONNECTION.test(fault.message) ? 200 : null;
}
