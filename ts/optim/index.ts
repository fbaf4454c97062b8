export { Adam, type AdamGroupOptions, AdamW } from './adam.ts';
export { AveragedModel, type AverageOptions } from './averaged-model.ts';
export type { GroupInput, GroupOptions, ParamGroup } from './group.ts';
export { clipGradNorm } from './clip.ts';
export { decayGroups, groups, type Selector } from './groups.ts';
export { Optimizer } from './optimizer.ts';
export { SGD, type SGDOptions } from './sgd.ts';
