//! Sine and cosine of slices: in vector code where the argument allows it, and it hardly ever does not.

use crate::elementwise::update_chunk;
use crate::float::Float;
use crate::{Exec, kernel, parallel};

kernel! {
    /// Whether an argument is beyond what the loop could do.
    fn near_waves[T: Float](quarters: u64, x: &[T], out: &mut [T]) -> bool {
        let mut far = false;
        for (out, &x) in out.iter_mut().zip(x) {
            *out = x.near_wave(quarters);
            far |= x.magnitude() >= T::FAR;
        }
        far
    }
}

fn waves<T: Float>(exec: Exec, quarters: u64, x: &[T], out: &mut [T]) {
    if near_waves(exec.isa, quarters, x, out) {
        for (out, &x) in out.iter_mut().zip(x).filter(|(_, x)| x.magnitude() >= T::FAR) {
            *out = x.wave(quarters);
        }
    }
}

/// outᵢ = sin(xᵢ + `quarters`·π/2): sin, cos, −sin, −cos of 0, 1, 2, 3.
pub fn wave<T: Float>(exec: Exec, quarters: u64, x: &[T], out: &mut [T]) {
    parallel::for_each(exec, x.len(), (x, out), |(x, out)| waves(exec, quarters, x, out));
}

/// outᵢ = sin(xᵢ + `quarters`·π/2)·upstreamᵢ.
pub fn scaled_wave<T: Float>(exec: Exec, quarters: u64, x: &[T], upstream: &[T], out: &mut [T]) {
    parallel::for_each(exec, x.len(), ([x, upstream], out), |([x, upstream], out)| {
        waves(exec, quarters, x, out);
        update_chunk(exec.isa, |y, g| y * g, upstream, out);
    });
}
