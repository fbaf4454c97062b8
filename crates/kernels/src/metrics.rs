//! How well outputs fit their targets: sums that batches add up to, and figures of whole sets. All in
//! double precision and in the order of the samples.

use crate::float::Float;
use crate::reduce::join;
use crate::rows::{BadLabel, indices};
use crate::simd::LANES;
use crate::{Exec, kernel, parallel};

/// The class that a row of scores is for: its first largest entry; of a single entry, 1 if it is above
/// `threshold`, else 0. None where an entry is no number, or where there is none.
pub fn class<T: Float>(row: &[T], threshold: T) -> Option<usize> {
    if row.iter().any(|x| x.not_a_number()) {
        return None;
    }
    if let [score] = row {
        return Some(usize::from(*score > threshold));
    }
    let largest = |best: usize, c: usize| if row[c] > row[best] { c } else { best };
    (0..row.len()).reduce(largest)
}

/// [`class`] of each row of `output`, `width` wide; −1 for none.
pub fn classes<T: Float>(width: usize, threshold: T, output: &[T], out: &mut [i32]) {
    let mut rows = output.chunks_exact(width.max(1));
    for slot in out {
        let class = rows.next().and_then(|row| class(row, threshold));
        *slot = class.and_then(|class| i32::try_from(class).ok()).unwrap_or(-1);
    }
}

/// The rows of `output`, `width` wide, whose [`class`] is at `target`.
pub fn correct<T: Float>(width: usize, threshold: T, output: &[T], target: &[i32]) -> usize {
    let rows = output.chunks_exact(width.max(1)).zip(target);
    rows.filter(|(row, label)| {
        class(row, threshold).is_some_and(|class| usize::try_from(**label) == Ok(class))
    })
    .count()
}

/// Numbers as labels; −1 where one is not whole or does not fit.
pub fn labels<T: Float>(x: &[T], out: &mut [i32]) {
    for (slot, x) in out.iter_mut().zip(x) {
        let label = x.f64() as i32;
        *slot = if f64::from(label) == x.f64() { label } else { -1 };
    }
}

/// The area under the ROC curve of rows of one score, or of two, of which the last is for class 1: the
/// share of pairs of a sample of class 1 and one of class 0 in which the first has the higher score,
/// equal scores counting half (Mann and Whitney 1947). `margin` says that a score of two is the
/// difference of both. NaN where a score is, and where a class has no sample.
///
/// # Errors
/// [`BadLabel`] unless each target is 0 or 1.
pub fn auc<T: Float>(
    width: usize,
    margin: bool,
    output: &[T],
    target: &[i32],
    order: &mut [i32],
) -> Result<f64, BadLabel> {
    let _ = indices(target, 2)?;
    let score = |sample: usize| {
        let row = &output[sample * width..][..width];
        let last = row.last().map_or(f64::NAN, |x| x.f64());
        let first = if margin && width > 1 { row[0].f64() } else { 0.0 };
        // −0 is 0: the order below tells them apart.
        last - first + 0.0
    };
    for (i, slot) in (0..).zip(order.iter_mut()) {
        *slot = i;
    }
    if (0..target.len()).any(|sample| score(sample).is_nan()) {
        return Ok(f64::NAN);
    }
    order.sort_unstable_by(|&a, &b| score(a as usize).total_cmp(&score(b as usize)));
    let (mut below, mut pairs) = ([0.0; 2], 0.0);
    for equal in order.chunk_by(|&a, &b| score(a as usize) == score(b as usize)) {
        let ones = equal.iter().filter(|&&sample| target[sample as usize] == 1).count() as f64;
        let zeros = equal.len() as f64 - ones;
        pairs += ones * (below[0] + 0.5 * zeros);
        below = [below[0] + zeros, below[1] + ones];
    }
    Ok(pairs / (below[0] * below[1]))
}

/// F1 = 2·hits/(predicted + true): of class 1 where there are two classes, else the mean over those that
/// are predicted or true. A class without either has 0. What is predicted may be no class.
///
/// `counts`: room for three numbers a class.
///
/// # Errors
/// [`BadLabel`] unless each target is a class.
pub fn f1(
    classes: usize,
    target: &[i32],
    predicted: &[i32],
    counts: &mut [f64],
) -> Result<f64, BadLabel> {
    let targets = indices(target, classes)?;
    counts.fill(0.0);
    let (counts, _) = counts.as_chunks_mut::<3>();
    for (label, predicted) in targets.zip(predicted) {
        let predicted = usize::try_from(*predicted).unwrap_or(usize::MAX);
        counts[label][2] += 1.0;
        if let Some(of_class) = counts.get_mut(predicted) {
            of_class[1] += 1.0;
            of_class[0] += if predicted == label { 1.0 } else { 0.0 };
        }
    }
    let seen = |[_, predicted, there]: &[f64; 3]| predicted + there > 0.0;
    let score = |[hits, predicted, there]: &[f64; 3]| 2.0 * hits / (predicted + there);
    if let [_, positive] = counts {
        return Ok(if seen(positive) { score(positive) } else { 0.0 });
    }
    let scored = counts.iter().filter(|counts| seen(counts));
    Ok(scored.clone().map(score).sum::<f64>() / scored.count() as f64)
}

/// What the outputs of a classifier are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scores {
    /// Of any size: σ or the softmax of them are probabilities.
    Logits,
    /// From 0 to 1.
    Probabilities,
}

/// Σ −ln p[target] over rows of `width` scores, or of one, which is for class 1. A probability is taken
/// to be at least ε and at most 1 − ε of its precision, as scikit-learn does; NaN if it is none.
///
/// # Errors
/// [`BadLabel`] unless each target is a class.
pub fn log_loss<T: Float>(
    width: usize,
    scores: Scores,
    output: &[T],
    target: &[i32],
) -> Result<f64, BadLabel> {
    let targets = indices(target, if width == 1 { 2 } else { width })?;
    let rows = output.chunks_exact(width.max(1)).zip(targets);
    Ok(match (scores, width) {
        (Scores::Logits, 1) => rows
            .map(|(row, label)| {
                let x = if label == 1 { -row[0].f64() } else { row[0].f64() };
                // ln(1 + eˣ), in which nothing overflows; NaN passes.
                (if x <= 0.0 { 0.0 } else { x }) + (-x.abs()).exp().ln_1p()
            })
            .sum(),
        (Scores::Logits, _) => rows
            .map(|(row, label)| {
                let largest = row
                    .iter()
                    .fold(f64::NEG_INFINITY, |m, x| if x.f64() <= m { m } else { x.f64() });
                let sum: f64 = row.iter().map(|x| (x.f64() - largest).exp()).sum();
                sum.ln() + (largest - row[label].f64())
            })
            .sum(),
        (Scores::Probabilities, 1) => rows
            .map(|(row, label)| surprise(row[0], |p| if label == 1 { p } else { 1.0 - p }))
            .sum(),
        (Scores::Probabilities, _) => rows.map(|(row, label)| surprise(row[label], |p| p)).sum(),
    })
}

/// −ln of `of(p)`, kept away from 0 and 1.
fn surprise<T: Float>(p: T, of: impl Fn(f64) -> f64) -> f64 {
    let p = p.f64();
    let epsilon = T::EPSILON.f64();
    if (0.0..=1.0).contains(&p) { -of(p).clamp(epsilon, 1.0 - epsilon).ln() } else { f64::NAN }
}

kernel! {
    fn distance_chunk[T: Float](x: &[T], y: &[T]) -> f64 {
        let mut lanes = [0.0; LANES];
        for (x, y) in x.chunks(LANES).zip(y.chunks(LANES)) {
            for ((lane, &x), &y) in lanes.iter_mut().zip(x).zip(y) {
                *lane += (x.f64() - y.f64()).abs();
            }
        }
        join(lanes)
    }
}

/// Σ |xᵢ − yᵢ|.
pub fn distance<T: Float>(exec: Exec, x: &[T], y: &[T]) -> f64 {
    parallel::fold(exec, x.len(), [x, y], |[x, y]| distance_chunk(exec.isa, x, y))
}

/// R² = 1 − Σ(target − output)²/Σ(target − mean)² of each of `width` columns, and the mean of them. Where
/// the targets of a column are all alike it is 1 if the outputs are the same, else 0; NaN of fewer than
/// two samples.
pub fn r2<T: Float>(width: usize, output: &[T], target: &[T]) -> f64 {
    let samples = output.len() / width.max(1);
    if samples < 2 {
        return f64::NAN;
    }
    let of_column = |c: usize| {
        let column = |x: &[T], i: usize| x[i * width + c].f64();
        // From the first one: the mean of equal targets is exactly theirs.
        let first = column(target, 0);
        let beyond = (0..samples).map(|i| column(target, i) - first).sum::<f64>();
        let mean = first + beyond / samples as f64;
        let (mut left, mut all) = (0.0, 0.0);
        for i in 0..samples {
            let y = column(target, i);
            let (error, deviation) = (y - column(output, i), y - mean);
            left += error * error;
            all += deviation * deviation;
        }
        if all != 0.0 {
            1.0 - left / all
        } else if left == 0.0 {
            1.0
        } else {
            left * 0.0 // 0, or NaN
        }
    };
    (0..width).map(of_column).sum::<f64>() / width as f64
}
