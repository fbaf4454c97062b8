//! Operations on the rows of a row-major matrix.

use crate::float::Float;
use crate::parallel::{Blocks, CHUNK};
use crate::reduce::sum_by;
use crate::simd::LANES;
use crate::{Exec, kernel, parallel};

/// A label that names no class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLabel {
    /// Its index.
    pub row: usize,
    /// What it is.
    pub label: i32,
    /// The number of classes.
    pub classes: usize,
}

kernel! {
    fn add_bias_rows[T: Float](bias: &[T], y: &mut [T]) {
        for row in y.chunks_exact_mut(bias.len()) {
            for (y, &b) in row.iter_mut().zip(bias) {
                *y += b;
            }
        }
    }
}

/// `y[r, c]` ← `y[r, c] + bias[c]`.
pub fn add_bias<T: Float>(exec: Exec, bias: &[T], y: &mut [T]) {
    if bias.is_empty() {
        return;
    }
    let block = CHUNK.div_ceil(bias.len()) * bias.len();
    parallel::run(exec, y.len(), |threaded| {
        let count = y.len().div_ceil(block);
        parallel::for_each_block(threaded, count, Blocks(y, block), &|_, Blocks(y, _)| {
            add_bias_rows(exec.isa, bias, y);
        });
    });
}

/// Columns that are summed side by side, in registers.
const WIDE: usize = 4 * LANES;

/// Calls `add` for columns side by side, as many as registers hold and then as are left: with the first
/// of them and their sums, which are 0.
#[inline(always)]
pub(crate) fn over_columns<T: Float>(out: &mut [T], add: impl Fn(usize, &mut [T])) {
    #[inline(always)]
    fn blocks<'a, T: Float, const N: usize>(
        from: &mut usize,
        out: &'a mut [T],
        add: &impl Fn(usize, &mut [T]),
    ) -> &'a mut [T] {
        let (blocks, rest) = out.as_chunks_mut::<N>();
        for block in blocks {
            let mut sums = [T::ZERO; N];
            add(*from, &mut sums);
            *block = sums;
            *from += N;
        }
        rest
    }
    let mut from = 0;
    let rest = blocks::<T, WIDE>(&mut from, out, &add);
    let rest = blocks::<T, { 2 * LANES }>(&mut from, rest, &add);
    let rest = blocks::<T, LANES>(&mut from, rest, &add);
    if !rest.is_empty() {
        rest.fill(T::ZERO);
        add(from, rest);
    }
}

/// Calls `sum` with columns of `out` that threads share, and the first of them; `elements` are those of the
/// matrix. Each column is summed from the first row to the last.
pub(crate) fn each_column_block<T: Float>(
    exec: Exec,
    elements: usize,
    out: &mut [T],
    sum: impl Fn(usize, &mut [T]) + Sync,
) {
    parallel::run(exec, elements, |threaded| {
        let count = out.len().div_ceil(WIDE);
        if !threaded || count < 2 {
            return sum(0, out);
        }
        parallel::for_each_block(threaded, count, Blocks(out, WIDE), &|block, Blocks(out, _)| {
            sum(block * WIDE, out);
        });
    });
}

kernel! {
    /// `out[c]` = Σᵣ `x[r, first + c]`, `x` being `width` wide.
    fn sum_rows_into[T: Float](x: &[T], width: usize, first: usize, out: &mut [T]) {
        over_columns(out, |from, sums| {
            for row in x.chunks_exact(width) {
                let row = &row[first + from..][..sums.len()];
                for (sum, &x) in sums.iter_mut().zip(row) {
                    *sum += x;
                }
            }
        });
    }
}

/// `out[c]` = Σᵣ `x[r, c]`, rows first to last.
pub fn sum_rows<T: Float>(exec: Exec, x: &[T], out: &mut [T]) {
    let width = out.len();
    each_column_block(exec, x.len(), out, |first, out| {
        sum_rows_into(exec.isa, x, width, first, out);
    });
}

/// The labels as indices, if each of them names one of `classes`.
pub(crate) fn indices(
    labels: &[i32],
    classes: usize,
) -> Result<impl Iterator<Item = usize> + Clone, BadLabel> {
    let indices = labels.iter().map(|&label| usize::try_from(label).unwrap_or(usize::MAX));
    match indices.clone().position(|index| index >= classes) {
        Some(row) => Err(BadLabel { row, label: labels[row], classes }),
        None => Ok(indices),
    }
}

/// The label that counts for nothing unless another one is said: `PyTorch`'s.
pub const IGNORED: i32 = -100;

/// The class of each label, and none where it is the one that does not count.
///
/// # Errors
/// [`BadLabel`] if one is neither.
pub(crate) fn classes_of(
    labels: &[i32],
    classes: usize,
    ignored: Option<i32>,
) -> Result<impl Iterator<Item = Option<usize>> + Clone, BadLabel> {
    let class = move |&label: &i32| match usize::try_from(label) {
        _ if Some(label) == ignored => Some(None),
        Ok(class) if class < classes => Some(Some(class)),
        _ => None,
    };
    match labels.iter().position(|label| class(label).is_none()) {
        Some(row) => Err(BadLabel { row, label: labels[row], classes }),
        None => Ok(labels.iter().map(move |label| class(label).flatten())),
    }
}

kernel! {
    /// The largest logit, and ln Σ exp(logit − largest); `probs` receives the softmax.
    fn softmax_row[T: Float](logits: &[T], probs: &mut [T]) -> (f64, f64) {
        let mut largest = T::NEG_INFINITY;
        for &x in logits {
            largest = if x <= largest { largest } else { x };
        }
        for (p, &x) in probs.iter_mut().zip(logits) {
            *p = (x - largest).exponential();
        }
        let sum = sum_by(probs, |p| p);
        let inverse = T::of(1.0 / sum);
        for p in probs {
            *p *= inverse;
        }
        (largest.f64(), sum.ln())
    }
}

/// The mean over rows of −ln softmax(`logits`)\[label\], those labelled [`IGNORED`] left out; `probs` receives
/// the softmax.
///
/// # Errors
/// [`BadLabel`] if a label is not a class, before anything is written.
pub fn cross_entropy<T: Float>(
    exec: Exec,
    classes: usize,
    logits: &[T],
    labels: &[i32],
    probs: &mut [T],
) -> Result<f64, BadLabel> {
    let targets = classes_of(labels, classes, Some(IGNORED))?;
    let counted = targets.clone().flatten().count();
    // Without classes there are no labels either: chunks of 1, of which there are none.
    let width = classes.max(1);
    let rows = logits.chunks_exact(width).zip(probs.chunks_exact_mut(width));
    let mut loss = 0.0;
    for ((logits, probs), label) in rows.zip(targets) {
        let (largest, log_sum) = softmax_row(exec.isa, logits, probs);
        let Some(label) = label else { continue };
        // The logits first: where they are large, `log_sum` would be lost beside one of them.
        loss += log_sum + (largest - logits[label].f64());
    }
    Ok(loss / counted as f64)
}

kernel! {
    fn scaled_rows[T: Float](scale: T, probs: &[T], out: &mut [T]) {
        for (out, &p) in out.iter_mut().zip(probs) {
            *out = scale * p;
        }
    }
}

/// The gradient of `scale` times [`cross_entropy`] by its logits: scale/n·(probs − one-hot), n being the labels
/// that count; 0 where one does not.
///
/// # Errors
/// [`BadLabel`] if a label is not a class, before anything is written.
pub fn cross_entropy_gradient<T: Float>(
    exec: Exec,
    classes: usize,
    probs: &[T],
    labels: &[i32],
    scale: T,
    out: &mut [T],
) -> Result<(), BadLabel> {
    let targets = classes_of(labels, classes, Some(IGNORED))?;
    let counted = targets.clone().flatten().count();
    let scale = scale / T::of(counted as f64);
    scaled_rows(exec.isa, scale, probs, out);
    for (row, label) in out.chunks_exact_mut(classes.max(1)).zip(targets) {
        match label {
            Some(label) => row[label] -= scale,
            None => row.fill(T::ZERO),
        }
    }
    Ok(())
}

/// `out[i]` = the row of `x`: \[rows, width\] that `order[i]` names.
///
/// # Errors
/// [`BadLabel`] if there is no such row, before anything is written.
pub fn gather<T: Copy>(
    rows: usize,
    width: usize,
    x: &[T],
    order: &[i32],
    out: &mut [T],
) -> Result<(), BadLabel> {
    let sources = indices(order, rows)?;
    for (out, source) in out.chunks_exact_mut(width.max(1)).zip(sources) {
        out.copy_from_slice(&x[source * width..][..width]);
    }
    Ok(())
}
