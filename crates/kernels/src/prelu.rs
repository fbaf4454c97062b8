//! max(x, 0) + weight·min(x, 0), with a weight that is learned, one for each channel (He et al. 2015).
//!
//! `x`: \[outer, channels, inner\], row-major; with one weight that is \[1, 1, n\].

use crate::elementwise::{binary, ternary, unary};
use crate::float::Float;
use crate::reduce::join;
use crate::simd::LANES;
use crate::{Exec, kernel, parallel};

/// x above 0, weight·x below.
#[inline(always)]
fn bent<T: Float>(x: T, weight: T) -> T {
    if x > T::ZERO { x } else { weight * x }
}

/// Of [`bent`] by x; at 0 that from below.
#[inline(always)]
fn slope<T: Float>(x: T, weight: T, g: T) -> T {
    if x > T::ZERO { g } else { weight * g }
}

/// Of [`bent`] by the weight.
#[inline(always)]
fn share<T: Float>(x: T, g: T) -> T {
    if x > T::ZERO { T::ZERO } else { x * g }
}

/// The function itself.
pub fn forward<T: Float>(exec: Exec, inner: usize, x: &[T], weight: &[T], out: &mut [T]) {
    if inner == 1 {
        let rows = x.chunks_exact(weight.len().max(1));
        for (x, out) in rows.zip(out.chunks_exact_mut(weight.len().max(1))) {
            binary(exec, x, weight, out, bent);
        }
        return;
    }
    let rows = x.chunks_exact(inner.max(1)).zip(out.chunks_exact_mut(inner.max(1)));
    for ((x, out), &weight) in rows.zip(weight.iter().cycle()) {
        unary(exec, x, out, |x| bent(x, weight));
    }
}

/// Its gradient by x.
pub fn by_input<T: Float>(
    exec: Exec,
    inner: usize,
    [x, weight, upstream]: [&[T]; 3],
    out: &mut [T],
) {
    if inner == 1 {
        let width = weight.len().max(1);
        let rows = x.chunks_exact(width).zip(upstream.chunks_exact(width));
        for ((x, g), out) in rows.zip(out.chunks_exact_mut(width)) {
            ternary(exec, [x, weight, g], out, slope);
        }
        return;
    }
    let rows = x.chunks_exact(inner.max(1)).zip(upstream.chunks_exact(inner.max(1)));
    let rows = rows.zip(out.chunks_exact_mut(inner.max(1)));
    for (((x, g), out), &weight) in rows.zip(weight.iter().cycle()) {
        binary(exec, x, g, out, |x, g| slope(x, weight, g));
    }
}

kernel! {
    fn sum_of_shares[T: Float](x: &[T], upstream: &[T]) -> f64 {
        let mut lanes = [0.0; LANES];
        for (x, g) in x.chunks(LANES).zip(upstream.chunks(LANES)) {
            for ((lane, &x), &g) in lanes.iter_mut().zip(x).zip(g) {
                *lane += share(x, g).f64();
            }
        }
        join(lanes)
    }
}

kernel! {
    fn add_shares[T: Float](x: &[T], upstream: &[T], out: &mut [T]) {
        for ((out, &x), &g) in out.iter_mut().zip(x).zip(upstream) {
            *out += share(x, g);
        }
    }
}

/// Its gradient by the weight: sums over `outer` and `inner`, first to last.
pub fn by_weight<T: Float>(exec: Exec, inner: usize, [x, upstream]: [&[T]; 2], out: &mut [T]) {
    out.fill(T::ZERO);
    if inner == 1 {
        let width = out.len().max(1);
        for (x, g) in x.chunks_exact(width).zip(upstream.chunks_exact(width)) {
            add_shares(exec.isa, x, g, out);
        }
        return;
    }
    let rows = x.chunks_exact(inner.max(1)).zip(upstream.chunks_exact(inner.max(1)));
    for (i, (x, g)) in rows.enumerate() {
        let sum = parallel::fold(exec, inner, [x, g], |[x, g]| sum_of_shares(exec.isa, x, g));
        out[i % out.len()] += T::of(sum);
    }
}
