export { startPostgres, type LocalPostgres, type LocalPostgresSettings } from './postgres.js';
