//! Laws of the kernels, each against plain `f64` arithmetic or against itself.

mod average;
mod axis;
mod control;
mod conv;
mod elementwise;
mod exponential;
mod formulas;
mod given;
mod logistic;
mod loss;
mod matmul;
mod metrics;
mod normalize;
mod op;
mod optimizer;
mod parallel;
mod penalty;
mod pool;
mod random;
mod reduce;
mod rows;
mod sparsity;
mod training;
mod update;
mod view;
