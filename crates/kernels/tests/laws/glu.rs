use kernels::float::Float;
use kernels::glu;

use crate::given::{close, in_both_precisions, numbers, plain};

in_both_precisions!(gates_are_as_they_are_written);

fn gates_are_as_they_are_written<T: Float>() {
    for (m, n) in [(0, 3), (3, 0), (1, 1), (2, 3), (5, 40), (1, 20_000)] {
        let (x, g) = (numbers::<T>(1, 2 * m * n), numbers::<T>(2, m * n));
        let (mut out, mut by_x) = (vec![T::ZERO; m * n], vec![T::ZERO; 2 * m * n]);
        glu::forward(plain(), n, &x, &mut out);
        glu::backward(plain(), n, &x, &g, &mut by_x);
        for i in 0..m * n {
            let (row, column) = (i / n, i % n);
            let (at_a, at_b) = (2 * row * n + column, (2 * row + 1) * n + column);
            let (a, b, g) = (x[at_a].f64(), x[at_b].f64(), g[i].f64());
            let s = 1.0 / (1.0 + (-b).exp());
            close(out[i].f64(), a * s, 1e-6);
            close(by_x[at_a].f64(), g * s, 1e-6);
            close(by_x[at_b].f64(), g * a * s * (1.0 - s), 1e-6);
        }
    }
}
