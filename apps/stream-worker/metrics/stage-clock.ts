/**
 * How long the stages of a flow take, told once per batch: the flow asks for a stage to be timed and knows nothing of who listens.
 * Times are of the clock on the wall: a stage that waits for the engine while another partition uses it counts that wait.
 */
import type { StateStepper, StepResult } from '#contracts';

export type Stage = 'decode' | 'encode' | 'state' | 'detect' | 'forecast' | 'commit';

export interface StageClock {
  /** Runs `work` and tells how long it took; of one that throws, nothing is told. */
  time<R>(stage: Stage, work: () => R | Promise<R>): Promise<R>;
  /** Runs `work` over the stepper: the time within its steps is told as `state`, the rest as `rest`. */
  stepping<R>(stepper: StateStepper, rest: Stage, work: (stepper: StateStepper) => Promise<R>): Promise<R>;
}

/** Nobody listens: no clock is read. */
export const untimed: StageClock = {
  time: async (_stage, work) => work(),
  stepping: (stepper, _rest, work) => work(stepper),
};

/** @param observe is given seconds; @param now milliseconds of a clock that never goes back */
export function stageClock(observe: (stage: Stage, seconds: number) => void, now: () => number): StageClock {
  return {
    async time(stage, work) {
      const begun = now();
      const result = await work();
      observe(stage, (now() - begun) / 1000);
      return result;
    },
    async stepping(stepper, rest, work) {
      let within = 0;
      const timed = async (step: () => Promise<StepResult>): Promise<StepResult> => {
        const begun = now();
        const result = await step();
        within += now() - begun;
        return result;
      };
      const { modelId, featureSize, tensors, outputs, sequence } = stepper;
      const begun = now();
      const result = await work({
        modelId, featureSize, tensors, outputs,
        step: (batch, features, states) => timed(() => stepper.step(batch, features, states)),
        ...(sequence === undefined ? {} : { sequence: (steps, lengths, features, states) => timed(() => sequence.call(stepper, steps, lengths, features, states)) }),
        close: () => stepper.close(),
      });
      const whole = now() - begun;
      observe('state', within / 1000);
      observe(rest, (whole - within) / 1000);
      return result;
    },
  };
}
