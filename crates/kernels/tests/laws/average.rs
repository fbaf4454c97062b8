use kernels::average::{Kind, average, exchange};
use kernels::float::Float;

use crate::given::{
    bits, border_lengths, close, epsilon, execs, in_both_precisions, numbers, plain,
};

in_both_precisions!(
    averages_are_those_of_the_formulas,
    equal_averages_are_means,
    threads_and_instruction_sets_change_no_bit,
    an_exchange_is_undone_by_another,
);

const KINDS: [Kind; 3] = [Kind::Exponential(0.9), Kind::Exponential(0.999), Kind::Equal];

fn averages_are_those_of_the_formulas<T: Float>() {
    for kind in KINDS {
        for n in (0..40).chain([16_385]) {
            let mut mean = numbers::<T>(9, n);
            let mut exact = vec![0.0; n];
            for update in 0..20_u32 {
                let weights = numbers::<T>(update.into(), n);
                average(plain(), kind, update.into(), &weights, &mut mean);
                for (exact, w) in exact.iter_mut().zip(&weights) {
                    let (old, w, n) = (*exact, w.f64(), f64::from(update));
                    *exact = match kind {
                        _ if update == 0 => w,
                        Kind::Exponential(decay) => decay * old + (1.0 - decay) * w,
                        Kind::Equal => old + (w - old) / (n + 1.0),
                    };
                }
            }
            for (got, exact) in mean.iter().zip(exact) {
                close(got.f64(), exact, 40.0 * epsilon::<T>());
            }
        }
    }
}

fn equal_averages_are_means<T: Float>() {
    let all: Vec<Vec<T>> = (0..10).map(|seed| numbers(seed, 33)).collect();
    let mut mean = vec![T::ZERO; 33];
    for (n, weights) in (0_u32..).zip(&all) {
        average(plain(), Kind::Equal, n.into(), weights, &mut mean);
    }
    for (i, got) in mean.iter().enumerate() {
        let exact = all.iter().map(|weights| weights[i].f64()).sum::<f64>() / 10.0;
        close(got.f64(), exact, 20.0 * epsilon::<T>());
    }
}

fn threads_and_instruction_sets_change_no_bit<T: Float>() {
    for n in border_lengths().filter(|n| n % 3 == 0) {
        for kind in KINDS {
            let mut first = None;
            for exec in execs() {
                let mut mean = numbers::<T>(1, n);
                average(exec, kind, 3.0, &numbers::<T>(2, n), &mut mean);
                let got = bits(&mean);
                assert!(*first.get_or_insert_with(|| got.clone()) == got, "{kind:?} {exec:?} {n}");
            }
        }
    }
}

fn an_exchange_is_undone_by_another<T: Float>() {
    for n in border_lengths() {
        let (one, other) = (numbers::<T>(1, n), numbers::<T>(2, n));
        let (mut x, mut y) = (one.clone(), other.clone());
        exchange(plain(), &mut x, &mut y);
        assert_eq!((bits(&x), bits(&y)), (bits(&other), bits(&one)));
        exchange(plain(), &mut x, &mut y);
        assert_eq!((bits(&x), bits(&y)), (bits(&one), bits(&other)));
    }
}
