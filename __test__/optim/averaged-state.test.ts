import { manualSeed, nn, optim, randn, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';

const values = (tensors: readonly Tensor[]): number[][] => tensors.map(({ data: array }) => [...array]);

describe('the state of averages by name', () => {
  const build = (): { model: nn.Module; averaged: optim.AveragedModel } => {
    manualSeed(2);
    const model = new nn.Sequential(new nn.Linear(3, 2), new nn.BatchNorm1d(2));
    return { model, averaged: new optim.AveragedModel(model) };
  };

  test('holds averages, the buffers of the model and the count, and goes into another one', () => {
    const [one, other] = [build(), build()];
    one.averaged.updateParameters();
    one.model.parameter('0.weight').data.fill(3);
    one.averaged.updateParameters();
    one.model.forward(randn([8, 3]));
    const state = one.averaged.stateDict();
    expect(Object.keys(state)).toEqual([...Object.keys(one.model.stateDict()), 'n_averaged']);
    expect(state['n_averaged']!.item()).toBe(2);
    const weights = values(other.model.parameters());
    other.averaged.loadStateDict(state);
    expect(other.averaged.nAveraged).toBe(2);
    expect(values(other.model.parameters())).toEqual(weights);
    const read = Object.values(other.averaged.stateDict());
    expect(values(read)).toEqual(values(Object.values(state)));
  });

  test('refuses a state without a count, and changes nothing', () => {
    const { model, averaged } = build();
    expect(() => averaged.loadStateDict(model.stateDict())).toThrow('missing: n_averaged');
    const { missing } = averaged.loadStateDict(model.stateDict(), { strict: false });
    expect(missing).toEqual(['n_averaged']);
  });
});
