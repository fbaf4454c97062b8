//! Functions that the standard library computes one at a time, as polynomials in plain loops.

/// x = n·ln 2 + r with |r| ≤ ½ ln 2, for what eˣ is made of.
struct Reduced {
    r: f32,
    /// (eʳ − 1 − r)/r².
    p: f32,
    /// 2ⁿ as a product of two, so that subnormal results and the last binade come out right.
    powers: [f32; 2],
}

/// Of a number from −104 to 89, or NaN; the polynomial is that of Moshier's Cephes `expf`.
#[inline(always)]
fn reduced(x: f32) -> Reduced {
    const ROUND: f32 = 12_582_912.0; // 1.5·2²³: adding it leaves the nearest integer in the low bits
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN2_HIGH - n * LN2_LOW;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 0.166_666_65;
    let p = p * r + 0.5;
    let exponent = shifted.to_bits().cast_signed().wrapping_sub(ROUND.to_bits().cast_signed());
    let half = exponent >> 1;
    Reduced { r, p, powers: [power_of_two(half), power_of_two(exponent.wrapping_sub(half))] }
}

#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) << 23).cast_unsigned())
}

/// eˣ within 1 unit in the last place; overflow is ∞, underflow gradual, NaN passes.
#[inline(always)]
pub fn exp_f32(x: f32) -> f32 {
    // Not clamp() and not max(): both keep NaN only by luck of argument order.
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -104.0 { -104.0 } else { x };
    let Reduced { r, p, powers: [first, second] } = reduced(x);
    let y = p * (r * r) + r + 1.0;
    y * first * second
}

/// 1/(1 + e⁻ˣ) within 2 units in the last place, those of small results included; NaN passes.
///
/// As e/(1 + e) with e = exp(−|x|), or 1/(1 + e) above 0. What rounding takes from e and from 1 + e
/// is put back in one sum before the division: without it the worst was 2.4 units.
#[inline(always)]
pub fn sigmoid_f32(x: f32) -> f32 {
    let negative = x < 0.0;
    let a = -x.abs();
    let a = if a < -104.0 { -104.0 } else { a };
    let Reduced { r, p, powers: [first, second] } = reduced(a);
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

/// tanh x within 2 units in the last place; NaN passes, and −0.
///
/// A polynomial below .625 (Moshier, Cephes `tanhf`), 1 − 2/(e²ˣ + 1) from there on.
#[inline(always)]
pub fn tanh_f32(x: f32) -> f32 {
    let a = x.abs();
    let z = a * a;
    let p = -5.704_988_7e-3;
    let p = p * z + 2.063_909e-2;
    let p = p * z - 5.373_971_6e-2;
    let p = p * z + 0.133_314_42;
    let p = p * z - 0.333_332_8;
    let near = p * z * a + a;
    let far = 1.0 - 2.0 / (exp_f32(2.0 * a) + 1.0);
    let y = if a < 0.625 { near } else { far };
    y.copysign(x)
}

/// 1/(1 + e⁻ˣ), NaN for NaN.
#[inline(always)]
pub fn sigmoid_f64(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
}
