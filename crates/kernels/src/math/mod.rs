//! Functions that the standard library computes one at a time, as polynomials in plain loops.
//!
//! Of single precision all are: within 2 units in the last place, with the same bits on every instruction set.
//! Of double precision some lean on the standard library, and say so. Worst errors and speeds are in
//! `bench/RESULTS.md`.

mod exponential;
mod hyperbolic;
mod logarithm;
mod logistic;
mod normal;
mod power;
mod rounding;
mod wave;
mod wide;

pub use exponential::{exp_f32, expm1_f32};
pub use hyperbolic::{tanh_f32, tanh_f64, tanhshrink_f32, tanhshrink_f64};
pub use logarithm::{ln_f32, log1p_f32, log2_f32, log10_f32};
pub use logistic::{sigmoid_f32, sigmoid_f64, softplus_f32, softplus_f64};
pub use normal::{erf_f32, erf_f64, gaussian_f32, gaussian_f64, normal_cdf_f32, normal_cdf_f64};
pub use power::pow_f32;
pub use rounding::{round_f32, round_f64};
pub use wave::{FAR, near_wave_f32, wave_f32, wave_f64};
