//! Comparisons, as whole numbers 0 and 1, and what is chosen by them.

use crate::{Exec, kernel, parallel};

kernel! {
    fn test_chunk[X: Copy, F: Fn(X) -> bool](f: F, x: &[X], out: &mut [i32]) {
        for (out, &x) in out.iter_mut().zip(x) {
            *out = i32::from(f(x));
        }
    }
}

kernel! {
    fn compare_chunk[X: Copy, F: Fn(X, X) -> bool](f: F, x: &[X], y: &[X], out: &mut [i32]) {
        for ((out, &x), &y) in out.iter_mut().zip(x).zip(y) {
            *out = i32::from(f(x, y));
        }
    }
}

/// outᵢ = 1 where f(xᵢ), else 0.
pub fn test<X: Copy + Sync>(
    exec: Exec,
    x: &[X],
    out: &mut [i32],
    f: impl Fn(X) -> bool + Copy + Send + Sync,
) {
    parallel::for_each(exec, x.len(), (x, out), |(x, out)| test_chunk(exec.isa, f, x, out));
}

/// outᵢ = 1 where f(xᵢ, yᵢ), else 0.
pub fn compare<X: Copy + Sync>(
    exec: Exec,
    x: &[X],
    y: &[X],
    out: &mut [i32],
    f: impl Fn(X, X) -> bool + Copy + Send + Sync,
) {
    parallel::for_each(exec, x.len(), ([x, y], out), |([x, y], out)| {
        compare_chunk(exec.isa, f, x, y, out);
    });
}

kernel! {
    fn select_chunk[X: Copy](condition: &[i32], x: &[X], y: &[X], out: &mut [X]) {
        for (((out, &c), &x), &y) in out.iter_mut().zip(condition).zip(x).zip(y) {
            *out = if c == 0 { y } else { x };
        }
    }
}

/// outᵢ = xᵢ where conditionᵢ is not 0, else yᵢ.
pub fn select<X: Copy + Send + Sync>(
    exec: Exec,
    condition: &[i32],
    [x, y]: [&[X]; 2],
    out: &mut [X],
) {
    parallel::for_each(exec, out.len(), (condition, [x, y], out), |(condition, [x, y], out)| {
        select_chunk(exec.isa, condition, x, y, out);
    });
}

kernel! {
    fn keep_chunk[X: Copy](kept: bool, none: X, condition: &[i32], x: &[X], out: &mut [X]) {
        for ((out, &c), &x) in out.iter_mut().zip(condition).zip(x) {
            *out = if (c != 0) == kept { x } else { none };
        }
    }
}

/// outᵢ = xᵢ where conditionᵢ is as `kept` says, else `none`.
pub fn keep<X: Copy + Send + Sync>(
    exec: Exec,
    (kept, none): (bool, X),
    condition: &[i32],
    x: &[X],
    out: &mut [X],
) {
    parallel::for_each(exec, x.len(), (condition, x, out), |(condition, x, out)| {
        keep_chunk(exec.isa, kept, none, condition, x, out);
    });
}
