use kernels::float::Float;
use kernels::rows::{BadLabel, add_bias, cross_entropy, cross_entropy_gradient, gather, sum_rows};
use proptest::prelude::*;

use crate::given::{bits, close, epsilon, in_both_precisions, numbers, plain, wide};

in_both_precisions!(
    rows_are_summed_first_to_last,
    a_bias_is_added_to_each_row,
    gathered_rows_are_copies,
    cross_entropy_is_that_of_double_precision,
    extreme_logits_have_their_limits,
    the_gradient_is_that_of_finite_differences,
    bad_labels_are_told_and_write_nothing,
    nothing_has_no_mean,
);

/// The mean of −ln softmax(logits)[label], each row shifted by its largest logit.
fn exact_loss(classes: usize, logits: &[f64], labels: &[i32]) -> f64 {
    let rows = logits.chunks_exact(classes).zip(labels);
    let losses = rows.map(|(row, &label)| {
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = row.iter().map(|x| (x - largest).exp()).sum();
        sum.ln() + (largest - row[label as usize])
    });
    losses.sum::<f64>() / labels.len() as f64
}

fn loss<T: Float>(classes: usize, logits: &[T], labels: &[i32]) -> (f64, Vec<T>) {
    let mut probs = vec![T::of(f64::NAN); logits.len()];
    let loss = cross_entropy(plain(), classes, logits, labels, &mut probs);
    (loss.expect("the labels are classes"), probs)
}

/// Labels for `rows` rows, all classes in turn.
fn turns(rows: usize, classes: usize) -> Vec<i32> {
    let class = |row| i32::try_from(row * 7 % classes).expect("there are few classes");
    (0..rows).map(class).collect()
}

fn scaled<T: Float>(scale: f64, x: &[T]) -> Vec<T> {
    x.iter().map(|&x| x * T::of(scale)).collect()
}

fn rows_are_summed_first_to_last<T: Float>() {
    proptest!(|(m in 0..40_usize, n in 0..40_usize)| {
        let x = numbers::<T>(1, m * n);
        let (mut out, mut exact) = (vec![T::of(f64::NAN); n], vec![T::ZERO; n]);
        sum_rows(plain(), &x, &mut out);
        for (i, &x) in x.iter().enumerate() {
            exact[i % n] += x;
        }
        prop_assert_eq!(bits(&out), bits(&exact));
    });
}

fn a_bias_is_added_to_each_row<T: Float>() {
    proptest!(|(m in 0..40_usize, n in 0..40_usize)| {
        let (before, bias) = (numbers::<T>(1, m * n), numbers::<T>(2, n));
        let mut after = before.clone();
        add_bias(plain(), &bias, &mut after);
        let exact: Vec<T> = before.iter().enumerate().map(|(i, &y)| y + bias[i % n]).collect();
        prop_assert_eq!(bits(&after), bits(&exact));
    });
}

fn gathered_rows_are_copies<T: Float>() {
    proptest!(|(rows in 1..20_usize, width in 0..20_usize, picks in 0..20_usize)| {
        let (x, order) = (numbers::<T>(1, rows * width), turns(picks, rows));
        let mut out = vec![T::of(f64::NAN); picks * width];
        prop_assert_eq!(gather(rows, width, &x, &order, &mut out), Ok(()));
        let exact: Vec<T> =
            order.iter().flat_map(|&row| &x[row as usize * width..][..width]).copied().collect();
        prop_assert_eq!(bits(&out), bits(&exact));
    });
}

fn cross_entropy_is_that_of_double_precision<T: Float>() {
    proptest!(|(m in 1..20_usize, n in 1..40_usize, size in 0.0..50.0_f64)| {
        let (logits, labels) = (scaled(size, &numbers::<T>(3, m * n)), turns(m, n));
        let (loss, probs) = loss(n, &logits, &labels);
        let exact = exact_loss(n, &wide(&logits), &labels);
        close(loss, exact, 4.0 * epsilon::<T>() * (1.0 + exact));
        for row in probs.chunks_exact(n) {
            close(wide(row).iter().sum(), 1.0, n as f64 * epsilon::<T>());
        }
    });
}

fn extreme_logits_have_their_limits<T: Float>() {
    let of = |logits: &[f64], label| {
        let logits: Vec<T> = logits.iter().map(|&x| T::of(x)).collect();
        let (loss, probs) = loss(logits.len(), &logits, &[label]);
        (loss, wide(&probs))
    };
    let inf = f64::INFINITY;
    assert_eq!(of(&[1e4, -1e4], 0), (0.0, vec![1.0, 0.0]));
    assert_eq!(of(&[1e4, -1e4], 1), (2e4, vec![1.0, 0.0]));
    for same in [0.0, 1e4, -1e4, 1e30, -1e30] {
        let (loss, probs) = of(&[same; 4], 2);
        close(loss, 4.0_f64.ln(), epsilon::<T>());
        assert_eq!(probs, [0.25; 4], "logits of {same}");
    }
    assert_eq!(of(&[-inf, 0.0], 1), (0.0, vec![0.0, 1.0]));
    assert_eq!(of(&[-inf, 0.0], 0), (inf, vec![0.0, 1.0]));
    for undefined in [[-inf, -inf], [inf, 0.0], [f64::NAN, 0.0], [0.0, f64::NAN]] {
        let (loss, probs) = of(&undefined, 0);
        assert!(loss.is_nan() && probs.iter().any(|p| p.is_nan()), "{undefined:?}: {loss}");
    }
}

fn the_gradient_is_that_of_finite_differences<T: Float>() {
    let (m, n, scale, h) = (5, 7, 1.5, 1e-5);
    let (logits, labels) = (scaled(3.0, &numbers::<T>(4, m * n)), turns(m, n));
    let (_, probs) = loss(n, &logits, &labels);
    let mut grads = vec![T::of(f64::NAN); m * n];
    cross_entropy_gradient(plain(), n, &probs, &labels, T::of(scale), &mut grads)
        .expect("the labels are classes");
    for i in 0..m * n {
        let at = |shift| {
            let mut logits = wide(&logits);
            logits[i] += shift;
            exact_loss(n, &logits, &labels)
        };
        let slope = scale * (at(h) - at(-h)) / (2.0 * h);
        close(grads[i].f64(), slope, 8.0 * epsilon::<T>() + 1e-9);
    }
}

fn bad_labels_are_told_and_write_nothing<T: Float>() {
    for label in [-1, 3, i32::MIN, i32::MAX] {
        let (mut out, labels) = ([T::ONE; 6], [0, label]);
        let bad = Err(BadLabel { row: 1, label, classes: 3 });
        let x = [T::of(0.5); 6];
        assert_eq!(cross_entropy(plain(), 3, &x, &labels, &mut out).map(|_| ()), bad);
        assert_eq!(cross_entropy_gradient(plain(), 3, &x, &labels, T::ONE, &mut out), bad);
        assert_eq!(gather(3, 2, &x, &labels, &mut out[..4]), bad);
        assert_eq!(bits(&out), bits(&[T::ONE; 6]));
    }
    let bad = Err(BadLabel { row: 0, label: 0, classes: 0 });
    assert_eq!(cross_entropy::<T>(plain(), 0, &[], &[0], &mut []).map(|_| ()), bad);
    assert_eq!(gather::<T>(0, 2, &[], &[0], &mut [T::ONE; 2]), bad);
}

/// No rows, no classes, neither: NaN, and no panic.
fn nothing_has_no_mean<T: Float>() {
    for classes in [0, 1, 3] {
        assert!(loss::<T>(classes, &[], &[]).0.is_nan());
        let gradient = cross_entropy_gradient::<T>(plain(), classes, &[], &[], T::ONE, &mut []);
        assert_eq!(gradient, Ok(()));
    }
}
