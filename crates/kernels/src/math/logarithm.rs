//! ln x, ln(1 + x), log₂ x and log₁₀ x.

use super::wide;

/// √½: a number is m·2ᵏ with m from here to √2.
const SQRT_HALF: u32 = 0x3f35_04f3;
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;

/// m and k of a positive number, subnormal ones included.
#[inline(always)]
fn split(x: f32) -> (f32, f32) {
    let small = x < f32::MIN_POSITIVE;
    let bits = (if small { x * 8_388_608.0 } else { x }).to_bits().wrapping_sub(SQRT_HALF);
    let k = (bits.cast_signed() >> 23) as f32 - if small { 23.0 } else { 0.0 };
    (f32::from_bits((bits & 0x7f_ffff).wrapping_add(SQRT_HALF)), k)
}

/// (ln(1 + f) − f)/f from √½ − 1 to √2 − 1, by a minimax polynomial (its error is 2⁻³⁰ of the logarithm).
#[inline(always)]
fn bent(f: f32) -> f32 {
    let p = 0.067_466_39;
    let p = p * f - 0.116_756_506;
    let p = p * f + 0.118_881_62;
    let p = p * f - 0.124_055_89;
    let p = p * f + 0.142_195_52;
    let p = p * f - 0.166_679_96;
    let p = p * f + 0.200_021_19;
    let p = p * f - 0.250_000_1;
    let p = p * f + 0.333_333_13;
    p * (f * f) - 0.5 * f
}

/// The limits: ∞ of ∞, −∞ of 0, NaN of NaN and of what is below 0.
#[inline(always)]
fn limited(x: f32, y: f32) -> f32 {
    let y = if x < f32::INFINITY { y } else { x };
    let y = if x == 0.0 { f32::NEG_INFINITY } else { y };
    if x < 0.0 { f32::NAN } else { y }
}

/// ln x within 1 unit in the last place; −∞ of 0, NaN below.
#[inline(always)]
pub fn ln_f32(x: f32) -> f32 {
    let (m, k) = split(x);
    let f = m - 1.0;
    limited(x, (f * bent(f) + k * LN2_LOW + f) + k * LN2_HIGH)
}

/// ln(1 + x) within 2 units in the last place; −∞ of −1, NaN below, −0 of itself.
#[inline(always)]
pub fn log1p_f32(x: f32) -> f32 {
    let u = 1.0 + x;
    // What rounding took from 1 + x, the larger of both first.
    let lost = if x < 1.0 { x - (u - 1.0) } else { 1.0 - (u - x) };
    let (m, k) = split(u);
    let near = k == 0.0;
    let f = if near { x } else { m - 1.0 };
    let low = if near { 0.0 } else { k * LN2_LOW + lost / u };
    let y = (f * bent(f) + low + f) + k * LN2_HIGH;
    let y = if x == f32::INFINITY { x } else { y };
    let y = if x == 0.0 { x } else { y };
    limited(u, y)
}

/// log₂ x within 1 unit in the last place; −∞ of 0, NaN below.
#[inline(always)]
pub fn log2_f32(x: f32) -> f32 {
    limited(x, wide::log2(f64::from(x)) as f32)
}

/// log₁₀ x within 1 unit in the last place; −∞ of 0, NaN below.
#[inline(always)]
pub fn log10_f32(x: f32) -> f32 {
    limited(x, (wide::log2(f64::from(x)) * std::f64::consts::LOG10_2) as f32)
}
