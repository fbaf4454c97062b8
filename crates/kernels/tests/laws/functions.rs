//! The functions of single precision beside what they should be.

use std::f32::consts::{FRAC_1_SQRT_2, FRAC_PI_2, LN_2, PI, TAU};

use kernels::math::{
    FAR, erf_f32, erf_f64, exp_f32, expm1_f32, gaussian_f32, gaussian_f64, ln_f32, log1p_f32,
    log2_f32, log10_f32, normal_cdf_f32, normal_cdf_f64, sigmoid_f32, sigmoid_f64, softplus_f32,
    softplus_f64, tanh_f32, tanhshrink_f32, tanhshrink_f64, wave_f32,
};

/// A function and what it should be.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) of: fn(f32) -> f32,
    pub(crate) exact: fn(f64) -> f64,
    /// Units in the last place that it may be off.
    pub(crate) most: f64,
    /// Where formulas meet, and where results become subnormal, 0, ∞, or stay at their limit.
    pub(crate) borders: &'static [f32],
}

const fn function(
    name: &'static str,
    of: fn(f32) -> f32,
    exact: fn(f64) -> f64,
    most: f64,
    borders: &'static [f32],
) -> Function {
    Function { name, of, exact, most, borders }
}

const SUBNORMAL: f32 = -87.336_54; // where eˣ is the smallest normal number
const NOTHING: f32 = -103.972_08; // and where it is 0
const OVERFLOW: f32 = 88.722_83;

/// Each of them, with the error that it may have: the next quarter above the worst of all 2³² numbers.
pub(crate) const FUNCTIONS: &[Function] = &[
    function("exp", exp_f32, f64::exp, 1.0, &[OVERFLOW, SUBNORMAL, NOTHING]),
    function("expm1", expm1_f32, f64::exp_m1, 1.75, &[OVERFLOW, -18.0, LN_2 / 2.0, -LN_2 / 2.0]),
    function("log", ln_f32, f64::ln, 1.0, &[1.0, f32::MIN_POSITIVE, FRAC_1_SQRT_2, f32::MAX]),
    function("log1p", log1p_f32, f64::ln_1p, 1.0, &[-0.292_893_2, 0.414_213_57, -0.999_999_9, 1.0]),
    function("log2", log2_f32, f64::log2, 0.75, &[1.0, f32::MIN_POSITIVE, FRAC_1_SQRT_2]),
    function("log10", log10_f32, f64::log10, 0.75, &[1.0, f32::MIN_POSITIVE, FRAC_1_SQRT_2]),
    function("sin", |x| wave_f32(x, 0), f64::sin, 0.75, &[FAR, -FAR, PI, TAU]),
    function("cos", |x| wave_f32(x, 1), f64::cos, 0.75, &[FAR, -FAR, FRAC_PI_2, 4.712_389]),
    function("tanh", tanh_f32, f64::tanh, 1.5, &[0.625, -0.625, 9.0]),
    function("tanhshrink", tanhshrink_f32, tanhshrink_f64, 7.0, &[0.625, -0.625]),
    function("sigmoid", sigmoid_f32, sigmoid_f64, 1.75, &[SUBNORMAL, NOTHING, 17.0]),
    function("softplus", softplus_f32, softplus_f64, 0.75, &[SUBNORMAL, NOTHING, 17.0]),
    function("erf", erf_f32, erf_f64, 1.5, &[1.0, -1.0, 3.8, 4.0]),
    function("normal cdf", normal_cdf_f32, normal_cdf_f64, 0.75, &[-12.9, -14.1, 5.4, 0.0]),
    function("gaussian", |x| gaussian_f32(x, 1.0), |x| gaussian_f64(x, 1.0), 0.75, &[9.3, 10.2]),
];

/// The error of `got` in units in the last place of `exact`, subnormal results included.
pub(crate) fn ulps(got: f32, exact: f64) -> f64 {
    let nearest = exact as f32;
    if got == nearest || (got.is_nan() && exact.is_nan()) {
        // Not 0 if it is a neighbor of what is exact: half a unit counts too.
        return if nearest.is_finite() { distance(got, exact) } else { 0.0 };
    }
    if got.is_finite() && exact.is_finite() { distance(got, exact) } else { f64::INFINITY }
}

fn distance(got: f32, exact: f64) -> f64 {
    let exponent = (exact.abs().to_bits() >> 52) as i32 - 1023;
    (f64::from(got) - exact).abs() / 2.0_f64.powi(exponent.max(-126) - 23)
}
