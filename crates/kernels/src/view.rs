//! What a transposed, sliced or expanded tensor sees of the memory under it.

use crate::parallel::{self, Blocks};
use crate::{Exec, kernel};

/// Most axes of a view.
pub const RANK: usize = 6;

/// Elements a stride apart along each axis, from `offset` on.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Where the first element lies.
    pub offset: usize,
    /// Elements along each axis.
    pub lengths: [usize; RANK],
    /// From one element to the next along each axis; 0 where all are the same one.
    pub strides: [usize; RANK],
}

impl View {
    /// Of an operation's dimensions.
    pub fn of(offset: usize, lengths: [&usize; RANK], strides: [&usize; RANK]) -> Self {
        Self { offset, lengths: lengths.map(|&n| n), strides: strides.map(|&n| n) }
    }

    /// Elements, and one behind the last that it sees; `None` if that overflows.
    fn extent(&self) -> Option<(usize, usize)> {
        let count = self.lengths.iter().try_fold(1_usize, |product, &n| product.checked_mul(n))?;
        if count == 0 {
            return Some((0, 0));
        }
        let axes = self.lengths.iter().zip(&self.strides);
        let last = axes
            .map(|(&n, &stride)| (n - 1).checked_mul(stride))
            .try_fold(self.offset, |at, step| at.checked_add(step?))?;
        Some((count, last.checked_add(1)?))
    }

    /// The part of it at `index` of `axis`.
    fn part(mut self, axis: usize, index: usize) -> Self {
        self.offset += index * self.strides[axis];
        self.lengths[axis] = 1;
        self
    }
}

/// `size` if all that the view sees lies within as many elements, else no length at all.
pub fn within(size: usize, offset: usize, lengths: [usize; RANK], strides: [usize; RANK]) -> usize {
    match (View { offset, lengths, strides }.extent()) {
        Some((_, end)) if end <= size => size,
        _ => usize::MAX,
    }
}

/// Rows and columns that are copied together where both are far apart on one side.
const TILE: usize = 16;

/// Calls `f` with the offset of each matrix of the last two axes, and where it begins among all elements.
#[inline(always)]
fn for_each_matrix(view: &View, mut f: impl FnMut(usize, usize)) {
    let [a, b, c, d, e, g] = view.lengths;
    let [sa, sb, sc, sd, ..] = view.strides;
    let mut at = 0;
    for i in 0..a {
        for j in 0..b {
            for k in 0..c {
                for l in 0..d {
                    f(view.offset + i * sa + j * sb + k * sc + l * sd, at);
                    at += e * g;
                }
            }
        }
    }
}

kernel! {
    /// out = what the view sees of `x`, in order.
    fn gather_part[T: Copy](view: View, x: &[T], out: &mut [T]) {
        let [.., rows, columns] = view.lengths;
        let [.., down, along] = view.strides;
        for_each_matrix(&view, |offset, at| {
            let out = &mut out[at..][..rows * columns];
            if along > 1 && down < along {
                for top in (0..rows).step_by(TILE) {
                    for left in (0..columns).step_by(TILE) {
                        for column in left..columns.min(left + TILE) {
                            for row in top..rows.min(top + TILE) {
                                out[row * columns + column] = x[offset + row * down + column * along];
                            }
                        }
                    }
                }
                return;
            }
            for (row, out) in out.chunks_exact_mut(columns).enumerate() {
                let x = &x[offset + row * down..];
                match along {
                    0 => out.fill(x[0]),
                    1 => out.copy_from_slice(&x[..columns]),
                    _ => {
                        for (out, &x) in out.iter_mut().zip(x.iter().step_by(along)) {
                            *out = x;
                        }
                    }
                }
            }
        });
    }
}

/// out = what the view sees of `x`, in order.
pub fn gather<T: Copy + Send + Sync>(exec: Exec, view: View, x: &[T], out: &mut [T]) {
    if out.is_empty() {
        return;
    }
    // Cut along the first axis that has a length, unless that is the last.
    let axis = view.lengths[..RANK - 1].iter().position(|&n| n > 1);
    parallel::run(exec, out.len(), |threaded| match axis {
        Some(axis) if threaded => {
            let parts = view.lengths[axis];
            let slices = Blocks(&mut *out, view.lengths[axis + 1..].iter().product());
            parallel::for_each_block(true, parts, slices, &|part, Blocks(out, _)| {
                gather_part(exec.isa, view.part(axis, part), x, out);
            });
        }
        _ => gather_part(exec.isa, view, x, out),
    });
}

kernel! {
    /// What the view sees of `out` = x, in order; where it sees one element more than once, the last.
    fn scatter_part[T: Copy](view: View, x: &[T], out: &mut [T]) {
        let [.., rows, columns] = view.lengths;
        let [.., down, along] = view.strides;
        for_each_matrix(&view, |offset, at| {
            let x = &x[at..][..rows * columns];
            for (row, x) in x.chunks_exact(columns).enumerate() {
                let out = &mut out[offset + row * down..];
                if along == 1 {
                    out[..columns].copy_from_slice(x);
                    continue;
                }
                for (column, &x) in x.iter().enumerate() {
                    out[column * along] = x;
                }
            }
        });
    }
}

/// What the view sees of `out` = x, in order; where it sees one element more than once, the last.
pub fn scatter<T: Copy>(exec: Exec, view: View, x: &[T], out: &mut [T]) {
    if !x.is_empty() {
        scatter_part(exec.isa, view, x, out);
    }
}
