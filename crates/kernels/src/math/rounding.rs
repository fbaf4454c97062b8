//! The nearest whole number, without an instruction that SSE2 lacks.

/// The whole number nearest to x, the even one of two; −0 keeps its sign, NaN passes.
#[inline(always)]
pub fn round_f32(x: f32) -> f32 {
    const WHOLE: f32 = 8_388_608.0; // 2²³, from which on every number is whole
    let a = x.abs();
    let rounded = (a + WHOLE) - WHOLE;
    (if a < WHOLE { rounded } else { a }).copysign(x)
}

/// The whole number nearest to x, the even one of two; −0 keeps its sign, NaN passes.
#[inline(always)]
pub fn round_f64(x: f64) -> f64 {
    const WHOLE: f64 = 4_503_599_627_370_496.0; // 2⁵²
    let a = x.abs();
    let rounded = (a + WHOLE) - WHOLE;
    (if a < WHOLE { rounded } else { a }).copysign(x)
}
