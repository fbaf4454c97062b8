//! The means of windows.

use super::{PIECE, Pooling};
use crate::float::Float;
use crate::parallel::{self, Blocks};
use crate::{Exec, kernel};

/// Windows, and what their sums are divided by.
#[derive(Clone, Copy, Debug)]
pub struct Mean {
    /// How they lie.
    pub pooling: Pooling,
    /// How many rows above and below planes are counted, as zeros.
    pub rows: [usize; 2],
    /// How many columns to the left and right.
    pub columns: [usize; 2],
    /// What sums are divided by, or 0: by how many elements a window sees, with those that are counted.
    pub divisor: f64,
}

impl Mean {
    /// Of the sizes of a [`Pooling`], then how many rows are counted above and below planes, and how many
    /// columns to the left and right.
    pub fn of(sizes: &[usize], divisor: f64) -> Self {
        let [.., above, below, left, right] = *sizes else {
            unreachable!("the table has all of them")
        };
        let (rows, columns) = ([above, below], [left, right]);
        Self { pooling: Pooling::of(sizes), rows, columns, divisor }
    }

    /// What the sum of the window in row `y` and column `x` is divided by.
    fn divisor<T: Float>(&self, y: usize, x: usize) -> T {
        if self.divisor != 0.0 {
            return T::of(self.divisor);
        }
        let Pooling { rows, columns } = self.pooling;
        T::of((rows.counted(y, self.rows) * columns.counted(x, self.columns)) as f64)
    }
}

kernel! {
    fn pool_plane[T: Float](g: Mean, x: &[T], out: &mut [T]) {
        out.fill(T::ZERO);
        g.pooling.for_each_tap(|windows, place| {
            let line = x[place..].iter().step_by(g.pooling.columns.stride);
            for (sum, &x) in out[windows].iter_mut().zip(line) {
                *sum += x;
            }
        });
        let width = g.pooling.columns.windows;
        for (i, sum) in out.iter_mut().enumerate() {
            *sum /= g.divisor::<T>(i / width, i % width);
        }
    }
}

kernel! {
    /// The gradient by a plane; `shares` = what each element of a window gets.
    fn spread_plane[T: Float](g: Mean, upstream: &[T], shares: &mut [T], out: &mut [T]) {
        let width = g.pooling.columns.windows;
        for (i, (share, &upstream)) in shares.iter_mut().zip(upstream).enumerate() {
            *share = upstream / g.divisor::<T>(i / width, i % width);
        }
        out.fill(T::ZERO);
        g.pooling.for_each_tap(|windows, place| {
            let line = out[place..].iter_mut().step_by(g.pooling.columns.stride);
            for (x, &share) in line.zip(&shares[windows]) {
                *x += share;
            }
        });
    }
}

/// out[planes, windows] = the mean of each window of x[planes, h, w]: 0/0 of one that sees nothing.
pub fn forward<T: Float>(exec: Exec, g: Mean, x: &[T], out: &mut [T]) {
    if out.is_empty() {
        return;
    }
    let (plane, windows) = (g.pooling.plane(), g.pooling.windows());
    let blocks = (out.len() / windows).div_ceil(PIECE);
    parallel::run(exec, x.len(), |threaded| {
        let slices = Blocks(out, PIECE * windows);
        parallel::for_each_block(threaded, blocks, slices, &|block, Blocks(out, _)| {
            for (i, out) in out.chunks_exact_mut(windows).enumerate() {
                let x = &x[(block * PIECE + i) * plane..][..plane];
                pool_plane(exec.isa, g, x, out);
            }
        });
    });
}

/// out[planes, h, w] = the gradient of [`forward`] for `upstream`[planes, windows]; `shares` is as long as that.
pub fn backward<T: Float>(exec: Exec, g: Mean, upstream: &[T], shares: &mut [T], out: &mut [T]) {
    let (plane, windows) = (g.pooling.plane(), g.pooling.windows());
    if out.is_empty() || windows == 0 {
        shares.fill(T::ZERO);
        return out.fill(T::ZERO);
    }
    let blocks = (out.len() / plane).div_ceil(PIECE);
    parallel::run(exec, out.len(), |threaded| {
        let slices = (Blocks(shares, PIECE * windows), Blocks(out, PIECE * plane));
        parallel::for_each_block(threaded, blocks, slices, &|block, (shares, out)| {
            let planes = shares.0.chunks_exact_mut(windows).zip(out.0.chunks_exact_mut(plane));
            for (i, (shares, out)) in planes.enumerate() {
                let upstream = &upstream[(block * PIECE + i) * windows..][..windows];
                spread_plane(exec.isa, g, upstream, shares, out);
            }
        });
    });
}
