//! Matrix products, row-major.

use faer::linalg::matmul::matmul as sequential;
use faer::{Accum, MatMut, MatRef, Par};

use crate::float::Float;
use crate::{Exec, matvec, parallel, simd};

/// From this many multiply-adds a product is cut into tiles: threads share them, and one thread finds
/// more of them in its cache (up to a quarter of the time, bench/RESULTS.md).
const CUT_FROM: usize = 1 << 19;
/// From this many a product wakes a thread: some 70 µs of work. With less, it takes one that is awake.
const WAKE_FROM: usize = 1 << 22;
/// Columns and rows of a tile; rows where there are too few columns to cut.
const COLUMNS: usize = 64;
const ROWS: usize = 256;
const ROWS_OF_FEW: usize = 64;

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
/// Tiles are cut by shape alone, never along the summed axis, and give the bits of the uncut
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

/// [`matmul`] for each of `count` pairs of matrices, one behind the other.
pub fn batches<T: Float>(exec: Exec, shape: Shape, count: usize, a: &[T], b: &[T], out: &mut [T]) {
    let Shape { m, n, k, .. } = shape;
    for i in 0..count {
        let (a, b) = (&a[i * m * k..][..m * k], &b[i * k * n..][..k * n]);
        matmul(exec, shape, a, b, &mut out[i * m * n..][..m * n]);
    }
}

fn general<T: Float>(exec: Exec, shape: Shape, a: &[T], b: &[T], out: &mut [T]) {
    let Shape { m, n, k, transpose_a, transpose_b } = shape;
    let (a, b) = (stored(a, m, k, transpose_a), stored(b, k, n, transpose_b));
    let work = m.saturating_mul(n).saturating_mul(k);
    let out = MatMut::from_row_major_slice_mut(out, m, n);
    let few = n < 2 * COLUMNS;
    if work < CUT_FROM || few && m < 2 * ROWS_OF_FEW {
        return multiply(Accum::Replace, a, b, out);
    }
    parallel::run(exec, elements(work), |threaded| {
        let rows = piece(m, if few { ROWS_OF_FEW } else { ROWS });
        tiles(Tiles { threaded, rows, columns: piece(n, COLUMNS) }, a, b, out);
    });
}

/// What [`parallel::run`] is told of a product of `work` multiply-adds: one that is cut at all is large
/// enough for a thread that is awake.
pub(crate) fn elements(work: usize) -> usize {
    match work {
        WAKE_FROM.. => parallel::PARALLEL_FROM,
        CUT_FROM.. => parallel::SPLIT_FROM,
        _ => 0,
    }
}

/// The matrix [rows, columns] that is stored so, or transposed.
fn stored<T: Float>(x: &[T], rows: usize, columns: usize, transposed: bool) -> MatRef<'_, T> {
    if transposed {
        MatRef::from_row_major_slice(x, columns, rows).transpose()
    } else {
        MatRef::from_row_major_slice(x, rows, columns)
    }
}

/// out[m, n] = op(a)·op(b), or where `added` is set out + op(a)·op(b), in one piece on this thread:
/// for what is cut in pieces already.
pub(crate) fn whole<T: Float>(added: bool, shape: Shape, a: &[T], b: &[T], out: &mut [T]) {
    let Shape { m, n, k, transpose_a, transpose_b } = shape;
    if m == 0 || n == 0 || k == 0 {
        if !added {
            out.fill(T::ZERO);
        }
        return;
    }
    let (a, b) = (stored(a, m, k, transpose_a), stored(b, k, n, transpose_b));
    let accum = if added { Accum::Add } else { Accum::Replace };
    multiply(accum, a, b, MatMut::from_row_major_slice_mut(out, m, n));
}

/// Rows or columns of a tile: a multiple of 16, and so that the last one has at least half as many.
///
/// A product of one row or column, or of a few thousand multiply-adds, is summed in another order by
/// another kernel of faer's: as a last tile it would differ from the same part of an uncut product.
fn piece(length: usize, fewest: usize) -> usize {
    let last = |piece| (length - 1) % piece + 1;
    let enough = |&piece: &usize| 2 * last(piece) >= piece;
    (fewest..length).step_by(16).find(enough).unwrap_or(length)
}

#[derive(Clone, Copy)]
struct Tiles {
    threaded: bool,
    rows: usize,
    columns: usize,
}

/// Cuts columns, then rows, in the middle until one tile is left.
fn tiles<T: Float>(by: Tiles, a: MatRef<'_, T>, b: MatRef<'_, T>, out: MatMut<'_, T>) {
    if out.ncols() > by.columns {
        let middle = out.ncols().div_ceil(by.columns) / 2 * by.columns;
        let (left, right) = b.split_at_col(middle);
        let (out_left, out_right) = out.split_at_col_mut(middle);
        parallel::join(
            by.threaded,
            || tiles(by, a, left, out_left),
            || {
                tiles(by, a, right, out_right);
            },
        );
    } else if out.nrows() > by.rows {
        let middle = out.nrows().div_ceil(by.rows) / 2 * by.rows;
        let (top, bottom) = a.split_at_row(middle);
        let (out_top, out_bottom) = out.split_at_row_mut(middle);
        parallel::join(
            by.threaded,
            || tiles(by, top, b, out_top),
            || {
                tiles(by, bottom, b, out_bottom);
            },
        );
    } else {
        multiply(Accum::Replace, a, b, out);
    }
}

fn multiply<T: Float>(accum: Accum, a: MatRef<'_, T>, b: MatRef<'_, T>, out: MatMut<'_, T>) {
    sequential(out, accum, a, b, T::ONE, Par::Seq);
    simd::release_registers();
}
