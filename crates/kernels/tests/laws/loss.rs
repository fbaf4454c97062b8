use kernels::float::Float;
use kernels::loss::{
    Bend, Scoring, binary_cross_entropy, binary_cross_entropy_by_target,
    binary_cross_entropy_gradient, divergence, divergence_by_target, divergence_gradient,
    label_loss, label_loss_gradient, logistic_error, logistic_error_by_target,
    logistic_error_gradient,
};
use kernels::rows::{BadLabel, IGNORED, cross_entropy, cross_entropy_gradient};

use crate::given::{close, epsilon, execs, in_both_precisions, numbers, plain};

in_both_precisions!(
    slopes_are_those_of_finite_differences,
    a_bend_without_a_parabola_is_the_distance,
    the_logistic_loss_is_the_same_everywhere,
    labels_that_do_not_count_are_left_out,
    bad_labels_are_told_and_write_nothing,
);

const H: f64 = 1e-6;

/// The slope of `f` at `x`, in double precision.
fn slope(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    (f(x + H) - f(x - H)) / (2.0 * H)
}

fn slopes_are_those_of_finite_differences<T: Float>() {
    let tolerance = 64.0 * epsilon::<T>() + 1e-7;
    for (x, y) in [(0.3, 0.6), (0.9, 0.2), (0.5, 0.97), (0.15, 0.4)] {
        let (a, b) = (T::of(x), T::of(y));
        let check = |found: T, expected: f64| close(found.f64(), 2.0 * expected, tolerance);
        let two = T::of(2.0);
        let bend = (Bend::<T>::of(0.45, 1.5), Bend::<f64>::of(0.45, 1.5));
        check(bend.0.slope(a - b, two), slope(|d| bend.1.at(d), x - y));
        check(binary_cross_entropy_gradient(a, b, two), slope(|x| binary_cross_entropy(x, y), x));
        check(binary_cross_entropy_by_target(a, two), slope(|y| binary_cross_entropy(x, y), y));
        for log in [false, true] {
            check(divergence_gradient(log, b, two), slope(|x| divergence(log, x, y), x));
            check(divergence_by_target(log, a, b, two), slope(|y| divergence(log, x, y), y));
        }
    }
}

fn a_bend_without_a_parabola_is_the_distance<T: Float>() {
    let bend = Bend::<T>::of(0.0, 1.0);
    for d in numbers::<T>(3, 20) {
        assert_eq!(bend.at(d).f64(), d.magnitude().f64());
        let sign = if d == T::ZERO { T::ZERO } else { T::ONE.with_sign(d) };
        assert_eq!(bend.slope(d, T::ONE).f64(), sign.f64());
    }
    assert!(bend.at(T::of(f64::NAN)).not_a_number());
}

fn the_logistic_loss_is_the_same_everywhere<T: Float>() {
    let n = 40_000;
    let [x, y, p, g] = [1, 2, 3, 4].map(|seed| numbers::<T>(seed, n));
    let run = |exec, p: &[T]| {
        let [mut loss, mut by_x, mut by_y] = [(); 3].map(|()| vec![T::ZERO; n]);
        logistic_error(exec, [&x, &y, p], &mut loss);
        logistic_error_gradient(exec, [&x, &y, p, &g], &mut by_x);
        logistic_error_by_target(exec, [&x, p, &g], &mut by_y);
        [loss, by_x, by_y]
            .map(|values| values.iter().map(|v| v.f64().to_bits()).collect::<Vec<_>>())
    };
    let first = [run(plain(), &p), run(plain(), &[])];
    for exec in execs() {
        assert_eq!([run(exec, &p), run(exec, &[])], first);
    }
}

/// Labels of places, two behind one another; class 1 does not count.
fn scoring() -> Scoring {
    Scoring { classes: 3, inner: 2, ignored: Some(1), smoothing: 0.3 }
}

fn labels_that_do_not_count_are_left_out<T: Float>() {
    let (logs, labels) = (numbers::<T>(5, 12), [0, 1, 2, 0]);
    let weights = [0.5, 7.0, 2.0].map(T::of);
    let (mut loss, mut counted) = ([T::ONE; 4], [T::ONE; 4]);
    let outs = [loss.as_mut_slice(), counted.as_mut_slice()];
    assert_eq!(label_loss(scoring(), [&logs, &weights], &labels, outs), Ok(()));
    assert_eq!(counted.map(T::f64), [0.5, 0.0, 2.0, 0.5]);
    assert_eq!(loss[1].f64(), 0.0);
    let log = |place: usize| logs[place].f64();
    let all = 0.5 * log(6) + 7.0 * log(8) + 2.0 * log(10);
    close(loss[2].f64(), -(0.7 * 2.0 * log(10) + 0.1 * all), 8.0 * epsilon::<T>());

    let mut slopes = [T::ONE; 12];
    let upstream = [1.0, f64::INFINITY, 3.0, 1.0].map(T::of);
    let done = label_loss_gradient(scoring(), [&weights, &upstream], &labels, &mut slopes);
    assert_eq!(done, Ok(()));
    assert_eq!([1, 3, 5].map(|place| slopes[place].f64()), [0.0; 3]);
    close(slopes[10].f64(), -3.0 * (0.7 + 0.1) * 2.0, 8.0 * epsilon::<T>());

    let logits = numbers::<T>(6, 6);
    let (mut some, mut one) = ([T::ZERO; 6], [T::ZERO; 3]);
    let mean = cross_entropy(plain(), 3, &logits, &[2, IGNORED], &mut some);
    assert_eq!(mean, cross_entropy(plain(), 3, &logits[..3], &[2], &mut one));
    let mut out = [T::ONE; 6];
    let done = cross_entropy_gradient(plain(), 3, &some, &[2, IGNORED], T::ONE, &mut out);
    assert_eq!(done, Ok(()));
    assert_eq!(out[3..].iter().map(|x| x.f64()).collect::<Vec<_>>(), [0.0; 3]);
}

fn bad_labels_are_told_and_write_nothing<T: Float>() {
    for label in [-1, 3, i32::MIN, i32::MAX] {
        let (logs, labels) = (numbers::<T>(5, 12), [0, 1, label, 0]);
        let bad = Err(BadLabel { row: 2, label, classes: 3 });
        let (mut loss, mut counted, mut slopes) = ([T::ONE; 4], [T::ONE; 4], [T::ONE; 12]);
        let outs = [loss.as_mut_slice(), counted.as_mut_slice()];
        assert_eq!(label_loss(scoring(), [&logs, &[]], &labels, outs), bad);
        let upstream = [T::ONE; 4];
        assert_eq!(label_loss_gradient(scoring(), [&[], &upstream], &labels, &mut slopes), bad);
        assert!(loss.iter().chain(&counted).chain(&slopes).all(|x| *x == T::ONE));
    }
}
