/**
 * Several statements, COPY data included, in one write and one answer (extended query protocol, chapter 54.2.3 of the
 * Postgres manual): Bind and Execute for each, behind Parse where the connection does not know the statement yet, COPY rows
 * right behind their statement, and one Sync at the end. When a statement fails, the server skips everything up to that
 * Sync, so a COMMIT further on is not reached: a transaction needs no round trip to find out whether it may commit.
 */
import type { ClientBase, Connection, Submittable } from 'pg';
import type { ByteWriter } from './byte-writer.js';
import type { Parameter } from './cells.js';
import type { CopyStatement, Statement } from './statements.js';

/** Rows of each statement, text form, in the order of the statements. */
export type PipelineResult = readonly (readonly (readonly (string | null)[])[])[];

/** What failed, beside the error: the label of the statement that the server refused; null when none had begun to be. */
export class PipelineFault extends Error {
  constructor(readonly statement: string | null, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

const COPY_SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const EXECUTE_ALL = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0]);
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);
const SYNC = Buffer.from([0x53, 0, 0, 0, 4]);

export class Pipeline {
  private readonly labels: string[] = [];

  /** @param prepared names of the statements that the connection knows; what is added is known from then on, unless the pipeline fails */
  constructor(private readonly to: ByteWriter, private readonly prepared: Set<string>) {
    to.at = 0;
  }

  add(statement: Statement, parameters: readonly Parameter[] = []): void {
    const { to } = this;
    this.labels.push(statement.label);
    if (!this.prepared.has(statement.name)) to.bytes(statement.parse);
    this.prepared.add(statement.name);
    to.uint8(0x42); // Bind
    const mark = to.openLength();
    to.bytes(statement.bind);
    to.int16(1);
    to.int16(1); // all parameters binary
    to.int16(parameters.length);
    for (const write of parameters) write(to);
    to.int16(0); // results as text
    to.closeLength(mark, true);
    to.bytes(EXECUTE_ALL);
  }

  /** One CopyData message for all rows. Nothing is added for no rows. */
  copy<Row>(statement: CopyStatement<Row>, rows: readonly Row[]): void {
    if (rows.length === 0) return;
    const { to } = this;
    const { columns } = statement;
    this.add(statement);
    to.uint8(0x64); // CopyData
    const mark = to.openLength();
    to.bytes(COPY_SIGNATURE);
    for (const row of rows) {
      to.int16(columns.length);
      for (const each of columns) each.write(to, row);
    }
    to.int16(-1);
    to.closeLength(mark, true);
    to.bytes(COPY_DONE);
  }

  /** Sends everything. Rejects with PipelineFault; an explicit transaction is then still to be rolled back. */
  run(client: ClientBase): Promise<PipelineResult> {
    this.to.bytes(SYNC);
    const bytes = this.to.buffer.subarray(0, this.to.at);
    return new Promise((done, refuse) => {
      client.query(new Conversation(bytes, this.labels, done, refuse));
    });
  }
}

/** The client's side of it, in the terms of pg's queue: handlers are called as answers come in. */
class Conversation implements Submittable {
  private readonly results: (string | null)[][][] = [[]];

  constructor(
    private readonly bytes: Uint8Array,
    private readonly labels: readonly string[],
    private readonly done: (result: PipelineResult) => void,
    private readonly refuse: (fault: PipelineFault) => void,
  ) {}

  submit(connection: Connection): void {
    connection.stream.write(this.bytes);
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.results.at(-1)!.push(fields);
  }

  handleCommandComplete(): void {
    this.results.push([]);
  }

  handleReadyForQuery(): void {
    this.done(this.results.slice(0, this.labels.length));
  }

  handleError(cause: unknown): void {
    this.refuse(new PipelineFault(this.labels[this.results.length - 1] ?? null, cause));
  }

  handleRowDescription(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  /** The rows are already on their way. */
  handleCopyInResponse(): void {}
  handleCopyData(): void {}
}
