//! Planes [h, w] of an image as one tap of all windows sees them.

use super::axis::Line;
use crate::float::Float;
use crate::kernel;
use crate::vector::{Simd, Work, lanes};

/// Copies what is in the image of planes to where it is seen; the places beside it, which are the same for
/// all planes, are left alone.
pub(super) struct Unfold<'a, T> {
    pub(super) rows: Line,
    pub(super) columns: Line,
    pub(super) planes: &'a [T],
    /// For each plane, [rows, columns] at the beginning of each `stride` elements.
    pub(super) seen: &'a mut [T],
    pub(super) stride: usize,
}

impl<T: Float> Work<T> for Unfold<'_, T> {
    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let (ys, xs, width) = (self.rows.inside(), self.columns.inside(), self.columns.count);
        if ys.is_empty() || xs.is_empty() {
            return;
        }
        let (height, size, step) =
            (self.rows.size, self.columns.size, self.rows.step * self.columns.size);
        let first = self.rows.pixel(ys.start) * size + self.columns.pixel(xs.start);
        let (planes, seen) =
            (self.planes.chunks_exact(height * size), self.seen.chunks_mut(self.stride));
        for (plane, seen) in planes.zip(seen) {
            let seen = &mut seen[ys.start * width + xs.start..];
            for y in 0..ys.len() {
                let (line, seen) = (&plane[first + y * step..], &mut seen[y * width..][..xs.len()]);
                if self.columns.step == 1 {
                    copy(simd, line, seen);
                    continue;
                }
                for (seen, &x) in seen.iter_mut().zip(line.iter().step_by(self.columns.step)) {
                    *seen = x;
                }
            }
        }
    }
}

/// `to` = the first elements of `from`: short rows, without a call.
#[inline(always)]
fn copy<T: Float, S: Simd<T>>(simd: S, from: &[T], to: &mut [T]) {
    let block = lanes::<T>();
    let from = &from[..to.len()];
    let whole = to.len() / block * block;
    for at in (0..whole).step_by(block) {
        simd.store(simd.load(&from[at..]), &mut to[at..]);
    }
    if whole < to.len() {
        simd.store_part(simd.load_part(&from[whole..]), &mut to[whole..]);
    }
}

kernel! {
    /// `plane` ← `plane` + `seen`[rows, columns] at these places.
    pub(super) fn fold[T: Float](rows: Line, columns: Line, seen: &[T], plane: &mut [T]) {
        let (ys, xs) = (rows.inside(), columns.inside());
        if ys.is_empty() || xs.is_empty() {
            return;
        }
        for (seen, y) in seen.chunks_exact(columns.count).skip(ys.start).zip(ys) {
            let line = &mut plane[rows.pixel(y) * columns.size..][..columns.size];
            let line = line[columns.pixel(xs.start)..].iter_mut().step_by(columns.step);
            for (x, &seen) in line.zip(&seen[xs.clone()]) {
                *x += seen;
            }
        }
    }
}
