export { createTestDatabase, dropTestDatabase, useTestDatabase, type TestDatabase } from './postgres.js';
export { describeDifference, tableFingerprint, type TableFingerprint } from './postgres-fingerprint.js';
export { SAMPLE_DAY, sampleBatch, sampleQuote, sampleReview, sampleState } from './postgres-samples.js';
