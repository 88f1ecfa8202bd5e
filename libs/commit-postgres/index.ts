export { migrate, revertMigrations } from './migrate.js';
