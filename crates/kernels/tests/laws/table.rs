//! Entries of the table, called by name.

use kernels::Exec;
use kernels::float::Float;
use kernels::op::{OPS, Op, Operand, Run};

/// The entry called `name`.
pub(crate) fn op(name: &str) -> &'static Op {
    OPS.iter().find(|op| op.name == name).unwrap_or_else(|| panic!("{name} is in the table"))
}

/// The function of an entry for this precision.
pub(crate) fn run_of<T: Float>(op: &'static Op) -> Run<T> {
    let [single, double]: [&dyn std::any::Any; 2] = [&op.run_f32, &op.run_f64];
    *single.downcast_ref().or(double.downcast_ref()).expect("it runs in both precisions")
}

/// The result of an operation over `inputs` of one length.
pub(crate) fn result<T: Float>(
    exec: Exec,
    op: &'static Op,
    inputs: &[&[T]],
    numbers: &[f64],
) -> Vec<T> {
    let n = inputs[0].len();
    let mut out = vec![T::of(12_345.0); n];
    let mut operands: Vec<_> = inputs.iter().map(|x| Operand::In(x)).collect();
    operands.push(Operand::Out(&mut out));
    run_of::<T>(op)(exec, &mut operands, &[n], numbers).expect("it finds no fault");
    out
}
