//! Operations on each element of slices of one length.

use crate::float::Float;
use crate::{Exec, kernel, parallel};

kernel! {
    fn unary_chunk[T: Float, F: Fn(T) -> T](f: F, x: &[T], out: &mut [T]) {
        for (out, &x) in out.iter_mut().zip(x) {
            *out = f(x);
        }
    }
}

kernel! {
    fn binary_chunk[T: Float, F: Fn(T, T) -> T](f: F, x: &[T], y: &[T], out: &mut [T]) {
        for ((out, &x), &y) in out.iter_mut().zip(x).zip(y) {
            *out = f(x, y);
        }
    }
}

kernel! {
    fn ternary_chunk[T: Float, F: Fn(T, T, T) -> T](f: F, x: &[T], y: &[T], z: &[T], out: &mut [T]) {
        for (((out, &x), &y), &z) in out.iter_mut().zip(x).zip(y).zip(z) {
            *out = f(x, y, z);
        }
    }
}

kernel! {
    pub(crate) fn update_chunk[T: Float, F: Fn(T, T) -> T](f: F, x: &[T], y: &mut [T]) {
        for (y, &x) in y.iter_mut().zip(x) {
            *y = f(*y, x);
        }
    }
}

/// outᵢ = f(xᵢ).
pub fn unary<T: Float>(
    exec: Exec,
    x: &[T],
    out: &mut [T],
    f: impl Fn(T) -> T + Copy + Send + Sync,
) {
    parallel::for_each(exec, x.len(), (x, out), |(x, out)| unary_chunk(exec.isa, f, x, out));
}

/// outᵢ = f(xᵢ, yᵢ).
pub fn binary<T: Float>(
    exec: Exec,
    x: &[T],
    y: &[T],
    out: &mut [T],
    f: impl Fn(T, T) -> T + Copy + Send + Sync,
) {
    parallel::for_each(exec, x.len(), ([x, y], out), |([x, y], out)| {
        binary_chunk(exec.isa, f, x, y, out);
    });
}

/// outᵢ = f(xᵢ, yᵢ, zᵢ).
pub fn ternary<T: Float>(
    exec: Exec,
    inputs: [&[T]; 3],
    out: &mut [T],
    f: impl Fn(T, T, T) -> T + Copy + Send + Sync,
) {
    parallel::for_each(exec, out.len(), (inputs, out), |([x, y, z], out)| {
        ternary_chunk(exec.isa, f, x, y, z, out);
    });
}

kernel! {
    fn change_chunk[T: Float, F: Fn(T) -> T](f: F, y: &mut [T]) {
        for y in y {
            *y = f(*y);
        }
    }
}

/// yᵢ ← f(yᵢ).
pub fn update<T: Float>(exec: Exec, y: &mut [T], f: impl Fn(T) -> T + Copy + Send + Sync) {
    parallel::for_each(exec, y.len(), y, |y| change_chunk(exec.isa, f, y));
}

/// yᵢ ← f(yᵢ, xᵢ).
pub fn merge<T: Float>(
    exec: Exec,
    x: &[T],
    y: &mut [T],
    f: impl Fn(T, T) -> T + Copy + Send + Sync,
) {
    parallel::for_each(exec, x.len(), (x, y), |(x, y)| update_chunk(exec.isa, f, x, y));
}

/// y ← y + x.
pub fn accumulate<T: Float>(exec: Exec, x: &[T], y: &mut [T]) {
    merge(exec, x, y, |y, x| y + x);
}

/// The gradient of |x| times `upstream`; 0 at the kink, NaN for NaN.
#[inline(always)]
pub fn abs_gradient<T: Float>(x: T, upstream: T) -> T {
    let slope = if x.not_a_number() { x } else { T::ONE.with_sign(x) };
    if x == T::ZERO { T::ZERO } else { slope * upstream }
}

/// max(x, 0), NaN for NaN.
#[inline(always)]
pub fn relu<T: Float>(x: T) -> T {
    if x <= T::ZERO { T::ZERO } else { x }
}

/// The gradient of [`relu`] at `x` times `upstream`; 0 at the kink.
#[inline(always)]
pub fn relu_gradient<T: Float>(x: T, upstream: T) -> T {
    if x <= T::ZERO { T::ZERO } else { upstream }
}

/// The gradient of tanh where it is `y`, times `upstream`.
#[inline(always)]
pub fn tanh_gradient<T: Float>(y: T, upstream: T) -> T {
    (T::ONE - y * y) * upstream
}

/// The gradient of the logistic function where it is `y`, times `upstream`.
#[inline(always)]
pub fn sigmoid_gradient<T: Float>(y: T, upstream: T) -> T {
    y * (T::ONE - y) * upstream
}
