use crate::float::Float;
use crate::pool::max;
use crate::{Exec, kernel};

/// The gradient by the result of a convolution: planes of so many windows, one for each channel of each
/// image.
#[derive(Clone, Copy)]
pub(super) enum Upstream<'a, T> {
    /// As it is.
    Whole(&'a [T]),
    /// The gradient by the maxima of its planes, so many a plane, and where in a plane they lie; all other
    /// windows have 0.
    Pooled(usize, &'a [T], &'a [i32]),
}

impl<T: Float> Upstream<'_, T> {
    /// Elements of scratch memory for so many elements of planes.
    pub(super) const fn scratch(&self, elements: usize) -> usize {
        match self {
            Self::Whole(_) => 0,
            Self::Pooled(..) => elements,
        }
    }

    /// `count` planes of `windows`, from `first` on.
    pub(super) fn planes<'b>(
        &'b self,
        [first, count]: [usize; 2],
        windows: usize,
        scratch: &'b mut [T],
    ) -> &'b [T] {
        match *self {
            Self::Whole(planes) => &planes[first * windows..][..count * windows],
            Self::Pooled(maxima, given, order) => {
                let (given, order) = (&given[first * maxima..], &order[first * maxima..]);
                max::unpool(maxima, given, order, windows, scratch);
                scratch
            }
        }
    }

    /// out[length, width] = `length` windows from `start` on of `count` planes from `first` on, side by
    /// side, then zeros.
    pub(super) fn turn(
        &self,
        exec: Exec,
        [first, count]: [usize; 2],
        windows: usize,
        [start, length]: [usize; 2],
        width: usize,
        out: &mut [T],
    ) {
        match *self {
            Self::Whole(planes) => {
                let rows = &planes[first * windows + start..];
                turn(exec.isa, rows, [count, length, windows], width, out);
            }
            Self::Pooled(maxima, given, order) => {
                out.fill(T::ZERO);
                let planes = given.chunks_exact(maxima).zip(order.chunks_exact(maxima));
                for (i, (given, order)) in planes.skip(first).take(count).enumerate() {
                    for (&x, &place) in given.iter().zip(order) {
                        // Windows before `start` wrap around to places beyond the end.
                        let row = (place.cast_unsigned() as usize).wrapping_sub(start);
                        if let Some(sum) = out.get_mut(row.wrapping_mul(width).wrapping_add(i)) {
                            *sum += x;
                        }
                    }
                }
            }
        }
    }
}

/// Rows that are turned side by side.
const SIDE: usize = 4;

kernel! {
    /// out[length, width] = rows as columns, then zeros; `sizes` says how many rows, how long each is and
    /// how far from one to the next.
    fn turn[T: Float](rows: &[T], sizes: [usize; 3], width: usize, out: &mut [T]) {
        let [count, length, stride] = sizes;
        if count < width {
            out.fill(T::ZERO);
        }
        let row = |i: usize| &rows[i * stride..][..length];
        let whole = count / SIDE * SIDE;
        for start in (0..whole).step_by(SIDE) {
            let [a, b, c, d] = [row(start), row(start + 1), row(start + 2), row(start + 3)];
            let quads = a.as_chunks::<SIDE>().0.iter().zip(b.as_chunks::<SIDE>().0);
            let quads = quads.zip(c.as_chunks::<SIDE>().0).zip(d.as_chunks::<SIDE>().0);
            for ((((a, b), c), d), out) in quads.zip(out.chunks_exact_mut(SIDE * width)) {
                for i in 0..SIDE {
                    out[i * width + start..][..SIDE].copy_from_slice(&[a[i], b[i], c[i], d[i]]);
                }
            }
            for i in length / SIDE * SIDE..length {
                out[i * width + start..][..SIDE].copy_from_slice(&[a[i], b[i], c[i], d[i]]);
            }
        }
        for i in whole..count {
            for (&x, out) in row(i).iter().zip(out.iter_mut().skip(i).step_by(width)) {
                *out = x;
            }
        }
    }
}
