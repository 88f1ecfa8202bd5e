/** Writes down which model serves, with its card, before it scores anything. Once an operator has asked for a model, it is not an activation. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelManifest, StreamStore } from '#contracts';

export async function recordModel(store: StreamStore, folder: string, manifest: ModelManifest): Promise<void> {
  const card = join(folder, 'card.json');
  await store.recordModel({
    modelId: manifest.modelId,
    stream: manifest.stream,
    manifest: JSON.stringify(manifest),
    card: existsSync(card) ? readFileSync(card, 'utf8') : '{}',
    policy: 'cold',
  });
}
