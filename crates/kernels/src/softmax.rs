//! Softmax, its logarithm, and ln Σ eˣ, of each row of a matrix [m, n].

use crate::float::Float;
use crate::line::for_each_row;
use crate::reduce::sum_by;
use crate::{Exec, kernel};

kernel! {
    /// The largest of a row, to be taken off before eˣ: −∞ of nothing and of −∞ alone, NaN beside NaN.
    fn largest[T: Float](x: &[T]) -> T {
        x.iter().fold(T::NEG_INFINITY, |largest, &x| {
            if (x <= largest) | largest.not_a_number() { largest } else { x }
        })
    }
}

kernel! {
    /// Σ exp(x − shift), the terms in `out`.
    fn exponentials[T: Float](shift: T, x: &[T], out: &mut [T]) -> f64 {
        for (out, &x) in out.iter_mut().zip(x) {
            *out = (x - shift).exponential();
        }
        sum_by(out, |x| x)
    }
}

kernel! {
    /// Σ exp(x − shift).
    fn exponential_sum[T: Float](shift: T, x: &[T]) -> f64 {
        x.iter().fold(0.0, |sum, &x| sum + (x - shift).exponential().f64())
    }
}

kernel! {
    fn scale[T: Float](factor: T, out: &mut [T]) {
        for out in out {
            *out *= factor;
        }
    }
}

/// `out[m, n]` = eˣ/Σ eˣ of each row.
pub fn softmax<T: Float>(exec: Exec, n: usize, x: &[T], out: &mut [T]) {
    for_each_row(exec, [n, n], x, out, |_, x, out| {
        let sum = exponentials(exec.isa, largest(exec.isa, x), x, out);
        scale(exec.isa, T::of(1.0 / sum), out);
    });
}

kernel! {
    fn softmax_row_gradient[T: Float](y: &[T], upstream: &[T], out: &mut [T]) {
        let mut dot = 0.0;
        for (&y, &g) in y.iter().zip(upstream) {
            dot += (y * g).f64();
        }
        let dot = T::of(dot);
        for ((out, &y), &g) in out.iter_mut().zip(y).zip(upstream) {
            *out = y * (g - dot);
        }
    }
}

/// `out` = y·(upstream − Σ y·upstream) of each row, y being the softmax.
pub fn softmax_gradient<T: Float>(exec: Exec, n: usize, y: &[T], upstream: &[T], out: &mut [T]) {
    for_each_row(exec, [n, n], y, out, |row, y, out| {
        softmax_row_gradient(exec.isa, y, &upstream[row * n..][..n], out);
    });
}

/// `out[m, n]` = x − ln Σ eˣ of each row.
pub fn log_softmax<T: Float>(exec: Exec, n: usize, x: &[T], out: &mut [T]) {
    for_each_row(exec, [n, n], x, out, |_, x, out| {
        let shift = largest(exec.isa, x);
        let log_sum = T::of(exponential_sum(exec.isa, shift, x).ln());
        for (out, &x) in out.iter_mut().zip(x) {
            *out = (x - shift) - log_sum;
        }
    });
}

kernel! {
    fn log_softmax_row_gradient[T: Float](y: &[T], upstream: &[T], out: &mut [T]) {
        let sum = T::of(sum_by(upstream, |g| g));
        for ((out, &y), &g) in out.iter_mut().zip(y).zip(upstream) {
            *out = g - y.exponential() * sum;
        }
    }
}

/// `out` = upstream − eʸ·Σ upstream of each row, y being the logarithm of the softmax.
pub fn log_softmax_gradient<T: Float>(
    exec: Exec,
    n: usize,
    y: &[T],
    upstream: &[T],
    out: &mut [T],
) {
    for_each_row(exec, [n, n], y, out, |row, y, out| {
        log_softmax_row_gradient(exec.isa, y, &upstream[row * n..][..n], out);
    });
}

/// `out[m]` = ln Σ eˣ of each row of `x[m, n]`; −∞ where there is nothing but −∞.
pub fn log_sum_exp<T: Float>(exec: Exec, n: usize, x: &[T], out: &mut [T]) {
    for_each_row(exec, [n, 1], x, out, |_, x, out| {
        let shift = largest(exec.isa, x);
        // Where it is infinite it is the result: ∞ − ∞ would be no number.
        let infinite = shift.f64().is_infinite();
        let sum = if infinite { 1.0 } else { exponential_sum(exec.isa, shift, x) };
        out[0] = T::of(shift.f64() + sum.ln());
    });
}

kernel! {
    fn log_sum_exp_row_gradient[T: Float](y: T, upstream: T, x: &[T], out: &mut [T]) {
        for (out, &x) in out.iter_mut().zip(x) {
            *out = upstream * (x - y).exponential();
        }
    }
}

/// `out[m, n]` = upstream·exp(x − y), y being ln Σ eˣ of the row.
pub fn log_sum_exp_gradient<T: Float>(
    exec: Exec,
    n: usize,
    [x, y, upstream]: [&[T]; 3],
    out: &mut [T],
) {
    for_each_row(exec, [n, n], x, out, |row, x, out| {
        log_sum_exp_row_gradient(exec.isa, y[row], upstream[row], x, out);
    });
}
