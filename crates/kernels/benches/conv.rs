//! `cargo bench -p kernels --bench conv`: the operations of a training step of a small convolutional
//! network, one by one: batch 64, 1→16 channels of 28×28, then 16→32 of 14×14, windows 3×3, padding 1.

use divan::{Bencher, black_box};
use kernels::Exec;
use kernels::op::{Access, OPS, Operand};
use kernels::simd::Isa;

fn main() {
    divan::main();
}

/// Runs the operation called `name` on arrays of the lengths that the table says.
fn operation(bencher: Bencher, name: &str, dims: &[usize]) {
    let op = OPS.iter().find(|op| op.name == name).expect("it is in the table");
    let lengths: Vec<usize> =
        op.parameters.iter().map(|p| (p.len)(dims).expect("it does not overflow")).collect();
    let mut floats: Vec<Vec<f32>> =
        lengths.iter().map(|&n| (0..n).map(|i| ((i * 7919) as f32).sin()).collect()).collect();
    let mut integers: Vec<Vec<i32>> = lengths.iter().map(|&n| vec![0; n]).collect();
    let exec = Exec { isa: Isa::widest(), threads: 1 };
    bencher.bench_local(|| {
        let arrays = floats.iter_mut().zip(&mut integers).zip(op.parameters);
        let mut operands: Vec<_> = arrays
            .map(|((floats, integers), parameter)| match parameter.access {
                Access::In => Operand::In(floats),
                Access::Out => Operand::Out(floats),
                Access::Labels => Operand::Labels(integers),
                Access::Order => Operand::Order(integers),
                access => unreachable!("no operation here has an operand of {access:?}"),
            })
            .collect();
        (op.run_f32)(exec, black_box(&mut operands), dims, &vec![1.0; op.numbers.len()])
            .expect("places are in range");
    });
}

const FIRST: [usize; 14] = [64, 1, 28, 28, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1];
const SECOND: [usize; 14] = [64, 16, 14, 14, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1];

#[divan::bench(args = [FIRST, SECOND])]
fn conv2d(bencher: Bencher, dims: [usize; 14]) {
    operation(bencher, "conv2d", &[&dims[..], &[1]].concat());
}

#[divan::bench(args = [FIRST, SECOND])]
fn conv2d_by_input(bencher: Bencher, dims: [usize; 14]) {
    operation(bencher, "conv2d_by_input", &dims);
}

#[divan::bench(args = [FIRST, SECOND])]
fn conv2d_by_weight(bencher: Bencher, dims: [usize; 14]) {
    operation(bencher, "conv2d_by_weight", &dims);
}

#[divan::bench(args = [FIRST, SECOND])]
fn conv2d_pool(bencher: Bencher, dims: [usize; 14]) {
    operation(bencher, "conv2d_pool", &[&dims[..], &[2, 2, 1]].concat());
}

#[divan::bench(args = [FIRST, SECOND])]
fn conv2d_pool_by_input(bencher: Bencher, dims: [usize; 14]) {
    operation(bencher, "conv2d_pool_by_input", &[&dims[..], &[2, 2]].concat());
}

#[divan::bench(args = [FIRST, SECOND])]
fn conv2d_pool_by_weight(bencher: Bencher, dims: [usize; 14]) {
    operation(bencher, "conv2d_pool_by_weight", &[&dims[..], &[2, 2]].concat());
}

#[divan::bench(args = [[64, 16, 784], [64, 32, 196]])]
fn conv2d_by_bias(bencher: Bencher, dims: [usize; 3]) {
    operation(bencher, "conv2d_by_bias", &dims);
}

#[divan::bench(args = [[1024, 28, 28, 2, 2, 2, 2, 1, 1, 0, 0, 14, 14], [2048, 14, 14, 2, 2, 2, 2, 1, 1, 0, 0, 7, 7]])]
fn max_pool2d(bencher: Bencher, dims: [usize; 13]) {
    operation(bencher, "max_pool2d", &dims);
}

#[divan::bench(args = [[1024, 784, 196], [2048, 196, 49]])]
fn max_pool2d_gradient(bencher: Bencher, dims: [usize; 3]) {
    operation(bencher, "max_pool2d_gradient", &dims);
}

#[divan::bench(args = [[1024 * 784], [2048 * 196]])]
fn relu(bencher: Bencher, dims: [usize; 1]) {
    operation(bencher, "relu", &dims);
}

#[divan::bench(args = [[1024 * 784], [2048 * 196]])]
fn relu_gradient(bencher: Bencher, dims: [usize; 1]) {
    operation(bencher, "relu_gradient", &dims);
}
