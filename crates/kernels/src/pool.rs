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

/// Outputs of a line of windows of two by two that are computed side by side.
const WIDE: usize = 8;
const NARROW: usize = 4;

/// The larger of what was found so far and `x` at `place`: the first of equals, the first NaN.
#[inline(always)]
fn better<T: Float>((best, at): (T, i32), (x, place): (T, i32)) -> (T, i32) {
    let better = (x > best) | (x.not_a_number() & !best.not_a_number());
    (if better { x } else { best }, if better { place } else { at })
}

/// The windows of two by two over two lines of pairs, the first at `place` of a plane `w` wide.
#[inline(always)]
fn pool_pairs<T: Float, const N: usize>(
    [top, bottom]: [&[[T; 2]]; 2],
    [place, w]: [i32; 2],
    order: &mut [i32],
    out: &mut [T],
) {
    let (Some(top), Some(bottom)) = (top.first_chunk::<N>(), bottom.first_chunk::<N>()) else {
        return;
    };
    let [a, b] = [top.map(|[x, _]| x), top.map(|[_, x]| x)];
    let [c, d] = [bottom.map(|[x, _]| x), bottom.map(|[_, x]| x)];
    let larger = |x: T, y: T| if (y > x) | y.not_a_number() { y } else { x };
    let mut best = a;
    for lane in 0..N {
        best[lane] = larger(larger(a[lane], b[lane]), larger(c[lane], d[lane]));
    }
    out[..N].copy_from_slice(&best);
    let mut at = [0; N];
    let hits = |x: T, best: T| (x == best) | x.not_a_number();
    for lane in 0..N {
        let right = if hits(c[lane], best[lane]) { w } else { w.wrapping_add(1) };
        let ahead = if hits(b[lane], best[lane]) { 1 } else { right };
        let ahead = if hits(a[lane], best[lane]) { 0 } else { ahead };
        at[lane] = place.wrapping_add((2 * lane as u32).cast_signed()).wrapping_add(ahead);
    }
    order[..N].copy_from_slice(&at);
}

/// [`pool_pairs`] over a whole line: in blocks, the last of which begins where it ends with the line,
/// so that it computes some windows again.
#[inline(always)]
fn pool_line<T: Float, const N: usize>(
    lines: [&[[T; 2]]; 2],
    [place, w]: [i32; 2],
    order: &mut [i32],
    out: &mut [T],
) {
    let last = out.len() - N;
    for start in (0..last).step_by(N).chain([last]) {
        let place = place + 2 * (start as u32).cast_signed();
        let lines = lines.map(|line| &line[start..]);
        pool_pairs::<T, N>(lines, [place, w], &mut order[start..], &mut out[start..]);
    }
}

kernel! {
    /// [`pool_plane`] for windows of two by two, two apart.
    fn pool_plane_by_two[T: Float](g: Pooling, x: &[T], order: &mut [i32], out: &mut [T]) {
        let width = g.out_columns();
        let w = (g.w as u32).cast_signed();
        let lines = out.chunks_exact_mut(width).zip(order.chunks_exact_mut(width));
        for ((out, order), (place, x)) in lines.zip((0..).step_by(2 * g.w).zip(x.chunks_exact(2 * g.w))) {
            let (top, bottom) = x.split_at(g.w);
            let lines = [top, bottom].map(|line| line.as_chunks::<2>().0);
            match width {
                WIDE.. => pool_line::<T, WIDE>(lines, [place, w], order, out),
                NARROW.. => pool_line::<T, NARROW>(lines, [place, w], order, out),
                _ => pool_line::<T, 1>(lines, [place, w], order, out),
            }
        }
    }
}

kernel! {
    /// The maximum of each window and its place in the plane.
    fn pool_plane[T: Float](g: Pooling, x: &[T], order: &mut [i32], out: &mut [T]) {
        let width = g.out_columns();
        let lines = out.chunks_exact_mut(width).zip(order.chunks_exact_mut(width));
        for (top, (out, order)) in (0..).step_by(g.stride).zip(lines) {
            for tap in 0..g.kernel * g.kernel {
                let start = (top + tap / g.kernel) * g.w + tap % g.kernel;
                let places = (start..).step_by(g.stride).map(|place| (place as u32).cast_signed());
                let line = x[start..].iter().copied().step_by(g.stride).zip(places);
                for ((best, at), found) in out.iter_mut().zip(order.iter_mut()).zip(line) {
                    (*best, *at) = if tap == 0 { found } else { better((*best, *at), found) };
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
                if (g.kernel, g.stride) == (2, 2) {
                    pool_plane_by_two(exec.isa, g, x, order, out);
                } else {
                    pool_plane(exec.isa, g, x, order, out);
                }
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
