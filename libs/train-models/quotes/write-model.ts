/** Writes the folder of a quote model: model.json (the serving contract), state.onnx, card.json and card.md. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelManifest } from '#contracts';
import { DEFAULT_LEVELS } from '#forecast-prices';
import type { QuoteSizes } from '#models';
import { cardText, type QuoteCard } from './card.js';
import type { StateShape } from './evaluate.js';

export function stateShapes({ hiddenSize, memoryPlaces, memorySize }: QuoteSizes): StateShape[] {
  return [
    { name: 'h', next: 'h_next', shape: [hiddenSize] },
    { name: 'c', next: 'c_next', shape: [hiddenSize] },
    { name: 'memory', next: 'memory_next', shape: [memoryPlaces, memorySize + 1] },
  ];
}

export function writeQuoteModel(folder: string, card: QuoteCard, sizes: QuoteSizes, state: Uint8Array): void {
  const manifest: ModelManifest = {
    contract: 1,
    modelId: card.modelId,
    stream: 'quotes',
    state: {
      file: 'state.onnx',
      features: { name: 'features', type: 'float32', shape: [sizes.featureSize] },
      tensors: stateShapes(sizes).map((s) => ({ ...s, type: 'float32' })),
      outputs: [{ name: 'quantiles', type: 'float32', shape: [sizes.horizons * sizes.levels.length] }],
    },
    horizons: card.horizons,
    levels: DEFAULT_LEVELS,
    hashes: { 'state.onnx': card.stateSha256 },
  };
  const asText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'state.onnx'), state);
  writeFileSync(join(folder, 'card.json'), asText(card));
  writeFileSync(join(folder, 'card.md'), cardText(card));
  writeFileSync(join(folder, 'model.json'), asText(manifest)); // last: a folder with it is whole
}
