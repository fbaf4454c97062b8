//! Random numbers from a counter: `ChaCha12` keyed by a seed, read from any position.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::float::Float;

/// The generator of `seed`, `position` words of 32 bits from its start.
fn at(seed: u64, position: u64) -> ChaCha12Rng {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    rng.set_word_pos(u128::from(position));
    rng
}

/// Uniform in [0, 1): 53 bits, two words a number.
fn unit(rng: &mut ChaCha12Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
}

/// Fills `out` with uniform numbers in [`low`, `high`); returns the words that it took, two a number.
pub fn uniform<T: Float>(seed: u64, position: u64, low: f64, high: f64, out: &mut [T]) -> usize {
    let mut rng = at(seed, position);
    for x in out.iter_mut() {
        let value = T::of(low + (high - low) * unit(&mut rng));
        // Rounding to single precision may reach the open end.
        *x = if value < T::of(high) || high <= low { value } else { T::of(low) };
    }
    2 * out.len()
}

/// Fills `out` with normal numbers by Box and Muller 1958; returns the words that it took, four for
/// each pair.
pub fn normal<T: Float>(
    seed: u64,
    position: u64,
    mean: f64,
    deviation: f64,
    out: &mut [T],
) -> usize {
    let mut rng = at(seed, position);
    for pair in out.chunks_mut(2) {
        let radius = (-2.0 * (1.0 - unit(&mut rng)).ln()).sqrt();
        let (sin, cos) = (std::f64::consts::TAU * unit(&mut rng)).sin_cos();
        for (x, z) in pair.iter_mut().zip([radius * cos, radius * sin]) {
            *x = T::of(mean + deviation * z);
        }
    }
    4 * out.len().div_ceil(2)
}

/// Fills `mask` with 1/(1 − `p`), or 0 with probability `p`; returns the words that it took, two an
/// element.
pub fn mask<T: Float>(seed: u64, position: u64, p: f64, mask: &mut [T]) -> usize {
    let mut rng = at(seed, position);
    // Nothing is kept where p is 1: its 1/0 is chosen nowhere.
    let kept = T::of(1.0 / (1.0 - p));
    for x in mask.iter_mut() {
        *x = if unit(&mut rng) < p { T::ZERO } else { kept };
    }
    2 * mask.len()
}

/// Writes a random order of 0..n into `order` (Fisher and Yates); returns the words that it took, two
/// an element.
pub fn permutation(seed: u64, position: u64, order: &mut [i32]) -> usize {
    let mut rng = at(seed, position);
    for (i, slot) in (0..).zip(order.iter_mut()) {
        *slot = i;
    }
    for last in (1..order.len()).rev() {
        // 53 uniform bits times a length below 2³¹: the bias is below 2⁻²².
        order.swap(last, (unit(&mut rng) * (last + 1) as f64) as usize);
    }
    2 * order.len()
}
