//! Losses of each element, and of each label, with their gradients: `PyTorch`'s formulas.

use crate::Exec;
use crate::elementwise::{abs_gradient, binary, merge, relu, ternary};
use crate::float::Float;
use crate::rows::{BadLabel, classes_of};

/// A parabola up to `beta` from 0, from there on lines of slope `scale`: |d| where `beta` is 0.
#[derive(Clone, Copy, Debug)]
pub struct Bend<T> {
    beta: T,
    scale: T,
    /// scale/beta: the curvature of the parabola.
    curvature: T,
}

impl<T: Float> Bend<T> {
    /// scale·d²/(2·beta) below beta, scale·(|d| − beta/2) from there on.
    pub fn of(beta: f64, scale: f64) -> Self {
        Self { beta: T::of(beta), scale: T::of(scale), curvature: T::of(scale / beta) }
    }

    /// The loss of a distance.
    #[inline(always)]
    pub fn at(self, d: T) -> T {
        let (size, half) = (d.magnitude(), T::of(0.5));
        if size < self.beta {
            half * self.curvature * d * d
        } else {
            self.scale * (size - half * self.beta)
        }
    }

    /// Its slope, times `upstream`; 0 at a kink.
    #[inline(always)]
    pub fn slope(self, d: T, upstream: T) -> T {
        if d.magnitude() < self.beta {
            self.curvature * d * upstream
        } else {
            abs_gradient(d, self.scale * upstream)
        }
    }
}

/// ln x, not below −100, as `PyTorch` bounds the loss of a probability; NaN passes.
#[inline(always)]
fn bounded_log(log: f64) -> f64 {
    if log < -100.0 { -100.0 } else { log }
}

/// −y·ln x − (1 − y)·ln(1 − x) of a probability x, no logarithm below −100.
#[inline(always)]
pub fn binary_cross_entropy<T: Float>(x: T, y: T) -> T {
    let (x, y) = (x.f64(), y.f64());
    let (yes, no) = (bounded_log(x.ln()), bounded_log((-x).ln_1p()));
    T::of((y - 1.0) * no - y * yes)
}

/// (x − y)/(x·(1 − x))·upstream, the denominator at least 1e-12.
#[inline(always)]
pub fn binary_cross_entropy_gradient<T: Float>(x: T, y: T, upstream: T) -> T {
    let (least, product) = (T::of(1e-12), x * (T::ONE - x));
    upstream * (x - y) / if product < least { least } else { product }
}

/// (ln(1 − x) − ln x)·upstream, no logarithm below −100.
#[inline(always)]
pub fn binary_cross_entropy_by_target<T: Float>(x: T, upstream: T) -> T {
    let x = x.f64();
    T::of(bounded_log((-x).ln_1p()) - bounded_log(x.ln())) * upstream
}

/// ln(1 + e⁻ˣ), in which nothing overflows.
#[inline(always)]
fn soft_negative(x: f64) -> f64 {
    relu(-x) + (-x.abs()).exp().ln_1p()
}

/// −p·y·ln σ(x) − (1 − y)·ln(1 − σ(x)), as (1 − y)·x + (1 + (p − 1)·y)·ln(1 + e⁻ˣ).
#[inline(always)]
fn logistic<T: Float>(x: T, y: T, p: T) -> T {
    let (x, y, p) = (x.f64(), y.f64(), p.f64());
    T::of((1.0 - y) * x + (1.0 + (p - 1.0) * y) * soft_negative(x))
}

/// ((1 + (p − 1)·y)·σ(x) − p·y)·upstream.
#[inline(always)]
fn logistic_by_input<T: Float>(x: T, y: T, p: T, upstream: T) -> T {
    ((T::ONE + (p - T::ONE) * y) * x.logistic() - p * y) * upstream
}

/// ((p − 1)·ln(1 + e⁻ˣ) − x)·upstream.
#[inline(always)]
fn logistic_by_target<T: Float>(x: T, p: T, upstream: T) -> T {
    T::of((p.f64() - 1.0) * soft_negative(x.f64()) - x.f64()) * upstream
}

/// −p·y·ln σ(x) − (1 − y)·ln(1 − σ(x)) of each element; p is 1 where there is none.
pub fn logistic_error<T: Float>(exec: Exec, [x, y, p]: [&[T]; 3], out: &mut [T]) {
    if p.is_empty() {
        binary(exec, x, y, out, |x, y| logistic(x, y, T::ONE));
    } else {
        ternary(exec, [x, y, p], out, logistic);
    }
}

/// The gradient of [`logistic_error`] by x.
pub fn logistic_error_gradient<T: Float>(
    exec: Exec,
    [x, y, p, upstream]: [&[T]; 4],
    out: &mut [T],
) {
    if p.is_empty() {
        ternary(exec, [x, y, upstream], out, |x, y, g| logistic_by_input(x, y, T::ONE, g));
    } else {
        // The factor first, then the gradient that it scales: three arrays at a time.
        ternary(exec, [x, y, p], out, |x, y, p| logistic_by_input(x, y, p, T::ONE));
        merge(exec, upstream, out, |slope, g| slope * g);
    }
}

/// The gradient of [`logistic_error`] by y.
pub fn logistic_error_by_target<T: Float>(exec: Exec, [x, p, upstream]: [&[T]; 3], out: &mut [T]) {
    if p.is_empty() {
        binary(exec, x, upstream, out, |x, g| logistic_by_target(x, T::ONE, g));
    } else {
        ternary(exec, [x, p, upstream], out, logistic_by_target);
    }
}

/// y·(ln y − x), 0·ln 0 being 0; with `log_target` eʸ·(y − x).
#[inline(always)]
pub fn divergence<T: Float>(log_target: bool, x: T, y: T) -> T {
    if log_target {
        return y.exponential() * (y - x);
    }
    let entropy = if y == T::ZERO { T::ZERO } else { y * T::of(y.f64().ln()) };
    entropy - y * x
}

/// The gradient of [`divergence`] by x, times `upstream`.
#[inline(always)]
pub fn divergence_gradient<T: Float>(log_target: bool, y: T, upstream: T) -> T {
    -(if log_target { y.exponential() } else { y }) * upstream
}

/// The gradient of [`divergence`] by y, times `upstream`.
#[inline(always)]
pub fn divergence_by_target<T: Float>(log_target: bool, x: T, y: T, upstream: T) -> T {
    let slope = if log_target {
        y.exponential() * (y - x + T::ONE)
    } else {
        T::of(y.f64().ln()) + T::ONE - x
    };
    slope * upstream
}

/// How labels are scored: logarithms of probabilities \[outer, classes, inner\].
#[derive(Clone, Copy, Debug)]
pub struct Scoring {
    /// The number of classes.
    pub classes: usize,
    /// Elements of a class.
    pub inner: usize,
    /// The label that does not count, if there is one.
    pub ignored: Option<i32>,
    /// The share of a label that all classes have in common.
    pub smoothing: f64,
}

impl Scoring {
    /// Where the classes of label `at` lie.
    fn places(self, at: usize) -> impl Iterator<Item = usize> {
        let start = at / self.inner * self.classes * self.inner + at % self.inner;
        (0..self.classes).map(move |class| start + class * self.inner)
    }
}

/// The weight of a class, 1 where there are none.
fn weight_of<T: Float>(weights: &[T], class: usize) -> f64 {
    weights.get(class).map_or(1.0, |weight| weight.f64())
}

/// Writes −(1 − ε)·w\[label\]·log\[label\] − ε/C·Σ w·log of each label into `loss`, ε being the smoothing, and
/// into `counted` w\[label\]; 0 in both where a label does not count.
///
/// # Errors
/// [`BadLabel`] if a label is not a class, before anything is written.
pub fn label_loss<T: Float>(
    s: Scoring,
    [logs, weights]: [&[T]; 2],
    labels: &[i32],
    [loss, counted]: [&mut [T]; 2],
) -> Result<(), BadLabel> {
    let share = s.smoothing / s.classes as f64;
    for (at, class) in classes_of(labels, s.classes, s.ignored)?.enumerate() {
        let Some(class) = class else {
            (loss[at], counted[at]) = (T::ZERO, T::ZERO);
            continue;
        };
        let weight = weight_of(weights, class);
        let own = s.places(at).nth(class).map_or(0.0, |place| logs[place].f64());
        let mut value = -(1.0 - s.smoothing) * weight * own;
        if s.smoothing != 0.0 {
            let terms = s.places(at).enumerate();
            let all: f64 = terms.map(|(c, place)| weight_of(weights, c) * logs[place].f64()).sum();
            value -= share * all;
        }
        (loss[at], counted[at]) = (T::of(value), T::of(weight));
    }
    Ok(())
}

/// The gradient of [`label_loss`] by `logs`; 0 where a label does not count, whatever its upstream.
///
/// # Errors
/// [`BadLabel`] if a label is not a class, before anything is written.
pub fn label_loss_gradient<T: Float>(
    s: Scoring,
    [weights, upstream]: [&[T]; 2],
    labels: &[i32],
    out: &mut [T],
) -> Result<(), BadLabel> {
    let share = s.smoothing / s.classes as f64;
    for (at, class) in classes_of(labels, s.classes, s.ignored)?.enumerate() {
        for (c, place) in s.places(at).enumerate() {
            let Some(class) = class else {
                out[place] = T::ZERO;
                continue;
            };
            let own = if c == class { 1.0 - s.smoothing } else { 0.0 };
            out[place] = T::of(-(own + share) * weight_of(weights, c)) * upstream[at];
        }
    }
    Ok(())
}
