/** For children.slow.test.ts: reports progress TALKS times, then is ready, or says nothing at all. */
import { setTimeout as sleep } from 'node:timers/promises';
import { tellParent } from '../../stream-worker/child.js';

for (let i = 0; i < Number(process.env['TALKS']); i += 1) {
  await sleep(100);
  tellParent({ kind: 'notice', message: `part ${i}` });
}
if (Number(process.env['TALKS']) > 0) tellParent({ kind: 'ready' });
process.once('disconnect', () => process.exit(0));
process.on('message', () => process.exit(0));
