/** dead_letter: bytes as they came, and why they were not taken. A letter that is there already stays as it is. */
import type { Rejection } from '#contracts';
import { arrayOf, bytea, column, int4, int8, text, timestamptz } from '../wire/cells.js';
import type { Pipeline } from '../wire/pipeline.js';
import { statementOverRows } from '../wire/statements.js';

const columns = [
  column<Rejection, string>('topic', text, ({ position }) => position.topic),
  column<Rejection, number>('partition', int4, ({ position }) => position.partition),
  column<Rejection, bigint>('offset', int8, ({ position }) => position.offset),
  column<Rejection, Uint8Array>('key', bytea, ({ key }) => key),
  column<Rejection, Uint8Array>('payload', bytea, ({ payload }) => payload),
  column<Rejection, string>('code', text, ({ code }) => code),
  column<Rejection, string>('reason', text, ({ reason }) => reason),
  column<Rejection, number>('message_at', timestamptz, ({ timestamp }) => timestamp),
];
const names = columns.map(({ name }) => `"${name}"`).join(', ');

const writeDeadLetters = statementOverRows('write dead letters', columns, (given) => `
INSERT INTO internal.dead_letter (${names}) SELECT ${names} FROM ${given} ON CONFLICT DO NOTHING`);

export function addDeadLetters(to: Pipeline, rejections: readonly Rejection[]): void {
  if (rejections.length === 0) return;
  to.add(writeDeadLetters, columns.map((each) => arrayOf(each, rejections)));
}
