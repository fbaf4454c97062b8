//! The maxima of windows over planes [h, w].

use crate::conv::{extent, windows};
use crate::float::Float;
use crate::parallel::{self, Blocks};
use crate::rows::{self, BadLabel};
use crate::{Exec, kernel};

/// Planes of a piece.
const PIECE: usize = 32;

/// The sizes of a pooling: square windows over planes.
#[derive(Clone, Copy, Debug)]
pub struct Pooling {
    /// Rows of a plane.
    pub h: usize,
    /// Its columns.
    pub w: usize,
    /// Rows and columns of a window.
    pub kernel: usize,
    /// From one window to the next, both ways.
    pub stride: usize,
}

impl Pooling {
    fn out_columns(&self) -> usize {
        extent(self.w, self.kernel, self.stride, 0)
    }

    fn pixels(&self) -> usize {
        windows([self.h, self.w], [self.kernel; 2], self.stride, 0)
    }
}

kernel! {
    /// The first maximum of each window and its place in the plane; NaN is the largest.
    fn pool_plane[T: Float](g: Pooling, x: &[T], order: &mut [i32], out: &mut [T]) {
        let width = g.out_columns();
        let lines = out.chunks_exact_mut(width).zip(order.chunks_exact_mut(width));
        for (top, (out, order)) in (0..).step_by(g.stride).zip(lines) {
            for tap in 0..g.kernel * g.kernel {
                let start = (top + tap / g.kernel) * g.w + tap % g.kernel;
                let places = (start..).step_by(g.stride).map(|place| (place as u32).cast_signed());
                let line = x[start..].iter().step_by(g.stride).zip(places);
                for ((best, at), (&x, place)) in out.iter_mut().zip(order.iter_mut()).zip(line) {
                    let better = tap == 0 || x > *best || x.not_a_number();
                    *best = if better { x } else { *best };
                    *at = if better { place } else { *at };
                }
            }
        }
    }
}

/// out[planes, pixels] = the maximum of each window of x[planes, h, w]; `order` = its place in its plane,
/// the first of equals. NaN is larger than any number.
pub fn forward<T: Float>(exec: Exec, g: Pooling, x: &[T], order: &mut [i32], out: &mut [T]) {
    let (plane, pixels) = (g.h * g.w, g.pixels());
    if out.is_empty() {
        return;
    }
    let blocks = (out.len() / pixels).div_ceil(PIECE);
    let slices = (Blocks(order, PIECE * pixels), Blocks(out, PIECE * pixels));
    parallel::run(exec, x.len(), |threaded| {
        parallel::for_each_block(threaded, blocks, slices, &|block, (order, out)| {
            let (Blocks(order, _), Blocks(out, _)) = (order, out);
            let planes = x[block * PIECE * plane..].chunks_exact(plane);
            let results = order.chunks_exact_mut(pixels).zip(out.chunks_exact_mut(pixels));
            for (x, (order, out)) in planes.zip(results) {
                pool_plane(exec.isa, g, x, order, out);
            }
        });
    });
}

kernel! {
    /// Whether no place is beyond `plane`.
    fn all_below[](plane: u32, order: &[i32]) -> bool {
        order.iter().fold(true, |below, &place| below & (place.cast_unsigned() < plane))
    }
}

/// out[planes, h, w] = `upstream`[planes, pixels], each added at the place in `order`, 0 elsewhere.
///
/// # Errors
/// [`BadLabel`] if there is no such place, before anything is written.
pub fn backward<T: Float>(
    exec: Exec,
    g: Pooling,
    upstream: &[T],
    order: &[i32],
    out: &mut [T],
) -> Result<(), BadLabel> {
    let (plane, pixels) = (g.h * g.w, g.pixels());
    if !all_below(exec.isa, u32::try_from(plane).unwrap_or(u32::MAX), order) {
        // Slower, and knows which one.
        rows::indices(order, plane).map(drop)?;
    }
    out.fill(T::ZERO);
    if upstream.is_empty() {
        return Ok(());
    }
    let blocks = (upstream.len() / pixels).div_ceil(PIECE);
    parallel::run(exec, out.len(), |threaded| {
        let slices = Blocks(out, PIECE * plane);
        parallel::for_each_block(threaded, blocks, slices, &|block, Blocks(out, _)| {
            let first = block * PIECE * pixels;
            let places = order[first..].chunks_exact(pixels);
            let given = upstream[first..].chunks_exact(pixels).zip(places);
            for (out, (upstream, places)) in out.chunks_exact_mut(plane).zip(given) {
                for (&g, &place) in upstream.iter().zip(places) {
                    out[place.cast_unsigned() as usize] += g;
                }
            }
        });
    });
    Ok(())
}
