//! What functions of single precision are made of where they are computed in double precision: their
//! last rounding is then the only one that shows. Not for results in double precision.

/// 1.5·2⁵²: adding it leaves the nearest integer in the low bits.
pub(super) const ROUND: f64 = 6_755_399_441_055_744.0;

/// eˣ of |x| < 700, to 2⁻³⁴ of itself; NaN passes.
#[inline(always)]
pub(super) fn exp(x: f64) -> f64 {
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let r = x - (shifted - ROUND) * std::f64::consts::LN_2;
    let p = 0.000_197_751_581_370_815_6;
    let p = p * r + 0.001_394_819_516_913_480_2;
    let p = p * r + 0.008_333_561_181_574_86;
    let p = p * r + 0.041_666_225_249_380_65;
    let p = p * r + 0.166_666_651_252_147_9;
    let p = p * r + 0.500_000_010_459_883_6;
    let p = p * r + 1.000_000_000_243_289_6;
    let p = p * r + 0.999_999_999_961_651;
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(1023);
    p * f64::from_bits(exponent << 52)
}

/// Twice the area tangent of s, |s| ≤ 0.1716, to 2⁻⁴⁵ of itself: ln((1 + s)/(1 − s)).
#[inline(always)]
fn area_tangent(s: f64) -> f64 {
    let z = s * s;
    let p = 0.097_920_278_944_276_49;
    let p = p * z + 0.110_880_971_521_867_71;
    let p = p * z + 0.142_860_545_259_876_74;
    let p = p * z + 0.199_999_978_112_707_37;
    let p = p * z + 0.333_333_333_378_999_45;
    2.0 * s * (p * z + 1.0)
}

/// log₂ x of a positive normal number, to 2⁻⁴⁵ of itself.
#[inline(always)]
pub(super) fn log2(x: f64) -> f64 {
    const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    // 2⁵², whose low bits then are an integer, made a number without an instruction that AVX2 lacks.
    const WHOLE: f64 = 4_503_599_627_370_496.0;
    const BIAS: u64 = 2048;
    let bits = x.to_bits().wrapping_sub(SQRT_HALF).wrapping_add(BIAS << 52);
    let k = f64::from_bits((bits >> 52) | WHOLE.to_bits()) - (WHOLE + BIAS as f64);
    let m = f64::from_bits((bits & 0xf_ffff_ffff_ffff).wrapping_add(SQRT_HALF));
    k + area_tangent((m - 1.0) / (m + 1.0)) * std::f64::consts::LOG2_E
}

/// ln(1 + x) of a number from 0 to 1, to 2⁻³³ of itself, however small.
#[inline(always)]
pub(super) fn log1p(x: f64) -> f64 {
    let s = x / (x + 2.0);
    let z = s * s;
    let p = 0.108_961_957_390_595_46;
    let p = p * z + 0.085_739_257_981_699_79;
    let p = p * z + 0.111_507_500_408_339_18;
    let p = p * z + 0.142_841_980_478_491_98;
    let p = p * z + 0.200_000_265_000_940_67;
    let p = p * z + 0.333_333_331_795_656_05;
    2.0 * s * (p * z + 1.0)
}
