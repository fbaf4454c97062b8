//! Operations on each row of a matrix [m, n] for itself: products, running sums, norms, variances.

use crate::float::Float;
use crate::parallel::{self, Blocks};
use crate::reduce::sum_by;
use crate::simd::Isa;
use crate::{Exec, kernel};

/// Elements that one thread takes at least.
const GROUP: usize = 4096;

/// Calls `f` with each row of `x`, of `n` elements, and its part of `out`, of `wide` elements.
pub(crate) fn for_each_row<T: Float>(
    exec: Exec,
    [n, wide]: [usize; 2],
    x: &[T],
    out: &mut [T],
    f: impl Fn(usize, &[T], &mut [T]) + Sync,
) {
    let Some(rows) = out.len().checked_div(wide).filter(|&rows| rows > 0) else { return };
    let group = (GROUP / n.max(1)).max(1);
    let slices = Blocks(out, group * wide);
    parallel::run(exec, x.len(), |threaded| {
        parallel::for_each_block(threaded, rows.div_ceil(group), slices, &|block, slice| {
            for (row, out) in (block * group..).zip(slice.0.chunks_exact_mut(wide)) {
                f(row, &x[row * n..][..n], out);
            }
        });
    });
}

/// `out[m]` = Π over each row of `x[m, n]`, in double precision.
pub fn product<T: Float>(exec: Exec, n: usize, x: &[T], out: &mut [T]) {
    for_each_row(exec, [n, 1], x, out, |_, x, out| {
        out[0] = T::of(x.iter().fold(1.0, |product, x| product * x.f64()));
    });
}

/// `out[m, n]` = `upstream[m]` times the product of all others of the row: right where some are 0.
pub fn product_gradient<T: Float>(exec: Exec, n: usize, x: &[T], upstream: &[T], out: &mut [T]) {
    for_each_row(exec, [n, n], x, out, |row, x, out| {
        let mut before = upstream[row].f64();
        for (out, x) in out.iter_mut().zip(x) {
            *out = T::of(before);
            before *= x.f64();
        }
        let mut behind = 1.0;
        for (out, x) in out.iter_mut().zip(x).rev() {
            *out = T::of(out.f64() * behind);
            behind *= x.f64();
        }
    });
}

/// `out[m, n]` = Σ of the row up to each element, or with `back` from it on; in double precision.
pub fn cumulative_sum<T: Float>(exec: Exec, n: usize, back: bool, x: &[T], out: &mut [T]) {
    for_each_row(exec, [n, n], x, out, |_, x, out| {
        let mut sum = 0.0;
        let mut add = |(out, x): (&mut T, &T)| {
            sum += x.f64();
            *out = T::of(sum);
        };
        let pairs = out.iter_mut().zip(x);
        if back { pairs.rev().for_each(&mut add) } else { pairs.for_each(&mut add) }
    });
}

kernel! {
    fn absolute_sum[T: Float](x: &[T]) -> f64 {
        sum_by(x, f64::abs)
    }
}

kernel! {
    fn square_sum[T: Float](mean: f64, x: &[T]) -> f64 {
        sum_by(x, |x| (x - mean) * (x - mean))
    }
}

kernel! {
    fn plain_sum[T: Float](x: &[T]) -> f64 {
        sum_by(x, |x| x)
    }
}

/// ‖x‖ₚ of one row.
fn norm_of<T: Float>(isa: Isa, p: f64, x: &[T]) -> f64 {
    if p == 1.0 {
        absolute_sum(isa, x)
    } else if p == 2.0 {
        square_sum(isa, 0.0, x).sqrt()
    } else {
        sum_by(x, |x| x.abs().powf(p)).powf(1.0 / p)
    }
}

/// `out[m]` = (Σ|x|ᵖ)^(1/p) of each row of `x[m, n]`, in double precision.
pub fn norm<T: Float>(exec: Exec, n: usize, p: f64, x: &[T], out: &mut [T]) {
    for_each_row(exec, [n, 1], x, out, |_, x, out| out[0] = T::of(norm_of(exec.isa, p, x)));
}

/// `out[m, n]` = upstream·(|x|/‖x‖)ᵖ⁻¹·sign(x), 0 where x or the norm is 0; `y[m]` being the norms.
pub fn norm_gradient<T: Float>(
    exec: Exec,
    n: usize,
    p: f64,
    [x, y, upstream]: [&[T]; 3],
    out: &mut [T],
) {
    for_each_row(exec, [n, n], x, out, |row, x, out| {
        let (norm, upstream) = (y[row].f64(), upstream[row].f64());
        for (out, x) in out.iter_mut().zip(x) {
            let x = x.f64();
            let sign = if x == 0.0 { 0.0 } else { x.signum() };
            let slope = if p == 1.0 {
                sign
            } else if norm == 0.0 {
                0.0
            } else if p == 2.0 {
                x / norm
            } else {
                sign * (x.abs() / norm).powf(p - 1.0)
            };
            *out = T::of(upstream * slope);
        }
    });
}

/// `out[m]` = Σ(x − mean)²/(n − correction) of each row of `x[m, n]`, in double precision.
pub fn variance<T: Float>(exec: Exec, n: usize, correction: f64, x: &[T], out: &mut [T]) {
    for_each_row(exec, [n, 1], x, out, |_, x, out| {
        let mean = plain_sum(exec.isa, x) / n as f64;
        out[0] = T::of(square_sum(exec.isa, mean, x) / (n as f64 - correction).max(0.0));
    });
}

/// `out[m]` = √variance of each row.
pub fn deviation<T: Float>(exec: Exec, n: usize, correction: f64, x: &[T], out: &mut [T]) {
    for_each_row(exec, [n, 1], x, out, |_, x, out| {
        let mean = plain_sum(exec.isa, x) / n as f64;
        let squares = square_sum(exec.isa, mean, x);
        out[0] = T::of((squares / (n as f64 - correction).max(0.0)).sqrt());
    });
}

/// `out[m, n]` = upstream·(x − mean)/((n − correction)·y), 0 where y, the deviation, is 0.
pub fn deviation_gradient<T: Float>(
    exec: Exec,
    n: usize,
    correction: f64,
    [x, y, upstream]: [&[T]; 3],
    out: &mut [T],
) {
    for_each_row(exec, [n, n], x, out, |row, x, out| {
        let mean = plain_sum(exec.isa, x) / n as f64;
        let (y, upstream) = (y[row].f64(), upstream[row].f64());
        let scale = upstream / ((n as f64 - correction).max(0.0) * y);
        let scale = if y == 0.0 { 0.0 } else { scale };
        for (out, x) in out.iter_mut().zip(x) {
            *out = T::of(scale * (x.f64() - mean));
        }
    });
}

/// `out[m, n]` = upstream·2·(x − mean)/(n − correction).
pub fn variance_gradient<T: Float>(
    exec: Exec,
    n: usize,
    correction: f64,
    [x, upstream]: [&[T]; 2],
    out: &mut [T],
) {
    for_each_row(exec, [n, n], x, out, |row, x, out| {
        let mean = plain_sum(exec.isa, x) / n as f64;
        let scale = 2.0 * upstream[row].f64() / (n as f64 - correction).max(0.0);
        for (out, x) in out.iter_mut().zip(x) {
            *out = T::of(scale * (x.f64() - mean));
        }
    });
}
