#![allow(unsafe_code, reason = "operands are borrowed here, after the checks that make it sound")]

use std::ops::Range;

use kernels::Exec;
use kernels::op::{self, Op};

use crate::alive::Alive;
use crate::code::{Buffer, Code, Place};
use crate::fuse::{Cut, fuse};
use crate::live::live;
use crate::memory::{Element, Memory, Workspace};
use crate::plan::{Plan, plan};
use crate::stage::{Stage, stages};
use crate::step::{Arrays, Slot};
use crate::validate::{Instruction, Invalid, validate};

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

/// A validated list of kernel calls over bound arrays, arguments and memory of its own.
pub struct Program {
    stages: Vec<Stage>,
    /// Owns what fixed slots point into.
    _workspace: Workspace,
    plan: Plan,
    /// The bound arrays as they were when they were checked.
    bound: Vec<Memory>,
    /// Those of the bound arrays that it writes.
    writes: Vec<usize>,
    /// From the first to the last byte of those, once that has been looked for.
    written: Option<Range<usize>>,
    /// Element type and length of each argument.
    arguments: Vec<Option<(Element, usize)>>,
    _alive: Alive,
}

impl Program {
    /// Checks everything that `words` and `constants` say over the `bound` arrays.
    ///
    /// # Errors
    /// [`Invalid`] if anything is wrong, or if there is no memory for the temporaries.
    pub fn new(words: &[u32], constants: &[f64], bound: &[Memory]) -> Result<Self, Invalid> {
        Self::cut(words, constants, bound, Cut::default())
    }

    /// The same, cut in blocks of another size: no bit of what it computes depends on it.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn cut(
        words: &[u32],
        constants: &[f64],
        bound: &[Memory],
        cut: Cut,
    ) -> Result<Self, Invalid> {
        let code = Code::read(words, constants)?;
        let instructions = live(&code.buffers, validate(&code, bound)?);
        let fusions = fuse(&code.buffers, bound, &instructions, cut);
        let plan = plan(&code.buffers, &instructions, &fusions)
            .filter(|plan| plan.bytes <= MAX_BYTES)
            .ok_or(Invalid::new("temporaries", "of more bytes than there are"))?;
        let workspace = Workspace::of(plan.bytes)
            .ok_or(Invalid::new("temporaries", "of more bytes than there are"))?;
        let arguments = kinds_of_arguments(&code)?;
        let writes = written_by(&code.buffers, &instructions);
        let slot = |operand: Option<usize>, held: Option<usize>| {
            let Some(Buffer { place, element, len }) = operand.map(|i| code.buffers[i]) else {
                return Slot::Absent;
            };
            match place {
                Place::Temporary(number) => {
                    let len = held.unwrap_or(len);
                    Slot::Fixed(workspace.at(plan.offsets[number], element, len))
                }
                Place::Bound(number) => Slot::Bound(number),
                Place::Argument(number) => Slot::Argument(number),
            }
        };
        let stages = stages(fusions, instructions, slot);
        let bound = bound.to_vec();
        Ok(Self {
            stages,
            _workspace: workspace,
            plan,
            bound,
            writes,
            written: None,
            arguments,
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

    /// The numbers of the instructions that run together, block by block.
    pub fn fused(&self) -> impl Iterator<Item = Vec<usize>> {
        self.stages.iter().filter_map(Stage::fused)
    }

    /// The bound arrays. One may be replaced by one of its type and length that shares memory with
    /// the others as it did: the same array, found again.
    pub fn bound_mut(&mut self) -> &mut [Memory] {
        self.written = None;
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
        let written = self.written.take().unwrap_or_else(|| self.written());
        for (i, (memory, kind)) in arguments.iter().zip(&self.arguments).enumerate() {
            if kind.is_some_and(|kind| kind != (memory.element, memory.len)) {
                return Err(Fault::Argument(i));
            }
            let bytes = memory.bytes();
            let near = bytes.start < written.end && written.start < bytes.end;
            if near && self.writes.iter().any(|&number| self.bound[number].overlaps(memory)) {
                return Err(Fault::Alias(i));
            }
        }
        self.written = Some(written);
        let arrays = Arrays { bound: &self.bound, arguments };
        for stage in &self.stages {
            // SAFETY: the validator saw types, lengths and aliases; the caller promises the rest.
            unsafe { stage.run(exec, arrays) }.map_err(|(op, fault)| Fault::Op(op, fault))?;
        }
        Ok(())
    }

    /// From the first to the last byte of the bound arrays that are written.
    fn written(&self) -> Range<usize> {
        let bytes = self.writes.iter().map(|&number| self.bound[number].bytes());
        bytes
            .reduce(|one, other| one.start.min(other.start)..one.end.max(other.end))
            .unwrap_or_default()
    }
}

/// Element type and length of each argument, which are those of all buffers that lie in it.
fn kinds_of_arguments(code: &Code<'_>) -> Result<Vec<Option<(Element, usize)>>, Invalid> {
    let mut arguments = vec![None; code.arguments];
    for &Buffer { place, element, len } in &code.buffers {
        let Place::Argument(number) = place else { continue };
        if *arguments[number].get_or_insert((element, len)) != (element, len) {
            return Err(Invalid::new("argument", "of two types or lengths"));
        }
    }
    Ok(arguments)
}

/// The bound arrays that instructions write, by number.
fn written_by(buffers: &[Buffer], instructions: &[Instruction]) -> Vec<usize> {
    let uses = instructions.iter().flat_map(Instruction::uses);
    let mut writes: Vec<usize> = uses
        .filter_map(|(buffer, access)| match buffers[buffer].place {
            Place::Bound(number) if access.writes() => Some(number),
            _ => None,
        })
        .collect();
    writes.sort_unstable();
    writes.dedup();
    writes
}
