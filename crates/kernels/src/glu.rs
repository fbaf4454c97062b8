//! The gated linear unit: one half of a tensor, scaled by the logistic function of the other.

use crate::Exec;
use crate::activation::gate_gradient;
use crate::elementwise::{binary, ternary};
use crate::float::Float;

/// Of each pair of blocks \[a, b\] of `n` elements: a·σ(b).
pub fn forward<T: Float>(exec: Exec, n: usize, x: &[T], out: &mut [T]) {
    let n = n.max(1);
    for (x, out) in x.chunks_exact(2 * n).zip(out.chunks_exact_mut(n)) {
        let (a, b) = x.split_at(n);
        binary(exec, a, b, out, |a, b| a * b.logistic());
    }
}

/// The gradient of [`forward`] by x: upstream·σ(b), upstream·a·σ(b)·(1 − σ(b)).
pub fn backward<T: Float>(exec: Exec, n: usize, x: &[T], upstream: &[T], out: &mut [T]) {
    let n = n.max(1);
    let blocks = x.chunks_exact(2 * n).zip(out.chunks_exact_mut(2 * n));
    for ((x, out), upstream) in blocks.zip(upstream.chunks_exact(n)) {
        let (a, b) = x.split_at(n);
        let (by_a, by_b) = out.split_at_mut(n);
        binary(exec, b, upstream, by_a, |b, g| g * b.logistic());
        ternary(exec, [a, b, upstream], by_b, gate_gradient);
    }
}
