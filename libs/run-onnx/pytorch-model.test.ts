/** A model that PyTorch's own exporter wrote (fixtures/pytorch/export.py) is served with its state, and refused with a sentence where its model.json says something else. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ModelManifest } from '#contracts';
import { projectRoot } from '#load-config';
import { freshState, reviewFeatures, scoreRounds } from '#score-with-state';
import { openModel } from './index.js';

const folder = join(projectRoot(), 'libs/run-onnx/fixtures/pytorch');

type Loose = { encoder: { inputs: Port[]; outputs: Port[] }; state: { features: Port; tensors: (Port & { next: string })[]; outputs: Port[] } };
type Port = { name: string; type: string; shape: number[] };

async function refusal(change: (manifest: Loose) => void): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), 'pytorch-model-'));
  try {
    cpSync(folder, copy, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(copy, 'model.json'), 'utf8')) as ModelManifest & Loose;
    change(manifest);
    writeFileSync(join(copy, 'model.json'), JSON.stringify(manifest));
    const model = await openModel(copy, { encoderThreads: 1 });
    await model.close();
    return 'was opened';
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

describe('a model exported by PyTorch', () => {
  it('is served: words weigh as it learned, and its state carries what came before from review to review', async () => {
    const model = await openModel(folder, { encoderThreads: 1 });
    const { encoder, stepper, manifest } = model;
    const [bad, good, mixed] = await encoder!.encode(['It is broken', 'I love the screen', 'the battery']);
    assert.ok(bad!.logit > 1 && good!.logit < 0, `${bad!.logit} ${good!.logit}`);
    assert.ok(bad!.topWords.some(({ word }) => word === 'broken'));
    const score = async (before: readonly (typeof bad)[]) => {
      const events = [...before, mixed].map((encoded, i) => ({ encoded: encoded!, at: i * 3_600_000 }));
      const scored = await scoreRounds(stepper, events.map((event) => [event]), new Map(), (entity) => freshState(entity, stepper, 0n, null), {
        entityOf: () => 'p', at: ({ at }) => at, labelOf: () => null,
        featuresAt: ({ encoded, at }, lastEventAt) => reviewFeatures(encoded, { rating: null, reviewedAt: at }, lastEventAt, manifest.temperature!),
        finish: (_event, tracker: null, outputs) => ({ tracker, result: outputs['logit']![0]! }),
      });
      assert.deepEqual([...scored.states.get('p')!.hidden['h']!].length, 16);
      return scored.results.at(-1)!;
    };
    const [alone, afterBad, afterGood] = [await score([]), await score([bad, bad, bad]), await score([good, good, good])];
    assert.equal(new Set([alone, afterBad, afterGood]).size, 3);
    assert.equal(await score([bad, bad, bad]), afterBad);
    await model.close();
  });

  it('is refused where a name, a shape, a type or an output of the state differs from what model.json says', async () => {
    assert.match(await refusal(({ state }) => { state.tensors[0]!.name = 'hidden'; }), /state\.onnx has no input 'hidden' \(it has features, h\)/);
    assert.match(await refusal(({ state }) => { state.tensors[0]!.shape = [8]; }), /state\.onnx input 'h' has shape \[\S+, 16\], model\.json says \[batch, 8\]/);
    assert.match(await refusal(({ encoder }) => { encoder.inputs[1]!.type = 'float32'; }), /encoder\.onnx input 'lengths' is int32, model\.json says float32/);
    assert.match(await refusal(({ state }) => { state.tensors[0]!.next = 'c_next'; }), /state\.onnx has no output 'c_next' \(it has logit, expectation, h_next\)/);
    assert.match(await refusal(({ state }) => { state.outputs.pop(); }), /state\.outputs: 'expectation' is missing \(found logit\)/);
    assert.match(await refusal(({ state }) => { state.features.shape = [12]; }), /state\.features: 12 values .* 21 \(vector 16, and 5 beside it\)/);
  });
});
