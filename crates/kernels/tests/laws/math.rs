use std::collections::BTreeMap;
use std::thread;

use kernels::math::{
    erf_f64, gaussian_f64, normal_cdf_f64, pow_f32, round_f32, round_f64, sigmoid_f64,
    softplus_f64, tanh_f64, tanhshrink_f64, wave_f64,
};

use crate::functions::{FUNCTIONS, Function, ulps};

/// The worst error of a function over these numbers, and where.
fn worst(function: &Function, numbers: impl Iterator<Item = f32>) -> (f64, f32) {
    numbers
        .map(|x| (ulps((function.of)(x), (function.exact)(f64::from(x))), x))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .expect("there are numbers")
}

/// Every 4,001st number of each sign and size, ∞ and NaN among them.
#[test]
fn functions_are_within_their_units_in_the_last_place() {
    for function in FUNCTIONS {
        let (error, at) = worst(function, (0..=u32::MAX).step_by(4001).map(f32::from_bits));
        assert!(error <= function.most, "{}: {error} units at {at}", function.name);
    }
}

/// Of all 2³² numbers, as the table in bench/RESULTS.md; a quarter of an hour:
/// `cargo test --release -p kernels --test laws -- --ignored --nocapture functions_of_all_numbers`.
#[test]
#[ignore = "a quarter of an hour"]
#[allow(clippy::print_stdout, reason = "a table is what it is for")]
fn functions_of_all_numbers_are_within_their_units() {
    for function in FUNCTIONS {
        let (above, below) = thread::scope(|scope| {
            let of = |from, to| worst(function, (from..=to).map(f32::from_bits));
            let above = scope.spawn(move || of(0, u32::MAX / 2));
            let below = of(u32::MAX / 2 + 1, u32::MAX);
            (above.join().expect("it does not panic"), below)
        });
        assert!(above.0.max(below.0) <= function.most, "{}", function.name);
        let [above, below] = [above, below].map(|(error, at)| format!("{error:.4} | {at:e}"));
        println!("| {} | {above} | {below} |", function.name);
    }
}

#[test]
fn borders_join() {
    for function in FUNCTIONS {
        for &border in function.borders {
            let bits = border.to_bits();
            let near = (bits.saturating_sub(1000)..=bits + 1000).map(f32::from_bits);
            let (error, at) = worst(function, near);
            assert!(error <= function.most, "{}: {error} units at {at}", function.name);
        }
    }
}

#[test]
fn functions_have_their_limits() {
    const ENDS: [f32; 12] = [
        0.0,
        -0.0,
        1e-45,
        -1e-45,
        f32::MIN_POSITIVE,
        -f32::MIN_POSITIVE,
        1.0,
        -1.0,
        f32::MAX,
        f32::MIN,
        f32::INFINITY,
        f32::NEG_INFINITY,
    ];
    for function in FUNCTIONS {
        for x in ENDS {
            let (got, exact) = ((function.of)(x), (function.exact)(f64::from(x)));
            let same_sign = got.is_sign_negative() == exact.is_sign_negative();
            let close = ulps(got, exact) <= function.most && (same_sign || got.is_nan());
            assert!(close, "{} of {x}: {got} for {exact}", function.name);
        }
        for nan in [f32::NAN, -f32::NAN] {
            assert!((function.of)(nan).is_nan(), "{}", function.name);
        }
    }
}

/// The numbers of `double.txt`, which mpmath computed with 400 bits and rounded once.
#[test]
fn functions_of_double_precision_are_within_two_units() {
    let functions: BTreeMap<&str, fn(f64) -> f64> = BTreeMap::from([
        ("exp", f64::exp as fn(f64) -> f64),
        ("expm1", f64::exp_m1),
        ("ln", f64::ln),
        ("log1p", f64::ln_1p),
        ("log2", f64::log2),
        ("log10", f64::log10),
        ("sin", |x| wave_f64(x, 0)),
        ("cos", |x| wave_f64(x, 1)),
        ("tanh", tanh_f64),
        ("tanhshrink", tanhshrink_f64),
        ("sigmoid", sigmoid_f64),
        ("softplus", softplus_f64),
        ("erf", erf_f64),
        ("cdf", normal_cdf_f64),
        ("gaussian", |x| gaussian_f64(x, 1.0)),
        ("half_gaussian", |x| gaussian_f64(x, 0.5)),
    ]);
    let mut seen = 0;
    for line in include_str!("double.txt").lines() {
        let [name, x, y] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let number = |bits| f64::from_bits(u64::from_str_radix(bits, 16).expect("hexadecimal"));
        let (x, exact) = (number(x), number(y));
        let got = functions[name](x);
        let units = got.to_bits().abs_diff(exact.to_bits());
        let most = if name == "tanhshrink" { 7 } else { 2 };
        assert!(units <= most, "{name} of {x}: {got} for {exact}, {units} units");
        seen += 1;
    }
    assert_eq!(seen, 296);
}

#[test]
fn double_precision_passes_what_is_no_number_and_has_its_limits() {
    for f in [tanh_f64, tanhshrink_f64, sigmoid_f64, softplus_f64, erf_f64, normal_cdf_f64] {
        assert!(f(f64::NAN).is_nan());
    }
    assert!(gaussian_f64(f64::NAN, 0.5).is_nan());
    let infinite = f64::INFINITY;
    assert_eq!([tanh_f64(infinite), sigmoid_f64(infinite), erf_f64(infinite)], [1.0; 3]);
    assert_eq!([tanh_f64(-infinite), erf_f64(-infinite)], [-1.0; 2]);
    assert_eq!(
        [sigmoid_f64(-infinite), softplus_f64(-infinite), normal_cdf_f64(-infinite)],
        [0.0; 3]
    );
    assert_eq!([softplus_f64(infinite), tanhshrink_f64(infinite)], [infinite; 2]);
    assert_eq!(normal_cdf_f64(infinite), 1.0);
    assert_eq!([gaussian_f64(infinite, 1.0), gaussian_f64(-infinite, 0.5)], [0.0; 2]);
    for zero in [0.0, -0.0_f64] {
        for f in [tanh_f64, tanhshrink_f64, erf_f64] {
            assert_eq!(f(zero).to_bits(), zero.to_bits());
        }
        assert_eq!([sigmoid_f64(zero), normal_cdf_f64(zero)], [0.5; 2]);
    }
}

/// Bases of all sizes and near 1, exponents of all sizes, whole ones among them.
#[test]
fn powers_are_within_one_unit() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut word = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) as u32
    };
    for i in 0..600_000 {
        let (a, b) = (word(), word());
        let unit = |word: u32| f64::from(word) / f64::from(u32::MAX);
        let x = match i % 3 {
            0 => f32::from_bits(a),
            1 => (4.0 * unit(a)) as f32,
            _ => (0.995 + 0.01 * unit(a)) as f32,
        };
        let centered = 2.0 * unit(b) - 1.0;
        let y = match i % 5 {
            0 => (3.0 * centered) as f32,
            1 => (40.0 * centered) as f32,
            2 => (1000.0 * centered) as f32,
            3 => (20.0 * centered).round() as f32,
            _ => f32::from_bits(b),
        };
        let error = ulps(pow_f32(x, y), f64::from(x).powf(f64::from(y)));
        assert!(error <= 0.75, "{x}^{y}: {error} units");
    }
}

/// Every pair of what C's `pow` treats on its own.
#[test]
fn powers_have_the_special_cases_of_c() {
    const SPECIAL: [f32; 24] = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        2.0,
        -2.0,
        0.5,
        -0.5,
        3.0,
        -3.0,
        1.5,
        -1.5,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        1e-45,
        -1e-45,
        f32::MAX,
        f32::MIN,
        16_777_216.0,
        16_777_215.0,
        -16_777_215.0,
        8_388_607.5,
        1e10,
    ];
    for x in SPECIAL {
        for y in SPECIAL {
            let (got, exact) = (pow_f32(x, y), f64::from(x).powf(f64::from(y)));
            assert!(ulps(got, exact) <= 0.75, "{x}^{y}: {got} for {exact}");
            let same_sign = got.is_sign_negative() == exact.is_sign_negative();
            assert!(got.is_nan() || same_sign, "{x}^{y}: {got} for {exact}");
        }
    }
}

#[test]
fn the_nearest_whole_number_is_the_even_one_of_two() {
    for (x, nearest) in [
        (0.5, 0.0),
        (1.5, 2.0),
        (2.5, 2.0),
        (-0.5, -0.0),
        (-1.5, -2.0),
        (0.499_999_97, 0.0),
        (8_388_607.5, 8_388_608.0),
        (8_388_609.0, 8_388_609.0),
        (1e30, 1e30),
        (f32::NEG_INFINITY, f32::NEG_INFINITY),
    ] {
        assert_eq!(round_f32(x).to_bits(), f32::to_bits(nearest), "{x}");
        assert_eq!(round_f64(f64::from(x)).to_bits(), f64::from(nearest).to_bits(), "{x}");
    }
    assert_eq!(round_f64(4_503_599_627_370_495.5), 4_503_599_627_370_496.0);
    assert!(round_f32(f32::NAN).is_nan() && round_f64(f64::NAN).is_nan());
}
