//! The maxima of windows, and where they lie.

use super::{PIECE, Pooling, by_two};
use crate::float::Float;
use crate::parallel::{self, Blocks};
use crate::rows::{self, BadLabel};
use crate::{Exec, kernel};

/// The larger of what was found so far, at a place below 0 if that is nothing, and `x` at `place`: the first
/// of equals, the first NaN.
#[inline(always)]
pub(super) fn better<T: Float>((best, at): (T, i32), (x, place): (T, i32)) -> (T, i32) {
    let better = (x > best || at < 0) | (x.not_a_number() & !best.not_a_number());
    (if better { x } else { best }, if better { place } else { at })
}

kernel! {
    /// The maximum of each window and its place in the plane; −∞ and 0 of a window that sees nothing.
    fn pool_plane[T: Float](g: Pooling, x: &[T], order: &mut [i32], out: &mut [T]) {
        out.fill(T::NEG_INFINITY);
        order.fill(-1);
        g.for_each_tap(|windows, place| {
            let places = (place..).step_by(g.columns.stride).map(|i| (i as u32).cast_signed());
            let line = x[place..].iter().copied().step_by(g.columns.stride).zip(places);
            let best = out[windows.clone()].iter_mut().zip(&mut order[windows]);
            for ((best, at), found) in best.zip(line) {
                (*best, *at) = better((*best, *at), found);
            }
        });
        for at in order {
            *at = if *at < 0 { 0 } else { *at };
        }
    }
}

/// [`forward`] of planes on this thread: for what is cut in pieces already.
pub(crate) fn planes<T: Float>(exec: Exec, g: Pooling, x: &[T], order: &mut [i32], out: &mut [T]) {
    let windows = g.windows();
    let results = order.chunks_exact_mut(windows).zip(out.chunks_exact_mut(windows));
    for (i, (order, out)) in results.enumerate() {
        let x = &x[i * g.plane()..][..g.plane()];
        if !(by_two::applies(g) && by_two::pool_plane(exec.isa, g, x, order, out)) {
            pool_plane(exec.isa, g, x, order, out);
        }
    }
}

/// out[planes, windows] = the maximum of each window of x[planes, h, w]; `order` = its place in its plane,
/// the first of equals. NaN is larger than any number; a window that sees nothing has −∞.
pub fn forward<T: Float>(exec: Exec, g: Pooling, x: &[T], order: &mut [i32], out: &mut [T]) {
    if out.is_empty() {
        return;
    }
    let (plane, windows) = (g.plane(), g.windows());
    let blocks = (out.len() / windows).div_ceil(PIECE);
    let slices = (Blocks(order, PIECE * windows), Blocks(out, PIECE * windows));
    parallel::run(exec, x.len(), |threaded| {
        parallel::for_each_block(threaded, blocks, slices, &|block, (order, out)| {
            planes(exec, g, &x[block * PIECE * plane..], order.0, out.0);
        });
    });
}

kernel! {
    /// Whether no place is beyond `plane`.
    fn all_below[](plane: u32, order: &[i32]) -> bool {
        order.iter().fold(true, |below, &place| below & (place.cast_unsigned() < plane))
    }
}

/// Whether each of `order` is a place in planes of `plane` elements.
///
/// # Errors
/// [`BadLabel`] if one is not.
pub(crate) fn check(exec: Exec, order: &[i32], plane: usize) -> Result<(), BadLabel> {
    if all_below(exec.isa, u32::try_from(plane).unwrap_or(u32::MAX), order) {
        return Ok(());
    }
    // Slower, and knows which one.
    rows::indices(order, plane).map(drop)
}

/// `out`, planes of `plane` elements = `upstream`, `windows` a plane, each added at the place in `order`, 0
/// elsewhere.
pub(crate) fn unpool<T: Float>(
    windows: usize,
    upstream: &[T],
    order: &[i32],
    plane: usize,
    out: &mut [T],
) {
    let given = upstream.chunks_exact(windows).zip(order.chunks_exact(windows));
    for (out, (upstream, places)) in out.chunks_exact_mut(plane).zip(given) {
        out.fill(T::ZERO);
        for (&g, &place) in upstream.iter().zip(places) {
            out[place.cast_unsigned() as usize] += g;
        }
    }
}

/// out[planes, `plane`] = `upstream`[planes, `windows`], each added at the place in `order`, 0 elsewhere.
///
/// # Errors
/// [`BadLabel`] if there is no such place, before anything is written.
pub fn backward<T: Float>(
    exec: Exec,
    [plane, windows]: [usize; 2],
    upstream: &[T],
    order: &[i32],
    out: &mut [T],
) -> Result<(), BadLabel> {
    check(exec, order, plane)?;
    if upstream.is_empty() {
        out.fill(T::ZERO);
        return Ok(());
    }
    let blocks = (upstream.len() / windows).div_ceil(PIECE);
    parallel::run(exec, out.len(), |threaded| {
        let slices = Blocks(out, PIECE * plane);
        parallel::for_each_block(threaded, blocks, slices, &|block, Blocks(out, _)| {
            let first = block * PIECE * windows;
            unpool(windows, &upstream[first..], &order[first..], plane, out);
        });
    });
    Ok(())
}
