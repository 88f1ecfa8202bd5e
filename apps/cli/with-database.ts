/** The database of what runs, for one piece of work. */
import { Client } from 'pg';
import { requireDatabase } from '../stream-worker/require-database.js';
import { settingsOfRun } from './running.js';

/** @param applicationName as the database's administrator sees the connection */
export async function withDatabase<T>(work: (client: Client) => Promise<T>, applicationName?: string): Promise<T> {
  const client = new Client({ connectionString: requireDatabase(settingsOfRun()), application_name: applicationName });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
