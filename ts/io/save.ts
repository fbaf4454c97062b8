import { RidgelineError } from '../errors.ts';
import type { Module } from '../nn/index.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

/**
 * Writes the parameters and buffers of a model into a safetensors file, by their dotted paths, whole or not at
 * all: what was there before stays until the new file is on the disk. PyTorch and others read it.
 *
 * @param metadata texts by name, kept in the file.
 * @example
 * await save(model, 'model.safetensors');
 */
export async function save(
  model: Module,
  path: string,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeSafetensors(path, model.stateDict(), metadata);
}

/**
 * Copies the parameters and buffers of a safetensors file into a model of the same names and shapes.
 *
 * @returns the file's metadata.
 * @throws {RidgelineError} `ERR_FORMAT` if the file is damaged, `ERR_STATE` if it does not fit; the model is as
 *   it was then.
 * @example
 * await load(model, 'model.safetensors');
 */
export async function load(model: Module, path: string): Promise<Readonly<Record<string, string>>> {
  const { tensors, metadata = {} } = await readSafetensors(path);
  const own = model.stateDict();
  const state: Record<string, Tensor> = {};
  for (const [name, stored] of tensors) {
    if (name === '__proto__')
      throw new RidgelineError('ERR_FORMAT', 'load: no parameter is called __proto__.');
    const tensor = stored.tensor();
    state[name] = own[name] === undefined ? tensor : tensor.to(own[name].dtype);
  }
  model.loadStateDict(state);
  return metadata;
}
