//! Laws of the kernels, each against plain `f64` arithmetic or against itself.

mod conv;
mod elementwise;
mod exponential;
mod formulas;
mod given;
mod logistic;
mod matmul;
mod op;
mod optimizer;
mod parallel;
mod penalty;
mod pool;
mod random;
mod reduce;
mod rows;
mod sparsity;
mod update;
