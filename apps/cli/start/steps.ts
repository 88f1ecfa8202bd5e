/** What `npm start` prints: one line per step with its time, and a sign of life for every step that takes over two seconds. */
const LIFE_AFTER_MS = 2_000;
const LIFE_EVERY_MS = 3_000;

export const say = (line: string) => process.stdout.write(`${line}\n`);

export async function step<T>(label: string, work: (progress: (detail: string) => void) => Promise<T>): Promise<T> {
  const begun = Date.now();
  let detail = '';
  const seconds = () => `${((Date.now() - begun) / 1000).toFixed(1)} s`;
  let timer: NodeJS.Timeout | undefined;
  const beat = () => {
    say(`  ${label} ... ${seconds()}${detail === '' ? '' : ` (${detail})`}`);
    timer = setTimeout(beat, LIFE_EVERY_MS);
  };
  timer = setTimeout(beat, LIFE_AFTER_MS);
  try {
    const result = await work((next) => {
      detail = next;
    });
    say(`✓ ${label} (${seconds()})`);
    return result;
  } catch (error) {
    say(`✗ ${label} failed after ${seconds()}`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
