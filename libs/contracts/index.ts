export * from './commit.js';
export * from './errors.js';
export * from './events.js';
export * from './forecasts.js';
export * from './model.js';
export * from './state.js';
export * from './stream.js';
export * from './surges.js';
