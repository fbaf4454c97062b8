//! Kernels over slices of `f32` and `f64`: no Node, no allocation in a step.
//!
//! Read in this order: [`float`] (the number type), [`simd`] (how one plain loop becomes vector
//! code), [`parallel`] (how a slice is split over threads and summed in a fixed order),
//! [`penalty`] (the one trait that every solver shares), [`optimizer`] (the fused update), the
//! tensor operations, and [`op`], the table through which all of them are called.

pub mod activation;
pub mod average;
pub mod axis;
pub mod compare;
pub mod conv;
pub mod elementwise;
pub mod float;
pub mod glu;
pub mod index;
pub mod line;
pub mod math;
pub mod matmul;
pub mod matvec;
pub mod metrics;
pub mod normalize;
pub mod op;
pub mod optimizer;
pub mod parallel;
pub mod penalty;
pub mod periodic;
pub mod pool;
pub mod power;
pub mod prelu;
pub mod random;
pub mod reduce;
pub mod rows;
pub mod simd;
pub mod softmax;
pub mod sparsity;
pub mod stream;
pub mod training;
pub mod vector;
pub mod view;

/// How a call runs: instruction set and number of threads. Neither changes a bit of the result.
#[derive(Clone, Copy, Debug)]
pub struct Exec {
    /// The instruction set that the loops run in.
    pub isa: simd::Isa,
    /// Threads that large slices are split over, at least 1.
    pub threads: usize,
}
