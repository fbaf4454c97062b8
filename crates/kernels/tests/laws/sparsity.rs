use kernels::float::Float;
use kernels::sparsity::sparsity;

use crate::given::{border_lengths, close, execs, in_both_precisions, numbers, plain, wide};

in_both_precisions!(figures_are_counted_and_summed, threads_and_instruction_sets_change_no_bit);

fn figures_are_counted_and_summed<T: Float>() {
    for n in border_lengths() {
        let mut w = numbers::<T>(n as u64, n);
        if let Some(last) = w.last_mut() {
            *last = -T::ZERO;
        }
        let got = sparsity(plain(), 0.1, &w);
        let count = |is: fn(f64) -> bool| wide(&w).into_iter().filter(|&w| is(w)).count() as f64;
        assert_eq!(got.zeros, count(|w| w == 0.0));
        assert_eq!(got.near_zeros, count(|w| w.abs() < 0.1));
        close(got.abs_sum, wide(&w).iter().map(|w| w.abs()).sum(), 1e-13 * n as f64);
        close(got.squares, wide(&w).iter().map(|w| w * w).sum(), 1e-13 * n as f64);
    }
    let nan = sparsity(plain(), 0.1, &[T::of(f64::NAN)]);
    assert_eq!([nan.zeros, nan.near_zeros], [0.0; 2]);
    assert!(nan.abs_sum.is_nan() && nan.squares.is_nan());
}

fn threads_and_instruction_sets_change_no_bit<T: Float>() {
    let w = numbers::<T>(1, (3 << 18) + 5);
    let mut first = None;
    for exec in execs() {
        let figures = sparsity(exec, 0.1, &w);
        assert_eq!(*first.get_or_insert(figures), figures, "{exec:?}");
    }
}
