/** The shipped review model under another name and with another temperature: other probabilities and other features, at no cost of training. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelManifest } from '#contracts';
import { projectRoot } from '#load-config';

export interface OtherModel {
  readonly folder: string;
  readonly manifest: ModelManifest;
}

export function makeOtherModel(modelId: string, temperature: number): OtherModel {
  const folder = mkdtempSync(join(tmpdir(), 'other-model-'));
  cpSync(join(projectRoot(), 'models/reviews-v5'), folder, { recursive: true });
  const manifest: ModelManifest = { ...(JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as ModelManifest), modelId, temperature };
  writeFileSync(join(folder, 'model.json'), JSON.stringify(manifest));
  return { folder, manifest };
}
