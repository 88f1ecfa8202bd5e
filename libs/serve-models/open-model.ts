/**
 * Opens a model folder for serving on an engine. Everything that can be wrong with a model is found here and named, before
 * the first message: manifest, hashes, every input and output of its graphs, and probe runs, which are the warm-up too.
 */
import type { ModelManifest, ReviewRecalibrator, StateStepper, TensorSpec, TextEncoder } from '#contracts';
import type { EncoderFiles } from './encode-texts.js';
import { type CreateSession, type GraphSession, sessionProblems } from './graph-session.js';
import { modelInvalid, type ModelFiles, type ReadFile, readModelFiles } from './manifest.js';
import { probedStepper } from './probe-stepper.js';
import { carryingStepper, reviewRecalibrator } from './review-recalibrator.js';
import { createStateStepper, SEQUENCE_LENGTHS } from './state-stepper.js';

export interface OpenModel {
  readonly manifest: ModelManifest;
  /** null for a model of numbers. */
  readonly encoder: TextEncoder | null;
  readonly stepper: StateStepper;
  /** null where model.json has no `state.recalibration`. */
  readonly recalibrator: ReviewRecalibrator | null;
  /** Lets what was asked for finish, then ends threads and sessions. */
  close(): Promise<void>;
}

/** What runs the graphs of a model, and what it needs of the machine. */
export interface GraphEngine {
  /** As messages name it. */
  readonly name: string;
  readonly createSession: CreateSession;
  /** False: `state.sequence` is left out and stretches are stepped. */
  readonly takesSequences: boolean;
  readonly readFile: ReadFile;
  readonly startEncoder: (files: EncoderFiles, options: { modelId: string; threads: number }) => Promise<TextEncoder>;
}

/** @param folder holds model.json; @throws MODEL_INVALID */
export async function openModelOn(engine: GraphEngine, folder: string, options: { encoderThreads: number }): Promise<OpenModel> {
  const files = await readModelFiles(folder, engine.readFile);
  const { manifest } = files;
  const stepper = await openStepper(engine, files);
  try {
    const encoder = await openEncoder(engine, files, options.encoderThreads);
    const close = async () => {
      await Promise.all([encoder?.close(), stepper.close()]);
    };
    const { recalibration } = manifest.state;
    return { manifest, encoder, stepper, recalibrator: recalibration === undefined ? null : reviewRecalibrator(stepper, recalibration, manifest.temperature!), close };
  } catch (error) {
    await stepper.close();
    throw error;
  }
}

async function openStepper(engine: GraphEngine, { folder, manifest, bytes }: ModelFiles): Promise<StateStepper> {
  const { state } = manifest;
  const nexts = state.tensors.map(({ next, type, shape }): TensorSpec => ({ name: next, type, shape }));
  const open = (file: string, inputs: readonly TensorSpec[], outputs: readonly TensorSpec[]) => openGraph(engine, folder, file, bytes.get(file)!, inputs, outputs);
  const session = await open(state.file, [state.features, ...state.tensors], [...state.outputs, ...nexts]);
  let sequence: GraphSession | null = null;
  try {
    if (state.sequence !== undefined && engine.takesSequences) {
      const perStep = (spec: TensorSpec): TensorSpec => ({ ...spec, shape: [-1, ...spec.shape] });
      const lengths: TensorSpec = { name: SEQUENCE_LENGTHS, type: 'int32', shape: [] };
      sequence = await open(state.sequence.file, [perStep(state.features), lengths, ...state.tensors], [...state.outputs.map(perStep), ...nexts]);
    }
    return await probedStepper(folder, (rowsPerBlock) => {
      const stepper = createStateStepper(session, manifest.modelId, state, { rowsPerBlock, sequence });
      return state.recalibration === undefined ? stepper : carryingStepper(stepper);
    });
  } catch (error) {
    await Promise.all([session.release(), sequence?.release()]);
    throw error;
  }
}

/** A session over one of the folder's files, whose inputs and outputs are those given. */
async function openGraph(engine: GraphEngine, folder: string, file: string, bytes: Uint8Array, inputs: readonly TensorSpec[], outputs: readonly TensorSpec[]): Promise<GraphSession> {
  const session = await engine.createSession(bytes).catch((cause: unknown) => {
    throw modelInvalid(folder, `${file} is no graph that ${engine.name} can load (${cause instanceof Error ? cause.message : String(cause)})`, cause);
  });
  const problems = sessionProblems(file, session, inputs, outputs);
  if (problems.length === 0) return session;
  await session.release();
  throw modelInvalid(folder, problems.join('; '));
}

async function openEncoder(engine: GraphEngine, { manifest, bytes }: ModelFiles, threads: number): Promise<TextEncoder | null> {
  const { encoder: spec, modelId } = manifest;
  if (spec === undefined) return null;
  return engine.startEncoder({ encoder: spec, model: bytes.get(spec.file)!, vocabulary: bytes.get(spec.tokenizer.vocabulary)! }, { modelId, threads });
}
