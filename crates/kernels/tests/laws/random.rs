use kernels::float::Float;
use kernels::random::{normal, permutation, uniform};
use proptest::prelude::*;

use crate::given::{bits, in_both_precisions};

in_both_precisions!(
    uniform_numbers_stay_in_their_interval,
    moments_are_those_of_the_distribution,
    drawing_in_two_parts_is_drawing_once,
    seeds_and_positions_differ,
);

fn uniform_numbers_stay_in_their_interval<T: Float>() {
    proptest!(|(seed: u64, position in 0..1_u64 << 53, low in -1e6..1e6_f64, width in 0.0..1e6_f64)| {
        let mut x = [T::ZERO; 64];
        let high = low + width;
        uniform(seed, position, low, high, &mut x);
        let (first, end) = (T::of(low), T::of(high));
        prop_assert!(x.iter().all(|&x| x >= first && (x < end || first == end)));
    });
    // An interval of a few numbers, in which rounding reaches the open end.
    let mut x = [T::ZERO; 4096];
    uniform(1, 0, 1.0, 1.0 + 3.0 * crate::given::epsilon::<T>(), &mut x);
    assert!(x.iter().all(|x| (1.0..1.0 + 3.0 * crate::given::epsilon::<T>()).contains(&x.f64())));
}

/// Mean, variance, skewness and kurtosis of a million, each within five standard errors.
fn moments_are_those_of_the_distribution<T: Float>() {
    let n = 1_000_000_u32;
    let moments = |x: &[T]| {
        let mean =
            |f: &dyn Fn(f64) -> f64| x.iter().map(|x| f(x.f64())).sum::<f64>() / f64::from(n);
        [1, 2, 3, 4].map(|power| mean(&|x| x.powi(power)))
    };
    let check = |got: [f64; 4], exact: [f64; 4], spread: [f64; 4]| {
        for i in 0..4 {
            let error = 5.0 * spread[i] / f64::from(n).sqrt();
            assert!((got[i] - exact[i]).abs() < error, "moment {}: {got:?}", i + 1);
        }
    };
    let mut x = vec![T::ZERO; n as usize];
    uniform(7, 0, -1.0, 1.0, &mut x);
    let deviations = [1.0 / 3.0, 4.0 / 45.0, 1.0 / 7.0, 16.0 / 225.0].map(f64::sqrt);
    check(moments(&x), [0.0, 1.0 / 3.0, 0.0, 0.2], deviations);
    normal(7, 0, 0.0, 1.0, &mut x);
    check(moments(&x), [0.0, 1.0, 0.0, 3.0], [1.0, 2.0, 15.0, 96.0].map(f64::sqrt));
    normal(7, 0, 5.0, 0.5, &mut x);
    let [mean, square, ..] = moments(&x);
    assert!((mean - 5.0).abs() < 3e-3 && (square - 25.25).abs() < 3e-2);
}

/// 10 and 10 are 20: a position counts the words that were taken.
fn drawing_in_two_parts_is_drawing_once<T: Float>() {
    proptest!(|(seed: u64, position in 0..1_u64 << 40, pairs in 0..20_usize, rest in 0..20_usize)| {
        let (first, n) = (2 * pairs, 2 * pairs + rest);
        let (mut whole, mut parts) = (vec![T::ZERO; n], vec![T::ZERO; n]);
        let (left, right) = parts.split_at_mut(first);
        let next = position + 2 * first as u64;
        uniform(seed, position, -1.0, 1.0, &mut whole);
        uniform(seed, position, -1.0, 1.0, left);
        uniform(seed, next, -1.0, 1.0, right);
        prop_assert_eq!(bits(&whole), [bits(left), bits(right)].concat());
        normal(seed, position, 1.0, 2.0, &mut whole);
        normal(seed, position, 1.0, 2.0, left);
        normal(seed, next, 1.0, 2.0, right);
        prop_assert_eq!(bits(&whole), [bits(left), bits(right)].concat());
    });
}

fn seeds_and_positions_differ<T: Float>() {
    let draw = |seed, position| {
        let mut x = [T::ZERO; 8];
        uniform(seed, position, 0.0, 1.0, &mut x);
        bits(&x)
    };
    assert_eq!(draw(3, 5), draw(3, 5));
    assert_ne!(draw(3, 5), draw(4, 5));
    assert_ne!(draw(3, 5), draw(3, 6));
}

proptest! {
    #[test]
    fn a_permutation_names_every_element_once(seed: u64, position in 0..1_u64 << 53, n in 0..300_i32) {
        let mut order = vec![-1; n as usize];
        permutation(seed, position, &mut order);
        order.sort_unstable();
        prop_assert_eq!(order, (0..n).collect::<Vec<_>>());
    }
}

/// The 24 orders of 4 elements: χ² with 23 degrees of freedom, below its quantile of 1e-6.
#[test]
fn all_permutations_are_equally_likely() {
    let draws = 48_000;
    let mut counts = std::collections::BTreeMap::new();
    for draw in 0..draws {
        let mut order = [0; 4];
        permutation(11, 8 * draw, &mut order);
        *counts.entry(order).or_insert(0.0) += 1.0;
    }
    let expected = draws as f64 / 24.0;
    let chi_squared: f64 = counts.values().map(|n: &f64| (n - expected).powi(2) / expected).sum();
    assert_eq!(counts.len(), 24);
    assert!(chi_squared < 73.0, "{chi_squared}");
}
