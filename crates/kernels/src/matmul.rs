//! Matrix products, row-major.

use faer::linalg::matmul::matmul as sequential;
use faer::{Accum, MatMut, MatRef, Par};

use crate::float::Float;
use crate::{Exec, matvec, parallel};

/// From this many multiply-adds a product is cut into pieces of rows: some 70 µs of work, for
/// entering the pool cost a prototype 14 to 56.
const SPLIT_FROM: usize = 1 << 22;
/// Most pieces, and fewest rows of all but the last: each piece packs the right-hand side again.
const PIECES: usize = 8;
const PIECE_ROWS: usize = 32;

/// The shape of a product out = op(a)·op(b).
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Rows of `out` and op(a).
    pub m: usize,
    /// Columns of `out` and op(b).
    pub n: usize,
    /// Columns of op(a), rows of op(b): the axis that is summed.
    pub k: usize,
    /// Whether `a` is stored as [k, m].
    pub transpose_a: bool,
    /// Whether `b` is stored as [n, k].
    pub transpose_b: bool,
}

/// out[m, n] = op(a)[m, k] · op(b)[k, n].
///
/// Pieces are cut by shape alone, never along the summed axis, and give the bits of the uncut
/// product: they depend on the shape and the CPU (faer picks its own instruction set), not on the
/// number of threads.
pub fn matmul<T: Float>(exec: Exec, shape: Shape, a: &[T], b: &[T], out: &mut [T]) {
    let Shape { m, n, k, transpose_a, transpose_b } = shape;
    match (m, n, transpose_a, transpose_b) {
        (0, _, _, _) | (_, 0, _, _) => {}
        _ if k == 0 => out.fill(T::ZERO),
        (_, 1, false, _) => matvec::rows_times_vector(exec, a, b, out),
        (_, 1, true, _) => matvec::vector_times_rows(exec, a, b, out),
        (1, _, _, true) => matvec::rows_times_vector(exec, b, a, out),
        (1, _, _, false) => matvec::vector_times_rows(exec, b, a, out),
        _ => general(exec, shape, a, b, out),
    }
}

fn general<T: Float>(exec: Exec, shape: Shape, a: &[T], b: &[T], out: &mut [T]) {
    let Shape { m, n, k, transpose_a, transpose_b } = shape;
    let a = if transpose_a {
        MatRef::from_row_major_slice(a, k, m).transpose()
    } else {
        MatRef::from_row_major_slice(a, m, k)
    };
    let b = if transpose_b {
        MatRef::from_row_major_slice(b, n, k).transpose()
    } else {
        MatRef::from_row_major_slice(b, k, n)
    };
    let work = m.saturating_mul(n).saturating_mul(k);
    if work < SPLIT_FROM || m < 2 * PIECE_ROWS {
        return multiply(a, b, out);
    }
    let rows = piece_rows(m);
    // A product that is cut at all is large enough for two threads.
    parallel::run(exec, parallel::PARALLEL_FROM, |threaded| {
        parallel::for_each_piece(threaded, rows * n, out, &|piece, out| {
            multiply(a.subrows(piece * rows, out.len() / n), b, out);
        });
    });
}

/// Rows of a piece: a multiple of 8, and so that the last piece has at least half as many.
///
/// A product of one row, or of a few thousand multiply-adds, is summed in another order by another
/// kernel of faer's: as a last piece it would differ from the same rows in an uncut product.
fn piece_rows(m: usize) -> usize {
    let fewest = m.div_ceil(PIECES).next_multiple_of(8).max(PIECE_ROWS);
    let last = |rows| (m - 1) % rows + 1;
    (fewest..m).step_by(8).find(|&rows| 2 * last(rows) >= rows).unwrap_or(m)
}

fn multiply<T: Float>(a: MatRef<'_, T>, b: MatRef<'_, T>, out: &mut [T]) {
    let out = MatMut::from_row_major_slice_mut(out, a.nrows(), b.ncols());
    sequential(out, Accum::Replace, a, b, T::ONE, Par::Seq);
}
