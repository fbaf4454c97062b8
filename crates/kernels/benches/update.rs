//! `cargo bench -p kernels`: elements per second of the fused update beside a memory stream.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use kernels::Exec;
use kernels::optimizer::{GROUP_WIDTH, Group, OPTIMIZERS, Segment, step};
use kernels::simd::Isa;
use kernels::stream::stream;

const SIZES: [usize; 4] = [16, 10_000, 1_000_000, 10_000_000];

fn main() {
    divan::main();
}

fn exec() -> Exec {
    Exec { isa: Isa::widest(), threads: 1 }
}

/// Adam with decoupled decay under this elastic net, applied by prox in the metric.
fn adam(bencher: Bencher, n: usize, l1: f64, l2: f64) {
    let mut numbers = [0.0; GROUP_WIDTH];
    numbers[..12]
        .copy_from_slice(&[1e-3, 0.01, 1.0, 1.0, l1, l2, 2.0, 1e-4, 0.0, 0.9, 0.999, 1e-8]);
    let mut group = Group::read(&numbers, 10.0, 0.0);
    let number =
        OPTIMIZERS.iter().position(|spec| spec.name == "adam").expect("Adam is in the table");
    let wave = |i: usize| (i as f32).sin() * 0.1;
    let (mut w, g): (Vec<f32>, Vec<f32>) = (0..n).map(|i| (wave(i), wave(i + 1))).unzip();
    let (mut m, mut v) = (vec![0.0; n], vec![1e-3; n]);
    bencher.counter(ItemsCount::new(n)).bench_local(|| {
        let state = [Some(&mut m[..]), Some(&mut v[..]), None];
        let segment = Segment { weights: &mut w, grads: black_box(&g), state };
        step(exec(), false, number, &mut group, segment)
    });
}

#[divan::bench(args = SIZES)]
fn adamw(bencher: Bencher, n: usize) {
    adam(bencher, n, 0.0, 0.0);
}

#[divan::bench(args = SIZES)]
fn adamw_l1_prox(bencher: Bencher, n: usize) {
    adam(bencher, n, 1e-6, 0.0);
}

#[divan::bench(args = SIZES)]
fn adamw_elastic_net_prox(bencher: Bencher, n: usize) {
    adam(bencher, n, 1e-6, 1e-6);
}

#[divan::bench(args = SIZES)]
fn memory_stream(bencher: Bencher, n: usize) {
    let (mut w, g, mut m, mut v) = (vec![0.1_f32; n], vec![0.1; n], vec![0.0; n], vec![0.0; n]);
    bencher
        .counter(ItemsCount::new(n))
        .bench_local(|| stream(exec(), &mut w, black_box(&g), &mut m, &mut v));
}
