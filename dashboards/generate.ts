/** `npm run dashboards`: writes dashboards/generated, and removes what no dashboard makes any more. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '#load-config';
import { generatedFiles } from './all.js';

const folder = join(projectRoot(), 'dashboards/generated');
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) if (!generatedFiles.has(name)) rmSync(join(folder, name));
for (const [name, text] of generatedFiles) writeFileSync(join(folder, name), text);
process.stdout.write(`${generatedFiles.size} dashboards written to dashboards/generated.\n`);
