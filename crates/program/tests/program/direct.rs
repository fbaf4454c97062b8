#![allow(unsafe_code, reason = "kernels are called over memory of the test's own")]

use kernels::float::Float;
use kernels::op::{self, OPS, Op, Run};
use kernels::optimizer::{self, update_all};
use kernels::{Exec, simd::Isa};
use program::{ABSENT, ARRAYS, Element, Memory, operand, segment};

use crate::fuzz::code::{ARGUMENT, BOUND, Code, Instruction};
use crate::fuzz::host::{Host, Zone};

/// One thread on the widest instruction set.
pub(crate) fn plain() -> Exec {
    Exec { isa: Isa::widest(), threads: 1 }
}

/// Calls the kernels of `code` one by one, each temporary in memory of its own: what a program must
/// give the bits of. Stops at the first label that is none.
pub(crate) fn run(code: &Code, host: &Host) -> Result<(), op::Fault> {
    let temporaries: Vec<Zone> = code
        .buffers
        .iter()
        .map(|buffer| Zone::new(Element::ALL[buffer.element as usize], buffer.len as usize, 0, 0))
        .collect();
    let memory = |operand: u32| {
        let buffer = code.buffers[operand as usize];
        match buffer.place {
            BOUND => host.bound[buffer.number as usize],
            ARGUMENT => host.arguments[buffer.number as usize],
            _ => temporaries[operand as usize].memory(),
        }
    };
    for instruction in &code.instructions {
        let memories: Vec<Option<Memory>> = instruction
            .operands
            .iter()
            .map(|&operand| (operand != ABSENT).then(|| memory(operand)))
            .collect();
        match OPS.get(instruction.op as usize) {
            None => update(instruction.op as usize - OPS.len(), &memories),
            Some(op) if in_double(instruction, &memories) => {
                call(op, op.run_f64, instruction, &memories)?;
            }
            Some(op) => call(op, op.run_f32, instruction, &memories)?,
        }
    }
    Ok(())
}

/// Whether an operand that is in the precision of the call is in double.
fn in_double(instruction: &Instruction, memories: &[Option<Memory>]) -> bool {
    use op::Access::{In, Out, Update};
    memories.iter().enumerate().any(|(i, memory)| {
        matches!(instruction.access(i), In | Out | Update)
            && memory.is_some_and(|memory| memory.element == Element::F64)
    })
}

fn call<T: Float>(
    op: &Op,
    run: Run<T>,
    instruction: &Instruction,
    memories: &[Option<Memory>],
) -> Result<(), op::Fault> {
    let parameters = op.parameters.iter().zip(memories);
    let mut operands: Vec<_> = parameters
        // SAFETY: the program was valid, and each array is apart from those that are written.
        .map(|(parameter, memory)| unsafe {
            operand::<T>(parameter.access, memory.expect("is there"))
        })
        .collect();
    let dims: Vec<usize> = instruction.dims.iter().map(|&dim| dim as usize).collect();
    run(plain(), &mut operands, &dims, &instruction.numbers)
}

fn update(optimizer: usize, memories: &[Option<Memory>]) {
    let control = memories[0].expect("a control block");
    let (segments, _) = memories[1..].as_chunks::<ARRAYS>();
    // SAFETY: the program was valid: a control block is double precision, and apart.
    let control = unsafe { control.write::<f64>() };
    update_all(plain(), control, segments.len(), 0, |i, group, threaded| {
        let weights = segments[i][0]?;
        // SAFETY: the program was valid: arrays of one type and length, apart.
        unsafe {
            Some(if weights.element == Element::F64 {
                let segment = segment::<f64>(&segments[i])?;
                optimizer::step(plain(), threaded, optimizer, group, segment)
            } else {
                let segment = segment::<f32>(&segments[i])?;
                optimizer::step(plain(), threaded, optimizer, group, segment)
            })
        }
    });
}
