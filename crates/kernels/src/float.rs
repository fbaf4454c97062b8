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
    /// From here on [`near_wave`](Self::near_wave) is not exact enough.
    const FAR: Self;

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
    /// The whole number nearest to x, the even one of two.
    #[must_use]
    fn nearest(self) -> Self;
    /// eˣ.
    #[must_use]
    fn exponential(self) -> Self;
    /// eˣ − 1.
    #[must_use]
    fn exponential_less_one(self) -> Self;
    /// ln x.
    #[must_use]
    fn logarithm(self) -> Self;
    /// ln(1 + x).
    #[must_use]
    fn logarithm_of_one_plus(self) -> Self;
    /// log₂ x.
    #[must_use]
    fn binary_logarithm(self) -> Self;
    /// log₁₀ x.
    #[must_use]
    fn decimal_logarithm(self) -> Self;
    /// xʸ.
    #[must_use]
    fn power(self, y: Self) -> Self;
    /// sin(x + `quarters`·π/2) of |x| < [`FAR`](Self::FAR): a loop of it is vector code where there is any.
    #[must_use]
    fn near_wave(self, quarters: u64) -> Self;
    /// sin(x + `quarters`·π/2).
    #[must_use]
    fn wave(self, quarters: u64) -> Self;
    /// tanh x.
    #[must_use]
    fn hyperbolic_tangent(self) -> Self;
    /// x − tanh x.
    #[must_use]
    fn less_hyperbolic_tangent(self) -> Self;
    /// 1/(1 + e⁻ˣ).
    #[must_use]
    fn logistic(self) -> Self;
    /// ln(1 + eˣ).
    #[must_use]
    fn softplus(self) -> Self;
    /// erf x.
    #[must_use]
    fn error_function(self) -> Self;
    /// exp(−`sharpness`·x²), for a sharpness that is a power of two.
    #[must_use]
    fn gaussian(self, sharpness: f64) -> Self;
    /// The distribution function of the normal distribution.
    #[must_use]
    fn normal_cdf(self) -> Self;
    /// x, or 0 where it is too small for a normal number: a moment that decays must not end among
    /// subnormal numbers, where it would stay for ever (β times the smallest rounds to itself) and
    /// make every step tens of times slower.
    #[must_use]
    fn settled(self) -> Self;
    /// Whether x is not a number.
    fn not_a_number(self) -> bool;
}

/// Methods that are functions of one number.
macro_rules! functions {
    ($($name:ident = $function:path),+ $(,)?) => {
        $(#[inline(always)]
        fn $name(self) -> Self {
            $function(self)
        })+
    };
}

macro_rules! float {
    ($name:ident, $far:expr, $near_wave:path, $wave:path, $power:path, $gaussian:path, { $($functions:tt)+ }) => {
        impl Float for $name {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const NEG_INFINITY: Self = $name::NEG_INFINITY;
            const EPSILON: Self = $name::EPSILON;
            const FAR: Self = $far;

            functions! { magnitude = $name::abs, root = $name::sqrt, $($functions)+ }

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
            fn with_sign(self, sign: Self) -> Self {
                self.copysign(sign)
            }

            #[inline(always)]
            fn power(self, y: Self) -> Self {
                $power(self, y)
            }

            #[inline(always)]
            fn near_wave(self, quarters: u64) -> Self {
                $near_wave(self, quarters)
            }

            #[inline(always)]
            fn wave(self, quarters: u64) -> Self {
                $wave(self, quarters)
            }

            #[inline(always)]
            fn gaussian(self, sharpness: f64) -> Self {
                $gaussian(self, sharpness)
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

float!(f32, math::FAR, math::near_wave_f32, math::wave_f32, math::pow_f32, math::gaussian_f32, {
    nearest = math::round_f32,
    exponential = math::exp_f32,
    exponential_less_one = math::expm1_f32,
    logarithm = math::ln_f32,
    logarithm_of_one_plus = math::log1p_f32,
    binary_logarithm = math::log2_f32,
    decimal_logarithm = math::log10_f32,
    hyperbolic_tangent = math::tanh_f32,
    less_hyperbolic_tangent = math::tanhshrink_f32,
    logistic = math::sigmoid_f32,
    softplus = math::softplus_f32,
    error_function = math::erf_f32,
    normal_cdf = math::normal_cdf_f32,
});
float!(f64, f64::INFINITY, math::wave_f64, math::wave_f64, f64::powf, math::gaussian_f64, {
    nearest = math::round_f64,
    exponential = f64::exp,
    exponential_less_one = f64::exp_m1,
    logarithm = f64::ln,
    logarithm_of_one_plus = f64::ln_1p,
    binary_logarithm = f64::log2,
    decimal_logarithm = f64::log10,
    hyperbolic_tangent = math::tanh_f64,
    less_hyperbolic_tangent = math::tanhshrink_f64,
    logistic = math::sigmoid_f64,
    softplus = math::softplus_f64,
    error_function = math::erf_f64,
    normal_cdf = math::normal_cdf_f64,
});
