#![allow(unsafe_code, reason = "operands are borrowed here, after the checks that make it sound")]

use std::ops::Range;

use kernels::Exec;
use kernels::float::Float;
use kernels::op::{self, Operand};
use kernels::optimizer::{self, Group, Stats, Updates, update_all};

use crate::fuse::{MAX_DIMS, Part, Share};
use crate::memory::{ARRAYS, Element, Memory, operand, segment};
use crate::validate::{Call, Instruction};

/// Most operands of an operation.
const MAX_OPERANDS: usize = 6;

const _: () = {
    let mut i = 0;
    while i < op::OPS.len() {
        assert!(op::OPS[i].parameters.len() <= MAX_OPERANDS);
        assert!(op::OPS[i].dims.len() <= MAX_DIMS || !op::OPS[i].rowwise);
        i += 1;
    }
};

/// Where an operand lies, settled as far as it can be before a call.
#[derive(Clone, Copy)]
pub(crate) enum Slot {
    Fixed(Memory),
    Bound(usize),
    Argument(usize),
    Absent,
}

/// The arrays of one call.
#[derive(Clone, Copy)]
pub(crate) struct Arrays<'a> {
    pub(crate) bound: &'a [Memory],
    pub(crate) arguments: &'a [Memory],
}

impl Arrays<'_> {
    fn memory(&self, slot: Slot) -> Option<Memory> {
        match slot {
            Slot::Fixed(memory) => Some(memory),
            Slot::Bound(number) => Some(self.bound[number]),
            Slot::Argument(number) => Some(self.arguments[number]),
            Slot::Absent => None,
        }
    }
}

/// A block of the rows that instructions have in common.
#[derive(Clone)]
pub(crate) struct Block {
    pub(crate) rows: Range<usize>,
    /// Where it begins in what is private to its piece.
    pub(crate) private: usize,
}

/// An instruction, and where its operands lie.
pub(crate) struct Step {
    pub(crate) instruction: Instruction,
    pub(crate) slots: Vec<Slot>,
}

impl Step {
    /// Runs it.
    ///
    /// # Safety
    /// The validator saw it, and its arrays are there, aligned, and nothing else writes them.
    pub(crate) unsafe fn run(&self, exec: Exec, arrays: Arrays<'_>) -> Result<(), op::Fault> {
        let memory = |i: usize| arrays.memory(self.slots[i]).unwrap_or(Memory::EMPTY);
        match self.instruction.call {
            // SAFETY: the caller's promise.
            Call::Op(_) => unsafe { self.op(exec, &self.instruction.dims, memory) },
            Call::Update(optimizer) => {
                // SAFETY: as above.
                unsafe { self.update(optimizer, exec, arrays) };
                Ok(())
            }
        }
    }

    /// Runs it on some rows.
    ///
    /// # Safety
    /// As for [`Self::run`], and `part` says how its operands go with the rows.
    pub(crate) unsafe fn run_rows(
        &self,
        exec: Exec,
        arrays: Arrays<'_>,
        part: &Part,
        Block { rows, private }: Block,
    ) -> Result<(), op::Fault> {
        let mut dims = part.dims;
        dims[0] = rows.len() * part.ratio;
        let dims = &dims[..self.instruction.dims.len()];
        let memory = |i: usize| {
            let memory = arrays.memory(self.slots[i]).unwrap_or(Memory::EMPTY);
            match part.shares[i] {
                Share::Whole => memory,
                Share::Rows(each) => memory.part(rows.start * each, rows.len() * each),
                Share::Private(each) => memory.part(private * each, rows.len() * each),
            }
        };
        // SAFETY: the caller's promise.
        unsafe { self.op(exec, dims, memory) }
    }

    /// # Safety
    /// As for [`Self::run`], of operands as `memory` says.
    #[inline]
    unsafe fn op(
        &self,
        exec: Exec,
        dims: &[usize],
        memory: impl Fn(usize) -> Memory,
    ) -> Result<(), op::Fault> {
        let Call::Op(op) = self.instruction.call else { return Ok(()) };
        // SAFETY: the caller's promise; the validator saw the precision.
        unsafe {
            if self.instruction.double {
                self.call(op.run_f64, op.parameters, exec, dims, memory)
            } else {
                self.call(op.run_f32, op.parameters, exec, dims, memory)
            }
        }
    }

    /// # Safety
    /// As for [`Self::op`]; `T` is the precision of the instruction.
    #[inline]
    unsafe fn call<T: Float>(
        &self,
        run: op::Run<T>,
        parameters: &[op::Parameter],
        exec: Exec,
        dims: &[usize],
        memory: impl Fn(usize) -> Memory,
    ) -> Result<(), op::Fault> {
        let mut operands: [Operand<'_, T>; MAX_OPERANDS] =
            [const { Operand::In(&[]) }; MAX_OPERANDS];
        for (i, (slot, parameter)) in operands.iter_mut().zip(parameters).enumerate() {
            // SAFETY: the validator saw type, length and aliases of each operand.
            *slot = unsafe { operand(parameter.access, memory(i)) };
        }
        run(exec, &mut operands[..parameters.len()], dims, &self.instruction.numbers)
    }

    /// # Safety
    /// As for [`Self::run`].
    unsafe fn update(&self, optimizer: usize, exec: Exec, arrays: Arrays<'_>) {
        let Some((&control, slots)) = self.slots.split_first() else { return };
        let Some(control) = arrays.memory(control) else { return };
        let (slots, _) = slots.as_chunks::<ARRAYS>();
        let weights = |slots: &[Slot; ARRAYS]| arrays.memory(slots[0]);
        let elements = slots.iter().filter_map(weights).map(|weights| weights.len).sum();
        // SAFETY: a control block is double precision and overlaps no array of the update.
        let control = unsafe { control.write::<f64>() };
        update_all(exec, control, slots.len(), elements, |i, group, threaded| {
            let arrays = slots[i].map(|slot| arrays.memory(slot));
            let double = arrays[0].is_some_and(|weights| weights.element == Element::F64);
            // SAFETY: the validator saw types, lengths and aliases of the arrays of all segments.
            unsafe {
                if double {
                    stepped::<f64>(exec, threaded, optimizer, group, &arrays)
                } else {
                    stepped::<f32>(exec, threaded, optimizer, group, &arrays)
                }
            }
        });
    }
}

/// # Safety
/// As for [`segment`].
unsafe fn stepped<T: Updates>(
    exec: Exec,
    threaded: bool,
    optimizer: usize,
    group: &mut Group,
    arrays: &[Option<Memory>; ARRAYS],
) -> Option<Stats> {
    // SAFETY: the caller's promise.
    let segment = unsafe { segment::<T>(arrays) }?;
    Some(optimizer::step(exec, threaded, optimizer, group, segment))
}
