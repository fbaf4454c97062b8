export * as functional from './functional.ts';
export { Linear, type LinearOptions } from './linear.ts';
export { CrossEntropyLoss, type Loss, MSELoss } from './loss.ts';
export { Module, type NamedParameter } from './module.ts';
export { Parameter, type ParameterKind } from './parameter.ts';
export { ReLU } from './relu.ts';
export { Sequential } from './sequential.ts';
