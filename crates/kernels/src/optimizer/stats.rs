use crate::float::Float;
use crate::parallel::Sum;
use crate::reduce::join;
use crate::simd::LANES;

/// Names of the figures of [`Stats`], in the order of [`Stats::numbers`].
pub const STATS: &[&str] =
    &["absSum", "squareSum", "gradSquares", "updateSquares", "weightSquares", "zeros", "nearZeros"];

/// What an update saw. The first three are of what came in, the others of what went out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stats {
    /// Σ|w| of the weights that came in; 0 without a penalty.
    pub abs_sum: f64,
    /// Σw² of the weights that came in; 0 without a penalty.
    pub square_sum: f64,
    /// ‖g‖² of the gradient that came in.
    pub grad_squares: f64,
    /// ‖Δw‖².
    pub update_squares: f64,
    /// ‖w‖² of what went out.
    pub weight_squares: f64,
    /// Weights that went out exactly 0.
    pub zeros: f64,
    /// Weights that went out with |w| below the group's threshold, those that are 0 among them.
    pub near_zeros: f64,
}

impl Stats {
    /// The figures in the order of [`STATS`].
    pub fn numbers(&self) -> [f64; 7] {
        [
            self.abs_sum,
            self.square_sum,
            self.grad_squares,
            self.update_squares,
            self.weight_squares,
            self.zeros,
            self.near_zeros,
        ]
    }
}

impl Sum for Stats {
    fn add(&mut self, later: Self) {
        self.abs_sum += later.abs_sum;
        self.square_sum += later.square_sum;
        self.grad_squares += later.grad_squares;
        self.update_squares += later.update_squares;
        self.weight_squares += later.weight_squares;
        self.zeros += later.zeros;
        self.near_zeros += later.near_zeros;
    }
}

/// [`Stats`] of one chunk, as partial sums in the kernel's own precision. Counts are exact there:
/// a chunk is far below 2²⁴ elements.
pub(super) struct Lanes<T> {
    pub(super) abs_sum: [T; LANES],
    pub(super) square_sum: [T; LANES],
    pub(super) grad_squares: [T; LANES],
    pub(super) update_squares: [T; LANES],
    pub(super) weight_squares: [T; LANES],
    pub(super) zeros: [T; LANES],
    pub(super) near_zeros: [T; LANES],
}

impl<T: Float> Lanes<T> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        let none = [T::ZERO; LANES];
        Self {
            abs_sum: none,
            square_sum: none,
            grad_squares: none,
            update_squares: none,
            weight_squares: none,
            zeros: none,
            near_zeros: none,
        }
    }

    #[inline(always)]
    pub(super) fn join(self) -> Stats {
        Stats {
            abs_sum: join(self.abs_sum),
            square_sum: join(self.square_sum),
            grad_squares: join(self.grad_squares),
            update_squares: join(self.update_squares),
            weight_squares: join(self.weight_squares),
            zeros: join(self.zeros),
            near_zeros: join(self.near_zeros),
        }
    }
}
