/**
 * Connections, and pipelines run over them: a pool, buffers that are used again, the statements that each connection has
 * prepared, and the rule that a connection on which a pipeline failed is rolled back and forgets them, or is thrown away
 * when even that fails.
 *
 * Preparing once halves what a small commit costs the server (planning is 1-2 % of a large one). A prepared plan is
 * made from the sizes that the tables had then, and ours begin empty; all statements here find their rows by key, so
 * sequential scans are switched off.
 */
import pg from 'pg';
import { ByteWriter } from './wire/byte-writer.js';
import { Pipeline, type PipelineResult } from './wire/pipeline.js';
import { statement } from './wire/statements.js';

export interface SessionOptions {
  readonly databaseUrl: string;
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
}

const begin = statement('begin', 'BEGIN');
const commit = statement('commit', 'COMMIT');

/** A buffer that one large batch has blown up is not kept. */
const KEEP_BYTES = 16 << 20;

export class Sessions {
  readonly pool: pg.Pool;
  private readonly spare: ByteWriter[] = [];
  private readonly prepared = new WeakMap<pg.ClientBase, Set<string>>();

  constructor({ databaseUrl, poolSize, statementTimeoutMs }: SessionOptions) {
    this.pool = new pg.Pool({
      connectionString: databaseUrl, max: poolSize, application_name: 'tidewatch', statement_timeout: statementTimeoutMs,
      // A worker that is stopped between two statements must not keep its locks for ever.
      idle_in_transaction_session_timeout: statementTimeoutMs, connectionTimeoutMillis: 10_000, keepAlive: true,
    });
    // A connection that breaks tells whoever waits on it by rejecting; as an event nobody listens to, it would end the process.
    this.pool.on('connect', (client) => {
      client.on('error', () => undefined);
      client.query('SET enable_seqscan = off').catch(() => undefined); // met by the first pipeline, which fails the same way
    });
    this.pool.on('error', () => undefined);
  }

  /** Runs what `fill` adds, as one implicit transaction. */
  async run(fill: (to: Pipeline) => void): Promise<PipelineResult> {
    return this.converse(fill);
  }

  /** Runs what `fill` adds between BEGIN and COMMIT; rejects with PipelineFault and leaves nothing when a statement fails. */
  async transaction(fill: (to: Pipeline) => void): Promise<PipelineResult> {
    return this.converse((pipeline) => {
      pipeline.add(begin);
      fill(pipeline);
      pipeline.add(commit);
    });
  }

  private async converse(fill: (to: Pipeline) => void): Promise<PipelineResult> {
    const client = await this.pool.connect();
    const prepared = this.prepared.get(client) ?? new Set();
    this.prepared.set(client, prepared);
    const writer = this.spare.pop() ?? new ByteWriter();
    let broken = false;
    try {
      const pipeline = new Pipeline(writer, prepared);
      fill(pipeline);
      const result = await pipeline.run(client);
      if (writer.buffer.length <= KEEP_BYTES) this.spare.push(writer);
      return result;
    } catch (fault) {
      prepared.clear();
      await client.query('ROLLBACK; DEALLOCATE ALL').catch(() => { broken = true; });
      throw fault;
    } finally {
      client.release(broken);
    }
  }
}
