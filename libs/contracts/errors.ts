/**
 * The closed list of faults that Tidewatch raises itself. Each code says whether trying again can help;
 * each message says what was found, what was expected and what to do. Anything else that is thrown is a
 * bug or an unknown fault of a library, and is wrapped in one of these with its cause and position.
 */
export const ERROR_CODES = {
  SETTING_INVALID: { retryable: false },
  MODEL_INVALID: { retryable: false },
  MODEL_OUTPUT_INVALID: { retryable: false },
  STATE_CORRUPT: { retryable: false },
  STATE_FORMAT_UNKNOWN: { retryable: false },
  OFFSET_NOT_FORWARD: { retryable: false },
  TOPIC_MISSING: { retryable: true },
  TOPIC_SHRUNK: { retryable: false },
  TOPIC_RECREATED: { retryable: false },
  BROKER_UNAVAILABLE: { retryable: true },
  DATABASE_UNAVAILABLE: { retryable: true },
  DATABASE_REFUSED: { retryable: false },
  DEADLINE_PASSED: { retryable: false },
  SERVICE_NOT_STARTED: { retryable: false },
  INPUT_FILE_INVALID: { retryable: false },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Where in a stream a fault happened; every field is optional knowledge. */
export interface FaultPlace {
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: bigint;
  readonly entity?: string;
}

export class TidewatchError extends Error {
  override readonly name = 'TidewatchError';
  readonly retryable: boolean;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: { cause?: unknown; place?: FaultPlace } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryable = ERROR_CODES[code].retryable;
    this.place = options.place ?? {};
  }

  readonly place: FaultPlace;
}
