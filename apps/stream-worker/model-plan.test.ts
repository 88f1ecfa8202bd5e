import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ModelRequest, ModelSwitch } from '#contracts';
import { ModelPlan } from './model-plan.js';

const partition = { topic: 'reviews.v1', partition: 2 };
const request = (requestId: number): ModelRequest => ({ stream: 'reviews', requestId, modelId: `m${requestId}`, folder: 'f', policy: 'rewarm', rewarmEvents: 5 });
const change = (requestId: number, fromOffset: bigint): ModelSwitch => ({ stream: 'reviews', ...partition, requestId, modelId: `m${requestId}`, fromOffset, policy: 'rewarm', rewarmEvents: 5 });

describe('the plan of a partition', () => {
  it('stays with the setting until a request is ready, and then begins at the batch that is prepared', () => {
    const plan = new ModelPlan(partition, []);
    assert.equal(plan.choose(10n, null), null);
    assert.deepEqual(plan.choose(20n, request(1)), change(1, 20n));
    assert.equal(plan.pending(10n), null, 'the batch before is still scored by the old one');
    assert.deepEqual(plan.inUse, ['m1', null]);
    assert.deepEqual(plan.choose(30n, request(1)), change(1, 20n));
    assert.deepEqual(plan.pending(20n), change(1, 20n));
    plan.committed(change(1, 20n));
    assert.equal(plan.pending(30n), null, 'it is written once');
    assert.deepEqual(plan.choose(40n, request(1)), change(1, 20n));
    assert.deepEqual(plan.inUse, ['m1', 'm1']);
  });

  it('decides anew where the batch that it had decided for was dropped', () => {
    const plan = new ModelPlan(partition, []);
    plan.choose(20n, request(1));
    assert.deepEqual(plan.choose(10n, request(1)), change(1, 10n));
    assert.deepEqual(plan.pending(10n), change(1, 10n));
  });

  it('keeps to the switches that stand, ahead of the position too, and says where batches must end', () => {
    const plan = new ModelPlan(partition, [change(1, 5n), change(2, 50n)]);
    assert.equal(plan.choose(0n, request(2)), null);
    assert.deepEqual([plan.boundary(0n), plan.boundary(5n), plan.boundary(50n)], [5n, 50n, null]);
    assert.deepEqual(plan.choose(49n, request(2))?.modelId, 'm1');
    assert.deepEqual(plan.choose(50n, request(2))?.modelId, 'm2');
    assert.equal(plan.pending(50n), null);
    assert.deepEqual(plan.choose(60n, request(3)), change(3, 60n));
  });

  it('writes what it has decided before it goes on to a newer request', () => {
    const plan = new ModelPlan(partition, []);
    plan.choose(10n, request(1));
    assert.deepEqual(plan.choose(20n, request(2)), change(1, 10n));
    assert.deepEqual(plan.pending(10n), change(1, 10n));
    plan.committed(change(1, 10n));
    assert.deepEqual(plan.choose(30n, request(2)), change(2, 30n));
  });
});
