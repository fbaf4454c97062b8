use kernels::axis::{self, Axis};
use kernels::float::Float;
use kernels::{index, line, softmax};
use proptest::prelude::*;

use crate::given::{bits, close, epsilon, execs, in_both_precisions, numbers, plain, wide};

in_both_precisions!(
    sums_are_those_of_double_precision,
    an_extreme_is_the_first_of_its_equals,
    an_extreme_shares_its_gradient_among_equals,
    rows_are_folded_in_double_precision,
    gradients_of_rows_are_slopes,
    softmax_does_not_overflow,
    what_is_chosen_lies_where_the_order_says,
    threads_change_no_bit,
);

fn shapes() -> impl Strategy<Value = Axis> {
    let lengths = (0..4_usize, 0..40_usize, prop_oneof![Just(1), 0..40_usize]);
    lengths.prop_map(|(outer, length, inner)| Axis { outer, length, inner })
}

/// The elements along the axis, for each pair of the others, in order.
fn lines(axis: Axis, x: &[f64]) -> Vec<Vec<f64>> {
    let Axis { outer, length, inner } = axis;
    let at = |o: usize, r: usize, i: usize| x[(o * length + r) * inner + i];
    let pairs = (0..outer).flat_map(|o| (0..inner).map(move |i| (o, i)));
    pairs.map(|(o, i)| (0..length).map(|r| at(o, r, i)).collect()).collect()
}

fn sums_are_those_of_double_precision<T: Float>() {
    proptest!(|(axis in shapes(), divisor in 1..9_u32)| {
        let x = numbers::<T>(1, axis.outer * axis.length * axis.inner);
        let mut out = vec![T::ONE; axis.outer * axis.inner];
        axis::sum(plain(), axis, f64::from(divisor), &x, &mut out);
        for (out, line) in out.iter().zip(lines(axis, &wide(&x))) {
            let exact = line.iter().sum::<f64>() / f64::from(divisor);
            close(out.f64(), exact, exact.abs() * epsilon::<T>() + 1e-13);
        }
    });
}

fn an_extreme_is_the_first_of_its_equals<T: Float>() {
    proptest!(|(axis in shapes(), nan in any::<prop::sample::Index>(), largest in any::<bool>())| {
        let mut x = numbers::<T>(1, axis.outer * axis.length * axis.inner);
        for x in &mut x {
            *x = T::of((x.f64() * 4.0).round()); // many equals
        }
        if x.len() > 3 {
            let at = nan.index(x.len());
            x[at] = T::of(f64::NAN);
        }
        let mut out = vec![T::ONE; axis.outer * axis.inner];
        let mut order = vec![7; out.len()];
        axis::extreme(plain(), axis, largest, &x, &mut order, &mut out);
        for ((out, order), line) in out.iter().zip(order).zip(lines(axis, &wide(&x))) {
            let beyond = |a: f64, b: f64| {
                a.is_nan() && !b.is_nan() || if largest { a > b } else { a < b }
            };
            let best = (0..line.len()).reduce(|best, r| if beyond(line[r], line[best]) { r } else { best });
            prop_assert_eq!(order, best.map_or(-1, label));
            let nothing = if largest { f64::NEG_INFINITY } else { f64::INFINITY };
            close(out.f64(), best.map_or(nothing, |r| line[r]), 0.0);
        }
    });
}

fn an_extreme_shares_its_gradient_among_equals<T: Float>() {
    let axis = Axis { outer: 1, length: 4, inner: 2 };
    let x = [1.0, 5.0, 3.0, 5.0, 3.0, f64::NAN, 2.0, 5.0].map(T::of);
    let (mut y, mut order) = ([T::ZERO; 2], [0; 2]);
    axis::extreme(plain(), axis, true, &x, &mut order, &mut y);
    let mut out = [T::ONE; 8];
    axis::extreme_gradient(plain(), axis, [&x, &y, &[8.0, 6.0].map(T::of)], &mut out);
    assert_eq!(wide(&out), [0.0, 0.0, 4.0, 0.0, 4.0, 6.0, 0.0, 0.0]);
}

type Fold = fn(&[f64]) -> f64;

fn rows_are_folded_in_double_precision<T: Float>() {
    proptest!(|(m in 0..5_usize, n in 0..70_usize, p in prop_oneof![Just(1.0), Just(2.0), 0.5..4.0])| {
        let x = numbers::<T>(1, m * n);
        let rows = || (0..m).map(|row| wide(&x[row * n..][..n]));
        let near = |got: &[T], exact: Fold| {
            for (got, row) in got.iter().zip(rows()) {
                let exact = exact(&row);
                close(got.f64(), exact, 2.0 * exact.abs() * epsilon::<T>() + 1e-13);
            }
        };
        let mut out = vec![T::ONE; m];
        line::product(plain(), n, &x, &mut out);
        near(&out, |row| row.iter().product());
        line::variance(plain(), n, 1.0, &x, &mut out);
        near(&out, |row| {
            let mean = row.iter().sum::<f64>() / row.len() as f64;
            row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (row.len() as f64 - 1.0).max(0.0)
        });
        softmax::log_sum_exp(plain(), n, &x, &mut out);
        for (got, row) in out.iter().zip(rows()) {
            let exact = row.iter().map(|x| x.exp()).sum::<f64>().ln();
            close(got.f64(), exact, 4.0 * (exact.abs() + 1.0) * epsilon::<T>());
        }
        line::norm(plain(), n, p, &x, &mut out);
        for (got, row) in out.iter().zip(rows()) {
            let exact = row.iter().map(|x| x.abs().powf(p)).sum::<f64>().powf(1.0 / p);
            close(got.f64(), exact, 2.0 * exact * epsilon::<T>().max(1e-13));
        }
        for back in [false, true] {
            let mut out = vec![T::ONE; m * n];
            line::cumulative_sum(plain(), n, back, &x, &mut out);
            for (row, got) in rows().zip(out.chunks(n.max(1))) {
                for (i, got) in got.iter().enumerate() {
                    let part = if back { &row[i..] } else { &row[..=i] };
                    let exact: f64 = part.iter().sum();
                    close(got.f64(), exact, exact.abs() * epsilon::<T>() + 1e-13);
                }
            }
        }
    });
}

/// The gradient by central differences, of Σ upstream·f(row).
fn slope(f: &dyn Fn(&[f64]) -> Vec<f64>, x: &[f64], upstream: &[f64], at: usize) -> f64 {
    let moved = |by: f64| {
        let mut x = x.to_vec();
        x[at] += by;
        f(&x).iter().zip(upstream).map(|(y, g)| y * g).sum::<f64>()
    };
    (moved(1e-5) - moved(-1e-5)) / 2e-5
}

fn gradients_of_rows_are_slopes<T: Float>() {
    let n = 7;
    let x: Vec<T> = numbers(3, n);
    let upstream: Vec<T> = numbers(4, n);
    let softmax_of = |x: &[f64]| {
        let sum: f64 = x.iter().map(|x| x.exp()).sum();
        x.iter().map(|x| x.exp() / sum).collect::<Vec<_>>()
    };
    let check = |name: &str, f: &dyn Fn(&[f64]) -> Vec<f64>, got: &[T]| {
        for (at, got) in got.iter().enumerate() {
            let exact = slope(f, &wide(&x), &wide(&upstream), at);
            assert!(
                (got.f64() - exact).abs() < 1e-6 + 8.0 * epsilon::<T>(),
                "{name} {at}: {got:?} {exact}"
            );
        }
    };
    let mut y = vec![T::ZERO; n];
    let mut out = vec![T::ZERO; n];
    let first = [upstream[0]];
    line::product_gradient(plain(), n, &x, &first, &mut out);
    check("product", &|x| vec![x.iter().product()], &out);
    line::variance_gradient(plain(), n, 1.0, [&x, &first], &mut out);
    let variance = |x: &[f64]| {
        let mean = x.iter().sum::<f64>() / n as f64;
        vec![x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1) as f64]
    };
    check("variance", &variance, &out);
    line::deviation(plain(), n, 1.0, &x, &mut y[..1]);
    line::deviation_gradient(plain(), n, 1.0, [&x, &y[..1], &first], &mut out);
    check("deviation", &|x| vec![variance(x)[0].sqrt()], &out);
    for p in [1.0, 2.0, 3.5] {
        line::norm(plain(), n, p, &x, &mut y[..1]);
        line::norm_gradient(plain(), n, p, [&x, &y[..1], &first], &mut out);
        let norm = |x: &[f64]| vec![x.iter().map(|x| x.abs().powf(p)).sum::<f64>().powf(1.0 / p)];
        check("norm", &norm, &out);
    }
    softmax::softmax(plain(), n, &x, &mut y);
    softmax::softmax_gradient(plain(), n, &y, &upstream, &mut out);
    check("softmax", &softmax_of, &out);
    softmax::log_softmax(plain(), n, &x, &mut y);
    softmax::log_softmax_gradient(plain(), n, &y, &upstream, &mut out);
    check("log_softmax", &|x| softmax_of(x).iter().map(|p| p.ln()).collect(), &out);
    softmax::log_sum_exp(plain(), n, &x, &mut y[..1]);
    softmax::log_sum_exp_gradient(plain(), n, [&x, &y[..1], &first], &mut out);
    check("log_sum_exp", &|x| vec![x.iter().map(|x| x.exp()).sum::<f64>().ln()], &out);
}

fn softmax_does_not_overflow<T: Float>() {
    let x = [1e4, 1e4 - 1.0, -1e4, f64::NEG_INFINITY].map(T::of);
    let mut out = [T::ZERO; 4];
    softmax::softmax(plain(), 4, &x, &mut out);
    let e = 1.0 / (1.0 + (-1.0_f64).exp());
    for (got, exact) in out.iter().zip([e, 1.0 - e, 0.0, 0.0]) {
        close(got.f64(), exact, 4.0 * epsilon::<T>());
    }
    softmax::log_softmax(plain(), 4, &x, &mut out);
    for (got, exact) in out.iter().zip([e.ln(), e.ln() - 1.0, e.ln() - 2e4, f64::NEG_INFINITY]) {
        close(got.f64(), exact, 4e4 * epsilon::<T>());
    }
    for (x, exact) in [
        ([f64::NEG_INFINITY; 2], f64::NEG_INFINITY),
        ([f64::INFINITY, 1.0], f64::INFINITY),
        ([f64::NAN, f64::INFINITY], f64::NAN),
    ] {
        softmax::log_sum_exp(plain(), 2, &x.map(T::of), &mut out[..1]);
        close(out[0].f64(), exact, 0.0);
    }
}

fn label(place: usize) -> i32 {
    i32::try_from(place).expect("it is small")
}

fn what_is_chosen_lies_where_the_order_says<T: Float>() {
    proptest!(|(
        outer in 0..4_usize, length in 1..6_usize, inner in 0..5_usize,
        order in prop::collection::vec(0..6_i32, 0..8),
    )| {
        let axis = Axis { outer, length, inner };
        let order: Vec<i32> = order.into_iter().map(|place| place % label(length)).collect();
        let m = order.len();
        let x = numbers::<T>(1, outer * length * inner);
        let mut out = vec![T::ONE; outer * m * inner];
        index::select(axis, &x, &order, &mut out).expect("each place is there");
        let whole: Vec<i32> =
            (0..out.len()).map(|at| order[at / inner % m]).collect();
        let mut taken = vec![T::ONE; out.len()];
        index::take(axis, &x, &whole, &mut taken).expect("each place is there");
        prop_assert_eq!(bits(&out), bits(&taken));
        for (at, out) in out.iter().enumerate() {
            let (o, place, i) = (at / (m * inner), usize::try_from(order[at / inner % m]).expect("none is negative"), at % inner);
            prop_assert_eq!(out.f64(), x[(o * length + place) * inner + i].f64());
        }
        // Adjoint: ⟨select x, u⟩ = ⟨x, selectᵀ u⟩.
        let upstream = numbers::<T>(2, out.len());
        let mut back = vec![T::ONE; x.len()];
        index::select_gradient(axis, &upstream, &order, &mut back).expect("each place is there");
        let mut again = vec![T::ONE; x.len()];
        index::take_gradient(axis, &upstream, &whole, &mut again).expect("each place is there");
        prop_assert_eq!(bits(&back), bits(&again));
        let dot = |a: &[T], b: &[T]| a.iter().zip(b).map(|(a, b)| a.f64() * b.f64()).sum::<f64>();
        close(dot(&out, &upstream), dot(&x, &back), 100.0 * epsilon::<T>());
    });
}

fn threads_change_no_bit<T: Float>() {
    let axis = Axis { outer: 3, length: 301, inner: 500 };
    let x = numbers::<T>(1, axis.outer * axis.length * axis.inner);
    let run = |exec| {
        let (mut sums, mut most) = (vec![T::ZERO; 1500], vec![T::ZERO; 1500]);
        let mut order = vec![0; 1500];
        axis::sum(exec, axis, 1.0, &x, &mut sums);
        axis::extreme(exec, axis, true, &x, &mut order, &mut most);
        let mut probabilities = vec![T::ZERO; x.len()];
        softmax::softmax(exec, 500, &x, &mut probabilities);
        let mut norms = vec![T::ZERO; 903];
        line::norm(exec, 500, 2.0, &x, &mut norms);
        (bits(&sums), bits(&most), order, bits(&probabilities), bits(&norms))
    };
    let alone = run(plain());
    for exec in execs() {
        assert!(run(exec) == alone, "{exec:?}");
    }
}
