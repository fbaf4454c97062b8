//! Windows over planes [h, w]: their maxima and their means.

pub mod adaptive;
mod by_two;
pub mod max;
pub mod mean;

use std::ops::Range;

use crate::conv::Axis;

/// Planes of a piece.
const PIECE: usize = 32;

/// How windows lie over planes: they may begin before a plane and end behind it.
#[derive(Clone, Copy, Debug)]
pub struct Pooling {
    /// From top to bottom.
    pub rows: Axis,
    /// From left to right.
    pub columns: Axis,
}

impl Pooling {
    /// Of h, w, and for both ways the taps of a window, from one window to the next, from one tap to the next,
    /// how far the first window begins before the plane, and how many windows there are; whatever follows is
    /// not its own.
    pub fn of(sizes: &[usize]) -> Self {
        let [h, w, kh, kw, sh, sw, dh, dw, top, left, rows, columns, ..] = *sizes else {
            unreachable!("the table has all of them")
        };
        let side = |size, kernel, [stride, dilation, before]: [usize; 3], windows| Axis {
            size,
            windows,
            kernel,
            stride: stride.max(1),
            dilation: dilation.max(1),
            before: before.cast_signed(),
        };
        let (rows, columns) =
            (side(h, kh, [sh, dh, top], rows), side(w, kw, [sw, dw, left], columns));
        Self { rows, columns }
    }

    /// Square windows, as many as lie wholly in planes.
    pub const fn square([h, w]: [usize; 2], kernel: usize, stride: usize) -> Self {
        let ways = [stride, 0, 1];
        Self { rows: Axis::new(h, kernel, ways), columns: Axis::new(w, kernel, ways) }
    }

    /// Elements of a plane.
    pub const fn plane(&self) -> usize {
        self.rows.size.saturating_mul(self.columns.size)
    }

    /// Windows of a plane.
    pub const fn windows(&self) -> usize {
        self.rows.windows.saturating_mul(self.columns.windows)
    }

    /// Calls `visit` for each tap, row by row, with a line of windows that see something with it, and what the
    /// first of them sees: the place of an element, those of the others being a stride apart.
    #[inline(always)]
    fn for_each_tap(&self, mut visit: impl FnMut(Range<usize>, usize)) {
        let (columns, width) = (&self.columns, self.columns.windows);
        for y in 0..self.rows.windows {
            let window = self.rows.window(y);
            for row in window.inside().map(|tap| window.pixel(tap) * columns.size) {
                for tap in columns.taps() {
                    let line = columns.line(tap, 0, width);
                    let seen = line.inside();
                    if !seen.is_empty() {
                        let place = row + line.pixel(seen.start);
                        visit(y * width + seen.start..y * width + seen.end, place);
                    }
                }
            }
        }
    }
}
