//! The maxima of windows of two by two, two apart, in registers.

use super::Pooling;
use crate::conv::Axis;
use crate::float::Float;
use crate::kernel;

/// Whether these are such windows, and wholly in their planes.
pub(super) fn applies(g: Pooling) -> bool {
    let along = |side: Axis| {
        let Axis { size, windows, kernel, stride, dilation, before } = side;
        (kernel, stride, dilation, before) == (2, 2, 1, 0) && windows <= size / 2
    };
    along(g.rows) && along(g.columns)
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
    if !windows.is_multiple_of(N)
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
    /// The maximum of each window and its place in the plane; whether there is no NaN, with which they
    /// would be wrong.
    pub(super) fn pool_plane[T: Float](
        g: Pooling, x: &[T], order: &mut [i32], out: &mut [T],
    ) -> bool {
        let (width, size) = (g.columns.windows, g.columns.size);
        let w = (size as u32).cast_signed();
        let beyond = width.next_multiple_of(WIDE);
        let (mut numbers, mut place) = (true, 0);
        for row in 0..out.len() / width {
            let lines = [&x[2 * row * size..], &x[(2 * row + 1) * size..]];
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
