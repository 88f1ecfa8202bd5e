import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type ModelManifest, TidewatchError } from '#contracts';
import { Graph } from '#models';
import { openModel } from './index.js';
import { tinyModel, writeModel } from '../testkit/tiny-model.js';

type Loose = { -readonly [K in keyof ModelManifest]: ModelManifest[K] } & Record<string, unknown>;

/** Opens the tiny model after a change, and gives back the message of the refusal. */
async function refusal(change: (model: { manifest: Loose; files: Record<string, Uint8Array> }) => unknown, weights: Parameters<typeof tinyModel>[0] = {}): Promise<string> {
  const { manifest, files } = tinyModel(weights);
  const model = { manifest: structuredClone(manifest) as Loose, files };
  const folder = writeModel({ manifest: change(model) ?? model.manifest, files: model.files });
  try {
    const open = await openModel(folder, { encoderThreads: 1 });
    await open.close();
    return 'was opened';
  } catch (error) {
    assert.ok(error instanceof TidewatchError);
    assert.equal(error.code, 'MODEL_INVALID');
    return error.message;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const state = ({ manifest }: { manifest: Loose }) => manifest.state as unknown as { features: { name: string; shape: number[] }; tensors: { name: string; next: string; shape: number[] }[]; outputs: { name: string; shape: number[] }[] };
const encoder = ({ manifest }: { manifest: Loose }) => manifest.encoder as unknown as { inputs: { name: string; type: string; shape: number[] }[]; outputs: { name: string; shape: number[] }[]; tokenizer: { vocabularySize: number; slots: number } };

/** Puts `bytes` in the place of the sequence graph, with the hash that belongs to them. */
function otherSequence({ manifest, files }: { manifest: Loose; files: Record<string, Uint8Array> }, bytes: Uint8Array): void {
  files['sequence.onnx'] = bytes;
  manifest.hashes = { ...manifest.hashes, 'sequence.onnx': createHash('sha256').update(bytes).digest('hex') };
}

describe('openModel', () => {
  it('opens a model that keeps the contract, and closes it', async () => {
    const folder = writeModel(tinyModel());
    const { manifest, encoder: texts, stepper, ...open } = await openModel(folder, { encoderThreads: 1 });
    rmSync(folder, { recursive: true }); // nothing is read later
    assert.equal(manifest.modelId, 'tiny');
    assert.deepEqual([texts!.vectorSize, stepper.featureSize, stepper.tensors.length], [64, 69, 3]);
    assert.equal((await texts!.encode(['good battery'])).length, 1);
    await open.close();
    await assert.rejects(texts!.encode(['late']), /is closed/);
    await assert.rejects(stepper.step(1, new Float32Array(69), {}), /is closed/);
  });

  it('opens a model of numbers, without an encoder, and holds it to its horizons and levels', async () => {
    const g = new Graph('walk');
    const h = g.op('Add', [g.input('features', 'float32', ['B', 2]), g.input('h', 'float32', ['B', 2])], {}, 'h_next');
    g.output(h, 'float32', ['B', 2]);
    g.output(g.op('MatMul', [h, g.constant('weight', [2, 6], Float32Array.of(1, 2, 3, 4, 5, 6, 1, 1, 1, 1, 1, 1))]), 'float32', ['B', 6], 'quantiles');
    const graph = g.toModel();
    const float = (name: string, ...shape: number[]) => ({ name, type: 'float32', shape });
    const manifest = {
      contract: 1, modelId: 'walk', stream: 'quotes', horizons: [1, 5], levels: [0.1, 0.5, 0.9], hashes: { 'state.onnx': createHash('sha256').update(graph).digest('hex') },
      state: { file: 'state.onnx', features: float('features', 2), tensors: [{ ...float('h', 2), next: 'h_next' }], outputs: [float('quantiles', 6)] },
    };
    const folder = writeModel({ manifest, files: { 'state.onnx': graph } });
    const { encoder: none, stepper, ...open } = await openModel(folder, { encoderThreads: 2 });
    assert.equal(none, null);
    const { outputs, states } = await stepper.step(2, Float32Array.of(1, 2, 3, 4), { h: Float32Array.of(0, 0, 10, 10) });
    assert.deepEqual([[...outputs.quantiles!], [...states.h!]], [[3, 4, 5, 6, 7, 8, 27, 40, 53, 66, 79, 92], [1, 2, 13, 14]]);
    await open.close();
    writeFileSync(join(folder, 'model.json'), JSON.stringify({ ...manifest, horizons: [1, 5, 20] }));
    await assert.rejects(openModel(folder, { encoderThreads: 1 }), /'quantiles' of 9 values \(horizons x levels\) was expected, found \[6\]/);
    writeFileSync(join(folder, 'model.json'), JSON.stringify({ ...manifest, levels: [0.1, 0.9, 0.5] }));
    await assert.rejects(openModel(folder, { encoderThreads: 1 }), /levels: must ascend/);
    rmSync(folder, { recursive: true });
  });

  it('names what is wrong with model.json', async () => {
    assert.match(await refusal(() => '{'), /model\.json is not JSON/);
    assert.match(await refusal(({ manifest }) => ({ ...manifest, contract: 2 })), /model\.json contract/);
    assert.match(await refusal(({ manifest }) => void (manifest.temperature = -1)), /model\.json temperature/);
    assert.match(await refusal(({ manifest }) => void delete manifest.temperature), /temperature: a review model needs one/);
    assert.match(await refusal(({ manifest }) => void delete manifest.encoder), /encoder: a review model needs one/);
    assert.match(await refusal((m) => void (encoder(m).tokenizer.slots = 3)), /\[-1, 4\] does not fit tokenizer\.slots 3/);
    assert.match(await refusal((m) => void (state(m).outputs[1]!.name = 'logit')), /'logit' is the name of two outputs/);
    assert.match(await refusal(({ manifest }) => ({ ...manifest, state: { ...manifest.state, file: '../state.onnx' } })), /plain name of a file/);
    assert.match(await refusal(({ manifest }) => void (manifest.stream = 'quotes')), /a quote model needs both/);
  });

  it('refuses files that are missing or changed, by name and hash', async () => {
    assert.match(await refusal(({ files }) => void delete files['vocabulary.txt']), /vocabulary\.txt could not be read \(ENOENT\)/);
    assert.match(await refusal(({ files }) => void (files['state.onnx'] = files['state.onnx']!.slice(0, -1))), /state\.onnx has sha256 [0-9a-f]{64}, model\.json says [0-9a-f]{64}/);
    assert.match(await refusal(({ manifest }) => void (manifest.hashes = {})), /lists no hash of state\.onnx/);
  });

  it('names every input and output that differs from the graphs', async () => {
    assert.match(await refusal((m) => void (state(m).tensors[0]!.name = 'hidden')), /state\.onnx has no input 'hidden' \(it has features, h, c, memory\); state\.onnx has an input 'h' that model\.json does not name/);
    assert.match(await refusal((m) => void (state(m).tensors[2]!.shape = [8, 32])), /input 'memory' has shape \[B, 8, 33\], model\.json says \[batch, 8, 32\].*output 'memory_next' has shape/);
    assert.match(await refusal((m) => void (state(m).tensors[1]!.next = 'verdict')), /has no output 'verdict'/);
    assert.match(await refusal((m) => void (encoder(m).inputs[1]!.type = 'float32')), /encoder\.onnx input 'lengths' is int32, model\.json says float32/);
    assert.match(await refusal((m) => void (encoder(m).outputs[0]!.shape = [32])), /the features of a review are 37 \(vector 32, and 5 beside it\)/);
  });

  it('refuses a sequence graph that does not give the bits of the step graph, and opens without one', async () => {
    assert.match(await refusal((m) => otherSequence(m, tinyModel({ history: (p) => { p['now.out']![0]! += 1e-4; } }).files['sequence.onnx']!)), /the sequence graph gives 'logit' other bits than the step graph/);
    assert.match(await refusal((m) => otherSequence(m, m.files['state.onnx']!)), /sequence\.onnx has no input 'lengths'/);
    const plain = tinyModel();
    const { sequence: _left, ...rest } = plain.manifest.state;
    const folder = writeModel({ ...plain, manifest: { ...plain.manifest, state: rest } });
    const open = await openModel(folder, { encoderThreads: 1 });
    assert.equal(open.stepper.sequence, undefined);
    await open.close();
    rmSync(folder, { recursive: true });
  });

  it('refuses a vocabulary of another length', async () => {
    assert.match(await refusal((m) => void (encoder(m).tokenizer.vocabularySize = 13)), /cannot be served: the vocabulary has 14 words, the tokenizer was made for 13/);
  });

  it('refuses weights that give numbers which are not finite', async () => {
    assert.match(await refusal(() => undefined, { history: (p) => p['next.outBias']!.fill(NaN) }), /is not finite after two steps from zeros/);
    assert.match(await refusal(() => undefined, { encoder: (p) => p['attention.score']!.fill(NaN) }), /encoder\.onnx gives numbers that are not finite/);
  });

  it('refuses a file that is no graph', async () => {
    const { manifest, files } = tinyModel();
    const folder = writeModel({ manifest: { ...manifest, hashes: { ...manifest.hashes, 'state.onnx': 'df3f619804a92fdb4057192dc43dd748ea778adc52bc498ce80524c014b81119' } }, files });
    writeFileSync(join(folder, 'state.onnx'), new Uint8Array(4));
    await assert.rejects(openModel(folder, { encoderThreads: 1 }), /state\.onnx is no graph that ONNX Runtime can load/);
    rmSync(folder, { recursive: true });
  });
});
