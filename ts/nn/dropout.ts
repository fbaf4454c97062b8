import { KnownKeys, probability } from '../check.ts';
import { type Generator, generatorFor } from '../random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { dropout } from './functional.ts';
import { Module } from './module.ts';

/** Options of {@link Dropout}. */
export interface DropoutLayerOptions {
  /** What draws the elements that are zeroed; the common generator (`manualSeed`) unless given. */
  readonly generator?: Generator;
}

const dropoutKeys = new KnownKeys(['generator']);

/** x/(1 − p), each element zeroed with probability p while in training; x itself in evaluation. */
export class Dropout extends Module {
  /** The probability with which an element is zeroed. */
  readonly p: number;
  readonly #generator: Generator;

  /** @param p from 0 to 1; 0.5 unless given. */
  constructor(p = 0.5, options: DropoutLayerOptions = {}) {
    super();
    dropoutKeys.check('nn.Dropout', options);
    this.p = probability('nn.Dropout', 'p', p);
    this.#generator = generatorFor('nn.Dropout', options.generator);
  }

  override forward(x: Tensor): Tensor {
    return dropout(x, this.p, { training: this.training, generator: this.#generator });
  }
}
