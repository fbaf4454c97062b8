//! Sums over all taps in registers, one lane a window: forward, and the gradient by input.

use super::Convolution;
use super::scan::{Places, Scan, TAPS};
use crate::Exec;
use crate::float::Float;
use crate::vector::{Simd, Work, lanes};

/// Most channels of a result that are summed side by side.
const MOST: usize = 8;

/// Blocks of windows that are summed side by side for each of `channels`, of `most` sums in registers.
const fn blocks(most: usize, channels: usize) -> usize {
    match most / channels {
        0 | 1 => 1,
        2 => 2,
        3..=5 => 3,
        _ => 6,
    }
}

/// `count` channels in tiles of at most `most`, as even as they can be: the first one, and how many.
fn tiles(count: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let tiles = count.div_ceil(most);
    let start = move |i: usize| i * count / tiles;
    (0..tiles).map(move |i| (start(i), start(i + 1) - start(i)))
}

/// Where weights lie: how far from one channel of the result to the next and from one channel of the
/// source to the next; their taps follow one another, forwards or backwards.
#[derive(Clone, Copy)]
pub(super) struct Order {
    pub(super) outputs: usize,
    pub(super) channels: usize,
    pub(super) backwards: bool,
}

impl Order {
    /// Of the weights [o, c, kh, kw] for its result.
    pub(super) fn forwards(g: &Convolution) -> Self {
        let taps = g.rows.kernel * g.columns.kernel;
        Self { outputs: g.channels() * taps, channels: taps, backwards: false }
    }

    /// Of the same weights for the gradient by input.
    pub(super) fn backwards(g: &Convolution) -> Self {
        let taps = g.rows.kernel * g.columns.kernel;
        Self { outputs: taps, channels: g.channels() * taps, backwards: true }
    }
}

/// Weights of a group in the order in which they are read: by tile, channel, tap, channel of the result.
struct Pack<'a, T> {
    outputs: usize,
    channels: usize,
    /// Taps of a channel.
    taps: usize,
    order: Order,
    weights: &'a [T],
    packed: &'a mut [T],
}

impl<T: Float> Work<T> for Pack<'_, T> {
    #[inline(always)]
    fn run<S: Simd<T>>(self, _: S) {
        let Self { taps, order, weights, .. } = self;
        let mut packed = self.packed.iter_mut();
        for (start, count) in tiles(self.outputs, S::SUMS.min(MOST)) {
            for channel in 0..self.channels {
                for tap in 0..taps {
                    let tap = if order.backwards { taps - 1 - tap } else { tap };
                    let first = start * order.outputs + channel * order.channels + tap;
                    let places = weights[first..].iter().step_by(order.outputs);
                    for (packed, &w) in packed.by_ref().zip(places).take(count) {
                        *packed = w;
                    }
                }
            }
        }
    }
}

/// The results of a group for a band of windows.
struct Correlate<'a, T> {
    /// Taps of all channels, and where they begin in `unfolded`.
    taps: usize,
    places: Places,
    unfolded: &'a [T],
    /// As [`Pack`] left them.
    weights: &'a [T],
    /// One for each channel of the result, or none.
    bias: &'a [T],
    outputs: usize,
    /// Windows of the band, and of all bands: so far is it from one channel of the result to the next.
    windows: [usize; 2],
    /// The results, from the first window of the band on.
    out: &'a mut [T],
}

impl<T: Float> Work<T> for Correlate<'_, T> {
    #[inline(always)]
    fn run<S: Simd<T>>(mut self, simd: S) {
        let mut places = [0; TAPS];
        // Without taps there is still the bias.
        for first in (0..self.taps.max(1)).step_by(TAPS) {
            let places = &mut places[..TAPS.min(self.taps - first)];
            for (place, next) in places.iter_mut().zip(&mut self.places) {
                *place = next;
            }
            for (start, count) in tiles(self.outputs, S::SUMS.min(MOST)) {
                let weights = &self.weights[start * self.taps + first * count..];
                let tile = Tile { start, added: first > 0, places, weights };
                match count {
                    1 => self.tile::<S, 1>(simd, tile),
                    2 => self.tile::<S, 2>(simd, tile),
                    3 => self.tile::<S, 3>(simd, tile),
                    4 => self.tile::<S, 4>(simd, tile),
                    5 => self.tile::<S, 5>(simd, tile),
                    6 => self.tile::<S, 6>(simd, tile),
                    7 => self.tile::<S, 7>(simd, tile),
                    _ => self.tile::<S, MOST>(simd, tile),
                }
            }
        }
    }
}

/// Some channels of the result, and some taps.
#[derive(Clone, Copy)]
struct Tile<'a, T> {
    /// The first channel.
    start: usize,
    /// Whether there were other taps before.
    added: bool,
    places: &'a [usize],
    /// For each of the taps, one for each channel.
    weights: &'a [T],
}

impl<T: Float> Correlate<'_, T> {
    /// All windows for `M` channels of the result.
    #[inline(always)]
    fn tile<S: Simd<T>, const M: usize>(&mut self, simd: S, tile: Tile<'_, T>) {
        // Constants, so that no code is made for what an instruction set does not use.
        if const { M > S::SUMS } {
            return;
        }
        match const { blocks(S::SUMS, M) } {
            1 => self.line::<S, M, 1>(simd, tile),
            2 => self.line::<S, M, 2>(simd, tile),
            3 => self.line::<S, M, 3>(simd, tile),
            _ => self.line::<S, M, 6>(simd, tile),
        }
    }

    /// `N` blocks of windows at a time, then one, then what is left.
    #[inline(always)]
    fn line<S: Simd<T>, const M: usize, const N: usize>(&mut self, simd: S, tile: Tile<'_, T>) {
        let (windows, block) = (self.windows[0], lanes::<T>());
        let mut at = 0;
        while at + N * block <= windows {
            self.sum::<S, M, N, false>(simd, tile, at);
            at += N * block;
        }
        while at + block <= windows {
            self.sum::<S, M, 1, false>(simd, tile, at);
            at += block;
        }
        if at < windows {
            self.sum::<S, M, 1, true>(simd, tile, at);
        }
    }

    /// `N` blocks of windows, or what is left of one, for `M` channels of the result.
    #[inline(always)]
    fn sum<S: Simd<T>, const M: usize, const N: usize, const PART: bool>(
        &mut self,
        simd: S,
        Tile { start, added, places, weights }: Tile<'_, T>,
        at: usize,
    ) {
        let ([windows, stride], block) = (self.windows, lanes::<T>());
        let length = if PART { windows - at } else { N * block };
        let load = |from: &[T], n: usize| {
            if PART { simd.load_part(from) } else { simd.load(&from[n * block..]) }
        };
        let mut sums = [[simd.splat(T::ZERO); N]; M];
        for m in 0..M {
            let out = &self.out[(start + m) * stride + at..][..length];
            for n in 0..N {
                if added {
                    sums[m][n] = load(out, n);
                } else if let Some(&bias) = self.bias.get(start + m) {
                    sums[m][n] = simd.splat(bias);
                }
            }
        }
        // Without taps there is nothing.
        let unfolded = self.unfolded.get(at..).unwrap_or(&[]);
        for (&place, weights) in places.iter().zip(weights.as_chunks::<M>().0) {
            let seen = &unfolded[place..][..length];
            let mut blocks = [simd.splat(T::ZERO); N];
            for n in 0..N {
                blocks[n] = load(seen, n);
            }
            for m in 0..M {
                let weight = simd.splat(weights[m]);
                for n in 0..N {
                    sums[m][n] = simd.mul_add(weight, blocks[n], sums[m][n]);
                }
            }
        }
        for m in 0..M {
            let out = &mut self.out[(start + m) * stride + at..][..length];
            for n in 0..N {
                if PART {
                    simd.store_part(sums[m][n], out);
                } else {
                    simd.store(sums[m][n], &mut out[n * block..]);
                }
            }
        }
    }
}

/// Sums over the windows of an image, for so many channels of the result in each of so many groups.
#[derive(Clone, Copy)]
pub(super) struct Correlation {
    pub(super) scan: Scan,
    pub(super) groups: usize,
    /// Channels of the result of a group.
    pub(super) outputs: usize,
}

impl Correlation {
    /// Elements of a group of an image.
    pub(super) fn source(&self) -> usize {
        self.scan.channels * self.scan.rows.size * self.scan.columns.size
    }

    /// Elements of a group of its result.
    pub(super) fn result(&self) -> usize {
        self.outputs.saturating_mul(self.scan.windows())
    }

    /// Elements that a group of an image is unfolded into at a time.
    pub(super) fn unfolded(&self) -> usize {
        self.scan.unfolded(self.scan.band())
    }

    /// Multiply-adds of an image, as factors.
    pub(super) fn work(&self) -> [usize; 4] {
        [self.groups, self.outputs, self.scan.taps(), self.scan.windows()]
    }

    /// Brings the weights of all groups, which have `order`, into that in which they are read.
    pub(super) fn pack<T: Float>(&self, exec: Exec, order: Order, weights: &[T], packed: &mut [T]) {
        let group = (self.outputs * self.scan.taps()).max(1);
        for (weights, packed) in weights.chunks_exact(group).zip(packed.chunks_exact_mut(group)) {
            let (outputs, channels) = (self.outputs, self.scan.channels);
            let taps = self.scan.rows.kernel * self.scan.columns.kernel;
            T::vectorize(exec.isa, Pack { outputs, channels, taps, order, weights, packed });
        }
    }

    /// out[outputs, windows] = bias + packed weights times what the taps see of a group of an image,
    /// `source`[channels, pixels]. `place` is the number of the group, counted over all images.
    pub(super) fn run<T: Float>(
        &self,
        exec: Exec,
        place: usize,
        [source, packed, bias]: [&[T]; 3],
        unfolded: &mut [T],
        out: &mut [T],
    ) {
        let (scan, first) = (&self.scan, place % self.groups * self.outputs);
        let (band, width) = (scan.band(), scan.columns.windows);
        for row in (0..scan.rows.windows).step_by(band) {
            let count = band.min(scan.rows.windows - row);
            scan.unfold(exec, [row, count], source, unfolded);
            T::vectorize(
                exec.isa,
                Correlate {
                    taps: scan.taps(),
                    places: scan.places(count),
                    unfolded,
                    weights: &packed[first * scan.taps()..],
                    bias: bias.get(first..).unwrap_or(&[]),
                    outputs: self.outputs,
                    windows: [count * width, scan.windows()],
                    out: &mut out[row * width..],
                },
            );
        }
    }
}
