use kernels::math::{sigmoid_f32, tanh_f32};

/// A function, what it should be, and the numbers at which its sweep ends.
struct Law {
    f: fn(f32) -> f32,
    exact: fn(f64) -> f64,
    ends: [f32; 2],
}

/// Beyond the ends both are at their limits.
const LAWS: [Law; 2] = [
    Law { f: sigmoid_f32, exact: |x| 1.0 / (1.0 + (-x).exp()), ends: [-104.0, 20.0] },
    Law { f: tanh_f32, exact: f64::tanh, ends: [-10.0, 10.0] },
];

/// The error of `f(x)` in units in the last place of the result, subnormal results included.
fn ulps(law: &Law, x: f32) -> f64 {
    let exact = (law.exact)(f64::from(x));
    let exponent = (exact.abs().log2().floor() as i32).max(-126);
    let unit = 2.0_f64.powi(exponent - 23);
    (f64::from((law.f)(x)) - exact).abs() / unit
}

/// Every 101st number, tiny and subnormal ones among them: the worst are 1.54 and 1.31.
#[test]
fn are_within_two_units_in_the_last_place() {
    let sweep =
        |from: f32, to: f32| (from.to_bits()..=to.to_bits()).step_by(101).map(f32::from_bits);
    for law in &LAWS {
        let (worst, at) = sweep(1e-45, law.ends[1])
            .chain(sweep(-1e-45, law.ends[0]))
            .map(|x| (ulps(law, x), x))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .expect("the sweep is not empty");
        assert!(worst <= 2.0, "{worst} units at {at}");
    }
}

/// Where the two formulas of tanh meet, and where the logistic function turns subnormal and 0.
#[test]
fn borders_join() {
    for (law, border) in [(&LAWS[1], 0.625_f32), (&LAWS[0], -87.336_54), (&LAWS[0], -103.972_08)] {
        let (mut below, mut above) = (border, border);
        for _ in 0..1000 {
            assert!(ulps(law, below) <= 2.0, "{} units at {below}", ulps(law, below));
            assert!(ulps(law, above) <= 2.0, "{} units at {above}", ulps(law, above));
            (below, above) = (below.next_down(), above.next_up());
        }
    }
}

#[test]
fn special_values_have_their_limits() {
    for large in [20.0, f32::MAX, f32::INFINITY] {
        assert_eq!([tanh_f32(large), tanh_f32(-large), sigmoid_f32(large)], [1.0, -1.0, 1.0]);
    }
    for low in [-104.5, f32::MIN, f32::NEG_INFINITY] {
        assert_eq!(sigmoid_f32(low).to_bits(), 0);
    }
    for zero in [0.0, -0.0] {
        assert_eq!(tanh_f32(zero).to_bits(), zero.to_bits());
        assert_eq!(sigmoid_f32(zero), 0.5);
    }
    for tiny in [1e-45, f32::MIN_POSITIVE, -1e-45, -1e-20] {
        assert_eq!(tanh_f32(tiny), tiny);
        assert_eq!(sigmoid_f32(tiny), 0.5);
    }
    for nan in [f32::NAN, -f32::NAN] {
        assert!(tanh_f32(nan).is_nan() && sigmoid_f32(nan).is_nan());
    }
}
