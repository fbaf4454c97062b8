export * from './activation.ts';
export * from './augment.ts';
export { ModuleDict, ModuleList } from './containers.ts';
export { Conv2d, type Conv2dLayerOptions } from './conv2d.ts';
export { Dropout, type DropoutLayerOptions } from './dropout.ts';
export { Embedding, type EmbeddingOptions } from './embedding.ts';
export { Flatten } from './flatten.ts';
export * as functional from './functional.ts';
export * as init from './init.ts';
export { Linear, type LinearOptions } from './linear.ts';
export {
  BatchNorm1d,
  BatchNorm2d,
  type BatchNormLayerOptions,
  GroupNorm,
  type GroupNormLayerOptions,
  InstanceNorm2d,
} from './batch-norm.ts';
export { Buffer, type BufferOptions } from './buffer.ts';
export { LayerNorm, type LayerNormLayerOptions, RMSNorm } from './layer-norm.ts';
export {
  BCELoss,
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  HuberLoss,
  KLDivLoss,
  L1Loss,
  type Loss,
  MSELoss,
  NLLLoss,
  SmoothL1Loss,
} from './loss.ts';
export { MaxPool2d } from './max-pool2d.ts';
export { type LoadedState, Module, type NamedParameter } from './module.ts';
export { Parameter, type ParameterKind } from './parameter.ts';
export { Sequential } from './sequential.ts';
