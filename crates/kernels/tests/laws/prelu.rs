use kernels::float::Float;
use kernels::prelu;

use crate::given::{close, execs, in_both_precisions, numbers, plain};

in_both_precisions!(learned_slopes_are_as_they_are_written);

fn learned_slopes_are_as_they_are_written<T: Float>() {
    for (m, c, n) in
        [(0, 2, 3), (2, 0, 3), (2, 3, 0), (1, 1, 7), (4, 3, 1), (2, 3, 50), (1, 1, 40_000)]
    {
        let (x, g, weight) =
            (numbers::<T>(1, m * c * n), numbers::<T>(2, m * c * n), numbers::<T>(3, c));
        let (mut out, mut by_x) = (vec![T::ZERO; m * c * n], vec![T::ZERO; m * c * n]);
        let mut by_weight = vec![T::of(12_345.0); c];
        prelu::forward(plain(), n, &x, &weight, &mut out);
        prelu::by_input(plain(), n, [&x, &weight, &g], &mut by_x);
        prelu::by_weight(plain(), n, [&x, &g], &mut by_weight);
        let mut sums = vec![0.0; c];
        for i in 0..m * c * n {
            let channel = i / n % c;
            let below = x[i] <= T::ZERO;
            assert_eq!(out[i], if below { weight[channel] * x[i] } else { x[i] });
            assert_eq!(by_x[i], if below { weight[channel] * g[i] } else { g[i] });
            sums[channel] += if below { x[i].f64() * g[i].f64() } else { 0.0 };
        }
        for (got, exact) in by_weight.iter().zip(sums) {
            close(got.f64(), exact, 1e-5 * (n * m).max(1) as f64);
        }
    }
    let (x, g) = (numbers::<T>(1, (3 << 18) + 5), numbers::<T>(2, (3 << 18) + 5));
    let mut first = None;
    for exec in execs() {
        let mut out = [T::ZERO];
        prelu::by_weight(exec, x.len(), [&x, &g], &mut out);
        assert!(*first.get_or_insert(out) == out, "{exec:?}");
    }
}
