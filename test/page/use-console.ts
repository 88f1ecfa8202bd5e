/** What a test file of the page stands on. */
import { after, before } from 'node:test';
import { useTestDatabase, type TestDatabase } from '#testkit';
import { startConsole, type RunningConsole } from './console-process.js';

/** A database and a console over it. The console's end is registered first: the database counts connections left open when it is dropped. */
export function useConsole(environment: Readonly<Record<string, string>> = {}): { readonly database: TestDatabase; readonly server: { readonly url: string; readonly said: () => string; restart(): Promise<void>; stop(): Promise<void> } } {
  let running: RunningConsole | null = null;
  after(() => running?.stop());
  const database = useTestDatabase();
  before(async () => {
    running = await startConsole(database.url, 0, environment);
  });
  return {
    database,
    server: {
      get url() {
        return running!.url;
      },
      said: () => running!.said(),
      stop: () => running!.stop(),
      async restart() {
        running = await startConsole(database.url, running!.port, environment);
      },
    },
  };
}
