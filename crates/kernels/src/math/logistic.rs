//! 1/(1 + e⁻ˣ), and ln(1 + eˣ).

use super::exponential::reduced;
use super::wide;

/// 1/(1 + e⁻ˣ) within 2 units in the last place, those of small results included; NaN passes.
///
/// As e/(1 + e) with e = exp(−|x|), or 1/(1 + e) above 0. What rounding takes from e and from 1 + e
/// is put back in one sum before the division: without it the worst was 2.4 units.
#[inline(always)]
pub fn sigmoid_f32(x: f32) -> f32 {
    let negative = x < 0.0;
    let a = -x.abs();
    let a = if a < -104.0 { -104.0 } else { a };
    let reduced = reduced(a);
    let (r, p, [first, second]) = (reduced.r, reduced.p, reduced.powers());
    // eʳ = high + low.
    let high = 1.0 + r;
    let low = p * (r * r) + (r - (high - 1.0));
    let (e_high, e_low) = (high * first * second, low * first * second);
    let d = 1.0 + (e_high + e_low);
    let lost = (e_high - (d - 1.0)) + e_low;
    let (high, low) = if negative { (high, low) } else { (1.0, 0.0) };
    let q = (high + (low - high * lost)) / d;
    if negative { q * first * second } else { q }
}

/// ln(1 + eˣ) within 1 unit in the last place, those of small results included; NaN passes.
#[inline(always)]
pub fn softplus_f32(x: f32) -> f32 {
    let wide_x = f64::from(x);
    let a = -wide_x.abs();
    let a = if a < -110.0 { -110.0 } else { a };
    let low = wide::log1p(wide::exp(a));
    (if x > 0.0 { wide_x + low } else { low }) as f32
}

/// 1/(1 + e⁻ˣ) within 2 units in the last place; NaN passes. The exponential is the standard library's.
pub fn sigmoid_f64(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    if x >= 0.0 {
        1.0 / (1.0 + e)
    } else if e < 0.25 {
        // The rounding of 1 + e would be one too many.
        e - e * (e / (1.0 + e))
    } else {
        e / (1.0 + e)
    }
}

/// ln(1 + eˣ) within 2 units in the last place; NaN passes. By the standard library's exponential and logarithm.
pub fn softplus_f64(x: f64) -> f64 {
    let low = (-x.abs()).exp().ln_1p();
    if x > 0.0 { x + low } else { low }
}
