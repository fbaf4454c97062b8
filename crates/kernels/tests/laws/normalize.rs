use kernels::float::Float;
use kernels::normalize::{self, Normalization};
use proptest::prelude::*;

use crate::given::{bits, close, epsilon, execs, in_both_precisions, numbers, plain, wide};

in_both_precisions!(
    channels_are_normalized_in_double_precision,
    gradients_are_slopes,
    scales_and_shifts_are_those_of_their_channel,
    threads_change_no_bit,
);

fn shapes() -> impl Strategy<Value = Normalization> {
    let lengths = (0..6_usize, 1..40_usize, prop_oneof![Just(1), 0..40_usize], any::<bool>());
    lengths.prop_map(|(outer, channels, inner, centered)| Normalization {
        outer,
        channels,
        inner,
        eps: 1e-3,
        centered,
    })
}

/// Mean and variance of a channel, and where its elements lie.
fn moments(n: &Normalization, x: &[f64], channel: usize) -> (f64, f64, Vec<usize>) {
    let place = |o: usize, i: usize| (o * n.channels + channel) * n.inner + i;
    let places: Vec<usize> =
        (0..n.outer).flat_map(|o| (0..n.inner).map(move |i| place(o, i))).collect();
    let mean_of = |f: &dyn Fn(f64) -> f64| {
        places.iter().map(|&at| f(x[at])).sum::<f64>() / places.len() as f64
    };
    let mean = if n.centered { mean_of(&|x| x) } else { 0.0 };
    (mean, mean_of(&|x| (x - mean).powi(2)), places)
}

fn exact(n: &Normalization, x: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; x.len()];
    for channel in 0..n.channels {
        let (mean, variance, places) = moments(n, x, channel);
        for at in places {
            out[at] = (x[at] - mean) / (variance + n.eps).sqrt();
        }
    }
    out
}

fn channels_are_normalized_in_double_precision<T: Float>() {
    proptest!(|(n in shapes())| {
        let x = numbers::<T>(1, n.outer * n.channels * n.inner);
        let (mut mean, mut variance) = (vec![T::ONE; n.channels], vec![T::ONE; n.channels]);
        let mut out = vec![T::ONE; x.len()];
        normalize::normalize(plain(), n, &x, [&mut mean, &mut variance], &mut out);
        for (got, exact) in out.iter().zip(exact(&n, &wide(&x))) {
            close(got.f64(), exact, 64.0 * epsilon::<T>() * exact.abs().max(1.0));
        }
        for channel in 0..n.channels {
            let (m, v, places) = moments(&n, &wide(&x), channel);
            if !places.is_empty() {
                close(mean[channel].f64(), m, 2.0 * epsilon::<T>());
                close(variance[channel].f64(), v, 8.0 * epsilon::<T>());
            }
        }
    });
}

fn gradients_are_slopes<T: Float>() {
    for (outer, channels, inner, centered) in [(3, 2, 4, true), (5, 3, 1, true), (1, 3, 6, false)] {
        let n = Normalization { outer, channels, inner, eps: 1e-3, centered };
        let x = numbers::<T>(3, outer * channels * inner);
        let upstream = numbers::<T>(4, x.len());
        let (mut mean, mut variance) = (vec![T::ONE; channels], vec![T::ONE; channels]);
        let (mut y, mut out) = (x.clone(), x.clone());
        let mut scratch = vec![T::ONE; 2 * channels];
        normalize::normalize(plain(), n, &x, [&mut mean, &mut variance], &mut y);
        let given = [&*y, &*variance, &*upstream];
        normalize::normalize_gradient(plain(), n, given, &mut scratch, &mut out);
        let sum = |x: &[f64]| -> f64 {
            exact(&n, x).iter().zip(&upstream).map(|(y, g)| y * g.f64()).sum()
        };
        for at in 0..x.len() {
            let moved = |by: f64| {
                let mut x = wide(&x);
                x[at] += by;
                sum(&x)
            };
            let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            close(out[at].f64(), slope, 1e-7 + 64.0 * epsilon::<T>());
        }
    }
}

fn scales_and_shifts_are_those_of_their_channel<T: Float>() {
    proptest!(|(n in shapes(), shifted in any::<bool>())| {
        let Normalization { outer, channels, inner, .. } = n;
        let x = numbers::<T>(1, outer * channels * inner);
        let (weight, bias) = (numbers::<T>(2, channels), numbers::<T>(3, channels));
        let bias = if shifted { &*bias } else { &[] };
        let mut out = vec![T::ONE; x.len()];
        normalize::affine(plain(), [channels, inner], [&x, &weight, bias], &mut out);
        let mut products = vec![0.0; channels];
        for (at, &out) in out.iter().enumerate() {
            let channel = at / inner % channels;
            let shift = bias.get(channel).copied().unwrap_or(T::ZERO);
            prop_assert_eq!(out.f64(), (weight[channel] * x[at] + shift).f64());
            products[channel] += x[at].f64() * out.f64();
        }
        let mut got = vec![T::ONE; channels];
        normalize::channel_products(plain(), [outer, channels, inner], [&x, &out], &mut got);
        for (got, exact) in got.iter().zip(products) {
            close(got.f64(), exact, exact.abs() * epsilon::<T>() + 1e-12);
        }
    });
}

fn threads_change_no_bit<T: Float>() {
    for (outer, channels, inner) in [(40, 33, 301), (9000, 40, 1), (1, 700, 500)] {
        let n = Normalization { outer, channels, inner, eps: 1e-5, centered: true };
        let x = numbers::<T>(1, outer * channels * inner);
        let run = |exec| {
            let (mut mean, mut variance) = (vec![T::ONE; channels], vec![T::ONE; channels]);
            let (mut y, mut back) = (x.clone(), x.clone());
            normalize::normalize(exec, n, &x, [&mut mean, &mut variance], &mut y);
            let mut scratch = vec![T::ONE; 2 * channels];
            normalize::normalize_gradient(exec, n, [&y, &variance, &x], &mut scratch, &mut back);
            let mut scaled = x.clone();
            normalize::affine(exec, [channels, inner], [&x, &mean, &variance], &mut scaled);
            [mean, variance, y, back, scaled].map(|x| bits(&x))
        };
        let alone = run(plain());
        for exec in execs() {
            assert!(run(exec) == alone, "{exec:?}");
        }
    }
}
