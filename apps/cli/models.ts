/** `tidewatch models`: which models there are and which serves where; and how to change to another without stopping the workers. */
import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Client } from 'pg';
import { TidewatchError, type StatePolicy } from '#contracts';
import { loadSettings, projectRoot } from '#load-config';
import { openModel } from '../stream-worker/open-model.js';
import { requireSense } from './model-probe.js';
import { askForModel, parsePlaces, readRequests } from './model-requests.js';
import { withDatabase } from './with-database.js';

interface ActivateFlags {
  readonly rewarm?: string;
  readonly cold?: true;
  readonly at?: string;
  readonly unchecked?: true;
}

const HELP = `
The workers load the model beside the one that serves, and each partition begins with it at its next batch; the offset is
written in the transaction of that batch (tidewatch.model_activations). A model that a worker cannot load leaves the old one,
and "tidewatch models" says why. From the first activate on, REVIEW_MODEL only serves until a partition has changed.
--rewarm N makes a product's state anew from its newest N stored reviews when it is met next; --cold (the default) begins at zero.
--at makes partitions change at given offsets, so that a replay from earlier positions changes where the first run did
("tidewatch models" prints the places in this form).

Examples:
  $ npm run tidewatch -- models activate reviews-v5 --rewarm 20
  $ npm run tidewatch -- models activate /srv/models/ours --cold
  $ npm run tidewatch -- models activate reviews-v5 --at reviews.v1/0:1200,reviews.v1/1:1184
`;

export function registerModels(program: Command): void {
  const models = program.command('models').description('which models serve where, and changing to another without stopping');
  models
    .command('list', { isDefault: true })
    .description('print the models that are known, and the requests for one with the places where partitions changed')
    .option('--json', 'one JSON document instead of lines', false)
    .addHelpText('after', '\nExample:\n  npm run tidewatch -- models\n')
    .action(({ json }: { json: boolean }) => withDatabase((client) => list(client, json)));
  models
    .command('activate <model>')
    .description('change to a review model: a folder, or its name under models/')
    .option('--rewarm <events>', "make states anew from a product's newest stored reviews, at most so many")
    .option('--cold', 'begin states at zero (the default)')
    .option('--at <places>', 'change at these offsets instead of at the next batch: topic/partition:offset,...')
    .option('--unchecked', 'do not ask that it tells plain English sentences apart')
    .addHelpText('after', HELP)
    .action(activate);
}

async function activate(name: string, flags: ActivateFlags): Promise<void> {
  const policy = policyOf(flags);
  const at = flags.at === undefined ? [] : parsePlaces(flags.at);
  const folder = folderOf(name);
  const model = await openModel(folder, { ...loadSettings(process.env), encoderThreads: 1 });
  try {
    const { manifest, encoder } = model;
    if (encoder === null || manifest.stream !== 'reviews') throw new TidewatchError('MODEL_INVALID', `${manifest.modelId} is a model for ${manifest.stream}; only review models are changed while workers run. Set QUOTE_MODEL and start the quote workers again.`);
    if (flags.unchecked !== true) await requireSense(encoder);
    const card = join(folder, 'card.json');
    const inside = relative(projectRoot(), folder);
    const requestId = await withDatabase((client) => askForModel(client, {
      ...policy, stream: 'reviews', modelId: manifest.modelId, folder: inside.startsWith('..') || isAbsolute(inside) ? folder : inside,
      manifest: JSON.stringify(manifest), card: existsSync(card) ? readFileSync(card, 'utf8') : '{}', at,
    }));
    process.stdout.write(`Request ${requestId}: ${manifest.modelId}, states ${policy.policy === 'cold' ? 'begin cold' : `made anew from up to ${policy.rewarmEvents} stored reviews`}. Each partition changes ${at.length === 0 ? 'at its next batch' : 'where --at says, those not named at their next batch'}; see "tidewatch models".\n`);
  } finally {
    await model.close();
  }
}

function policyOf({ rewarm, cold }: ActivateFlags): StatePolicy {
  if (rewarm === undefined) return { policy: 'cold', rewarmEvents: null };
  if (cold === true) throw new TidewatchError('SETTING_INVALID', '--rewarm and --cold were both given: expected one of them.');
  const rewarmEvents = Number(rewarm);
  if (!Number.isInteger(rewarmEvents) || rewarmEvents < 1 || rewarmEvents > 1_000) throw new TidewatchError('SETTING_INVALID', `--rewarm is "${rewarm}": expected a whole number from 1 to 1000.`);
  return { policy: 'rewarm', rewarmEvents };
}

function folderOf(name: string): string {
  const candidates = [resolve(name), join(projectRoot(), 'models', name)];
  const found = candidates.find((folder) => existsSync(join(folder, 'model.json')));
  if (found === undefined) throw new TidewatchError('SETTING_INVALID', `No model.json was found in ${candidates.join(' or ')}: expected a model folder, or the name of one under models/.`);
  return found;
}

async function list(client: Client, json: boolean): Promise<void> {
  const { rows: models } = await client.query<{ stream: string; model_id: string; active: boolean; activated_at: Date | null }>('select stream, model_id, active, activated_at from tidewatch.models order by stream, recorded_at, model_id');
  const requests = await readRequests(client);
  if (json) {
    process.stdout.write(`${JSON.stringify({ models, requests }, null, 2)}\n`);
    return;
  }
  for (const { stream, model_id, active, activated_at } of models) process.stdout.write(`${stream.padEnd(8)} ${model_id}${active ? '  active' : ''}${activated_at === null ? '' : `  since ${activated_at.toISOString()}`}\n`);
  for (const { stream, request_id, model_id, folder, policy, rewarm_events, failure, places } of requests) {
    process.stdout.write(`request ${request_id} (${stream}): ${model_id} in ${folder}, ${policy}${rewarm_events === null ? '' : ` ${rewarm_events}`}; ${failure === null ? `from ${places.join(',') || 'no partition yet'}` : `NOT SERVED: ${failure}`}\n`);
  }
}
