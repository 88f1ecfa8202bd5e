/** Shared by the tests of this folder: messages made of text or bytes. (Named .test so that it is never shipped as product code.) */
import type { StreamMessage } from '#contracts';

export const SENT = Date.parse('2024-05-10T00:00:00Z');

export function message(value: string | Uint8Array | null, offset = 7n): StreamMessage {
  return { topic: 'reviews.v1', partition: 2, offset, key: Buffer.from('key'), timestamp: SENT, value: typeof value === 'string' ? Buffer.from(value) : value };
}

export const review = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({ reviewId: 'r1', productId: 'p1', text: 'It works well.', reviewedAt: '2024-05-01T12:30:00Z', ...fields });
export const quote = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({ symbol: 'ABB', at: '2024-05-01T12:30:00Z', close: 10.5, ...fields });
