use kernels::math::exp_f32;

/// The error of `exp_f32(x)` in units in the last place of the result, subnormal results included.
fn ulps(x: f32) -> f64 {
    let exact = f64::from(x).exp();
    let exponent = (exact.log2().floor() as i32).max(-126);
    let unit = 2.0_f64.powi(exponent - 23);
    (f64::from(exp_f32(x)) - exact).abs() / unit
}

/// Every 101st number from −104 to 88.72: the worst is .961 (.982 of every seventh).
#[test]
fn is_within_one_unit_in_the_last_place() {
    let sweep =
        |from: f32, to: f32| (from.to_bits()..=to.to_bits()).step_by(101).map(f32::from_bits);
    let (worst, at) = sweep(0.0, 88.72)
        .chain(sweep(-0.0, -104.0))
        .map(|x| (ulps(x), x))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .expect("the sweep is not empty");
    assert!(worst <= 1.0, "{worst} units at {at}");
}

/// The borders of overflow, of subnormal results and of 0, each with its neighbours.
#[test]
fn borders_are_where_they_should_be() {
    let largest = 88.722_83_f32;
    assert!(exp_f32(largest).is_finite());
    assert_eq!(exp_f32(largest.next_up()), f32::INFINITY);
    let smallest_normal = -87.336_54_f32;
    let smallest = -103.972_08_f32;
    for border in [largest, smallest_normal, smallest] {
        let (mut below, mut above) = (border, border);
        for _ in 0..1000 {
            below = below.next_down();
            above = above.next_up();
            assert!(ulps(below) <= 1.0, "{} units at {below}", ulps(below));
            assert!(border == largest || ulps(above) <= 1.0, "{} units at {above}", ulps(above));
        }
    }
}

#[test]
fn special_values_have_their_limits() {
    assert_eq!(exp_f32(0.0), 1.0);
    assert_eq!(exp_f32(-0.0), 1.0);
    assert_eq!(exp_f32(f32::INFINITY), f32::INFINITY);
    assert_eq!(exp_f32(f32::MAX), f32::INFINITY);
    assert_eq!(exp_f32(f32::NEG_INFINITY).to_bits(), 0);
    assert_eq!(exp_f32(f32::MIN).to_bits(), 0);
    assert_eq!(exp_f32(-104.5).to_bits(), 0);
    assert!(exp_f32(f32::NAN).is_nan());
    assert!(exp_f32(-f32::NAN).is_nan());
    assert_eq!(exp_f32(f32::MIN_POSITIVE), 1.0);
    assert_eq!(exp_f32(1e-45), 1.0);
}
