//! The maxima of windows over planes [h, w].

use crate::conv::extent;
use crate::float::Float;
use crate::parallel::{self, Blocks};
use crate::rows::{self, BadLabel};
use crate::{Exec, kernel};

/// How many windows there are of a plane.
pub const fn windows([h, w]: [usize; 2], kernel: usize, stride: usize) -> usize {
    let [rows, columns] = [extent(h, kernel, [stride, 0, 1]), extent(w, kernel, [stride, 0, 1])];
    rows.saturating_mul(columns)
}

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
        extent(self.w, self.kernel, [self.stride, 0, 1])
    }

    pub(crate) fn windows(&self) -> usize {
        windows([self.h, self.w], self.kernel, self.stride)
    }
}

/// The larger of what was found so far and `x` at `place`: the first of equals, the first NaN.
#[inline(always)]
fn better<T: Float>((best, at): (T, i32), (x, place): (T, i32)) -> (T, i32) {
    let better = (x > best) | (x.not_a_number() & !best.not_a_number());
    (if better { x } else { best }, if better { place } else { at })
}

/// Windows of two by two that are computed side by side.
const WIDE: usize = 8;
const NARROW: usize = 4;

/// `N` windows of two by two over two lines of pairs, at `places` of a plane `w` wide; whether none holds NaN,
/// with which they would be wrong.
#[inline(always)]
fn pool_pairs<T: Float, const N: usize>(
    [top, bottom]: [&[[T; 2]; N]; 2],
    (places, w): (&[i32; N], i32),
    order: &mut [i32; N],
    out: &mut [T; N],
) -> bool {
    let [a, b] = [top.map(|[x, _]| x), top.map(|[_, x]| x)];
    let [c, d] = [bottom.map(|[x, _]| x), bottom.map(|[_, x]| x)];
    let larger = |x: T, y: T| if y > x { y } else { x };
    let mut best = a;
    for i in 0..N {
        best[i] = larger(larger(a[i], b[i]), larger(c[i], d[i]));
    }
    let mut numbers = true;
    for i in 0..N {
        let nan = [a[i], b[i], c[i], d[i]].map(T::not_a_number);
        numbers &= !(nan[0] | nan[1] | nan[2] | nan[3]);
    }
    let mut at = *places;
    for i in 0..N {
        // The first of equals. Wrapping, because a check of overflow would leave the loop scalar.
        let ahead = if c[i] == best[i] { w } else { w.wrapping_add(1) };
        let ahead = if b[i] == best[i] { 1 } else { ahead };
        let ahead = if a[i] == best[i] { 0 } else { ahead };
        at[i] = at[i].wrapping_add(ahead);
    }
    (*out, *order) = (best, at);
    numbers
}

/// [`pool_pairs`] over a whole line: in blocks, the last of which ends with the line, so that it may
/// compute some windows again.
#[inline(always)]
fn pool_line<T: Float, const N: usize>(
    lines: [&[T]; 2],
    [place, w]: [i32; 2],
    order: &mut [i32],
    out: &mut [T],
) -> bool {
    let windows = out.len();
    let [top, bottom] = lines.map(|line| &line.as_chunks::<2>().0[..windows]);
    let [tops, bottoms] = [top, bottom].map(|line| line.as_chunks::<N>().0.iter());
    let results = order.as_chunks_mut::<N>().0.iter_mut().zip(out.as_chunks_mut::<N>().0);
    let (mut numbers, mut places) = (true, [place; N]);
    for (place, i) in places.iter_mut().zip(0..) {
        *place += 2 * i;
    }
    for (lines, (order, out)) in tops.zip(bottoms).zip(results) {
        numbers &= pool_pairs([lines.0, lines.1], (&places, w), order, out);
        for place in &mut places {
            *place = place.wrapping_add(2 * (N as u32).cast_signed());
        }
    }
    if windows % N > 0
        && let (Some(top), Some(bottom)) = (top.last_chunk::<N>(), bottom.last_chunk::<N>())
        && let (Some(order), Some(out)) = (order.last_chunk_mut::<N>(), out.last_chunk_mut::<N>())
    {
        for place in &mut places {
            *place -= 2 * ((N - windows % N) as u32).cast_signed();
        }
        numbers &= pool_pairs([top, bottom], (&places, w), order, out);
    }
    numbers
}

kernel! {
    /// [`pool_plane`] for windows of two by two, two apart; whether there is no NaN, with which it would be
    /// wrong.
    fn pool_plane_by_two[T: Float](g: Pooling, x: &[T], order: &mut [i32], out: &mut [T]) -> bool {
        let (width, w) = (g.out_columns(), (g.w as u32).cast_signed());
        let beyond = width.next_multiple_of(WIDE);
        let (mut numbers, mut place) = (true, 0);
        for row in 0..out.len() / width {
            let lines = [&x[2 * row * g.w..], &x[(2 * row + 1) * g.w..]];
            let (order, out) = (&mut order[row * width..], &mut out[row * width..]);
            numbers &= if out.len() >= beyond && lines[1].len() >= 2 * beyond {
                // What is written beyond the line is written again with the next one.
                pool_line::<T, WIDE>(lines, [place, w], &mut order[..beyond], &mut out[..beyond])
            } else {
                let (order, out) = (&mut order[..width], &mut out[..width]);
                match width {
                    WIDE.. => pool_line::<T, WIDE>(lines, [place, w], order, out),
                    NARROW.. => pool_line::<T, NARROW>(lines, [place, w], order, out),
                    _ => pool_line::<T, 1>(lines, [place, w], order, out),
                }
            };
            place += 2 * w;
        }
        numbers
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

/// [`forward`] of planes on this thread: for what is cut in pieces already.
pub(crate) fn planes<T: Float>(exec: Exec, g: Pooling, x: &[T], order: &mut [i32], out: &mut [T]) {
    let windows = g.windows();
    let results = order.chunks_exact_mut(windows).zip(out.chunks_exact_mut(windows));
    for (x, (order, out)) in x.chunks_exact(g.h * g.w).zip(results) {
        let by_two = (g.kernel, g.stride) == (2, 2);
        if !(by_two && pool_plane_by_two(exec.isa, g, x, order, out)) {
            pool_plane(exec.isa, g, x, order, out);
        }
    }
}

/// out[planes, windows] = the maximum of each window of x[planes, h, w]; `order` = its place in its plane,
/// the first of equals. NaN is larger than any number.
pub fn forward<T: Float>(exec: Exec, g: Pooling, x: &[T], order: &mut [i32], out: &mut [T]) {
    if out.is_empty() {
        return;
    }
    let (plane, windows) = (g.h * g.w, g.windows());
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

/// out[planes, h, w] = `upstream`[planes, windows], each added at the place in `order`, 0 elsewhere.
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
    let (plane, windows) = (g.h * g.w, g.windows());
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
