use kernels::float::Float;
use kernels::op::Operand;

use crate::given::{bits, border_lengths, close, in_both_precisions, numbers, plain, wide};
use crate::table::{op, result, run_of};

in_both_precisions!(
    whole_numbers_are_those_of_the_standard_library,
    extremes_share_ties_and_pass_nan,
    relations_are_those_of_the_language,
    choices_are_made_by_the_condition,
    powers_have_both_gradients,
);

/// A function of the standard library.
type Exact = fn(f64) -> f64;

fn whole_numbers_are_those_of_the_standard_library<T: Float>() {
    let x: Vec<T> = (-60..60)
        .map(|i| T::of(f64::from(i) / 8.0))
        .chain([-0.0, 0.3, -0.3, 1e20, -1e20, 4_194_304.5].map(T::of))
        .collect();
    let all: [(&str, Exact); 4] = [
        ("floor", f64::floor),
        ("ceil", f64::ceil),
        ("trunc", f64::trunc),
        ("round", f64::round_ties_even),
    ];
    for (name, exact) in all {
        let exact: Vec<T> = x.iter().map(|x| T::of(exact(x.f64()))).collect();
        assert_eq!(bits(&result(plain(), op(name), &[&x], &[])), bits(&exact), "{name}");
    }
}

fn extremes_share_ties_and_pass_nan<T: Float>() {
    let [x, y]: [Vec<T>; 2] = [[1.0, 2.0, 2.0, f64::NAN, 1.0], [2.0, 1.0, 2.0, 1.0, f64::NAN]]
        .map(|x| x.map(T::of).into());
    let g = vec![T::of(3.0); 5];
    let call = |name: &str, inputs: &[&[T]]| wide(&result(plain(), op(name), inputs, &[]));
    let [larger, smaller] = ["maximum", "minimum"].map(|name| call(name, &[&x, &y]));
    assert_eq!((&larger[..3], &smaller[..3]), (&[2.0; 3][..], &[1.0, 1.0, 2.0][..]));
    assert!(larger[3..].iter().chain(&smaller[3..]).all(|x| x.is_nan()));
    assert_eq!(call("maximum_gradient", &[&x, &y, &g]), [0.0, 3.0, 1.5, 3.0, 3.0]);
    assert_eq!(call("maximum_gradient", &[&y, &x, &g]), [3.0, 0.0, 1.5, 3.0, 3.0]);
    assert_eq!(call("minimum_gradient", &[&x, &y, &g]), [3.0, 0.0, 1.5, 3.0, 3.0]);
    assert_eq!(call("minimum_gradient", &[&y, &x, &g]), [0.0, 3.0, 1.5, 3.0, 3.0]);
}

/// What an operation writes whose result is of whole numbers.
fn whole<T: Float>(
    name: &str,
    operands: Vec<Operand<'_, T>>,
    n: usize,
    numbers: &[f64],
) -> Vec<i32> {
    let mut out = vec![7; n];
    let mut all: Vec<Operand<'_, T>> = operands;
    all.push(Operand::Order(&mut out));
    run_of::<T>(op(name))(plain(), &mut all, &[n], numbers).expect("it finds no fault");
    out
}

/// A relation between two numbers.
type Relation = fn(f64, f64) -> bool;

fn relations_are_those_of_the_language<T: Float>() {
    let values = [f64::NAN, f64::NEG_INFINITY, -1.5, -0.0, 0.0, 0.1, 2.0, f64::INFINITY];
    let relations: [(&str, Relation); 6] = [
        ("eq", |a, b| a == b),
        ("ne", |a, b| a != b),
        ("lt", |a, b| a < b),
        ("le", |a, b| a <= b),
        ("gt", |a, b| a > b),
        ("ge", |a, b| a >= b),
    ];
    let x: Vec<T> = values.iter().flat_map(|&v| [T::of(v); 8]).collect();
    let y: Vec<T> = values.iter().cycle().take(64).map(|&v| T::of(v)).collect();
    let (a, b): (Vec<i32>, Vec<i32>) = (0..64).map(|i| (i / 8 - 4, i % 8 - 4)).unzip();
    for (name, holds) in relations {
        let expected: Vec<i32> =
            x.iter().zip(&y).map(|(x, y)| i32::from(holds(x.f64(), y.f64()))).collect();
        let operands = vec![Operand::In(&x[..]), Operand::In(&y[..])];
        assert_eq!(whole::<T>(name, operands, 64, &[]), expected, "{name}");
        // A number is rounded to the precision of the tensor first: 0.1 equals itself.
        for &value in &values {
            let rounded = T::of(value).f64();
            let expected: Vec<i32> = x.iter().map(|x| i32::from(holds(x.f64(), rounded))).collect();
            let operands = vec![Operand::In(&x[..])];
            assert_eq!(
                whole::<T>(&format!("{name}_number"), operands, 64, &[value]),
                expected,
                "{name}"
            );
        }
        let expected: Vec<i32> =
            a.iter().zip(&b).map(|(&a, &b)| i32::from(holds(a.into(), b.into()))).collect();
        let operands = vec![Operand::Labels(&a[..]), Operand::Labels(&b[..])];
        assert_eq!(whole::<T>(&format!("int_{name}"), operands, 64, &[]), expected, "{name}");
        for value in [0.5, -1.0, f64::NAN] {
            let expected: Vec<i32> = a.iter().map(|&a| i32::from(holds(a.into(), value))).collect();
            let operands = vec![Operand::Labels(&a[..])];
            let name = format!("int_{name}_number");
            assert_eq!(whole::<T>(&name, operands, 64, &[value]), expected, "{name}");
        }
    }
    for (name, both) in [("int_and", [0, 0, 0, 1]), ("int_or", [0, 1, 1, 1])] {
        let operands = vec![Operand::Labels(&[0, 0, -3, 2]), Operand::Labels(&[0, 5, 0, 1])];
        assert_eq!(whole::<T>(name, operands, 4, &[]), both, "{name}");
    }
}

fn choices_are_made_by_the_condition<T: Float>() {
    for n in border_lengths() {
        let (x, y) = (numbers::<T>(1, n), numbers::<T>(2, n));
        let condition: Vec<i32> = [-1, 0, 1].into_iter().cycle().take(n).collect();
        let call = |name: &str, others: &[&[T]], values: &[f64]| {
            let mut out = vec![T::of(12_345.0); n];
            let mut operands = vec![Operand::Labels(&condition[..])];
            operands.extend(others.iter().map(|x| Operand::In(x)));
            operands.push(Operand::Out(&mut out));
            run_of::<T>(op(name))(plain(), &mut operands, &[n], values).expect("it finds no fault");
            out
        };
        let (chosen, kept, left) = (
            call("choose", &[&x, &y], &[]),
            call("keep", &[&x], &[1.0]),
            call("keep", &[&x], &[0.0]),
        );
        for i in 0..n {
            let (one, other) = if condition[i] == 0 { (y[i], T::ZERO) } else { (x[i], x[i]) };
            let rest = if condition[i] == 0 { x[i] } else { T::ZERO };
            assert_eq!([chosen[i], kept[i], left[i]], [one, other, rest]);
        }
    }
}

/// By base and by exponent, against central differences, and where `PyTorch` says 0.
fn powers_have_both_gradients<T: Float>() {
    let g = [T::of(-2.0)];
    for (x, y) in [(0.3, 1.7), (2.1, -0.6), (4.0, 0.5), (1.3, 3.0)] {
        let (x, y) = (T::of(x), T::of(y));
        let power = [T::of(x.f64().powf(y.f64()))];
        let by_base = -2.0 * y.f64() * x.f64().powf(y.f64() - 1.0);
        let by_exponent = -2.0 * x.f64().powf(y.f64()) * x.f64().ln();
        let got = result(plain(), op("pow_by_base"), &[&[x], &[y], &g], &[])[0];
        close(got.f64(), by_base, 1e-6 * by_base.abs());
        let got = result(plain(), op("pow_by_exponent"), &[&[x], &power, &g], &[])[0];
        close(got.f64(), by_exponent, 1e-6 * by_exponent.abs());
    }
    let [zero, half, two] = [0.0, 0.5, 2.0].map(T::of);
    let base = |x: T, y: T| result(plain(), op("pow_by_base"), &[&[x], &[y], &g], &[])[0].f64();
    let exponent = |x: T, y: T| {
        let power = [x.power(y)];
        result(plain(), op("pow_by_exponent"), &[&[x], &power, &g], &[])[0].f64()
    };
    assert_eq!([base(zero, zero), base(T::of(f64::NAN), zero), base(zero, two)], [0.0; 3]);
    assert_eq!([exponent(zero, zero), exponent(zero, half), exponent(-zero, two)], [0.0; 3]);
    assert_eq!([base(zero, half), exponent(zero, -two)], [f64::NEG_INFINITY, f64::INFINITY]);
    assert!(exponent(-two, two).is_nan());
}
