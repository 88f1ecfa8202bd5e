/**
 * Connections, and pipelines run over them: a pool, buffers that are used again, and the rule that a connection on
 * which a transaction failed is rolled back, or thrown away when even that fails.
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

  constructor({ databaseUrl, poolSize, statementTimeoutMs }: SessionOptions) {
    this.pool = new pg.Pool({
      connectionString: databaseUrl, max: poolSize, application_name: 'tidewatch', statement_timeout: statementTimeoutMs,
      // A worker that is stopped between two statements must not keep its locks for ever.
      idle_in_transaction_session_timeout: statementTimeoutMs, connectionTimeoutMillis: 10_000, keepAlive: true,
    });
    // A connection that breaks tells whoever waits on it by rejecting; as an event nobody listens to, it would end the process.
    this.pool.on('connect', (client) => client.on('error', () => undefined));
    this.pool.on('error', () => undefined);
  }

  /** Runs what `fill` adds, as one implicit transaction. */
  async run(fill: (to: Pipeline) => void): Promise<PipelineResult> {
    return this.converse((pipeline) => fill(pipeline), false);
  }

  /** Runs what `fill` adds between BEGIN and COMMIT; rejects with PipelineFault and leaves nothing when a statement fails. */
  async transaction(fill: (to: Pipeline) => void): Promise<PipelineResult> {
    return this.converse((pipeline) => {
      pipeline.add(begin);
      fill(pipeline);
      pipeline.add(commit);
    }, true);
  }

  private async converse(fill: (to: Pipeline) => void, rollBack: boolean): Promise<PipelineResult> {
    const writer = this.spare.pop() ?? new ByteWriter();
    const pipeline = new Pipeline(writer);
    fill(pipeline);
    const client = await this.pool.connect();
    let broken = false;
    try {
      const result = await pipeline.run(client);
      if (writer.buffer.length <= KEEP_BYTES) this.spare.push(writer);
      return result;
    } catch (fault) {
      if (rollBack) await client.query('ROLLBACK').catch(() => { broken = true; });
      throw fault;
    } finally {
      client.release(broken);
    }
  }
}
