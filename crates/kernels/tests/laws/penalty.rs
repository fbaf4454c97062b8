use kernels::float::Float;
use kernels::penalty::{self, ElasticNet, Penalty};
use proptest::prelude::*;

use crate::given::{
    bits, border_lengths, close, epsilon, execs, in_both_precisions, numbers, plain, wide,
};

in_both_precisions!(
    prox_is_optimal,
    value_is_that_of_double_precision,
    gradient_is_the_slope,
    nan_is_kept,
    cut_off_weights_are_positive_zeros,
    violation_finds_the_worst_component,
    threads_and_instruction_sets_change_no_bit,
);

fn strengths() -> impl Strategy<Value = (f64, f64)> {
    let strength = || prop_oneof![Just(0.0), 0.0..4.0_f64];
    (strength(), strength())
}

/// z = prox(w) is the minimum: (w − z)/step lies in ∂p(z), for which `violation` is 0.
fn prox_is_optimal<T: Float>() {
    proptest!(|((l1, l2) in strengths(), w in -10.0..10.0_f64, step in 0.01..2.0_f64)| {
        let p = ElasticNet::<T>::of(l1, l2);
        let (w, step) = (T::of(w), T::of(step));
        let z = p.prox(w, step);
        let violation = p.violation(z, (z - w) / step).f64();
        // Rounding of z − w, and of the gradient at z.
        let rounding = w.f64().abs() / step.f64() + l1 + l2 * w.f64().abs();
        prop_assert!(violation <= 8.0 * epsilon::<T>() * rounding, "{violation} at {w:?}");
    });
}

/// For every length at which the sum is cut differently.
fn value_is_that_of_double_precision<T: Float>() {
    for n in border_lengths() {
        let w = numbers::<T>(n as u64, n);
        let (l1, l2) = (0.3, 1.7);
        let exact: f64 = wide(&w).iter().map(|w| l1 * w.abs() + l2 * w * w).sum();
        let got = penalty::value(plain(), ElasticNet { l1, l2 }, &w);
        close(got, exact, 1e-13 * exact.max(1.0));
    }
}

/// By central differences of the value where there is no kink; 0 at the kink.
fn gradient_is_the_slope<T: Float>() {
    proptest!(|((l1, l2) in strengths(), w in -3.0..3.0_f64, scale in -2.0..2.0_f64)| {
        let (w, scale) = ([T::of(w)], T::of(scale));
        let mut grads = [T::of(0.5)];
        penalty::add_gradient(plain(), ElasticNet::<T>::of(l1, l2), scale, &w, &mut grads);
        let (h, p) = (1e-6, ElasticNet { l1, l2 });
        prop_assume!(w[0].f64().abs() > 2.0 * h);
        let slope = (p.value(w[0].f64() + h) - p.value(w[0].f64() - h)) / (2.0 * h);
        close(grads[0].f64(), 0.5 + scale.f64() * slope, 64.0 * epsilon::<T>() + 1e-7);
    });
    assert_eq!(ElasticNet::of(1.0, 1.0).gradient(T::ZERO), T::ZERO);
    assert_eq!(ElasticNet::of(1.0, 1.0).gradient(-T::ZERO), T::ZERO);
}

fn nan_is_kept<T: Float>() {
    let nan = T::of(f64::NAN);
    for (l1, l2) in [(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)] {
        let p = ElasticNet::<T>::of(l1, l2);
        assert!(p.prox(nan, T::ONE).not_a_number());
        assert!(p.gradient(nan).not_a_number());
        assert!(p.value(nan).not_a_number());
        assert!(p.violation(nan, T::ZERO).not_a_number());
        assert!(p.violation(T::ZERO, nan).not_a_number());
        assert!(p.violation(T::ONE, nan).not_a_number());
    }
}

/// −0 counts as zero, and a prox leaves none.
fn cut_off_weights_are_positive_zeros<T: Float>() {
    for (l1, l2) in [(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)] {
        let mut w = [0.0, -0.0, 1e-3, -1e-3].map(T::of);
        penalty::prox(plain(), ElasticNet::of(l1, l2), T::ONE, &mut w);
        let cut = if l1 > 0.0 { 4 } else { 2 };
        assert_eq!(bits(&w[..cut]), vec![0; cut], "l1 = {l1}, l2 = {l2}");
    }
}

/// Wherever it is; a NaN anywhere wins.
fn violation_finds_the_worst_component<T: Float>() {
    let p = ElasticNet::<T>::of(0.5, 0.0);
    for n in border_lengths().filter(|&n| n > 0) {
        let (w, mut grads) = (vec![T::ZERO; n], vec![T::of(0.25); n]);
        assert_eq!(penalty::violation(plain(), p, &w, &grads), 0.0);
        for worst in [0, n / 2, n - 1] {
            grads[worst] = T::of(-3.0);
            assert_eq!(penalty::violation(plain(), p, &w, &grads), 2.5);
            grads[worst] = T::of(f64::NAN);
            assert!(penalty::violation(plain(), p, &w, &grads).is_nan(), "{worst} of {n}");
            grads[worst] = T::of(0.25);
        }
    }
}

fn threads_and_instruction_sets_change_no_bit<T: Float>() {
    let (p, wide_p) = (ElasticNet::<T>::of(0.3, 0.2), ElasticNet { l1: 0.3, l2: 0.2 });
    for n in [70, 16_385, (1 << 18) + 1, 3 << 18] {
        let (w, g) = (numbers::<T>(1, n), numbers::<T>(2, n));
        let mut first = None;
        for exec in execs() {
            let (mut pulled, mut shrunk) = (g.clone(), w.clone());
            penalty::add_gradient(exec, p, T::of(0.7), &w, &mut pulled);
            penalty::prox(exec, p, T::of(0.7), &mut shrunk);
            let figures = [penalty::value(exec, wide_p, &w), penalty::violation(exec, p, &w, &g)];
            let all = (bits(&pulled), bits(&shrunk), bits(&figures));
            assert!(*first.get_or_insert_with(|| all.clone()) == all, "{exec:?}, {n} weights");
        }
    }
}
