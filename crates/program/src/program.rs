#![allow(unsafe_code, reason = "operands are borrowed here, after the checks that make it sound")]

use kernels::float::Float;
use kernels::op::{self, Op, Operand};
use kernels::optimizer::{self, Group, Stats, Updates, update_all};
use kernels::{Exec, parallel};

use crate::alive::Alive;
use crate::code::{Code, Place};
use crate::live::live;
use crate::memory::{ARRAYS, Element, Memory, Workspace, operand, segment};
use crate::plan::{Plan, plan};
use crate::validate::{Call, Instruction, Invalid, validate};

/// Most operands of an operation.
const MAX_OPERANDS: usize = 6;

const _: () = {
    let mut i = 0;
    while i < op::OPS.len() {
        assert!(op::OPS[i].parameters.len() <= MAX_OPERANDS);
        i += 1;
    }
};

/// Most bytes of temporaries: far above what a step needs, far below what overflows.
const MAX_BYTES: usize = 1 << 40;

/// What stopped a run.
#[derive(Clone, Copy)]
pub enum Fault {
    /// Another number of arguments.
    Arguments,
    /// An argument of another type or length.
    Argument(usize),
    /// An argument shares memory with an array that the program writes.
    Alias(usize),
    /// An operation found its values wrong; what ran before it has run.
    Op(&'static Op, op::Fault),
}

/// Where an operand lies, settled as far as it can be before a call.
#[derive(Clone, Copy)]
enum Slot {
    Fixed(Memory),
    Bound(usize),
    Argument(usize),
    Absent,
}

struct Step {
    instruction: Instruction,
    slots: Vec<Slot>,
}

/// A validated list of kernel calls over bound arrays, arguments and memory of its own.
pub struct Program {
    steps: Vec<Step>,
    /// Owns what fixed slots point into.
    _workspace: Workspace,
    plan: Plan,
    /// The bound arrays as they were when they were checked.
    bound: Vec<Memory>,
    /// Those of the bound arrays that it writes.
    writes: Vec<usize>,
    /// Element type and length of each argument.
    arguments: Vec<Option<(Element, usize)>>,
    /// Multiply-adds of its largest instruction: whether threads can pay at all.
    heaviest: usize,
    _alive: Alive,
}

impl Program {
    /// Checks everything that `words` and `constants` say over the `bound` arrays.
    ///
    /// # Errors
    /// [`Invalid`] if anything is wrong, or if there is no memory for the temporaries.
    pub fn new(words: &[u32], constants: &[f64], bound: &[Memory]) -> Result<Self, Invalid> {
        let code = Code::read(words, constants)?;
        let instructions = live(&code.buffers, validate(&code, bound)?);
        let plan = plan(&code.buffers, &instructions)
            .filter(|plan| plan.bytes <= MAX_BYTES)
            .ok_or(Invalid::new("temporaries", "of more bytes than there are"))?;
        let workspace = Workspace::of(plan.bytes)
            .ok_or(Invalid::new("temporaries", "of more bytes than there are"))?;
        let mut arguments = vec![None; code.arguments];
        for buffer in &code.buffers {
            let Place::Argument(number) = buffer.place else { continue };
            let kind = (buffer.element, buffer.len);
            if *arguments[number].get_or_insert(kind) != kind {
                return Err(Invalid::new("argument", "of two types or lengths"));
            }
        }
        let mut writes: Vec<usize> = Vec::new();
        for (buffer, access) in instructions.iter().flat_map(Instruction::uses) {
            if let Place::Bound(number) = code.buffers[buffer].place
                && access.writes()
            {
                writes.push(number);
            }
        }
        writes.sort_unstable();
        writes.dedup();
        let slot = |operand: Option<usize>| {
            let Some(buffer) = operand.map(|operand| code.buffers[operand]) else {
                return Slot::Absent;
            };
            match buffer.place {
                Place::Temporary(number) => {
                    Slot::Fixed(workspace.at(plan.offsets[number], buffer.element, buffer.len))
                }
                Place::Bound(number) => Slot::Bound(number),
                Place::Argument(number) => Slot::Argument(number),
            }
        };
        let steps: Vec<Step> = instructions
            .into_iter()
            .map(|instruction| {
                let slots = instruction.operands.iter().map(|&operand| slot(operand)).collect();
                Step { instruction, slots }
            })
            .collect();
        let heaviest = steps.iter().map(|step| work(&step.instruction)).max().unwrap_or(0);
        let bound = bound.to_vec();
        Ok(Self {
            steps,
            _workspace: workspace,
            plan,
            bound,
            writes,
            arguments,
            heaviest,
            _alive: Alive::new(),
        })
    }

    /// Bytes of the temporaries as planned, and as they would be side by side.
    pub fn bytes(&self) -> (usize, usize) {
        (self.plan.bytes, self.plan.apart)
    }

    /// How many arguments a call takes.
    pub fn arguments(&self) -> usize {
        self.arguments.len()
    }

    /// The bound arrays. One may be replaced by one of its type and length that shares memory with
    /// the others as it did: the same array, found again.
    pub fn bound_mut(&mut self) -> &mut [Memory] {
        &mut self.bound
    }

    /// Runs all instructions in order.
    ///
    /// # Safety
    /// The bound arrays and the arguments are there, aligned, for the whole run, and nothing else
    /// writes them.
    ///
    /// # Errors
    /// [`Fault`] if an argument is wrong, before anything runs, or if an operation found its values
    /// wrong.
    pub unsafe fn run(&mut self, exec: Exec, arguments: &[Memory]) -> Result<(), Fault> {
        if arguments.len() != self.arguments.len() {
            return Err(Fault::Arguments);
        }
        for (i, (memory, kind)) in arguments.iter().zip(&self.arguments).enumerate() {
            if kind.is_some_and(|kind| kind != (memory.element, memory.len)) {
                return Err(Fault::Argument(i));
            }
            if self.writes.iter().any(|&number| self.bound[number].overlaps(memory)) {
                return Err(Fault::Alias(i));
            }
        }
        let program = &*self;
        let run = || {
            for step in &program.steps {
                // SAFETY: the validator saw types, lengths and aliases; the caller promises the rest.
                unsafe { program.step(exec, step, arguments) }?;
            }
            Ok(())
        };
        // Entered once for all instructions: entering is what costs (bench/RESULTS.md).
        parallel::within(exec, program.heaviest, run)
    }

    fn memory(&self, slot: Slot, arguments: &[Memory]) -> Option<Memory> {
        match slot {
            Slot::Fixed(memory) => Some(memory),
            Slot::Bound(number) => Some(self.bound[number]),
            Slot::Argument(number) => Some(arguments[number]),
            Slot::Absent => None,
        }
    }

    /// # Safety
    /// As for [`Self::run`].
    unsafe fn step(&self, exec: Exec, step: &Step, arguments: &[Memory]) -> Result<(), Fault> {
        match step.instruction.call {
            // SAFETY: as above.
            Call::Op(op) if step.instruction.double => unsafe {
                self.op::<f64>(op, op.run_f64, exec, step, arguments)
            },
            // SAFETY: as above.
            Call::Op(op) => unsafe { self.op::<f32>(op, op.run_f32, exec, step, arguments) },
            Call::Update(optimizer) => {
                // SAFETY: as above.
                unsafe { self.update(optimizer, exec, step, arguments) };
                Ok(())
            }
        }
    }

    /// # Safety
    /// As for [`Self::run`]; `T` is the precision of the instruction.
    unsafe fn op<T: Float>(
        &self,
        op: &'static Op,
        run: op::Run<T>,
        exec: Exec,
        Step { instruction, slots }: &Step,
        arguments: &[Memory],
    ) -> Result<(), Fault> {
        let mut operands: [Operand<'_, T>; MAX_OPERANDS] =
            [const { Operand::In(&[]) }; MAX_OPERANDS];
        for ((slot, &place), parameter) in operands.iter_mut().zip(slots).zip(op.parameters) {
            let memory = self.memory(place, arguments).unwrap_or(Memory::EMPTY);
            // SAFETY: the validator saw type, length and aliases of each operand.
            *slot = unsafe { operand(parameter.access, memory) };
        }
        run(exec, &mut operands[..slots.len()], &instruction.dims, &instruction.numbers)
            .map_err(|fault| Fault::Op(op, fault))
    }

    /// # Safety
    /// As for [`Self::run`].
    unsafe fn update(&self, optimizer: usize, exec: Exec, step: &Step, arguments: &[Memory]) {
        let Some((&control, slots)) = step.slots.split_first() else { return };
        let Some(control) = self.memory(control, arguments) else { return };
        let (slots, _) = slots.as_chunks::<ARRAYS>();
        let arrays = |i: usize| slots[i].map(|slot| self.memory(slot, arguments));
        let weights = |i: usize| self.memory(slots[i][0], arguments);
        let elements = (0..slots.len()).filter_map(weights).map(|weights| weights.len).sum();
        // SAFETY: a control block is double precision and overlaps no array of the update.
        let control = unsafe { control.write::<f64>() };
        update_all(exec, control, slots.len(), elements, |i, group, threaded| {
            let arrays = arrays(i);
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

/// Elements that an instruction touches, or its multiply-adds.
fn work(instruction: &Instruction) -> usize {
    instruction.dims.iter().fold(1, |product: usize, &dim| product.saturating_mul(dim.max(1)))
}
