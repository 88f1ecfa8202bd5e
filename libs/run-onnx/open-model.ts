/**
 * Opens a model folder for serving. Everything that can be wrong with a model is found here and named, before the first
 * message: manifest, hashes, every input and output of both graphs, and probe runs, which are the warm-up too.
 */
import type { ModelManifest, StateStepper, TensorSpec, TextEncoder } from '#contracts';
import { modelInvalid, type ModelFiles, readModelFiles } from './manifest.js';
import { createSession, type Session, sessionProblems } from './session.js';
import { probedStepper } from './probe-stepper.js';
import { createStateStepper, SEQUENCE_LENGTHS } from './state-stepper.js';
import { startTextEncoder } from './text-encoder.js';

export interface OpenModel {
  readonly manifest: ModelManifest;
  /** null for a model of numbers. */
  readonly encoder: TextEncoder | null;
  readonly stepper: StateStepper;
  /** Lets what was asked for finish, then ends threads and sessions. */
  close(): Promise<void>;
}

/** @param folder holds model.json; @throws MODEL_INVALID */
export async function openModel(folder: string, options: { encoderThreads: number }): Promise<OpenModel> {
  const files = await readModelFiles(folder);
  const { manifest } = files;
  const stepper = await openStepper(files);
  try {
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
  const nexts = state.tensors.map(({ next, type, shape }): TensorSpec => ({ name: next, type, shape }));
  const session = await openGraph(folder, state.file, bytes, [state.features, ...state.tensors], [...state.outputs, ...nexts]);
  let sequence: Session | null = null;
  try {
    if (state.sequence !== undefined) {
      const perStep = (spec: TensorSpec): TensorSpec => ({ ...spec, shape: [-1, ...spec.shape] });
      const lengths: TensorSpec = { name: SEQUENCE_LENGTHS, type: 'int32', shape: [] };
      sequence = await openGraph(folder, state.sequence.file, bytes, [perStep(state.features), lengths, ...state.tensors], [...state.outputs.map(perStep), ...nexts]);
    }
    return await probedStepper(folder, (rowsPerBlock) => createStateStepper(session, manifest.modelId, state, { rowsPerBlock, sequence }));
  } catch (error) {
    await Promise.all([session.release(), sequence?.release()]);
    throw error;
  }
}

/** A session over one of the folder's files, whose inputs and outputs are those given. */
async function openGraph(folder: string, file: string, bytes: ModelFiles['bytes'], inputs: readonly TensorSpec[], outputs: readonly TensorSpec[]): Promise<Session> {
  const session = await createSession(bytes.get(file)!).catch((cause: unknown) => {
    throw modelInvalid(folder, `${file} is no graph that ONNX Runtime can load (${cause instanceof Error ? cause.message : String(cause)})`, cause);
  });
  const problems = sessionProblems(file, session, inputs, outputs);
  if (problems.length === 0) return session;
  await session.release();
  throw modelInvalid(folder, problems.join('; '));
}

async function openEncoder({ manifest, bytes }: ModelFiles, threads: number): Promise<TextEncoder | null> {
  const { encoder: spec, modelId } = manifest;
  if (spec === undefined) return null;
  return startTextEncoder({ encoder: spec, model: bytes.get(spec.file)!, vocabulary: bytes.get(spec.tokenizer.vocabulary)! }, { modelId, threads });
}
