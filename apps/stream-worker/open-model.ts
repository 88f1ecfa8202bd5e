/** Opens a model on the engine that MODEL_ENGINE names; the other is not even loaded. */
import type { Settings } from '#load-config';
import type { OpenModel } from '#serve-models';

/** @param folder holds model.json; @throws MODEL_INVALID, SETTING_INVALID */
export async function openModel(folder: string, { modelEngine, encoderThreads }: Pick<Settings, 'modelEngine' | 'encoderThreads'>): Promise<OpenModel> {
  const engine = modelEngine === 'tfjs' ? await import('#run-tfjs') : await import('#run-onnx');
  return engine.openModel(folder, { encoderThreads });
}
