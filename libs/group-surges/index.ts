/** group-surges: which surges of a group's products are one. Pure. */
export { type Assignment, assignSurges, type GroupLife, type MemberSurge } from './assign-surges.js';
