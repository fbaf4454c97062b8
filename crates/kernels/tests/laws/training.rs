use kernels::float::Float;
use kernels::training::guard;

use crate::given::{border_lengths, execs, in_both_precisions, numbers, plain};

in_both_precisions!(
    a_guard_sees_every_number_that_is_not_finite,
    finite_numbers_leave_a_guard_at_0
);

fn a_guard_sees_every_number_that_is_not_finite<T: Float>() {
    for n in (1..200).chain([16_384, 16_385, (1 << 18) + 1]) {
        let places = if n < 200 { (0..n).collect() } else { vec![0, n / 2, n - 1] };
        for at in places {
            for broken in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let mut x = numbers::<T>(1, n);
                x[at] = T::of(broken);
                for exec in execs().step_by(5) {
                    let mut seen = 0.0;
                    guard(exec, &x, &mut seen);
                    assert!(seen.is_nan(), "{broken} at {at} of {n}, {exec:?}");
                }
            }
        }
    }
}

fn finite_numbers_leave_a_guard_at_0<T: Float>() {
    let largest = T::ONE / T::of(if size_of::<T>() == 4 { 3e-38 } else { 6e-308 });
    for n in border_lengths() {
        let mut seen = 0.0;
        guard(plain(), &vec![largest; n], &mut seen);
        guard(plain(), &numbers::<T>(1, n), &mut seen);
        assert_eq!(seen, 0.0);
    }
    let mut seen = f64::NAN;
    guard::<T>(plain(), &[T::ONE], &mut seen);
    assert!(seen.is_nan(), "what was seen stays seen");
}
