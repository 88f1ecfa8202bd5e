/** Where the checkout lies: the nearest folder upwards that holds package.json. The same from sources and from dist/. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}: the installation is incomplete`);
    folder = parent;
  }
  return folder;
}

/** Compiled entry file of an app or script, for child processes. */
export const compiledFile = (relative: string) => join(projectRoot(), 'dist', relative);
