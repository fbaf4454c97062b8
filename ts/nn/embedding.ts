import { KnownKeys, oneOf, positive, whole } from '../check.ts';
import { ops } from '../native.ts';
import { type Generator, generatorFor } from '../random.ts';
import type { FloatDType } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { floatData, intData, ownData } from '../tensor/value.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** Options of {@link Embedding}. */
export interface EmbeddingOptions {
  /** Vectors that are looked up are scaled down to this norm first, in place; not unless given. */
  readonly maxNorm?: number;
  /** The p of that norm; 2 unless given. */
  readonly normType?: number;
  /** float32 unless given. */
  readonly dtype?: FloatDType;
  /** Where the initial numbers come from; the common generator (`manualSeed`) unless given. */
  readonly generator?: Generator;
}

const known = new KnownKeys(['maxNorm', 'normType', 'dtype', 'generator']);

/** A vector for each of some things. They start as numbers of the standard normal distribution. */
export class Embedding extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  /** [numEmbeddings, embeddingDim]. */
  readonly weight: Parameter;
  readonly #maxNorm: number | undefined;
  readonly #normType: number;

  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingOptions = {}) {
    super();
    known.check('nn.Embedding', options);
    whole('nn.Embedding', 'numEmbeddings', numEmbeddings, 1);
    whole('nn.Embedding', 'embeddingDim', embeddingDim, 1);
    const { maxNorm, normType = 2, dtype = 'float32', generator } = options;
    oneOf('nn.Embedding', 'dtype', dtype, ['float32', 'float64']);
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.#maxNorm = maxNorm === undefined ? undefined : positive('nn.Embedding', 'maxNorm', maxNorm);
    this.#normType = positive('nn.Embedding', 'normType', normType);
    this.weight = new Parameter('embedding', [numEmbeddings, embeddingDim], dtype);
    generatorFor('nn.Embedding', generator).normal(floatData('nn.Embedding', 'weight', this.weight));
  }

  /**
   * The vectors that `index` names.
   *
   * @param index int32 of any shape; the vectors lie along a last axis behind it.
   */
  override forward(index: Tensor): Tensor {
    const { weight, numEmbeddings: rows, embeddingDim: n } = this;
    const order = intData('nn.Embedding', 'index', index);
    if (this.#maxNorm !== undefined) {
      const data = ownData('nn.Embedding', 'weight', weight);
      ops['clip_rows']!(order, data, rows, n, order.length, this.#maxNorm, this.#normType);
      weight.changed();
    }
    return weight.indexSelect(0, index);
  }
}
