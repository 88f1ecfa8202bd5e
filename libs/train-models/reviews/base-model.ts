/** A review model that a training goes on from: its words, and the numbers of its graphs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ModelManifest, type Recalibration, TidewatchError, type TokenizerSpec } from '#contracts';
import { ENCODER_SIZES, encoderGraph, HISTORY_SIZES, readEncoder, readHistory } from '#models';
import type { EncoderNumbers, Parameters } from '#models';

export interface BaseModel {
  readonly modelId: string;
  readonly vocabulary: readonly string[];
  readonly spec: TokenizerSpec;
  readonly encoder: EncoderNumbers;
  readonly history: Parameters;
  readonly recalibration: Recalibration | null;
}

/** folder: of a model that was trained here, checked already as one that can be served. @throws MODEL_INVALID */
export function readBaseModel(folder: string, manifest: ModelManifest): BaseModel {
  const { encoder, state, modelId } = manifest;
  try {
    if (encoder === undefined) throw new RangeError('it has no encoder');
    return {
      modelId, spec: encoder.tokenizer,
      vocabulary: readFileSync(join(folder, encoder.tokenizer.vocabulary), 'utf8').replace(/\n$/, '').split('\n'),
      encoder: readEncoder(readFileSync(join(folder, encoder.file)), ENCODER_SIZES),
      history: readHistory(readFileSync(join(folder, state.file)), HISTORY_SIZES),
      recalibration: state.recalibration ?? null,
    };
  } catch (cause) {
    throw new TidewatchError('MODEL_INVALID', `Training cannot go on from ${modelId} in ${folder}: ${(cause as Error).message}. Give a model that \`tidewatch train reviews\` made, such as models/reviews-v5.`, { cause });
  }
}

/** The encoder as the model serves it. */
export const baseEncoder = ({ encoder: { parameters, table, linear } }: Pick<BaseModel, 'encoder'>): Uint8Array => encoderGraph(ENCODER_SIZES, parameters, table, linear);
