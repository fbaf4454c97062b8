export type { StoredArray } from './element.ts';
export { load, save } from './save.ts';
export { type NpyArray, readNpy } from './npy.ts';
export {
  readSafetensors,
  type Safetensors,
  safetensorsBytes,
  type Storable,
  type StorableArray,
  type StoredTensor,
  writeSafetensors,
} from './safetensors.ts';
