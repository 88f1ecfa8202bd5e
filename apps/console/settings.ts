/** What the console needs of the settings, as an injectable. */
import type { Settings } from '#load-config';

export class ConsoleSettings {
  readonly host: string;
  readonly port: number;
  readonly stallMs: number;
  readonly topics: Settings['topics'];

  constructor({ page, stallSeconds, topics }: Settings) {
    this.host = page.host;
    this.port = page.port;
    this.stallMs = stallSeconds * 1000;
    this.topics = topics;
  }
}
