import { KnownKeys, nonNegative, probability, whole } from '../check.ts';
import { type Generator, generatorFor } from '../random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import {
  type AugmentOptions,
  gaussianNoise,
  randomCrop,
  type RandomCropOptions,
  randomErasing,
  type RandomErasingOptions,
  randomHorizontalFlip,
  randomRotation,
  randomShift,
  randomVerticalFlip,
} from './functional-augment.ts';
import { Module } from './module.ts';

const augmentKeys = new KnownKeys(['generator']);
const cropKeys = new KnownKeys(['generator', 'padding']);
const erasingKeys = new KnownKeys(['generator', 'value']);

/** A layer that changes its input at random in training, and not in evaluation. It runs within a captured step. */
abstract class Augmentation extends Module {
  protected readonly generator: Generator;

  constructor(owner: string, generator: Generator | undefined) {
    super();
    this.generator = generatorFor(owner, generator);
  }

  /** The changed input. */
  protected abstract augment(x: Tensor): Tensor;

  override forward(x: Tensor): Tensor {
    return this.training ? this.augment(x) : x;
  }
}

/** `functional.randomHorizontalFlip` in training; x itself in evaluation. */
export class RandomHorizontalFlip extends Augmentation {
  /** The probability with which an image is mirrored. */
  readonly p: number;

  /** @param p from 0 to 1; 0.5 unless given. */
  constructor(p = 0.5, options: AugmentOptions = {}) {
    augmentKeys.check('nn.RandomHorizontalFlip', options);
    super('nn.RandomHorizontalFlip', options.generator);
    this.p = probability('nn.RandomHorizontalFlip', 'p', p);
  }

  protected override augment(x: Tensor): Tensor {
    return randomHorizontalFlip(x, this.p, { generator: this.generator });
  }
}

/** `functional.randomVerticalFlip` in training; x itself in evaluation. */
export class RandomVerticalFlip extends Augmentation {
  /** The probability with which an image is mirrored. */
  readonly p: number;

  /** @param p from 0 to 1; 0.5 unless given. */
  constructor(p = 0.5, options: AugmentOptions = {}) {
    augmentKeys.check('nn.RandomVerticalFlip', options);
    super('nn.RandomVerticalFlip', options.generator);
    this.p = probability('nn.RandomVerticalFlip', 'p', p);
  }

  protected override augment(x: Tensor): Tensor {
    return randomVerticalFlip(x, this.p, { generator: this.generator });
  }
}

/** `functional.randomShift` in training; x itself in evaluation. */
export class RandomShift extends Augmentation {
  /** The most pixels that an image is moved, in each direction. */
  readonly most: number;

  constructor(most: number, options: AugmentOptions = {}) {
    augmentKeys.check('nn.RandomShift', options);
    super('nn.RandomShift', options.generator);
    this.most = whole('nn.RandomShift', 'most', most);
  }

  protected override augment(x: Tensor): Tensor {
    return randomShift(x, this.most, { generator: this.generator });
  }
}

/** `functional.randomCrop` in training; in evaluation x itself, so `size` is mostly that of the images, with padding. */
export class RandomCrop extends Augmentation {
  /** Height and width of the part. */
  readonly size: readonly [height: number, width: number];
  /** Zeros around each image before the part is cut out. */
  readonly padding: number;

  /** @param size height and width of the part, or one number for both. */
  constructor(size: number | readonly [height: number, width: number], options: RandomCropOptions = {}) {
    cropKeys.check('nn.RandomCrop', options);
    super('nn.RandomCrop', options.generator);
    const [height, width] = typeof size === 'number' ? [size, size] : size;
    this.size = [whole('nn.RandomCrop', 'size', height, 1), whole('nn.RandomCrop', 'size', width, 1)];
    this.padding = whole('nn.RandomCrop', 'padding', options.padding ?? 0);
  }

  protected override augment(x: Tensor): Tensor {
    return randomCrop(x, this.size, { padding: this.padding, generator: this.generator });
  }
}

/** `functional.randomRotation` in training; x itself in evaluation. */
export class RandomRotation extends Augmentation {
  /** The largest angle, either way. */
  readonly degrees: number;

  constructor(degrees: number, options: AugmentOptions = {}) {
    augmentKeys.check('nn.RandomRotation', options);
    super('nn.RandomRotation', options.generator);
    this.degrees = nonNegative('nn.RandomRotation', 'degrees', degrees);
  }

  protected override augment(x: Tensor): Tensor {
    return randomRotation(x, this.degrees, { generator: this.generator });
  }
}

/** `functional.randomErasing` ("cutout") in training; x itself in evaluation. */
export class RandomErasing extends Augmentation {
  /** The side of the square. */
  readonly size: number;
  /** What it is filled with. */
  readonly value: number;

  constructor(size: number, options: RandomErasingOptions = {}) {
    erasingKeys.check('nn.RandomErasing', options);
    super('nn.RandomErasing', options.generator);
    this.size = whole('nn.RandomErasing', 'size', size);
    this.value = options.value ?? 0;
  }

  protected override augment(x: Tensor): Tensor {
    return randomErasing(x, this.size, { value: this.value, generator: this.generator });
  }
}

/** x plus normal noise in training: of inputs, or between layers; x itself in evaluation. */
export class GaussianNoise extends Augmentation {
  /** The standard deviation of the noise. */
  readonly deviation: number;

  constructor(deviation: number, options: AugmentOptions = {}) {
    augmentKeys.check('nn.GaussianNoise', options);
    super('nn.GaussianNoise', options.generator);
    this.deviation = nonNegative('nn.GaussianNoise', 'deviation', deviation);
  }

  protected override augment(x: Tensor): Tensor {
    return gaussianNoise(x, this.deviation, { generator: this.generator });
  }
}
