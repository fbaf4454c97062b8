//! What the laws are given: numbers, lengths, ways to run.

use kernels::Exec;
use kernels::float::Float;
use kernels::simd::Isa;

/// Makes a test in `f32` and one in `f64` of each generic law.
macro_rules! in_both_precisions {
    ($($law:ident),+ $(,)?) => {
        mod f32 {
            $(#[test] fn $law() { super::$law::<f32>(); })+
        }
        mod f64 {
            $(#[test] fn $law() { super::$law::<f64>(); })+
        }
    };
}
pub(crate) use in_both_precisions;

/// One thread, the widest instruction set.
pub(crate) fn plain() -> Exec {
    Exec { isa: Isa::widest(), threads: 1 }
}

/// Every instruction set of this CPU, with 1 to 8 threads each.
pub(crate) fn execs() -> impl Iterator<Item = Exec> {
    Isa::all().flat_map(|isa| (1..=8).map(move |threads| Exec { isa, threads }))
}

/// Lengths around those at which a kernel's blocks, chunks, pieces and threads begin.
pub(crate) fn border_lengths() -> impl Iterator<Item = usize> {
    let around = |n: usize| n - 1..=n + 1;
    (0..70).chain(around(16_384)).chain(around(2 * 16_384)).chain(around(1 << 18)).chain([3 << 18])
}

/// `n` numbers in [−1, 1), the same ones for the same seed; some are exactly 0.
pub(crate) fn numbers<T: Float>(seed: u64, n: usize) -> Vec<T> {
    let mut state = seed;
    let unit = |state: &mut u64| {
        // SplitMix64 (Steele et al. 2014).
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    let or_zero = |x: f64| if x.abs() < 0.03 { 0.0 } else { x };
    (0..n).map(|_| T::of(or_zero(unit(&mut state)))).collect()
}

/// The same numbers in double precision.
pub(crate) fn wide<T: Float>(x: &[T]) -> Vec<f64> {
    x.iter().map(|x| x.f64()).collect()
}

/// What tells two results apart that `==` would not: the zeros, and NaN from itself.
pub(crate) fn bits<T: Float>(x: &[T]) -> Vec<u64> {
    x.iter().map(|x| x.f64().to_bits()).collect()
}

/// Bits, for which every NaN is one: its sign and payload are no part of a result.
pub(crate) fn canonical<T: Float>(x: &[T]) -> Vec<u64> {
    x.iter().map(|x| if x.not_a_number() { 0x7ff8 << 48 } else { x.f64().to_bits() }).collect()
}

/// The distance from 1 to the next number.
pub(crate) fn epsilon<T: Float>() -> f64 {
    if size_of::<T>() == 4 { f64::from(f32::EPSILON) } else { f64::EPSILON }
}

/// Fails unless `got` is within `tolerance` of `exact`, NaN of NaN and infinity of itself.
#[track_caller]
pub(crate) fn close(got: f64, exact: f64, tolerance: f64) {
    let equal = got == exact || got.is_nan() && exact.is_nan();
    assert!(equal || (got - exact).abs() <= tolerance, "{got} for {exact}, tolerance {tolerance}");
}
