/** What a random step does with the outputs of its network, one after the other. */
import { concat, rand, randn, type Tensor } from 'ridgeline';
import type { Precision } from '../oracle/draw.ts';

/** What a chain applies to the outputs of a network, [samples, outputs]: the shape stays. */
export const links = [
  'addNumber',
  'subNumber',
  'mulNumber',
  'divNumber',
  'abs',
  'square',
  'neg',
  'tanh',
  'sigmoid',
  'add',
  'sub',
  'mul',
  'div',
  'randn',
  'rand',
  'own',
  'reshape',
  'transpose',
  'flip',
  'column',
  'evenRows',
  'pieces',
  'centered',
  'scaled',
  'spread',
  'beside',
  'softmax',
  'logSoftmax',
  'cumsum',
] as const;

export type Link = (typeof links)[number];

/** The links by name, for outputs of the shape of `own` and of the tensors that the i-th of them may meet. */
export function linksOf(
  captured: readonly Tensor[],
  own: Tensor,
  dtype: Precision,
): Readonly<Record<Link, (h: Tensor, i: number) => Tensor>> {
  return {
    addNumber: (h) => h.add(0.3),
    subNumber: (h) => h.sub(0.7),
    mulNumber: (h) => h.mul(-1.3),
    divNumber: (h) => h.div(3),
    abs: (h) => h.abs(),
    square: (h) => h.square(),
    neg: (h) => h.neg(),
    reshape: (h) => h.reshape([-1]).mul(2).reshape(h.shape),
    add: (h, i) => h.add(captured[i]!),
    sub: (h, i) => h.sub(captured[i]!),
    mul: (h, i) => h.mul(captured[i]!),
    div: (h, i) => h.div(captured[i]!),
    randn: (h) => h.add(randn(h.shape, { dtype }).mul(0.1)),
    rand: (h) => h.mul(rand(h.shape, { dtype })),
    own: (h) => h.mul(own),
    tanh: (h) => h.tanh(),
    sigmoid: (h) => h.sigmoid(),
    transpose: (h) => h.transpose(0, 1).mul(1.5).transpose(0, 1),
    flip: (h) => h.flip([0, 1]),
    column: (h) => h.add(h.slice(1, 0, 1).expand(h.shape)),
    evenRows: (h) => h.sub(h.slice(0, 0, Infinity, 2).mean(0)),
    pieces: (h) => concat(h.chunk(2).toReversed()),
    centered: (h) => h.sub(h.mean(1, true)),
    scaled: (h) => h.div(h.norm(2, 1, true).add(1)),
    spread: (h) => h.mul(h.var(0, true, { correction: 0 })),
    beside: (h) => h.sub(h.amax(0, true)),
    softmax: (h) => h.softmax(1),
    logSoftmax: (h) => h.logSoftmax(0),
    cumsum: (h) => h.cumsum(1),
  };
}
