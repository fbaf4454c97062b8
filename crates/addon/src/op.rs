//! `ops.<name>(arrays…, dims…, numbers…)`: every operation of the table, checked by the table.
#![allow(unsafe_code, reason = "borrows are made here, after the checks that make them sound")]

use kernels::float::Float;
use kernels::op::{self, Access, OPS, Op, Operand};
use kernels::rows::BadLabel;
use kernels::training::NotFinite;
use napi::{Result, bindgen_prelude::Object, sys};
use program::{Element, Memory};

use crate::borrow;
use crate::fault::Fault;
use crate::raw::{Call, Entry, MAX_ARGUMENTS, Raw, raw_object};
use crate::state::State;

/// Most arrays of an operation.
const MAX_OPERANDS: usize = 6;

const _: () = {
    let mut i = 0;
    while i < OPS.len() {
        let Op { parameters, dims, numbers, .. } = &OPS[i];
        assert!(parameters.len() <= MAX_OPERANDS);
        assert!(parameters.len() + dims.len() + numbers.len() <= MAX_ARGUMENTS);
        i += 1;
    }
};

struct RunOp;

impl Entry for RunOp {
    type Data = &'static Op;

    fn serve(call: &Call<'_, &'static Op>) -> std::result::Result<(), Fault> {
        let op = *call.data;
        let mut numbers = [0.0; MAX_ARGUMENTS];
        let count = op.parameters.len() + op.dims.len() + op.numbers.len();
        if call.arguments.len() < count {
            let got = format!("{} arguments", call.arguments.len());
            return Err(Fault::new(
                "ERR_TYPE",
                op.name,
                "arguments",
                format!("{count} arguments"),
                got,
            ));
        }
        let (arrays, scalars) = call.arguments[..count].split_at(op.parameters.len());
        let mut dims = [0; MAX_ARGUMENTS];
        read_dims(call.raw, op, scalars, &mut dims)?;
        for (number, (&value, name)) in
            numbers.iter_mut().zip(scalars[op.dims.len()..].iter().zip(op.numbers))
        {
            *number = call.raw.number(value).ok_or_else(|| not_a_number(op, name))?;
        }
        let (dims, numbers) = (&dims[..op.dims.len()], &numbers[..op.numbers.len()]);
        let (memory, element) = check(call.raw, op, arrays, dims)?;
        let memory = &memory[..op.parameters.len()];
        let exec = call.state.exec.get();
        let outcome = match element {
            Element::F64 => run::<f64>(op, memory, |o| (op.run_f64)(exec, o, dims, numbers)),
            _ => run::<f32>(op, memory, |o| (op.run_f32)(exec, o, dims, numbers)),
        };
        outcome.map_err(|fault| told(op, fault))
    }
}

/// What an operation found wrong, in words.
pub(crate) fn told(op: &Op, fault: op::Fault) -> Fault {
    match fault {
        op::Fault::Label(bad) => bad_label(op, bad),
        op::Fault::NotFinite(NotFinite(value)) => {
            Fault::new("ERR_NONFINITE", op.name, op.parameters[0].name, "finite", value)
        }
    }
}

fn bad_label(op: &Op, BadLabel { row, label, classes }: BadLabel) -> Fault {
    let labels = op.parameters.iter().find(|parameter| parameter.access == Access::Labels);
    let name = format!("{}[{row}]", labels.map_or("labels", |parameter| parameter.name));
    let expected = match classes.checked_sub(1) {
        Some(last) => format!("a whole number from 0 to {last}"),
        None => "left out, for there is nothing that it could name".to_string(),
    };
    Fault::new("ERR_VALUE", op.name, &name, expected, label)
}

fn not_a_number(op: &Op, name: &str) -> Fault {
    Fault::new("ERR_TYPE", op.name, name, "a number", "another value")
}

fn read_dims(
    raw: Raw,
    op: &Op,
    values: &[sys::napi_value],
    dims: &mut [usize],
) -> std::result::Result<(), Fault> {
    for (dim, (&value, name)) in dims.iter_mut().zip(values.iter().zip(op.dims)) {
        let number = raw.number(value).ok_or_else(|| not_a_number(op, name))?;
        if number < 0.0 || number > f64::from(u32::MAX) || number.fract() != 0.0 {
            let expected = "a whole number from 0 to 4294967295";
            return Err(Fault::new("ERR_SHAPE", op.name, name, expected, number));
        }
        *dim = number as usize;
    }
    Ok(())
}

/// The memory of each operand and the precision of the call, checked against the table.
fn check(
    raw: Raw,
    op: &Op,
    arrays: &[sys::napi_value],
    dims: &[usize],
) -> std::result::Result<([Memory; MAX_OPERANDS], Element), Fault> {
    let mut precision = None;
    let mut memory = [Memory::EMPTY; MAX_OPERANDS];
    for (slot, (&value, parameter)) in memory.iter_mut().zip(arrays.iter().zip(op.parameters)) {
        let wanted = match parameter.access {
            Access::Labels | Access::Order | Access::Reorder => Some(Element::I32),
            Access::Figures | Access::Live | Access::State => Some(Element::F64),
            Access::In | Access::Out | Access::Update => precision,
        };
        *slot = borrow::argument(raw, op.name, parameter.name, wanted, value)?;
        if wanted.is_none() {
            precision = Some(slot.element);
        }
        let len = (parameter.len)(dims).ok_or_else(|| {
            let expected = "of a size that fits in memory";
            Fault::new("ERR_SHAPE", op.name, parameter.name, expected, "an overflow")
        })?;
        borrow::expect_len(op.name, parameter.name, *slot, len)?;
    }
    let operands = memory.iter().zip(op.parameters);
    borrow::disjoint(op.name, operands.map(|(&memory, p)| (p.name, memory, p.access.writes())))?;
    Ok((memory, precision.unwrap_or(Element::F32)))
}

fn run<T: Float>(
    op: &Op,
    memory: &[Memory],
    run: impl FnOnce(&mut [Operand<'_, T>]) -> std::result::Result<(), op::Fault>,
) -> std::result::Result<(), op::Fault> {
    let mut operands: [Operand<'_, T>; MAX_OPERANDS] = [const { Operand::In(&[]) }; MAX_OPERANDS];
    for (operand, (&memory, parameter)) in operands.iter_mut().zip(memory.iter().zip(op.parameters))
    {
        // SAFETY: `check` saw the element type of each access, and that an operand that is
        // written shares no memory with another. JS does not run during the call.
        *operand = unsafe { program::operand(parameter.access, memory) };
    }
    run(&mut operands[..memory.len()])
}

/// Adds `ops` to the module.
pub(crate) fn install(raw: Raw, exports: &Object, state: *const State) -> Result<()> {
    let ops = raw.object()?;
    for op in OPS {
        raw.set(ops, op.name, raw.function::<RunOp>(op.name, state, op)?)?;
    }
    raw.set(raw_object(exports), "ops", ops)
}
