import { runInNewContext } from 'node:vm';
import { kernels } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { draw, type FloatArray, type Precision, zeros } from '../oracle/draw.ts';
import { callWith, type Export, exports, fresh, N } from './exports.ts';
import { badlyRefused, refusal } from './refusal.ts';

/** What a user may hand over in place of an array of floating-point numbers. */
const strangers: Readonly<Record<string, unknown>> = {
  Int32Array: new Int32Array(N),
  Uint8Array: new Uint8Array(N),
  BigInt64Array: new BigInt64Array(N),
  DataView: new DataView(new ArrayBuffer(4 * N)),
  ArrayBuffer: new ArrayBuffer(4 * N),
  SharedArrayBuffer: new SharedArrayBuffer(4 * N),
  Buffer: Buffer.alloc(N),
  array: Array.from({ length: N }, () => 1),
  'array-like': { length: N, 0: 1 },
  null: null,
  text: 'weights',
  number: N,
  true: true,
  symbol: Symbol('weights'),
  function: () => 1,
  proxy: new Proxy(new Float32Array(N), {}),
  'heir of the prototype': Object.create(Float32Array.prototype),
  'Int32Array in disguise': Object.setPrototypeOf(new Int32Array(N), Float32Array.prototype),
  undefined,
};

/** Whether an array may be left out. */
function optional(array: string): boolean {
  return array === 'vMax';
}

/** Moves the memory of `view` to another owner, as posting it to a worker does. */
function detach<View extends ArrayBufferView>(view: View): View {
  structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
  return view;
}

/** What es2024 knows of ArrayBuffers, and the type library of this project does not yet. */
interface Resizable extends ArrayBuffer {
  resize(bytes: number): void;
}
const Resizable = ArrayBuffer as unknown as new (
  bytes: number,
  options: { maxByteLength: number },
) => Resizable;

/** A view over resizable memory that has been shrunk below it. */
function outOfBounds(array: FloatArray): FloatArray {
  const type = array instanceof Float64Array ? Float64Array : Float32Array;
  const memory = new Resizable(array.byteLength + 64, { maxByteLength: 2 * array.byteLength + 64 });
  const view = new type(memory, 64, array.length);
  memory.resize(64 + array.byteLength - array.BYTES_PER_ELEMENT);
  return view;
}

/** Names of the faults of one bad array after the other. */
function faults(
  entry: Export,
  bad: (name: string, good: FloatArray) => Readonly<Record<string, unknown>>,
): string[] {
  return Object.keys(entry.lengths).flatMap((name) => {
    const cases = Object.entries(bad(name, fresh(entry)[name]!));
    return cases.flatMap(([kind, value]) => {
      const good = fresh(entry);
      const arrays = { ...good, [name]: value };
      const watched = Object.entries(good).flatMap(([other, array]) => (other === name ? [] : [array]));
      const fault = badlyRefused(() => callWith(entry, arrays, entry.options), watched);
      return fault === undefined ? [] : [`${name}: ${kind}: ${fault}`];
    });
  });
}

describe.each(exports)('$name', (entry) => {
  test('refuses what is no array of floating-point numbers, and changes nothing', () => {
    const found = faults(entry, (name) => {
      const { undefined: left, ...others } = strangers;
      return optional(name) ? others : { ...others, undefined: left };
    });
    expect(found).toEqual([]);
  });

  test('refuses detached arrays, and changes nothing', () => {
    expect(faults(entry, (_, good) => ({ detached: detach(good) }))).toEqual([]);
  });

  test('refuses arrays that are all detached', () => {
    const arrays = fresh(entry);
    for (const array of Object.values(arrays)) detach(array);
    expect(badlyRefused(() => callWith(entry, arrays, entry.options), [])).toBeUndefined();
  });

  test('refuses arrays of another realm that are detached, and takes those that are not', () => {
    const foreign = (): Record<string, FloatArray> =>
      Object.fromEntries(
        Object.entries(entry.lengths).map(([name, length]) => [
          name,
          runInNewContext(`new Float32Array(${length}).fill(0.5)`) as FloatArray,
        ]),
      );
    expect(refusal(() => callWith(entry, foreign(), entry.options))).toBeUndefined();
    const gone = foreign();
    for (const array of Object.values(gone)) detach(array);
    expect(badlyRefused(() => callWith(entry, gone, entry.options), [])).toBeUndefined();
  });

  test('refuses views that a resize left out of bounds, and changes nothing', () => {
    expect(faults(entry, (_, good) => ({ 'out of bounds': outOfBounds(good) }))).toEqual([]);
    const arrays = Object.entries(fresh(entry)).map(([name, array]) => [name, outOfBounds(array)]);
    const call = (): unknown => callWith(entry, Object.fromEntries(arrays), entry.options);
    expect(badlyRefused(call, [])).toBeUndefined();
  });

  test('takes views side by side in one buffer', () => {
    const total = Object.values(entry.lengths).reduce((sum, length) => sum + length, 0);
    const memory = draw('float32', total, 5);
    let at = 0;
    const arrays = Object.entries(entry.lengths).map(([name, length]) => {
      at += length;
      return [name, memory.subarray(at - length, at)];
    });
    expect(refusal(() => callWith(entry, Object.fromEntries(arrays), entry.options))).toBeUndefined();
  });
});

describe.each(exports.filter(({ lengths }) => Object.keys(lengths).length > 1))('$name', (entry) => {
  test('refuses other lengths, and changes nothing', () => {
    const found = faults(entry, (_, { length }) => ({
      shorter: draw('float32', length - 1, 9),
      longer: draw('float32', length + 1, 9),
      empty: draw('float32', 0, 9),
    }));
    expect(found).toEqual([]);
  });

  test('refuses mixed precisions, and changes nothing', () => {
    const found = faults(entry, (_, { length }) => ({ float64: draw('float64', length, 9) }));
    expect(found).toEqual([]);
  });
});

describe.each(
  exports.filter(({ lengths, written }) => Object.keys(lengths).length > 1 && written.length > 0),
)('$name', (entry) => {
  test('refuses memory that is written and overlaps, and changes nothing', () => {
    const names = Object.keys(entry.lengths);
    const found = entry.written.flatMap((written) =>
      names.flatMap((other) => {
        if (other === written) return [];
        return [0, 1, -1].flatMap((shift) => {
          const arrays = fresh(entry);
          const [to, from] = [entry.lengths[written]!, entry.lengths[other]!];
          const memory = draw('float32', Math.max(to, from) + 2, 5);
          arrays[written] = memory.subarray(1, 1 + to) as FloatArray;
          arrays[other] = memory.subarray(1 + shift, 1 + shift + from) as FloatArray;
          const call = (): unknown => callWith(entry, arrays, entry.options);
          const fault = badlyRefused(call, [memory, ...Object.values(arrays)]);
          const code = refusal(call)?.code;
          if (fault === undefined && code === 'ERR_ALIAS') return [];
          return [`${written} over ${other}, shifted by ${shift}: ${fault ?? String(code)}`];
        });
      }),
    );
    expect(found).toEqual([]);
  });
});

test('whole messages: kind, length, precision, overlap, detached', () => {
  const [w, g] = [Float32Array.of(1, 2), Float32Array.of(1, 2)];
  const message = (grads: unknown): string | undefined =>
    refusal(() => kernels.sgd(w, grads as FloatArray, { lr: 1 }))?.message;
  expect(message(new Int32Array(2))).toBe(
    'kernels.sgd: `grads` must be a Float32Array or Float64Array, got a Int32Array',
  );
  expect(message([1, 2])).toBe(
    'kernels.sgd: `grads` must be a Float32Array or Float64Array, got an array of 2',
  );
  expect(message(Float32Array.of(1))).toBe(
    'kernels.sgd: `grads` must be of length 2 as `weights` is, got length 1',
  );
  expect(message(Float64Array.of(1, 2))).toBe(
    'kernels.sgd: `grads` must be a Float32Array as `weights` is, got a Float64Array',
  );
  expect(message(w)).toContain('`grads` must be memory of its own, got a view that overlaps `weights`');
  expect(message(detach(g))).toBe(
    'kernels.sgd: `grads` must be a view on memory that is there, got a detached one. ' +
      'Its buffer was transferred to another thread or resized; pass a view that still has its memory.',
  );
  expect([...w]).toEqual([1, 2]);
});

describe.each(['float32', 'float64'] satisfies Precision[])('a bound update in %s', (precision) => {
  const arrays = ['weights', 'grads', 'm', 'v', 'vMax'] as const;
  const options = { step: 1, lr: 0.1, l1: 0.01 };

  test.each(arrays)('throws when %s was detached, and does nothing', (gone) => {
    const made = fresh(
      exports.find(({ name }) => name === 'bind adam')!,
      precision,
    );
    const step = kernels.bind('adam', made as never);
    step(options);
    detach(made[gone]!);
    const others = arrays.flatMap((name) => (name === gone ? [] : [made[name]!]));
    expect(badlyRefused(() => step(options), others)).toBeUndefined();
    expect(badlyRefused(() => step({ ...options, step: 2 }), others)).toBeUndefined();
  });

  test('throws when memory was resized away under it, and goes on when it is back', () => {
    const memory = new Resizable(8 * N, { maxByteLength: 16 * N });
    const weights = new (precision === 'float64' ? Float64Array : Float32Array)(memory, 0, 8) as FloatArray;
    const grads = zeros(precision, 8).fill(1);
    const step = kernels.bind('sgd', { weights, grads });
    memory.resize(8);
    expect(badlyRefused(() => step({ lr: 1 }), [grads])).toBeUndefined();
    memory.resize(16 * N);
    weights.fill(3);
    step({ lr: 1 });
    expect([...weights]).toEqual([2, 2, 2, 2, 2, 2, 2, 2]);
  });

  test('follows memory that moved: a resize may give it another address', () => {
    const memory = new Resizable(8 * N, { maxByteLength: 1 << 20 });
    const weights = new (precision === 'float64' ? Float64Array : Float32Array)(memory, 0, 8) as FloatArray;
    const step = kernels.bind('sgd', { weights, grads: zeros(precision, 8).fill(1) });
    memory.resize(1 << 20);
    step({ lr: 1 });
    expect(weights[7]).toBe(-1);
  });

  test('refuses wrong options at each call, and changes nothing', () => {
    const made = fresh(
      exports.find(({ name }) => name === 'bind adam')!,
      precision,
    );
    const step = kernels.bind('adam', made as never);
    for (const wrong of [
      {},
      { step: 1 },
      { step: 0, lr: 1 },
      { step: 1, lr: Number.NaN },
      { ...options, lt: 1 },
    ])
      expect(badlyRefused(() => step(wrong as never), Object.values(made))).toBeUndefined();
  });
});

test('a bound update keeps its arrays alive', () => {
  const grads = Float32Array.from({ length: 1000 }, () => 1);
  const steps = Array.from({ length: 100 }, () =>
    kernels.bind('sgd', { weights: new Float32Array(1000), grads }),
  );
  const garbage = Array.from({ length: 300 }, () => new Float32Array(100_000));
  for (const step of steps) expect(step({ lr: 1 }).updateNorm).toBeCloseTo(Math.sqrt(1000), 4);
  expect(garbage).toHaveLength(300);
});
