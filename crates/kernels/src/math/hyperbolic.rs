//! tanh x and x − tanh x.

use super::exponential::exp_f32;

/// From here on tanh a is 1 − 2/(e²ᵃ + 1), below a polynomial.
const NEAR: f32 = 0.625;

/// tanh a − a of a below .625, by a minimax polynomial (its error is 2⁻²⁷ of it).
#[inline(always)]
fn bent_f32(a: f32) -> f32 {
    let z = a * a;
    let p = 2.292_830_3e-3;
    let p = p * z - 8.344_029e-3;
    let p = p * z + 2.176_894_8e-2;
    let p = p * z - 5.395_926_5e-2;
    let p = p * z + 0.133_333_04;
    let p = p * z - 0.333_333_34;
    p * z * a
}

/// 1 − tanh a.
#[inline(always)]
fn missing_f32(a: f32) -> f32 {
    2.0 / (exp_f32(2.0 * a) + 1.0)
}

/// tanh x within 2 units in the last place; NaN passes, and −0.
#[inline(always)]
pub fn tanh_f32(x: f32) -> f32 {
    let a = x.abs();
    let (near, far) = (bent_f32(a) + a, 1.0 - missing_f32(a));
    (if a < NEAR { near } else { far }).copysign(x)
}

/// x − tanh x, which does not cancel near 0; NaN passes, and −0.
#[inline(always)]
pub fn tanhshrink_f32(x: f32) -> f32 {
    let a = x.abs();
    let (near, far) = (-bent_f32(a), (a - 1.0) + missing_f32(a));
    (if a < NEAR { near } else { far }).copysign(x)
}

/// tanh a − a of a below .625, by a minimax polynomial (its error is 2⁻⁵⁶ of it).
fn bent_f64(a: f64) -> f64 {
    let z = a * a;
    let p = 6.485_405_368_418_69e-6;
    let p = p * z - 3.120_162_205_984_068_5e-5;
    let p = p * z + 9.257_164_529_135_498e-5;
    let p = p * z - 2.375_909_039_215_715e-4;
    let p = p * z + 5.896_607_407_715_234e-4;
    let p = p * z - 1.455_775_429_451_976e-3;
    let p = p * z + 3.592_121_753_499_571_5e-3;
    let p = p * z - 8.863_235_103_437_868e-3;
    let p = p * z + 0.021_869_488_519_017_967;
    let p = p * z - 0.053_968_253_967_897_235;
    let p = p * z + 0.133_333_333_333_330_42;
    let p = p * z - 0.333_333_333_333_333_3;
    p * z * a
}

/// 1 − tanh a.
fn missing_f64(a: f64) -> f64 {
    2.0 / ((2.0 * a).exp() + 1.0)
}

/// tanh x within 2 units in the last place; NaN passes, and −0. The exponential is the standard library's,
/// whose own tanh is 2.2 units off.
pub fn tanh_f64(x: f64) -> f64 {
    let a = x.abs();
    let y = if a < f64::from(NEAR) { bent_f64(a) + a } else { 1.0 - missing_f64(a) };
    y.copysign(x)
}

/// x − tanh x, which does not cancel near 0; NaN passes, and −0.
pub fn tanhshrink_f64(x: f64) -> f64 {
    let a = x.abs();
    let y = if a < f64::from(NEAR) { -bent_f64(a) } else { (a - 1.0) + missing_f64(a) };
    y.copysign(x)
}
