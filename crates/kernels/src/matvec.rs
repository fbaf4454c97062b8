//! Products of a matrix and a vector: one row or column at a time, memory-bound.

use crate::float::Float;
use crate::parallel::Blocks;
use crate::reduce::join;
use crate::simd::LANES;
use crate::{Exec, elementwise, kernel, parallel, rows};

/// Rows of partial sums of a dot product: enough to hide the latency of an addition.
const DEPTH: usize = 4;

#[inline(always)]
fn dot<T: Float>(x: &[T], y: &[T]) -> T {
    let (xs, x_tail) = x.as_chunks::<{ LANES * DEPTH }>();
    let (ys, y_tail) = y.as_chunks::<{ LANES * DEPTH }>();
    let mut lanes = [T::ZERO; LANES * DEPTH];
    for (x, y) in xs.iter().zip(ys) {
        for ((lane, &x), &y) in lanes.iter_mut().zip(x).zip(y) {
            *lane += x * y;
        }
    }
    let (x_blocks, x_tail) = x_tail.as_chunks::<LANES>();
    let (y_blocks, y_tail) = y_tail.as_chunks::<LANES>();
    for ((lanes, x), y) in lanes.as_chunks_mut::<LANES>().0.iter_mut().zip(x_blocks).zip(y_blocks) {
        for ((lane, &x), &y) in lanes.iter_mut().zip(x).zip(y) {
            *lane += x * y;
        }
    }
    let behind = &mut lanes[x_blocks.len() * LANES..];
    for ((lane, &x), &y) in behind.iter_mut().zip(x_tail).zip(y_tail) {
        *lane += x * y;
    }
    let mut folded = [T::ZERO; LANES];
    for row in lanes.as_chunks::<LANES>().0 {
        for (sum, &lane) in folded.iter_mut().zip(row) {
            *sum += lane;
        }
    }
    T::of(join(folded))
}

kernel! {
    fn dot_rows[T: Float](matrix: &[T], x: &[T], out: &mut [T]) {
        for (out, row) in out.iter_mut().zip(matrix.chunks_exact(x.len())) {
            *out = dot(row, x);
        }
    }
}

kernel! {
    /// `out[c]` = Σᵣ `x[r]·matrix[r, first + c]`, the matrix being `width` wide.
    fn add_scaled_rows[T: Float](matrix: &[T], width: usize, first: usize, x: &[T], out: &mut [T]) {
        rows::over_columns(out, |from, sums| {
            for (row, &x) in matrix.chunks_exact(width).zip(x) {
                let row = &row[first + from..][..sums.len()];
                for (sum, &a) in sums.iter_mut().zip(row) {
                    *sum += x * a;
                }
            }
        });
    }
}

kernel! {
    fn dot_chunk[T: Float](x: &[T], y: &[T]) -> f64 {
        dot(x, y).f64()
    }
}

/// `out[r]` = Σ꜀ `matrix[r, c]·x[c]`.
pub fn rows_times_vector<T: Float>(exec: Exec, matrix: &[T], x: &[T], out: &mut [T]) {
    match *x {
        [] => return out.fill(T::ZERO),
        // One column: a dot product of each row would spend all its lanes on one term, 70 ns for .3.
        [x] => return elementwise::unary(exec, matrix, out, |a| a * x),
        _ => {}
    }
    if x.len() > parallel::CHUNK {
        // Rows so long are rarely many: each is shared by the threads, and summed as every long sum is.
        for (out, row) in out.iter_mut().zip(matrix.chunks_exact(x.len())) {
            let sum =
                parallel::fold(exec, x.len(), [row, x], |[row, x]| dot_chunk(exec.isa, row, x));
            *out = T::of(sum);
        }
        return;
    }
    // Rows are independent, so where they are cut changes nothing.
    let rows = parallel::CHUNK.div_ceil(x.len());
    parallel::run(exec, matrix.len(), |threaded| {
        let blocks = out.len().div_ceil(rows);
        parallel::for_each_block(threaded, blocks, Blocks(out, rows), &|block, Blocks(out, _)| {
            dot_rows(exec.isa, &matrix[block * rows * x.len()..], x, out);
        });
    });
}

/// `out[c]` = Σᵣ `x[r]·matrix[r, c]`, rows first to last.
pub fn vector_times_rows<T: Float>(exec: Exec, matrix: &[T], x: &[T], out: &mut [T]) {
    let width = out.len();
    rows::each_column_block(exec, matrix.len(), out, |first, out| {
        add_scaled_rows(exec.isa, matrix, width, first, x, out);
    });
}
