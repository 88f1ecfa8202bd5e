import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TidewatchError } from '#contracts';
import { Graph, type Value } from '#models';
import { createStateStepper, probedStepper } from '#serve-models';
import { createSession } from './session.js';

/** h' = half of h + features, out = what `head` makes of h'. */
async function opened(head: (g: Graph, h: Value) => Value): Promise<{ blocks: number; step: ReturnType<typeof createStateStepper> }> {
  const g = new Graph('probe');
  const h = g.op('Add', [g.op('Mul', [g.input('h', 'float32', ['B', 7]), g.scalar(0.5)]), g.input('features', 'float32', ['B', 7])], {}, 'h_next');
  g.output(h, 'float32', ['B', 7]);
  g.output(head(g, h), 'float32', ['B', 7], 'out');
  const session = await createSession(g.toModel());
  const spec = {
    file: 'state.onnx', features: { name: 'features', type: 'float32' as const, shape: [7] }, outputs: [{ name: 'out', type: 'float32' as const, shape: [7] }],
    tensors: [{ name: 'h', next: 'h_next', type: 'float32' as const, shape: [7] }],
  };
  let blocks = 0;
  const step = await probedStepper('models/probe', (rowsPerBlock) => createStateStepper(session, 'probe', spec, { rowsPerBlock: (blocks = rowsPerBlock) }));
  return { blocks, step };
}

describe('probedStepper', () => {
  it('leaves a model alone whose rows keep their bits', async () => {
    const { blocks, step } = await opened((g, h) => g.op('Tanh', [h]));
    assert.equal(blocks, 1);
    await step.close();
  });

  it('runs a model in whole blocks whose last bit would depend on the batch', async () => {
    const { blocks, step } = await opened((g, h) => g.op('Log', [g.op('Add', [g.scalar(1.5), g.op('Exp', [h])])]));
    assert.ok(blocks === 1 || blocks === 16, `${blocks}`); // 16 where the processor has vector registers of sixteen floats
    const features = Float32Array.from({ length: 7 * 50 }, (_, i) => Math.cos(i * 12.9898));
    const together = await step.step(50, features, { h: new Float32Array(7 * 50) });
    assert.deepEqual([together.outputs.out!.length, together.states.h!.length], [350, 350]);
    for (let key = 0; key < 50; key += 1) {
      const alone = await step.step(1, features.slice(7 * key, 7 * key + 7), { h: new Float32Array(7) });
      assert.deepEqual([...alone.outputs.out!], [...together.outputs.out!.slice(7 * key, 7 * key + 7)]);
    }
    await step.close();
  });

  it('refuses a model in which a key sees the others of its batch', async () => {
    await assert.rejects(
      opened((g, h) => g.op('Sub', [h, g.op('ReduceMean', [h], { axes: [0] })])),
      (error: unknown) => error instanceof TidewatchError && error.code === 'MODEL_INVALID' && /'out' of a key has other bits alone than beside 36 others/.test(error.message),
    );
  });
});
