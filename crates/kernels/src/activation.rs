//! Activations and their gradients, element by element, with the values of `PyTorch` at kinks and limits.
//!
//! A gradient is written as a function of the input (or of the result, `y`) and of the gradient `g` that
//! arrives, so that what is not passed on is 0 even where `g` is infinite.

use crate::float::Float;

/// ln(1 + e^(beta·x))/beta, and x where beta·x is above the threshold.
#[inline(always)]
pub fn softplus<T: Float>(x: T, beta: T, threshold: T) -> T {
    if x * beta > threshold { x } else { (x * beta).softplus() / beta }
}

/// Of [`softplus`]: g·σ(beta·x), and g above the threshold.
#[inline(always)]
pub fn softplus_gradient<T: Float>(x: T, g: T, beta: T, threshold: T) -> T {
    if x * beta > threshold { g } else { g * (x * beta).logistic() }
}

/// x where it is below 0, else 0; NaN passes.
#[inline(always)]
fn lower<T: Float>(x: T) -> T {
    if x > T::ZERO { T::ZERO } else { x }
}

/// x where it is above 0, else 0; NaN passes.
#[inline(always)]
fn upper<T: Float>(x: T) -> T {
    if x < T::ZERO { T::ZERO } else { x }
}

/// scale·x above 0, height·(e^(rate·x) − 1) below: ELU, SELU and CELU. A sum of both, for of a choice
/// between them the compiler makes a branch in every element.
#[inline(always)]
pub fn elu<T: Float>(x: T, [scale, height, rate]: [T; 3]) -> T {
    scale * upper(x) + height * (rate * lower(x)).exponential_less_one()
}

/// Of [`elu`]; at 0 that from below.
#[inline(always)]
pub fn elu_gradient<T: Float>(x: T, g: T, [scale, height, rate]: [T; 3]) -> T {
    let slope = if x > T::ZERO { scale } else { height * rate };
    g * (slope * (rate * lower(x)).exponential())
}

/// x·Φ(x), Φ being the distribution function of the normal distribution (Hendrycks and Gimpel 2016).
#[inline(always)]
pub fn gelu<T: Float>(x: T) -> T {
    x * x.normal_cdf()
}

/// Of [`gelu`]: g·(Φ(x) + x·φ(x)).
#[inline(always)]
pub fn gelu_gradient<T: Float>(x: T, g: T) -> T {
    let density = T::of(0.398_942_280_401_432_7) * x.gaussian(0.5);
    g * (x.normal_cdf() + x * density)
}

/// 2·√(2/π)·(x + .044715·x³), and its derivative.
#[inline(always)]
fn bent<T: Float>(x: T) -> (T, T) {
    let (linear, cubic) = (T::of(1.595_769_121_605_730_8), T::of(0.071_354_816_272_600_25));
    let square = x * x;
    (x * (linear + cubic * square), linear + T::of(3.0) * cubic * square)
}

/// ½·x·(1 + tanh(√(2/π)·(x + .044715·x³))), as x·σ of twice that: [`gelu`] approximated.
#[inline(always)]
pub fn gelu_tanh<T: Float>(x: T) -> T {
    x * bent(x).0.logistic()
}

/// σ(x), and its derivative σ(x)·σ(−x), which does not cancel.
#[inline(always)]
fn logistic_parts<T: Float>(x: T) -> (T, T) {
    let e = (-x.magnitude()).exponential();
    let d = T::ONE + e;
    ((if x < T::ZERO { e } else { T::ONE }) / d, e / (d * d))
}

/// Of [`gelu_tanh`].
#[inline(always)]
pub fn gelu_tanh_gradient<T: Float>(x: T, g: T) -> T {
    let (u, slope) = bent(x);
    let (s, bend) = logistic_parts(u);
    g * (s + x * bend * slope)
}

/// Of x·σ(x): g·(σ + x·σ·(1 − σ)).
#[inline(always)]
pub fn silu_gradient<T: Float>(x: T, g: T) -> T {
    let (s, bend) = logistic_parts(x);
    g * (s + x * bend)
}

/// Of a·σ(b) by b: g·a·σ(b)·(1 − σ(b)).
#[inline(always)]
pub fn gate_gradient<T: Float>(a: T, b: T, g: T) -> T {
    g * a * logistic_parts(b).1
}

/// From here on tanh(ln(1 + eˣ)) is 1 in both precisions, and e²ˣ is still finite.
const FLAT: f64 = 40.0;

/// eˣ, and n = e²ˣ + 2eˣ, of which tanh(ln(1 + eˣ)) is n/(n + 2).
#[inline(always)]
fn mish_parts<T: Float>(x: T) -> (T, T) {
    let flat = T::of(FLAT);
    let e = (if x > flat { flat } else { x }).exponential();
    (e, e * (e + T::of(2.0)))
}

/// x·tanh(ln(1 + eˣ)) (Misra 2019).
#[inline(always)]
pub fn mish<T: Float>(x: T) -> T {
    let (_, n) = mish_parts(x);
    x * (n / (n + T::of(2.0)))
}

/// Of [`mish`]: with t = tanh(ln(1 + eˣ)), g·(t + x·σ(x)·(1 − t²)).
#[inline(always)]
pub fn mish_gradient<T: Float>(x: T, g: T) -> T {
    let (e, n) = mish_parts(x);
    let d = n + T::of(2.0);
    let bend = T::of(4.0) * e / d * ((e + T::ONE) / d);
    let bend = if x > T::of(FLAT) { T::ZERO } else { bend };
    g * (n / d + x * bend)
}

/// x from `low` to `high`, else the bound; `high` if it is the lower one. A bound that is NaN is none.
#[inline(always)]
pub fn clamp<T: Float>(x: T, low: T, high: T) -> T {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

/// Of [`clamp`]: g between the bounds; 0 at and beyond them, and of NaN.
#[inline(always)]
pub fn clamp_gradient<T: Float>(x: T, g: T, low: T, high: T) -> T {
    let inside = ((x > low) | low.not_a_number()) & ((x < high) | high.not_a_number());
    if inside { g } else { T::ZERO }
}

/// min(max(x + 3, 0), 6)/6.
#[inline(always)]
pub fn hardsigmoid<T: Float>(x: T) -> T {
    clamp(x + T::of(3.0), T::ZERO, T::of(6.0)) / T::of(6.0)
}

/// Of [`hardsigmoid`]: g/6 between −3 and 3, 0 at and beyond.
#[inline(always)]
pub fn hardsigmoid_gradient<T: Float>(x: T, g: T) -> T {
    let three = T::of(3.0);
    if x.magnitude() < three { g / T::of(6.0) } else { T::ZERO }
}

/// Of x·[`hardsigmoid`]: g·(x/3 + ½) between −3 and 3; 0 from −3 down, g from 3 on.
#[inline(always)]
pub fn hardswish_gradient<T: Float>(x: T, g: T) -> T {
    let three = T::of(3.0);
    let inside = if x <= -three { T::ZERO } else { g * (x / three + T::of(0.5)) };
    if x >= three { g } else { inside }
}

/// x, moved towards 0 by `by`, and 0 within it; NaN passes.
#[inline(always)]
pub fn softshrink<T: Float>(x: T, by: T) -> T {
    let inner = if x < -by { x + by } else { x * T::ZERO };
    if x > by { x - by } else { inner }
}

/// g where |x| > `by`, else 0: of [`softshrink`], and of x itself where it is kept.
#[inline(always)]
pub fn shrink_gradient<T: Float>(x: T, g: T, by: T) -> T {
    if x.magnitude() <= by { T::ZERO } else { g }
}

/// −1, 0 or 1; NaN passes.
#[inline(always)]
pub fn sign<T: Float>(x: T) -> T {
    let side = if x.not_a_number() { x } else { T::ONE.with_sign(x) };
    if x == T::ZERO { T::ZERO } else { side }
}

/// The whole number next to x from below; −0 keeps its sign.
#[inline(always)]
pub fn floor<T: Float>(x: T) -> T {
    let nearest = x.nearest();
    (if nearest > x { nearest - T::ONE } else { nearest }).with_sign(x)
}

/// The smaller of two numbers; NaN if one of them is.
#[inline(always)]
pub fn minimum<T: Float>(x: T, y: T) -> T {
    if x < y || x.not_a_number() { x } else { y }
}

/// The larger of two numbers; NaN if one of them is.
#[inline(always)]
pub fn maximum<T: Float>(x: T, y: T) -> T {
    if x > y || x.not_a_number() { x } else { y }
}

/// Of [`maximum`] by x: g where x is the larger one, half of it where both are equal; of NaN g.
#[inline(always)]
pub fn maximum_gradient<T: Float>(x: T, y: T, g: T) -> T {
    let unequal = if x < y { T::ZERO } else { g };
    if x == y { g * T::of(0.5) } else { unequal }
}
