//! The number type of every kernel.

use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

use faer::traits::ComplexField;

use crate::math;
use crate::vector::Vectorized;

/// The number type of a kernel: `f32` or `f64`.
pub trait Float:
    Copy
    + Send
    + Sync
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + ComplexField
    + Vectorized
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// −∞.
    const NEG_INFINITY: Self;
    /// The distance from 1 to the next number.
    const EPSILON: Self;

    /// The nearest value of this type.
    fn of(x: f64) -> Self;
    /// The same value in double precision.
    fn f64(self) -> f64;
    /// |x|.
    #[must_use]
    fn magnitude(self) -> Self;
    /// √x, correctly rounded.
    #[must_use]
    fn root(self) -> Self;
    /// |x| with the sign of `sign`.
    #[must_use]
    fn with_sign(self, sign: Self) -> Self;
    /// eˣ.
    #[must_use]
    fn exponential(self) -> Self;
    /// tanh x.
    #[must_use]
    fn hyperbolic_tangent(self) -> Self;
    /// 1/(1 + e⁻ˣ).
    #[must_use]
    fn logistic(self) -> Self;
    /// x, or 0 where it is too small for a normal number: a moment that decays must not end among
    /// subnormal numbers, where it would stay for ever (β times the smallest rounds to itself) and
    /// make every step tens of times slower.
    #[must_use]
    fn settled(self) -> Self;
    /// Whether x is not a number.
    fn not_a_number(self) -> bool;
}

macro_rules! float {
    ($name:ident, $exp:path, $tanh:path, $sigmoid:path) => {
        impl Float for $name {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const NEG_INFINITY: Self = $name::NEG_INFINITY;
            const EPSILON: Self = $name::EPSILON;

            #[inline(always)]
            fn of(x: f64) -> Self {
                x as $name
            }

            #[inline(always)]
            #[allow(clippy::cast_lossless, reason = "one macro for both widths")]
            fn f64(self) -> f64 {
                self as f64
            }

            #[inline(always)]
            fn magnitude(self) -> Self {
                self.abs()
            }

            #[inline(always)]
            fn root(self) -> Self {
                self.sqrt()
            }

            #[inline(always)]
            fn with_sign(self, sign: Self) -> Self {
                self.copysign(sign)
            }

            #[inline(always)]
            fn exponential(self) -> Self {
                $exp(self)
            }

            #[inline(always)]
            fn hyperbolic_tangent(self) -> Self {
                $tanh(self)
            }

            #[inline(always)]
            fn logistic(self) -> Self {
                $sigmoid(self)
            }

            #[inline(always)]
            fn settled(self) -> Self {
                if self.abs() < $name::MIN_POSITIVE { 0.0 } else { self }
            }

            #[inline(always)]
            fn not_a_number(self) -> bool {
                self.is_nan()
            }
        }
    };
}

float!(f32, math::exp_f32, math::tanh_f32, math::sigmoid_f32);
float!(f64, f64::exp, f64::tanh, math::sigmoid_f64);
