//! What a training loop does between its steps: walking through the samples, keeping score.

use crate::float::Float;

/// The next of `order` from `cursor` on, which moves behind them; −1, which names nothing, where
/// `order` is at its end.
pub fn window(order: &[i32], cursor: &mut f64, out: &mut [i32]) {
    let start = (*cursor as usize).min(order.len());
    let rest = &order[start..];
    for (i, slot) in out.iter_mut().enumerate() {
        *slot = rest.get(i).copied().unwrap_or(-1);
    }
    *cursor = (start + out.len()) as f64;
}

/// The rows of `output`, `classes` wide, whose first largest entry is at `target`.
pub fn correct<T: Float>(classes: usize, output: &[T], target: &[i32]) -> usize {
    let rows = output.chunks_exact(classes.max(1)).zip(target);
    rows.filter(|(row, label)| {
        let mut best = 0;
        for (c, &x) in row.iter().enumerate() {
            if x > row[best] {
                best = c;
            }
        }
        usize::try_from(**label) == Ok(best)
    })
    .count()
}

/// Writes `figures` into row `row` of `log`, if there is one, and counts it.
pub fn log_row(figures: &[f64], row: &mut f64, log: &mut [f64]) {
    let start = (*row as usize).saturating_mul(figures.len());
    if let Some(slot) = log.get_mut(start..).and_then(|rest| rest.get_mut(..figures.len())) {
        slot.copy_from_slice(figures);
    }
    *row += 1.0;
}
