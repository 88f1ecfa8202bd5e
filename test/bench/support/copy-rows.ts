/** A plain binary COPY of as many rows of the same width into an unindexed table: what the database takes at most. */
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { createTestDatabase, dropTestDatabase } from '../../../libs/testkit/index.js';
import type { BenchReview } from './sample.js';

const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const TRAILER = Buffer.from([0xff, 0xff]);

/** product_id text, text text, rating float8, p_negative float8 */
function encode({ productId, text, rating }: BenchReview): Buffer {
  const product = Buffer.from(productId);
  const body = Buffer.from(text);
  const row = Buffer.alloc(2 + 4 + product.length + 4 + body.length + 12 + 12);
  let at = row.writeInt16BE(4, 0);
  at = row.writeInt32BE(product.length, at);
  at += product.copy(row, at);
  at = row.writeInt32BE(body.length, at);
  at += body.copy(row, at);
  for (const value of [rating, 0.5]) {
    at = row.writeInt32BE(8, at);
    at = row.writeDoubleBE(value, at);
  }
  return row;
}

/** Rows per second, in transactions of 1,000 rows. */
export async function copyRows(reviews: readonly BenchReview[]): Promise<number> {
  const database = await createTestDatabase();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('create table plain (product_id text, text text, rating float8, p_negative float8)');
  const begun = performance.now();
  for (let at = 0; at < reviews.length; at += 1_000) {
    const stream = client.query(copyFrom('copy plain from stdin (format binary)'));
    const done = new Promise<void>((resolve, reject) => stream.once('finish', resolve).once('error', reject));
    stream.end(Buffer.concat([HEADER, ...reviews.slice(at, at + 1_000).map(encode), TRAILER]));
    await done;
  }
  const seconds = (performance.now() - begun) / 1000;
  await client.end();
  await dropTestDatabase(database.name);
  return reviews.length / seconds;
}
