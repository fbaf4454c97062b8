export * from './activation.ts';
export * from './augment.ts';
export { ModuleDict, ModuleList } from './containers.ts';
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
} from './adaptive-pool.ts';
export { AvgPool1d, AvgPool2d } from './avg-pool.ts';
export { Conv1d, type Conv1dLayerOptions, Conv2d, type Conv2dLayerOptions } from './conv.ts';
export {
  ConvTranspose1d,
  type ConvTranspose1dLayerOptions,
  ConvTranspose2d,
  type ConvTranspose2dLayerOptions,
} from './conv-transpose.ts';
export { Dropout, type DropoutLayerOptions } from './dropout.ts';
export { Embedding, type EmbeddingOptions } from './embedding.ts';
export { Flatten } from './flatten.ts';
export * as functional from './functional.ts';
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
export { BCEWithLogitsLoss, CrossEntropyLoss, type Loss, MSELoss } from './loss.ts';
export { MaxPool1d, MaxPool2d } from './max-pool.ts';
export { type LoadedState, Module, type NamedParameter } from './module.ts';
export { Parameter, type ParameterKind } from './parameter.ts';
export { Sequential } from './sequential.ts';
