//! The gradient by weights: sums over all windows in registers, one lane a channel of the result.

use super::pieces::Pieces;
use super::scan::{Places, Scan, TAPS};
use super::upstream::Upstream;
use crate::float::Float;
use crate::vector::{Simd, Work, lanes};
use crate::{Exec, kernel};

/// Most taps that are summed side by side.
const MOST: usize = 12;

/// The channels of the result of a group are rounded up to a multiple, in either precision.
const LANES: usize = 16;

/// Channels of the result, rounded up.
const fn padded(outputs: usize) -> usize {
    outputs.div_ceil(LANES).saturating_mul(LANES)
}

/// How many of `outputs` channels are summed side by side, from `start` on: two blocks, or the last one.
fn width<T>(outputs: usize, start: usize) -> usize {
    (2 * lanes::<T>()).min(padded(outputs) - start)
}

/// Adds the windows of a band to the sums of some channels of the result.
struct Collect<'a, T> {
    places: Places,
    unfolded: &'a [T],
    /// The gradient by the result, [windows, width].
    upstream: &'a [T],
    width: usize,
    /// [taps, width].
    sums: &'a mut [T],
}

impl<T: Float> Work<T> for Collect<'_, T> {
    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        if self.width == lanes::<T>() {
            self.all::<S, 1>(simd);
        } else {
            self.all::<S, 2>(simd);
        }
    }
}

impl<T: Float> Collect<'_, T> {
    #[inline(always)]
    fn all<S: Simd<T>, const N: usize>(mut self, simd: S) {
        let most = const { if S::SUMS < N { 1 } else { S::SUMS / N } }.min(MOST);
        let mut places = [0; TAPS];
        for sums in self.sums.chunks_mut(TAPS * self.width) {
            let taps = sums.len() / self.width;
            for (place, next) in places[..taps].iter_mut().zip(&mut self.places) {
                *place = next;
            }
            let tiles = taps.div_ceil(most);
            for i in 0..tiles {
                let [start, end] = [i, i + 1].map(|i| i * taps / tiles);
                let tile = Tile {
                    places: &places[start..end],
                    unfolded: self.unfolded,
                    upstream: self.upstream,
                    sums: &mut sums[start * self.width..end * self.width],
                };
                match end - start {
                    1 => tile.add::<S, 1, N>(simd),
                    2 => tile.add::<S, 2, N>(simd),
                    3 => tile.add::<S, 3, N>(simd),
                    4 => tile.add::<S, 4, N>(simd),
                    5 => tile.add::<S, 5, N>(simd),
                    6 => tile.add::<S, 6, N>(simd),
                    7 => tile.add::<S, 7, N>(simd),
                    8 => tile.add::<S, 8, N>(simd),
                    9 => tile.add::<S, 9, N>(simd),
                    10 => tile.add::<S, 10, N>(simd),
                    11 => tile.add::<S, 11, N>(simd),
                    _ => tile.add::<S, MOST, N>(simd),
                }
            }
        }
    }
}

/// Some taps.
struct Tile<'a, T> {
    places: &'a [usize],
    unfolded: &'a [T],
    upstream: &'a [T],
    sums: &'a mut [T],
}

impl<T: Float> Tile<'_, T> {
    /// Adds all windows to the sums of `M` taps, each of `N` blocks of channels.
    #[inline(always)]
    fn add<S: Simd<T>, const M: usize, const N: usize>(self, simd: S) {
        // A constant, so that no code is made for what an instruction set does not use.
        if const { M > 1 && M * N > S::SUMS } {
            return;
        }
        let (block, width) = (lanes::<T>(), N * lanes::<T>());
        let windows = self.upstream.len() / width;
        let mut seen: [&[T]; M] = [&[]; M];
        let places = &self.places[..M];
        for m in 0..M {
            seen[m] = &self.unfolded[places[m]..][..windows];
        }
        let stored = &mut self.sums[..M * width];
        let mut sums = [[simd.splat(T::ZERO); N]; M];
        for m in 0..M {
            for n in 0..N {
                sums[m][n] = simd.load(&stored[m * width + n * block..]);
            }
        }
        for i in 0..windows {
            let upstream = &self.upstream[i * width..][..width];
            let mut blocks = [simd.splat(T::ZERO); N];
            for n in 0..N {
                blocks[n] = simd.load(&upstream[n * block..]);
            }
            for m in 0..M {
                let x = simd.splat(seen[m][i]);
                for n in 0..N {
                    sums[m][n] = simd.mul_add(x, blocks[n], sums[m][n]);
                }
            }
        }
        for m in 0..M {
            for n in 0..N {
                simd.store(sums[m][n], &mut stored[m * width + n * block..]);
            }
        }
    }
}

kernel! {
    fn add[T: Float](x: &[T], sums: &mut [T]) {
        for (sum, &x) in sums.iter_mut().zip(x) {
            *sum += x;
        }
    }
}

/// A gradient by weights: of so many channels of the result in each of so many groups.
#[derive(Clone, Copy)]
pub(super) struct ByWeight {
    pub(super) pieces: Pieces,
    pub(super) scan: Scan,
    /// Channels of the result of a group.
    pub(super) outputs: usize,
}

impl ByWeight {
    /// Elements of scratch memory.
    pub(super) fn scratch(&self) -> usize {
        self.sums().saturating_add(self.own()).saturating_mul(self.pieces.count())
    }

    /// Elements of the sums of a piece.
    fn sums(&self) -> usize {
        let taps = self.pieces.groups.saturating_mul(self.scan.taps());
        taps.saturating_mul(padded(self.outputs))
    }

    /// What a piece needs beside them: unfolded planes, and the gradient by the result, turned.
    fn own(&self) -> usize {
        let (scan, band) = (&self.scan, self.scan.band());
        let windows = band.min(scan.rows.windows).saturating_mul(scan.columns.windows);
        let turned = windows.saturating_mul(padded(self.outputs).min(2 * LANES));
        scan.unfolded(band).saturating_add(turned)
    }

    /// out[groups·outputs, taps] = Σ over images and windows of `upstream`[images, groups·outputs,
    /// windows] times what the taps see of x[images, groups·channels, pixels].
    pub(super) fn run<T: Float>(
        &self,
        exec: Exec,
        x: &[T],
        upstream: Upstream<'_, T>,
        scratch: &mut [T],
        out: &mut [T],
    ) {
        let (pieces, each) = (self.pieces, self.sums());
        let work = [pieces.groups, self.outputs, self.scan.taps(), self.scan.windows()];
        let (sums, own) = scratch.split_at_mut(each * pieces.count());
        let slices = (Pieces::own(sums, each), Pieces::own(own, self.own()));
        pieces.for_each(exec, work, slices, |groups, (sums, own)| {
            sums.0.fill(T::ZERO);
            own.0.fill(T::ZERO);
            for place in groups {
                self.add_group(exec, place, x, &upstream, own.0, sums.0);
            }
        });
        let (total, rest) = sums.split_at_mut(each);
        for sums in rest.chunks_exact(each) {
            add(exec.isa, sums, total);
        }
        self.sort(total, out);
    }

    /// Adds a group of an image to the sums of its piece.
    fn add_group<T: Float>(
        &self,
        exec: Exec,
        place: usize,
        x: &[T],
        upstream: &Upstream<'_, T>,
        own: &mut [T],
        sums: &mut [T],
    ) {
        let (scan, taps) = (&self.scan, self.scan.taps());
        let source = scan.channels * scan.rows.size * scan.columns.size;
        let x = &x[place * source..][..source];
        let each = taps * padded(self.outputs);
        let sums = &mut sums[place % self.pieces.groups * each..][..each];
        let band = scan.band();
        let (unfolded, turned) = own.split_at_mut(scan.unfolded(band));
        for row in (0..scan.rows.windows).step_by(band) {
            let count = band.min(scan.rows.windows - row);
            let [start, length] = [row, count].map(|rows| rows * scan.columns.windows);
            scan.unfold(exec, [row, count], x, unfolded);
            for output in (0..self.outputs).step_by(2 * lanes::<T>()) {
                let width = width::<T>(self.outputs, output);
                let turned = &mut turned[..length * width];
                let planes = [place * self.outputs + output, width.min(self.outputs - output)];
                upstream.turn(exec, planes, scan.windows(), [start, length], width, turned);
                T::vectorize(
                    exec.isa,
                    Collect {
                        places: scan.places(count),
                        unfolded,
                        upstream: turned,
                        width,
                        sums: &mut sums[output * taps..][..width * taps],
                    },
                );
            }
        }
    }

    /// The sums of all groups, in the order of weights.
    fn sort<T: Float>(&self, sums: &[T], out: &mut [T]) {
        let taps = self.scan.taps();
        let groups = sums.chunks_exact(taps * padded(self.outputs));
        for (sums, out) in groups.zip(out.chunks_exact_mut(taps * self.outputs)) {
            for (output, out) in out.chunks_exact_mut(taps).enumerate() {
                let start = output / (2 * lanes::<T>()) * 2 * lanes::<T>();
                let width = width::<T>(self.outputs, start);
                let sums = sums[start * taps..].iter().skip(output - start).step_by(width);
                for (out, &sum) in out.iter_mut().zip(sums) {
                    *out = sum;
                }
            }
        }
    }
}
