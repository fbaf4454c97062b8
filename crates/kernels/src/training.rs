//! What a training loop does between its steps: walking through the samples, keeping score.

use crate::float::Float;
use crate::parallel::{Largest, Sum};
use crate::reduce::sum_by;
use crate::simd::LANES;
use crate::{Exec, elementwise, kernel, parallel};

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

/// Writes `figures` into row `row` of `log`, if there is one, and counts it.
pub fn log_row(figures: &[f64], row: &mut f64, log: &mut [f64]) {
    let start = (*row as usize).saturating_mul(figures.len());
    if let Some(slot) = log.get_mut(start..).and_then(|rest| rest.get_mut(..figures.len())) {
        slot.copy_from_slice(figures);
    }
    *row += 1.0;
}

/// Copies the next row of `table`, of the width of `out`, from row `cursor` on, which moves behind it;
/// at the end the last row stays.
pub fn next_row(table: &[f64], cursor: &mut f64, out: &mut [f64]) {
    let rows = table.len() / out.len().max(1);
    let row = (*cursor as usize).min(rows.saturating_sub(1));
    match table.get(row * out.len()..).and_then(|rest| rest.get(..out.len())) {
        Some(next) => out.copy_from_slice(next),
        None => out.fill(0.0),
    }
    *cursor += 1.0;
}

/// y ← y·min(1, most/(√squares + 1e-6)), as `PyTorch` clips; NaN passes.
pub fn clip<T: Float>(exec: Exec, most: f64, squares: f64, y: &mut [T]) {
    let factor = most / (squares.sqrt() + 1e-6);
    let factor = T::of(if factor > 1.0 { 1.0 } else { factor });
    elementwise::update(exec, y, |y| y * factor);
}

/// Adds Σ|x|^power to `total`, each term and the sum in double precision; with an infinite power
/// `total` becomes the largest |x| if that is larger, or NaN if one of them is.
pub fn add_powers<T: Float>(exec: Exec, power: f64, x: &[T], total: &mut f64) {
    if power.is_infinite() {
        let mut largest = Largest(*total);
        largest.add(parallel::fold(exec, x.len(), x, |x| Largest(largest_chunk(exec.isa, x))));
        *total = largest.0;
    } else if power == 1.0 {
        *total += parallel::fold(exec, x.len(), x, |x| magnitudes(exec.isa, x));
    } else {
        *total += parallel::fold(exec, x.len(), x, |x| powers(exec.isa, power, x));
    }
}

kernel! {
    fn magnitudes[T: Float](x: &[T]) -> f64 {
        sum_by(x, f64::abs)
    }
}

kernel! {
    fn powers[T: Float](power: f64, x: &[T]) -> f64 {
        sum_by(x, |x| x.abs().powf(power))
    }
}

kernel! {
    fn largest_chunk[T: Float](x: &[T]) -> f64 {
        let mut largest = T::ZERO;
        for &x in x {
            let size = x.magnitude();
            // Not max(): a NaN must win, and stay whatever follows it.
            largest = if size > largest || size.not_a_number() { size } else { largest };
        }
        largest.f64()
    }
}

/// total^(2/power): the square of a norm of which `total` is the sum of powers, or the largest entry.
pub fn square_norm(power: f64, total: &mut f64) {
    let norm = if power.is_infinite() { *total } else { total.powf(1.0 / power) };
    *total = norm * norm;
}

/// y ← y within ±`most`; NaN passes.
pub fn clip_values<T: Float>(exec: Exec, most: f64, y: &mut [T]) {
    let most = T::of(most);
    elementwise::update(exec, y, |y| {
        let below = if y > most { most } else { y };
        if below < -most { -most } else { below }
    });
}

/// A number that had to be finite and is not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NotFinite(pub f64);

/// # Errors
/// [`NotFinite`] unless `value` is finite.
pub fn expect_finite<T: Float>(value: T) -> Result<(), NotFinite> {
    if value.f64().is_finite() { Ok(()) } else { Err(NotFinite(value.f64())) }
}

kernel! {
    /// 0, or NaN if an element is not finite.
    fn broken_chunk[T: Float](x: &[T]) -> f64 {
        let (blocks, tail) = x.as_chunks::<{ 4 * LANES }>();
        let mut lanes = [T::ZERO; 4 * LANES];
        for block in blocks {
            for (lane, &x) in lanes.iter_mut().zip(block) {
                *lane += x * T::ZERO;
            }
        }
        for (lane, &x) in lanes.iter_mut().zip(tail) {
            *lane += x * T::ZERO;
        }
        lanes.iter().fold(0.0, |sum, lane| sum + lane.f64())
    }
}

/// Adds 0 to `guard`, or NaN unless all of `x` is finite: four additions a cycle, where a norm takes
/// conversions to double precision.
pub fn guard<T: Float>(exec: Exec, x: &[T], guard: &mut f64) {
    *guard += parallel::fold(exec, x.len(), x, |x| broken_chunk(exec.isa, x));
}
