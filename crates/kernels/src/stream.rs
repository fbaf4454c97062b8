//! What memory allows: the yardstick of the fused update.

use crate::float::Float;
use crate::simd::{AHEAD, LANES, prefetch};
use crate::{Exec, kernel, parallel};

kernel! {
    fn stream_chunk[T: Float](w: &mut [T], g: &[T], m: &mut [T], v: &mut [T]) {
        let blocks = w.chunks_mut(LANES).zip(g.chunks(LANES));
        let state = m.chunks_mut(LANES).zip(v.chunks_mut(LANES));
        for ((w, g), (m, v)) in blocks.zip(state) {
            prefetch(&w[0], LANES * AHEAD);
            prefetch(&g[0], LANES * AHEAD);
            prefetch(&m[0], LANES * AHEAD);
            prefetch(&v[0], LANES * AHEAD);
            for (((w, &g), m), v) in w.iter_mut().zip(g).zip(m).zip(v) {
                *m = T::of(0.9) * *m + T::of(0.1) * g;
                *v = T::of(0.999) * *v + T::of(0.001) * (g * g);
                *w -= T::of(1e-3) * *m;
            }
        }
    }
}

/// Reads four slices and writes three, with a few multiply-adds: the traffic of `AdamW`.
pub fn stream<T: Float>(exec: Exec, w: &mut [T], g: &[T], m: &mut [T], v: &mut [T]) {
    parallel::for_each(exec, w.len(), (g, [w, m, v]), |(g, [w, m, v])| {
        stream_chunk(exec.isa, w, g, m, v);
    });
}
