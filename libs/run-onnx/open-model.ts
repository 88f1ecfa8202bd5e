/**
 * Opens a model folder for serving. Everything that can be wrong with a model is found here and named, before the first
 * message: manifest, hashes, every input and output of both graphs, and a probe run whose numbers must be finite.
 */
import type { ModelManifest, StateStepper, TextEncoder } from '#contracts';
import { modelInvalid, type ModelFiles, readModelFiles } from './manifest.js';
import { createSession, sessionProblems } from './session.js';
import { createStateStepper } from './state-stepper.js';
import { startTextEncoder } from './text-encoder.js';

export interface OpenModel {
  readonly manifest: ModelManifest;
  /** null for a model of numbers. */
  readonly encoder: TextEncoder | null;
  readonly stepper: StateStepper;
  /** Lets what was asked for finish, then ends threads and sessions. */
  close(): Promise<void>;
}

/** Also the warm-up of the step; each encoder thread has its own (encode-texts.ts). */
const PROBE_BATCHES = [1, 32];

/** @param folder holds model.json; @throws MODEL_INVALID */
export async function openModel(folder: string, options: { encoderThreads: number }): Promise<OpenModel> {
  const files = await readModelFiles(folder);
  const { manifest } = files;
  const stepper = await openStepper(files);
  try {
    await probeStepper(folder, stepper);
    const encoder = await openEncoder(files, options.encoderThreads);
    const close = async () => {
      await Promise.all([encoder?.close(), stepper.close()]);
    };
    return { manifest, encoder, stepper, close };
  } catch (error) {
    await stepper.close();
    throw error;
  }
}

async function openStepper({ folder, manifest, bytes }: ModelFiles): Promise<StateStepper> {
  const { state } = manifest;
  const session = await createSession(bytes.get(state.file)!).catch((cause: unknown) => {
    throw modelInvalid(folder, `${state.file} is no graph that ONNX Runtime can load (${cause instanceof Error ? cause.message : String(cause)})`, cause);
  });
  const nexts = state.tensors.map(({ next, type, shape }) => ({ name: next, type, shape }));
  const problems = sessionProblems(state.file, session, [state.features, ...state.tensors], [...state.outputs, ...nexts]);
  if (problems.length > 0) {
    await session.release();
    throw modelInvalid(folder, problems.join('; '));
  }
  return createStateStepper(session, manifest.modelId, state);
}

async function openEncoder({ manifest, bytes }: ModelFiles, threads: number): Promise<TextEncoder | null> {
  const { encoder: spec, modelId } = manifest;
  if (spec === undefined) return null;
  return startTextEncoder({ encoder: spec, model: bytes.get(spec.file)!, vocabulary: bytes.get(spec.tokenizer.vocabulary)! }, { modelId, threads });
}

async function probeStepper(folder: string, stepper: StateStepper): Promise<void> {
  for (const batch of PROBE_BATCHES) {
    const zeros = (shape: readonly number[]) => new Float32Array(shape.reduce((a, b) => a * b, batch));
    const started = Object.fromEntries(stepper.tensors.map(({ name, shape }) => [name, zeros(shape)]));
    const first = await stepper.step(batch, zeros([stepper.featureSize]), started);
    const second = await stepper.step(batch, zeros([stepper.featureSize]), first.states); // a next state must be fit to go in
    const expected = [...stepper.outputs.map((spec) => ({ spec, values: second.outputs[spec.name]! })), ...stepper.tensors.map((spec) => ({ spec, values: second.states[spec.name]! }))];
    for (const { spec, values } of expected) {
      if (values.length !== zeros(spec.shape).length) throw modelInvalid(folder, `'${spec.name}' has ${values.length} values for a batch of ${batch}, model.json says [${batch}, ${spec.shape.join(', ')}]`);
      if (!values.every(Number.isFinite)) throw modelInvalid(folder, `'${spec.name}' is not finite after two steps from zeros`);
    }
  }
}
