//! xʸ, for a number y and for tensors, and the gradients of both.
//!
//! With loops of their own: a closure around [`Float::power`] is too large to be inlined, and stayed scalar.

use crate::elementwise::{binary, unary};
use crate::float::Float;
use crate::{Exec, kernel, parallel};

kernel! {
    fn raise_chunk[T: Float](y: T, x: &[T], out: &mut [T]) {
        for (out, &x) in out.iter_mut().zip(x) {
            *out = x.power(y);
        }
    }
}

kernel! {
    fn raise_gradient_chunk[T: Float](y: T, less: T, x: &[T], upstream: &[T], out: &mut [T]) {
        for ((out, &x), &g) in out.iter_mut().zip(x).zip(upstream) {
            *out = g * (y * x.power(less));
        }
    }
}

kernel! {
    fn power_chunk[T: Float](x: &[T], y: &[T], out: &mut [T]) {
        for ((out, &x), &y) in out.iter_mut().zip(x).zip(y) {
            *out = x.power(y);
        }
    }
}

kernel! {
    fn by_base_chunk[T: Float](x: &[T], y: &[T], upstream: &[T], out: &mut [T]) {
        for (((out, &x), &y), &g) in out.iter_mut().zip(x).zip(y).zip(upstream) {
            let gradient = g * (y * x.power(y - T::ONE));
            *out = if y == T::ZERO { T::ZERO } else { gradient };
        }
    }
}

kernel! {
    fn by_exponent_chunk[T: Float](x: &[T], result: &[T], upstream: &[T], out: &mut [T]) {
        for (((out, &x), &result), &g) in out.iter_mut().zip(x).zip(result).zip(upstream) {
            let gradient = g * (result * x.logarithm());
            let flat = (x == T::ZERO) & (result.magnitude() <= T::ONE);
            *out = if flat { T::ZERO } else { gradient };
        }
    }
}

/// outᵢ = xᵢʸ of a number y; small whole powers are products.
pub fn raise<T: Float>(exec: Exec, y: f64, x: &[T], out: &mut [T]) {
    if y == 1.0 {
        out.copy_from_slice(x);
    } else if y == 2.0 {
        unary(exec, x, out, |x| x * x);
    } else if y == 3.0 {
        unary(exec, x, out, |x| x * x * x);
    } else if y == -1.0 {
        unary(exec, x, out, |x| T::ONE / x);
    } else {
        let y = T::of(y);
        parallel::for_each(exec, x.len(), (x, out), |(x, out)| raise_chunk(exec.isa, y, x, out));
    }
}

/// outᵢ = y·xᵢ^(y − 1)·upstreamᵢ of a number y; 0 everywhere if y is 0.
pub fn raise_gradient<T: Float>(exec: Exec, y: f64, x: &[T], upstream: &[T], out: &mut [T]) {
    if y == 0.0 {
        out.fill(T::ZERO);
    } else if y == 1.0 {
        out.copy_from_slice(upstream);
    } else if y == 2.0 {
        binary(exec, x, upstream, out, |x, g| g * (x + x));
    } else if y == 3.0 {
        binary(exec, x, upstream, out, |x, g| g * (T::of(3.0) * (x * x)));
    } else {
        let (y, less) = (T::of(y), T::of(y - 1.0));
        parallel::for_each(exec, x.len(), ([x, upstream], out), |([x, upstream], out)| {
            raise_gradient_chunk(exec.isa, y, less, x, upstream, out);
        });
    }
}

/// outᵢ = xᵢ^yᵢ.
pub fn power<T: Float>(exec: Exec, x: &[T], y: &[T], out: &mut [T]) {
    parallel::for_each(exec, x.len(), ([x, y], out), |([x, y], out)| {
        power_chunk(exec.isa, x, y, out);
    });
}

/// outᵢ = yᵢ·xᵢ^(yᵢ − 1)·upstreamᵢ; 0 where yᵢ is 0.
pub fn by_base<T: Float>(exec: Exec, x: &[T], y: &[T], upstream: &[T], out: &mut [T]) {
    parallel::for_each(exec, x.len(), ([x, y, upstream], out), |([x, y, upstream], out)| {
        by_base_chunk(exec.isa, x, y, upstream, out);
    });
}

/// outᵢ = resultᵢ·ln xᵢ·upstreamᵢ; 0 where xᵢ is 0 and the result finite.
pub fn by_exponent<T: Float>(exec: Exec, x: &[T], result: &[T], upstream: &[T], out: &mut [T]) {
    let inputs = [x, result, upstream];
    parallel::for_each(exec, x.len(), (inputs, out), |([x, result, upstream], out)| {
        by_exponent_chunk(exec.isa, x, result, upstream, out);
    });
}
