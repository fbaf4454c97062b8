use kernels::float::Float;
use kernels::reduce::{squared_distance, sum};

use crate::given::{border_lengths, close, execs, in_both_precisions, numbers, plain, wide};

in_both_precisions!(sums_are_those_of_double_precision, threads_and_instruction_sets_change_no_bit);

fn sums_are_those_of_double_precision<T: Float>() {
    for n in border_lengths() {
        let (x, y) = (numbers::<T>(1, n), numbers::<T>(2, n));
        let wide_x = wide(&x);
        let size: f64 = wide_x.iter().map(|x| x.abs()).sum();
        close(sum(plain(), &x), wide_x.iter().sum(), 1e-12 * size);
        // The difference is rounded to the precision of its operands, as the caller's own would be.
        let differences = x.iter().zip(&y).map(|(&x, &y)| (x - y).f64());
        let exact: f64 = differences.map(|d| d * d).sum();
        close(squared_distance(plain(), &x, &y), exact, 1e-12 * exact);
    }
}

fn threads_and_instruction_sets_change_no_bit<T: Float>() {
    for n in [70, 16_385, (1 << 18) + 1, (3 << 18) + 5] {
        let (x, y) = (numbers::<T>(1, n), numbers::<T>(2, n));
        let mut first = None;
        for exec in execs() {
            let both = [sum(exec, &x), squared_distance(exec, &x, &y)].map(f64::to_bits);
            assert_eq!(*first.get_or_insert(both), both, "{exec:?}, {n} elements");
        }
    }
}
