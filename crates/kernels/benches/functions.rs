//! `cargo bench -p kernels --bench functions`: nanoseconds per element of functions of single precision, ours in
//! the widest instruction set beside the standard library's in a plain loop.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use kernels::elementwise::unary;
use kernels::float::Float;
use kernels::periodic::wave;
use kernels::power::raise;
use kernels::simd::Isa;
use kernels::{Exec, math};

const N: usize = 8192;

fn main() {
    divan::main();
}

fn exec() -> Exec {
    Exec { isa: Isa::widest(), threads: 1 }
}

/// A function over numbers from `low` to `high`.
fn over(bencher: Bencher, [low, high]: [f32; 2], run: impl Fn(&[f32], &mut [f32])) {
    let x: Vec<f32> = (0..N)
        .map(|i| low + (high - low) * ((i * 2_654_435_761) % 10_007) as f32 / 10_007.0)
        .collect();
    let mut out = vec![0.0; N];
    bencher.counter(ItemsCount::new(N)).bench_local(|| run(black_box(&x), black_box(&mut out)));
}

/// The standard library's, one after the other.
fn each(bencher: Bencher, range: [f32; 2], f: impl Fn(f32) -> f32) {
    over(bencher, range, |x, out| {
        for (out, &x) in out.iter_mut().zip(x) {
            *out = f(x);
        }
    });
}

macro_rules! beside_std {
    ($($name:ident $range:expr, $ours:expr, $std:expr;)*) => {$(
        mod $name {
            use super::*;

            #[divan::bench]
            fn ours(bencher: Bencher) {
                over(bencher, $range, |x, out| unary(exec(), x, out, $ours));
            }

            #[divan::bench]
            fn std(bencher: Bencher) {
                each(bencher, $range, $std);
            }
        }
    )*};
}

beside_std! {
    exp [-5.0, 5.0], Float::exponential, f32::exp;
    expm1 [-5.0, 5.0], Float::exponential_less_one, f32::exp_m1;
    log [0.01, 50.0], Float::logarithm, f32::ln;
    log1p [-0.5, 5.0], Float::logarithm_of_one_plus, f32::ln_1p;
    log2 [0.01, 50.0], Float::binary_logarithm, f32::log2;
    log10 [0.01, 50.0], Float::decimal_logarithm, f32::log10;
    tanh [-5.0, 5.0], Float::hyperbolic_tangent, f32::tanh;
    // The standard library has none of these: as it is written with what it has.
    sigmoid [-5.0, 5.0], Float::logistic, |x| 1.0 / (1.0 + (-x).exp());
    softplus [-5.0, 5.0], Float::softplus, |x| x.max(0.0) + (-x.abs()).exp().ln_1p();
    erf [-3.0, 3.0], Float::error_function, |x| math::erf_f64(f64::from(x)) as f32;
    normal_cdf [-3.0, 3.0], Float::normal_cdf, |x| math::normal_cdf_f64(f64::from(x)) as f32;
}

#[divan::bench]
fn sin_ours(bencher: Bencher) {
    over(bencher, [-10.0, 10.0], |x, out| wave(exec(), 0, x, out));
}

/// Where every argument is beyond the vector loop.
#[divan::bench]
fn sin_ours_far(bencher: Bencher) {
    over(bencher, [2e6, 1e9], |x, out| wave(exec(), 0, x, out));
}

#[divan::bench]
fn sin_std(bencher: Bencher) {
    each(bencher, [-10.0, 10.0], f32::sin);
}

#[divan::bench]
fn pow_ours(bencher: Bencher) {
    over(bencher, [0.01, 5.0], |x, out| raise(exec(), 1.7, x, out));
}

#[divan::bench]
fn pow_std(bencher: Bencher) {
    each(bencher, [0.01, 5.0], |x| x.powf(1.7));
}
