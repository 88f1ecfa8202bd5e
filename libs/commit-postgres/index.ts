export { migrate, revertMigrations } from './migrate.js';
export { createPostgresStore, type PostgresStoreOptions } from './store.js';
export { createPostgresModelBook } from './model-book.js';
