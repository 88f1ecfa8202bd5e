/** What a test file of the page stands on. */
import { after, before } from 'node:test';
import { useTestDatabase, type TestDatabase } from '#testkit';
import { startConsole, type RunningConsole } from './console-process.js';

/** A database and a console over it. The console's end is registered first: the database counts connections left open when it is dropped. */
export function useConsole(): { readonly database: TestDatabase; readonly server: { readonly url: string; restart(): Promise<void>; stop(): Promise<void> } } {
  let running: RunningConsole | null = null;
  after(() => running?.stop());
  const database = useTestDatabase();
  before(async () => {
    running = await startConsole(database.url);
  });
  return {
    database,
    server: {
      get url() {
        return running!.url;
      },
      stop: () => running!.stop(),
      async restart() {
        running = await startConsole(database.url, running!.port);
      },
    },
  };
}
