//! Laws of the kernels, each against plain `f64` arithmetic or against itself.

mod conv;
mod elementwise;
mod functions;
mod given;
mod glu;
mod math;
mod matmul;
mod op;
mod optimizer;
mod pairwise;
mod parallel;
mod penalty;
mod periodic;
mod pointwise;
mod pool;
mod prelu;
mod random;
mod reduce;
mod rows;
mod sparsity;
mod table;
mod update;
