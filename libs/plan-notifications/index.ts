/** plan-notifications: what of a surge is told, and what a channel sends now, holds back or tries again. Pure; time is an argument. */
export { excessOfAll } from './group-excess.js';
export { type ExplainedGroup, type GroupChild, groupKind, groupNoticeOf, type GroupState, type ToldGroup } from './group-notice.js';
export { noticeKind, type Told } from './notice-kind.js';
export { type Explained, noticeOf, saying, type SurgeMessage } from './notice-of.js';
export { type ChannelPolicy, planTurn, type Turn, type WaitingDelivery } from './plan-turn.js';
export { isQuiet, parseQuietHours, type QuietHours } from './quiet-hours.js';
export { backoffMs } from './backoff.js';
