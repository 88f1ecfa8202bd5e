/** `npm run dashboards`: writes dashboards/generated and dashboards/provisioning/alerting, and removes what nothing makes any more. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '#load-config';
import { generatedFiles } from './all.js';

for (const [folder, files] of generatedFiles) {
  const path = join(projectRoot(), 'dashboards', folder);
  mkdirSync(path, { recursive: true });
  for (const name of readdirSync(path)) if (!files.has(name)) rmSync(join(path, name));
  for (const [name, text] of files) writeFileSync(join(path, name), text);
  process.stdout.write(`${files.size} files written to dashboards/${folder}.\n`);
}
