/**
 * Finds TensorFlow.js as it is installed. None of the packages is needed by anyone who does not choose this engine, so none is
 * a dependency: the fastest that is there is taken, by its name at run time.
 */
import { createRequire } from 'node:module';
import { TidewatchError } from '#contracts';
import type { TensorFlow } from './tensorflow.js';

/** Fastest first; the last two packages together are what the one before holds for this purpose. */
const CHOICES = [['@tensorflow/tfjs-node'], ['@tensorflow/tfjs'], ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu']] as const;

/** @throws SETTING_INVALID when none is installed, or the one that is cannot be loaded */
export async function loadTensorFlow(installed: (name: string) => boolean = isInstalled): Promise<TensorFlow> {
  const packages = CHOICES.find((names) => names.every(installed));
  if (packages === undefined) {
    throw new TidewatchError('SETTING_INVALID', 'MODEL_ENGINE is tfjs, and no TensorFlow.js is installed: expected @tensorflow/tfjs-node (up to Node 22) or @tensorflow/tfjs (any Node, much slower). Install one of them with npm, or leave MODEL_ENGINE out for ONNX Runtime.');
  }
  try {
    const [tf] = (await Promise.all(packages.map((name) => import(name)))) as [TensorFlow];
    tf.enableProdMode(); // else it advises on every start which package would be faster
    await tf.setBackend(packages[0] === '@tensorflow/tfjs-node' ? 'tensorflow' : 'cpu');
    return tf;
  } catch (cause) {
    throw new TidewatchError('SETTING_INVALID', `MODEL_ENGINE is tfjs, and ${packages[0]} is installed but cannot be loaded (${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}). Remove it and install @tensorflow/tfjs, or leave MODEL_ENGINE out for ONNX Runtime.`, { cause });
  }
}

const { resolve } = createRequire(import.meta.url);

function isInstalled(name: string): boolean {
  try {
    resolve(name);
    return true;
  } catch {
    return false;
  }
}
