/**
 * Reads a model folder (design section 6): model.json, validated field by field, and every file it names, checked
 * against its sha256. Nothing of a folder is used before all of it has been read and found to fit.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { type ModelManifest, TidewatchError } from '#contracts';

const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be the plain name of a file beside model.json');
const size = z.int().min(1);
const variance = z.number().gt(0).max(100);
const recalibrationPrior = z.strictObject({ intercept: variance, slope: variance, vector: variance, drift: z.number().min(0).max(1) });
const tensor = z.object({ name: z.string().min(1), type: z.enum(['float32', 'int32']), shape: z.array(z.union([size, z.literal(-1)])) });
const fixedFloats = tensor.extend({ type: z.literal('float32'), shape: z.array(size) });
const stateTensor = fixedFloats.extend({ next: z.string().min(1) });

const manifestSchema = z.object({
  contract: z.literal(1),
  modelId: z.string().min(1),
  stream: z.enum(['reviews', 'quotes']),
  encoder: z.object({
    file: fileName,
    inputs: z.array(tensor),
    outputs: z.array(tensor),
    tokenizer: z.object({ vocabulary: fileName, vocabularySize: size, hashRows: z.int().min(0), slots: size, maxTokens: size, knownAlone: z.boolean().optional() }),
    selects: z.object({ over: size, keep: size }).optional(),
  }).optional(),
  state: z.object({
    file: fileName,
    features: fixedFloats.extend({ shape: z.tuple([size]) }),
    tensors: z.array(stateTensor),
    outputs: z.array(fixedFloats).min(1),
    sequence: z.object({ file: fileName }).optional(),
    recalibration: recalibrationPrior.extend({ source: recalibrationPrior.optional() }).optional(),
  }),
  horizons: z.array(size).optional(),
  levels: z.array(z.number().gt(0).lt(1)).optional(),
  temperature: z.number().positive().optional(),
  hashes: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/, 'must be a sha256 in hex')),
});

/** What an encoder must take and give; `attention` may be missing, then no words are shown. */
const ENCODER_NAMES = { inputs: ['ids', 'lengths'], outputs: ['vector', 'logit'] } as const;

export interface ModelFiles {
  readonly folder: string;
  readonly manifest: ModelManifest;
  /** Bytes of each file that the manifest names. */
  readonly bytes: ReadonlyMap<string, Uint8Array>;
}

/** @param path of a file in the folder */
export type ReadFile = (path: string) => Promise<Uint8Array>;

/** @throws MODEL_INVALID with every difference found */
export async function readModelFiles(folder: string, readFile: ReadFile): Promise<ModelFiles> {
  const manifest = parseManifest(folder, await readBytes(folder, 'model.json', readFile));
  const names = [manifest.state.file, ...(manifest.state.sequence === undefined ? [] : [manifest.state.sequence.file]), ...(manifest.encoder === undefined ? [] : [manifest.encoder.file, manifest.encoder.tokenizer.vocabulary])];
  const bytes = new Map<string, Uint8Array>();
  for (const name of names) {
    const content = await readBytes(folder, name, readFile);
    const expected = manifest.hashes[name];
    const found = createHash('sha256').update(content).digest('hex');
    if (expected === undefined) throw modelInvalid(folder, `model.json lists no hash of ${name}; its sha256 is ${found}`);
    if (found !== expected) throw modelInvalid(folder, `${name} has sha256 ${found}, model.json says ${expected}: the file was changed or cut short, copy the folder again`);
    bytes.set(name, content);
  }
  return { folder, manifest, bytes };
}

/** @throws MODEL_INVALID */
export function parseManifest(folder: string, bytes: Uint8Array): ModelManifest {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw modelInvalid(folder, 'model.json is not JSON', cause);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    throw modelInvalid(folder, parsed.error.issues.map(({ path, message }) => `model.json ${path.join('.') || '(top)'}: ${message}`).join('; '));
  }
  const manifest = parsed.data as ModelManifest; // zod types an absent optional as possibly undefined
  const problems = [...encoderProblems(manifest), ...repeatedNames(manifest)];
  if (manifest.stream === 'reviews' && manifest.temperature === undefined) problems.push('temperature: a review model needs one (1 leaves its log odds as they are)');
  if (manifest.stream === 'quotes') problems.push(...quoteProblems(manifest));
  if (problems.length === 0 && manifest.stream === 'reviews') problems.push(...reviewStateProblems(manifest));
  if (problems.length > 0) throw modelInvalid(folder, problems.map((problem) => `model.json ${problem}`).join('; '));
  return manifest;
}

function encoderProblems({ stream, encoder }: ModelManifest): string[] {
  if (encoder === undefined) return stream === 'reviews' ? ['encoder: a review model needs one'] : [];
  const problems: string[] = [];
  for (const side of ['inputs', 'outputs'] as const) {
    const names = encoder[side].map(({ name }) => name);
    for (const name of ENCODER_NAMES[side]) if (!names.includes(name)) problems.push(`encoder.${side}: '${name}' is missing (found ${names.join(', ') || 'none'})`);
  }
  const ids = encoder.inputs.find(({ name }) => name === 'ids');
  if (ids !== undefined && (ids.shape.length !== 2 || ids.shape[1] !== encoder.tokenizer.slots)) {
    problems.push(`encoder.inputs ids: shape [${ids.shape.join(', ')}] does not fit tokenizer.slots ${encoder.tokenizer.slots}; [-1, ${encoder.tokenizer.slots}] was expected`);
  }
  const vector = encoder.outputs.find(({ name }) => name === 'vector');
  if (vector !== undefined && (vector.shape.length !== 1 || vector.shape[0] === -1)) problems.push(`encoder.outputs vector: shape [${vector.shape.join(', ')}] was found, one fixed size was expected`);
  return problems;
}

function repeatedNames({ state }: ModelManifest): string[] {
  const repeated = (names: readonly string[]) => [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
  return [
    ...repeated([state.features.name, ...state.tensors.map(({ name }) => name)]).map((name) => `state: '${name}' is the name of two inputs`),
    ...repeated([...state.outputs.map(({ name }) => name), ...state.tensors.map(({ next }) => next)]).map((name) => `state: '${name}' is the name of two outputs`),
  ];
}

/** Beside the review vector a state is given: text log odds, rating known, rating, gap, has a past. */
export const FEATURES_BESIDE_VECTOR = 5;

function reviewStateProblems({ encoder, state }: ModelManifest): string[] {
  const names = state.outputs.map(({ name }) => name);
  const problems = ['logit', 'expectation'].filter((name) => !names.includes(name)).map((name) => `state.outputs: '${name}' is missing (found ${names.join(', ')})`);
  for (const { name, shape } of state.outputs) {
    if ((name === 'logit' || name === 'expectation') && shape.some((dimension) => dimension !== 1)) problems.push(`state.outputs ${name}: shape [${shape.join(', ')}] was found, one value was expected`);
  }
  const vectorSize = encoder?.outputs.find(({ name }) => name === 'vector')?.shape[0];
  const expected = vectorSize === undefined ? null : vectorSize + FEATURES_BESIDE_VECTOR;
  if (expected !== null && state.features.shape[0] !== expected) problems.push(`state.features: ${state.features.shape[0]} values were found, the features of a review are ${expected} (vector ${vectorSize}, and ${FEATURES_BESIDE_VECTOR} beside it)`);
  return problems;
}

function quoteProblems({ horizons, levels, state }: ModelManifest): string[] {
  if (horizons === undefined || levels === undefined) return ['horizons and levels: a quote model needs both'];
  if (state.recalibration !== undefined) return ['state.recalibration: is for review models, whose reviews may come with stars'];
  const ascending = (values: readonly number[]) => values.length > 0 && values.every((value, i) => i === 0 || value > values[i - 1]!);
  const problems = [...(ascending(horizons) ? [] : ['horizons: must ascend']), ...(ascending(levels) ? [] : ['levels: must ascend'])];
  const quantiles = state.outputs.find(({ name }) => name === 'quantiles');
  const size_ = horizons.length * levels.length;
  if (quantiles?.shape.reduce((a, b) => a * b, 1) !== size_) problems.push(`state.outputs: 'quantiles' of ${size_} values (horizons x levels) was expected, found ${quantiles === undefined ? 'none' : `[${quantiles.shape.join(', ')}]`}`);
  return problems;
}

export function modelInvalid(folder: string, found: string, cause?: unknown): TidewatchError {
  return new TidewatchError('MODEL_INVALID', `The model in ${folder} cannot be served: ${found}.`, cause === undefined ? {} : { cause });
}

async function readBytes(folder: string, name: string, readFile: ReadFile): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    throw modelInvalid(folder, `${name} could not be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'}); a model folder holds model.json and the files that it names`, cause);
  }
}
