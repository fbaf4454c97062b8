use kernels::Exec;
use kernels::float::Float;
use kernels::op::{Access, OPS, Op, Operand};

use crate::given::{canonical, in_both_precisions, numbers, plain, wide};
use crate::table::{op, result, run_of};

in_both_precisions!(nothing_but_a_number_comes_of_a_number, instruction_sets_change_no_bit,);

/// Functions of one tensor, with the entry of their gradient, and whether that takes the result.
fn pairs() -> impl Iterator<Item = (&'static Op, &'static Op, bool)> {
    OPS.iter().filter_map(|gradient| {
        let forward = op_if(gradient.name.strip_suffix("_gradient")?)?;
        let of_one = forward.parameters.len() == 2 && gradient.parameters.len() == 3;
        let by_result = gradient.parameters[0].name == "y";
        (of_one && forward.dims == ["n"]).then_some((forward, gradient, by_result))
    })
}

fn op_if(name: &str) -> Option<&'static Op> {
    OPS.iter().find(|op| op.name == name)
}

/// Values of the numbers of an operation, none of them at a point below.
fn settings(op: &Op) -> impl Iterator<Item = Vec<f64>> {
    let count = op.numbers.len();
    [0.5, 1.7, 3.0].into_iter().map(move |first| (0..count).map(|i| first + i as f64).collect())
}

#[test]
fn gradients_are_those_of_central_differences() {
    let mut seen = 0;
    for (forward, gradient, by_result) in pairs() {
        for values in settings(forward) {
            for x in [-2.7_f64, -1.3, -0.31, 0.17, 0.83, 1.9, 3.3, 5.1] {
                let at = |x: f64| result(plain(), forward, &[&[x]], &values)[0];
                let h = 1e-5 * x.abs();
                let slope = (at(x + h) - at(x - h)) / (2.0 * h);
                if !slope.is_finite() {
                    continue;
                }
                let of = if by_result { at(x) } else { x };
                let got = result(plain(), gradient, &[&[of], &[-1.5]], &values)[0];
                let exact = -1.5 * slope;
                let error = (got - exact).abs() / exact.abs().max(1.0);
                assert!(error < 2e-8, "{} {values:?} at {x}: {got} for {exact}", gradient.name);
                seen += 1;
            }
        }
    }
    assert!(seen > 700, "{seen} slopes");
}

/// Values and gradients of numbers from −30 to 30, small ones among them.
#[test]
fn single_precision_is_close_to_double_precision() {
    let x: Vec<f32> = (0..4000)
        .map(|i| ((i - 2000) as f32 / 66.7) * if i % 3 == 0 { 0.03 } else { 1.0 })
        .collect();
    let wide_x = wide(&x);
    let g = vec![1.0_f32; x.len()];
    let wide_g = wide(&g);
    for (forward, gradient, by_result) in pairs() {
        for values in settings(forward) {
            // Numbers that both precisions have.
            let values: Vec<f64> = values.iter().map(|&v| f64::from(v as f32)).collect();
            let y = result(plain(), forward, &[&x], &values);
            let exact = result(plain(), forward, &[&wide_x], &values);
            let of = if by_result { &y } else { &x };
            let wide_of = if by_result { wide(&y) } else { wide_x.clone() };
            let slope = result(plain(), gradient, &[of, &g], &values);
            let exact_slope = result(plain(), gradient, &[&wide_of, &wide_g], &values);
            for i in 0..x.len() {
                let limit = |exact: f64| 3e-6 * exact.abs() + 3e-7;
                let name = forward.name;
                let (y, e) = (f64::from(y[i]), exact[i]);
                assert!(
                    (y - e).abs() <= limit(e) || both_odd(y, e),
                    "{name} of {}: {y}, {e}",
                    x[i]
                );
                let (y, e) = (f64::from(slope[i]), exact_slope[i]);
                assert!(
                    (y - e).abs() <= limit(e) || both_odd(y, e),
                    "{name}' of {}: {y}, {e}",
                    x[i]
                );
            }
        }
    }
}

/// Whether both are NaN, or beyond what single precision has.
fn both_odd(single: f64, double: f64) -> bool {
    (single.is_nan() && double.is_nan()) || (single.is_infinite() && double.abs() > 3.4e38)
}

/// NaN passes every function of one tensor.
fn nothing_but_a_number_comes_of_a_number<T: Float>() {
    let nan = [T::of(f64::NAN)];
    let others = ["neg", "sign", "floor", "ceil", "round", "trunc"].into_iter().map(op);
    for forward in pairs().map(|(forward, ..)| forward).chain(others) {
        for values in settings(forward) {
            let y = result(plain(), forward, &[&nan], &values)[0];
            assert!(y.not_a_number(), "{} of NaN", forward.name);
        }
    }
    for name in ["pow", "minimum", "maximum"] {
        for inputs in [[&nan, &[T::ONE + T::ONE]], [&[T::ONE + T::ONE], &nan]] {
            let y = result(plain(), op(name), &inputs.map(|x| &x[..]), &[])[0];
            assert!(y.not_a_number(), "{name} of NaN");
        }
    }
}

/// Of every operation on elements: over all magnitudes, both signs, and the borders.
fn instruction_sets_change_no_bit<T: Float>() {
    let x: Vec<T> = (-4000..4000_i32)
        .map(|i| T::of(f64::from(i.signum()) * 1.02_f64.powi(i.abs() - 3700)))
        .chain([f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0].map(T::of))
        .collect();
    let y = numbers::<T>(1, x.len());
    let labels: Vec<i32> = [0, 1, 2].into_iter().cycle().take(x.len()).collect();
    let others: Vec<i32> = labels.iter().rev().copied().collect();
    let mut seen = 0;
    for op in OPS.iter().filter(|op| op.dims == ["n"]) {
        let elementwise =
            |access| matches!(access, Access::In | Access::Out | Access::Labels | Access::Order);
        let full = op.parameters.iter().all(|p| elementwise(p.access) && (p.len)(&[7]) == Some(7));
        if !full {
            continue;
        }
        let mut first = None;
        for isa in kernels::simd::Isa::all() {
            let (mut out, mut order) = (vec![T::ZERO; x.len()], vec![0; x.len()]);
            let (mut out_slot, mut order_slot) = (Some(&mut out[..]), Some(&mut order[..]));
            let mut operands: Vec<_> = op
                .parameters
                .iter()
                .enumerate()
                .map(|(i, p)| match p.access {
                    Access::In => Operand::In(if i == 0 { &x } else { &y }),
                    Access::Labels => Operand::Labels(if i == 0 { &labels } else { &others }),
                    Access::Out => Operand::Out(out_slot.take().expect("one result")),
                    _ => Operand::Order(order_slot.take().expect("one result")),
                })
                .collect();
            let values: Vec<f64> = (0..op.numbers.len()).map(|i| 0.5 + i as f64).collect();
            let exec = Exec { isa, threads: 1 };
            run_of::<T>(op)(exec, &mut operands, &[x.len()], &values).expect("it finds no fault");
            drop(operands);
            let all = (canonical(&out), order);
            assert!(*first.get_or_insert_with(|| all.clone()) == all, "{} {isa:?}", op.name);
        }
        seen += 1;
    }
    assert!(seen > 90, "{seen} operations");
}
