//! eˣ and eˣ − 1.

/// x = n·ln 2 + r with |r| ≤ ½ ln 2, for what eˣ is made of.
pub(super) struct Reduced {
    pub(super) r: f32,
    /// (eʳ − 1 − r)/r².
    pub(super) p: f32,
    n: i32,
}

impl Reduced {
    /// 2ⁿ as a product of two, so that subnormal results and the last binade come out right.
    #[inline(always)]
    pub(super) fn powers(&self) -> [f32; 2] {
        let half = self.n >> 1;
        [power_of_two(half), power_of_two(self.n.wrapping_sub(half))]
    }
}

/// Of a number from −104 to 89, or NaN; the polynomial is that of Moshier's Cephes `expf`.
#[inline(always)]
pub(super) fn reduced(x: f32) -> Reduced {
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
    Reduced { r, p, n: shifted.to_bits().cast_signed().wrapping_sub(ROUND.to_bits().cast_signed()) }
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
    let reduced = reduced(x);
    let [first, second] = reduced.powers();
    let y = reduced.p * (reduced.r * reduced.r) + reduced.r + 1.0;
    y * first * second
}

/// eˣ − 1 within 2 units in the last place; NaN passes, and −0.
///
/// As 2ⁿ·(eʳ − 1) + (2ⁿ − 1), which does not cancel near 0; twice the half of it where 2ⁿ itself is too large.
#[inline(always)]
pub fn expm1_f32(x: f32) -> f32 {
    let bounded = if x > 89.0 { 89.0 } else { x };
    let bounded = if bounded < -18.0 { -18.0 } else { bounded };
    let Reduced { r, p, n } = reduced(bounded);
    let (n, one, factor) = if n > 127 { (127, 0.5, 2.0) } else { (n, 1.0, 1.0) };
    let power = power_of_two(n);
    let y = factor * (power * (p * (r * r) + r) + (power - one));
    y.copysign(x)
}
