//! xʸ.

use super::wide::{self, ROUND};

/// xʸ within 1 unit in the last place, with the special cases of C's `pow`: 1 of y = 0 and of x = 1,
/// NaN of a negative x whose y is not whole.
///
/// As 2^(y·log₂ |x|) in double precision: the error of a logarithm in single precision, times 150, would be
/// all that there is to see.
#[inline(always)]
pub fn pow_f32(x: f32, y: f32) -> f32 {
    let (x, y) = (f64::from(x), f64::from(y));
    let a = x.abs();
    let log = if a == 0.0 { f64::NEG_INFINITY } else { wide::log2(a) };
    let log = if a < f64::INFINITY { log } else { a };
    let t = if log == 0.0 { 0.0 } else { y * log };
    let t = if t > 160.0 { 160.0 } else { t };
    let t = if t < -160.0 { -160.0 } else { t };
    let size = wide::exp(t * std::f64::consts::LN_2);
    let is_whole = |y: f64| (y + ROUND) - ROUND == y;
    let whole = is_whole(y);
    let odd = whole & !is_whole(0.5 * y);
    let signed = if odd { size.copysign(x) } else { size };
    // Of a y that is not whole.
    let root = if x < 0.0 { f64::NAN } else { size };
    let root = if a < f64::INFINITY { root } else { size };
    let z = if whole { signed } else { root };
    (if y == 0.0 { 1.0 } else { z }) as f32
}
