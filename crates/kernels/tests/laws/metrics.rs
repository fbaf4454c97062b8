use kernels::float::Float;
use kernels::metrics::{self, Scores};
use proptest::prelude::*;

use crate::given::{border_lengths, close, execs, in_both_precisions, numbers, plain, wide};

in_both_precisions!(
    auc_is_the_share_of_pairs_in_order,
    auc_of_one_class_or_a_score_that_is_none_is_not_a_number,
    classes_are_those_of_the_largest_score,
    log_loss_is_the_mean_surprise,
    log_loss_does_not_overflow,
    r2_is_that_of_the_sums,
    distances_are_summed,
);

/// Labels below `classes`, from a seed.
fn labels(seed: u64, classes: usize, n: usize) -> Vec<i32> {
    let numbers = numbers::<f64>(seed + 77, n);
    numbers.iter().map(|x| ((x + 1.0) / 2.0 * classes as f64) as i32).collect()
}

fn auc<T: Float>(width: usize, margin: bool, output: &[T], target: &[i32]) -> f64 {
    let mut order = vec![0; target.len()];
    metrics::auc(width, margin, output, target, &mut order).expect("labels of two classes")
}

/// Of every pair of a one and a zero, 1 if the one has the higher score, ½ if both are equal.
fn pairs(scores: &[f64], target: &[i32]) -> f64 {
    let of_class = |class| scores.iter().zip(target).filter(move |(_, t)| **t == class);
    let (mut won, mut all) = (0.0, 0.0);
    for (one, _) in of_class(1) {
        for (zero, _) in of_class(0) {
            won += if one > zero { 1.0 } else { 0.0 } + if one == zero { 0.5 } else { 0.0 };
            all += 1.0;
        }
    }
    won / all
}

fn auc_is_the_share_of_pairs_in_order<T: Float>() {
    proptest!(|(seed in any::<u32>(), n in 2..60_usize, levels in 1..40_u32, width in 1..3_usize)| {
        // Few levels: many scores are equal, and zeros of either sign among them.
        let rounded = |x: f64| (x * f64::from(levels)).round() / f64::from(levels);
        let output: Vec<T> = numbers::<f64>(seed.into(), n * width).into_iter()
            .map(|x| T::of(rounded(x))).collect();
        let target = labels(seed.into(), 2, n);
        for margin in [false, true] {
            let scores: Vec<f64> = wide(&output).chunks(width)
                .map(|row| if margin && width == 2 { row[1] - row[0] } else { row[width - 1] })
                .collect();
            let got = auc(width, margin, &output, &target);
            let exact = pairs(&scores, &target);
            // Counts of halves are exact: only the last division rounds.
            prop_assert!(got == exact || got.is_nan() && exact.is_nan(), "{got} for {exact}");
        }
    });
}

fn auc_of_one_class_or_a_score_that_is_none_is_not_a_number<T: Float>() {
    let scores = [0.1, 0.4, 0.2].map(T::of);
    assert!(auc(1, false, &scores, &[1, 1, 1]).is_nan());
    assert!(auc(1, false, &scores, &[0, 0, 0]).is_nan());
    assert!(auc::<T>(1, false, &[], &[]).is_nan());
    assert!(auc(1, false, &[0.1, f64::NAN, 0.3].map(T::of), &[0, 1, 1]).is_nan());
    let infinite = [f64::NEG_INFINITY, f64::INFINITY, 0.0].map(T::of);
    assert_eq!(auc(1, false, &infinite, &[0, 1, 0]), 1.0);
    let bad = metrics::auc(1, false, &scores, &[0, 1, 2], &mut [0; 3]).expect_err("a class 2");
    assert_eq!((bad.row, bad.label, bad.classes), (2, 2, 2));
}

fn classes_are_those_of_the_largest_score<T: Float>() {
    let nan = f64::NAN;
    let output = [1.0, 3.0, 3.0, nan, 5.0, 6.0, 2.0, nan, 1.0, -1.0, -2.0, -1.0].map(T::of);
    let mut out = [9; 4];
    metrics::classes(3, T::ZERO, &output, &mut out);
    assert_eq!(out, [1, -1, -1, 0]);
    assert_eq!(metrics::correct(3, T::ZERO, &output, &[1, 0, 0, 2]), 1);
    let scores = [0.4, 0.5, 0.6, nan].map(T::of);
    metrics::classes(1, T::of(0.5), &scores, &mut out);
    assert_eq!(out, [0, 0, 1, -1]);
    assert_eq!(metrics::correct(1, T::of(0.5), &scores, &[0, 1, 1, 0]), 2);
    metrics::labels(&[2.0, 0.5, -1.0, nan].map(T::of), &mut out);
    assert_eq!(out, [2, -1, -1, -1]);
}

#[test]
fn f1_is_that_of_the_counts() {
    proptest!(|(seed in any::<u32>(), n in 0..50_usize, classes in 1..6_usize)| {
        let (target, mut predicted) = (labels(seed.into(), classes, n), labels(u64::from(seed) + 1, classes, n));
        if let Some(first) = predicted.first_mut() {
            *first = -1;
        }
        let of_class = |class: i32| {
            let count = |is: &dyn Fn(&(&i32, &i32)) -> bool| {
                target.iter().zip(&predicted).filter(|pair| is(pair)).count() as f64
            };
            let hits = count(&|(t, p)| **t == class && **p == class);
            let false_alarms = count(&|(t, p)| **t != class && **p == class);
            let misses = count(&|(t, p)| **t == class && **p != class);
            (hits + false_alarms + misses > 0.0).then(|| hits / (hits + 0.5 * (false_alarms + misses)))
        };
        let mut counts = vec![7.0; 3 * classes];
        let got = metrics::f1(classes, &target, &predicted, &mut counts).expect("labels below");
        let all: Vec<f64> = (0_i32..).take(classes).filter_map(of_class).collect();
        let exact = if classes == 2 {
            of_class(1).unwrap_or(0.0)
        } else {
            all.iter().sum::<f64>() / all.len() as f64
        };
        close(got, exact, 1e-15);
    });
    assert!(metrics::f1(2, &[0, 2], &[0, 0], &mut [0.0; 6]).is_err());
}

fn log_loss_is_the_mean_surprise<T: Float>() {
    proptest!(|(seed in any::<u32>(), n in 0..30_usize, width in 1..6_usize)| {
        let output = numbers::<T>(seed.into(), n * width);
        let target = labels(seed.into(), width.max(2), n);
        let softmax = |row: &[f64]| -> Vec<f64> {
            let row = if let [x] = *row { vec![0.0, x] } else { row.to_vec() };
            let sum: f64 = row.iter().map(|x| x.exp()).sum();
            row.iter().map(|x| x.exp() / sum).collect()
        };
        let rows = wide(&output);
        let pairs = || rows.chunks(width).map(softmax).zip(&target);
        let exact: f64 = pairs().map(|(p, label)| -p[*label as usize].ln()).sum();
        let got = metrics::log_loss(width, Scores::Logits, &output, &target).expect("labels below");
        close(got, exact, 1e-13 * n as f64);
        let probabilities: Vec<T> = pairs()
            .flat_map(|(p, _)| if width == 1 { vec![T::of(p[1])] } else { p.into_iter().map(T::of).collect() })
            .collect();
        let same = metrics::log_loss(width, Scores::Probabilities, &probabilities, &target);
        close(same.expect("labels below"), exact, 40.0 * T::EPSILON.f64() * n as f64);
    });
}

fn log_loss_does_not_overflow<T: Float>() {
    let of = |width, scores, output: &[f64], target: &[i32]| {
        let output: Vec<T> = output.iter().map(|&x| T::of(x)).collect();
        metrics::log_loss(width, scores, &output, target).expect("labels below")
    };
    close(of(1, Scores::Logits, &[1e4, -1e4], &[0, 1]), 2e4, 1e-9);
    assert_eq!(of(1, Scores::Logits, &[1e4, -1e4], &[1, 0]), 0.0);
    close(of(2, Scores::Logits, &[1e4, 0.0], &[1]), 1e4, 1e-9);
    let farthest = -T::EPSILON.f64().ln();
    close(of(1, Scores::Probabilities, &[1.0, 0.0], &[0, 1]), 2.0 * farthest, 1e-12);
    close(of(2, Scores::Probabilities, &[1.0, 0.0], &[1]), farthest, 1e-12);
    for none in [-0.1, 1.1, f64::NAN] {
        assert!(of(1, Scores::Probabilities, &[none], &[0]).is_nan());
        assert!(of(2, Scores::Probabilities, &[0.5, none], &[1]).is_nan());
    }
    assert!(of(1, Scores::Logits, &[f64::NAN], &[0]).is_nan());
    assert!(of(2, Scores::Logits, &[f64::NAN, 1.0], &[1]).is_nan());
}

fn r2_is_that_of_the_sums<T: Float>() {
    proptest!(|(seed in any::<u32>(), n in 2..40_usize, width in 1..4_usize)| {
        let (output, target) = (numbers::<T>(seed.into(), n * width), numbers::<T>(u64::from(seed) + 1, n * width));
        let (x, y) = (wide(&output), wide(&target));
        let exact: f64 = (0..width).map(|c| {
            let column = |x: &[f64]| x.iter().skip(c).step_by(width).copied().collect::<Vec<_>>();
            let (x, y) = (column(&x), column(&y));
            let mean = y.iter().sum::<f64>() / n as f64;
            let left: f64 = x.iter().zip(&y).map(|(x, y)| (x - y) * (x - y)).sum();
            1.0 - left / y.iter().map(|y| (y - mean) * (y - mean)).sum::<f64>()
        }).sum::<f64>() / width as f64;
        close(metrics::r2(width, &output, &target), exact, 1e-10 * (1.0 + exact.abs()));
    });
    let alike = [0.1, 0.1, 0.1].map(T::of);
    assert_eq!(metrics::r2(1, &alike, &alike), 1.0);
    assert_eq!(metrics::r2(1, &[0.1, 0.1, 0.2].map(T::of), &alike), 0.0);
    assert!(metrics::r2(1, &[0.1, 0.1, f64::NAN].map(T::of), &alike).is_nan());
    assert!(metrics::r2(1, &alike[..1], &alike[..1]).is_nan());
    assert!(metrics::r2::<T>(0, &[], &[]).is_nan());
}

fn distances_are_summed<T: Float>() {
    for n in border_lengths() {
        let (x, y) = (numbers::<T>(1, n), numbers::<T>(2, n));
        let exact: f64 = wide(&x).iter().zip(&wide(&y)).map(|(x, y)| (x - y).abs()).sum();
        let got = metrics::distance(plain(), &x, &y);
        close(got, exact, 1e-13 * n as f64);
        for exec in execs() {
            assert_eq!(metrics::distance(exec, &x, &y), got, "{exec:?}");
        }
    }
}
