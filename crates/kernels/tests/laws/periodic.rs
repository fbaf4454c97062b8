use kernels::float::Float;
use kernels::periodic;

use crate::given::{canonical, in_both_precisions, numbers, plain};

in_both_precisions!(arguments_beyond_the_loop_are_found);

/// One large argument at each place of a register, of a tail, and of a second chunk.
fn arguments_beyond_the_loop_are_found<T: Float>() {
    let far = [3e7, -1e30, f64::INFINITY, f64::NAN].map(T::of);
    for n in [1, 5, 33, 16_384 + 3] {
        for at in (0..n).take(40).chain([n - 1]) {
            for &large in &far {
                let mut x = numbers::<T>(3, n);
                x[at] = large;
                for quarters in 0..4 {
                    let (mut out, mut scaled) = (vec![T::ZERO; n], vec![T::ZERO; n]);
                    periodic::wave(plain(), quarters, &x, &mut out);
                    periodic::scaled_wave(plain(), quarters, &x, &x, &mut scaled);
                    for i in [at, 0, n - 1] {
                        let y = x[i].wave(quarters);
                        assert_eq!(canonical(&[out[i], scaled[i]]), canonical(&[y, y * x[i]]));
                    }
                }
            }
        }
    }
}
