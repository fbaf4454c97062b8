use kernels::elementwise::{abs_gradient, accumulate, binary, relu, relu_gradient, unary};
use kernels::float::Float;

use crate::given::{bits, border_lengths, execs, in_both_precisions, numbers, plain};

in_both_precisions!(
    every_element_is_mapped,
    kinks_and_special_values,
    threads_and_instruction_sets_change_no_bit,
    curves_have_the_same_bits_on_every_instruction_set,
);

fn every_element_is_mapped<T: Float>() {
    for n in border_lengths() {
        let (x, y) = (numbers::<T>(1, n), numbers::<T>(2, n));
        let (mut single, mut pair, mut sum) = (x.clone(), x.clone(), y.clone());
        unary(plain(), &x, &mut single, |x| x * x + x);
        binary(plain(), &x, &y, &mut pair, |x, y| x - y);
        accumulate(plain(), &x, &mut sum);
        for i in 0..n {
            assert_eq!(single[i], x[i] * x[i] + x[i]);
            assert_eq!(pair[i], x[i] - y[i]);
            assert_eq!(sum[i], y[i] + x[i]);
        }
    }
}

fn kinks_and_special_values<T: Float>() {
    let [nan, inf, up] = [f64::NAN, f64::INFINITY, 3.0].map(T::of);
    assert_eq!(relu(T::ONE), T::ONE);
    assert_eq!(bits(&[relu(-T::ZERO), relu(-T::ONE), relu(-inf)]), [0; 3]);
    assert_eq!(relu(inf), inf);
    assert!(relu(nan).not_a_number());
    assert_eq!([-T::ONE, T::ZERO, T::ONE].map(|x| relu_gradient(x, up)), [T::ZERO, T::ZERO, up]);
    assert_eq!([-T::ONE, T::ZERO, inf].map(|x| abs_gradient(x, up)), [-up, T::ZERO, up]);
    assert_eq!(abs_gradient(-T::ZERO, up), T::ZERO);
    assert!(abs_gradient(nan, up).not_a_number());
}

fn threads_and_instruction_sets_change_no_bit<T: Float>() {
    let n = (3 << 18) + 5;
    let (x, y) = (numbers::<T>(1, n), numbers::<T>(2, n));
    let mut first = None;
    for exec in execs() {
        let mut out = vec![T::ZERO; n];
        binary(exec, &x, &y, &mut out, |x, y| x / y + y);
        accumulate(exec, &x, &mut out);
        let all = bits(&out);
        assert!(*first.get_or_insert_with(|| all.clone()) == all, "{exec:?}");
    }
}

/// Over all magnitudes: polynomials, borders and limits.
fn curves_have_the_same_bits_on_every_instruction_set<T: Float>() {
    let x: Vec<T> = (-4000..4000_i32)
        .map(|i| T::of(f64::from(i.signum()) * 1.02_f64.powi(i.abs() - 3700)))
        .collect();
    let mut first = None;
    for exec in execs() {
        let mut out = [x.clone(), x.clone(), x.clone()];
        unary(exec, &x, &mut out[0], T::exponential);
        unary(exec, &x, &mut out[1], T::hyperbolic_tangent);
        unary(exec, &x, &mut out[2], T::logistic);
        let all = bits(&out.concat());
        assert!(*first.get_or_insert_with(|| all.clone()) == all, "{exec:?}");
    }
}
