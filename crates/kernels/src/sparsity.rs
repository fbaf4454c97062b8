//! What is in a slice of weights, counted and summed in double precision.

use crate::float::Float;
use crate::parallel::Sum;
use crate::simd::LANES;
use crate::{Exec, kernel, parallel};

/// Figures of a slice of weights.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sparsity {
    /// Weights that are exactly 0, of either sign.
    pub zeros: f64,
    /// Weights with |w| below the threshold, those that are 0 among them.
    pub near_zeros: f64,
    /// Σ|w|.
    pub abs_sum: f64,
    /// Σw².
    pub squares: f64,
}

impl Sum for Sparsity {
    fn add(&mut self, later: Self) {
        self.zeros += later.zeros;
        self.near_zeros += later.near_zeros;
        self.abs_sum += later.abs_sum;
        self.squares += later.squares;
    }
}

kernel! {
    fn count[T: Float](threshold: f64, w: &[T]) -> Sparsity {
        let mut lanes = [[0.0_f64; LANES]; 4];
        let [zeros, near, abs, squares] = &mut lanes;
        for block in w.chunks(LANES) {
            for (l, &w) in block.iter().enumerate() {
                let size = w.magnitude().f64();
                zeros[l] += if size == 0.0 { 1.0 } else { 0.0 };
                near[l] += if size < threshold { 1.0 } else { 0.0 };
                abs[l] += size;
                squares[l] += size * size;
            }
        }
        let [zeros, near_zeros, abs_sum, squares] = lanes.map(crate::reduce::join);
        Sparsity { zeros, near_zeros, abs_sum, squares }
    }
}

/// Counts of zeros and sums of sizes of `w`.
pub fn sparsity<T: Float>(exec: Exec, threshold: f64, w: &[T]) -> Sparsity {
    parallel::fold(exec, w.len(), w, |w| count(exec.isa, threshold, w))
}
