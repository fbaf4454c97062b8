//! Sums and extremes along the middle axis of arrays [outer, length, inner].

use std::ops::Range;

use crate::float::Float;
use crate::line::for_each_row;
use crate::parallel::{self, Blocks, Split};
use crate::reduce::sum_chunk;
use crate::simd::LANES;
use crate::{Exec, kernel};

/// The lengths of the three axes.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// How many slices [length, inner] there are.
    pub outer: usize,
    /// Elements along the axis.
    pub length: usize,
    /// Elements from one to the next along it.
    pub inner: usize,
}

impl Axis {
    /// Of an operation's dimensions.
    pub fn of([outer, length, inner]: [&usize; 3]) -> Self {
        Self { outer: *outer, length: *length, inner: *inner }
    }

    fn slice(&self) -> usize {
        self.length * self.inner
    }

    fn size(&self) -> usize {
        self.outer * self.slice()
    }

    /// Calls `kernel` with the number of each slice and its part of `slices`, which hold as many
    /// elements a slice as `slices` says.
    fn for_each<P: Split>(&self, exec: Exec, slices: P, kernel: &(impl Fn(usize, P) + Sync)) {
        if self.outer > 0 {
            parallel::run(exec, self.size(), |threaded| {
                parallel::for_each_block(threaded, self.outer, slices, kernel);
            });
        }
    }

    /// The elements of slice `i` of an array of this shape.
    fn range(&self, i: usize) -> Range<usize> {
        i * self.slice()..(i + 1) * self.slice()
    }
}

kernel! {
    /// out = the sums of the columns of `x`, each in double precision, over `divisor`.
    fn sum_columns[T: Float](divisor: f64, x: &[T], out: &mut [T]) {
        let inner = out.len();
        for (block, out) in out.chunks_mut(LANES).enumerate() {
            let mut lanes = [0.0; LANES];
            for row in x.chunks_exact(inner) {
                let row = &row[block * LANES..][..out.len()];
                if let Some(row) = row.first_chunk::<LANES>() {
                    for (lane, x) in lanes.iter_mut().zip(row) {
                        *lane += x.f64();
                    }
                } else {
                    for (lane, x) in lanes.iter_mut().zip(row) {
                        *lane += x.f64();
                    }
                }
            }
            for (out, lane) in out.iter_mut().zip(lanes) {
                *out = T::of(lane / divisor);
            }
        }
    }
}

/// `out[o, i]` = Σ `x[o, ·, i]`/divisor, summed in double precision.
pub fn sum<T: Float>(exec: Exec, axis: Axis, divisor: f64, x: &[T], out: &mut [T]) {
    if axis.inner == 1 {
        return for_each_row(exec, [axis.length, 1], x, out, |_, x, out| {
            out[0] = T::of(sum_chunk(exec.isa, x) / divisor);
        });
    }
    axis.for_each(exec, Blocks(out, axis.inner), &|i, Blocks(out, _)| {
        if !out.is_empty() {
            sum_columns(exec.isa, divisor, &x[axis.range(i)], out);
        }
    });
}

kernel! {
    /// The largest (or smallest) of each column, NaN before any number, and the first row that it is in.
    fn extreme_slice[T: Float](largest: bool, x: &[T], out: &mut [T], order: &mut [i32]) {
        let inner = out.len();
        for (row, x) in x.chunks_exact(inner).enumerate() {
            let row = (row as u32).cast_signed();
            for ((out, order), &x) in out.iter_mut().zip(order.iter_mut()).zip(x) {
                let beyond = if largest { x > *out } else { x < *out };
                let better = (row == 0) | beyond | (x.not_a_number() & !out.not_a_number());
                *out = if better { x } else { *out };
                *order = if better { row } else { *order };
            }
        }
    }
}

/// `out[o, i]` = the largest of `x[o, ·, i]`, or the smallest, and `order[o, i]` = its first place. NaN is
/// beyond any number. Of nothing: −∞ (or ∞), at −1.
pub fn extreme<T: Float>(
    exec: Exec,
    axis: Axis,
    largest: bool,
    x: &[T],
    order: &mut [i32],
    out: &mut [T],
) {
    out.fill(if largest { T::NEG_INFINITY } else { -T::NEG_INFINITY });
    order.fill(-1);
    let slices = (Blocks(out, axis.inner), Blocks(order, axis.inner));
    axis.for_each(exec, slices, &|i, (Blocks(out, _), Blocks(order, _))| {
        if !out.is_empty() {
            extreme_slice(exec.isa, largest, &x[axis.range(i)], out, order);
        }
    });
}

/// `out` = `upstream[o, i]`, shared by all of `x[o, ·, i]` that are equal to `y[o, i]`, the extreme.
pub fn extreme_gradient<T: Float>(
    exec: Exec,
    axis: Axis,
    [x, y, upstream]: [&[T]; 3],
    out: &mut [T],
) {
    let inner = axis.inner;
    axis.for_each(exec, Blocks(out, axis.slice()), &|slice, Blocks(out, _)| {
        let x = &x[axis.range(slice)];
        for lane in 0..inner {
            let y = y[slice * inner + lane];
            let hit = |x: T| x == y || x.not_a_number() && y.not_a_number();
            let line = || x.iter().skip(lane).step_by(inner);
            let count = line().filter(|&&x| hit(x)).count();
            let share = upstream[slice * inner + lane] / T::of(count as f64);
            for (out, &x) in out.iter_mut().skip(lane).step_by(inner).zip(line()) {
                *out = if hit(x) { share } else { T::ZERO };
            }
        }
    });
}
