export { PartitionDriver, type DriverOptions, type DriverStore, type Notice, type NoticeLevel, type StreamFlow } from './driver.js';
export { placeBatch, type BatchPosition } from './position.js';
export { StateCache } from './state-cache.js';
