#![allow(unsafe_code, reason = "what may run block by block was found out before")]

use kernels::op::{self, Op};
use kernels::{Exec, parallel};

use crate::fuse::{Blocks, Fusion};
use crate::plan::held;
use crate::step::{Arrays, Block, Slot, Step};
use crate::validate::{Call, Instruction};

/// One step, or several block by block.
pub(crate) enum Stage {
    Alone(Step),
    Together(Vec<Step>, Blocks),
}

/// The instructions as `fusions` say; `slot` tells where an operand lies that keeps so many elements.
pub(crate) fn stages(
    fusions: Vec<Fusion>,
    instructions: Vec<Instruction>,
    slot: impl Fn(Option<usize>, Option<usize>) -> Slot,
) -> Vec<Stage> {
    let mut instructions = instructions.into_iter();
    let stages = fusions.into_iter().map(|fusion| {
        let fused = instructions.by_ref().take(fusion.range.len()).enumerate();
        let steps = fused.map(|(i, instruction)| {
            let operands = instruction.operands.iter().enumerate();
            let slots = operands.map(|(n, &operand)| slot(operand, held(&fusion, i, n)));
            Step { slots: slots.collect(), instruction }
        });
        let mut steps: Vec<_> = steps.collect();
        match fusion.blocks {
            Some(blocks) => Stage::Together(steps, blocks),
            None => Stage::Alone(steps.remove(0)),
        }
    });
    stages.collect()
}

impl Stage {
    /// The numbers of instructions that run together.
    pub(crate) fn fused(&self) -> Option<Vec<usize>> {
        match self {
            Self::Alone(_) => None,
            Self::Together(steps, _) => {
                Some(steps.iter().map(|step| step.instruction.number).collect())
            }
        }
    }

    /// # Safety
    /// The validator saw all instructions, and their arrays are there, aligned, and nothing else writes
    /// them.
    pub(crate) unsafe fn run(
        &self,
        exec: Exec,
        arrays: Arrays<'_>,
    ) -> Result<(), (&'static Op, op::Fault)> {
        match self {
            // SAFETY: the caller's promise.
            Self::Alone(step) => match (unsafe { step.run(exec, arrays) }, step.instruction.call) {
                (Err(fault), Call::Op(op)) => Err((op, fault)),
                _ => Ok(()),
            },
            Self::Together(steps, blocks) => {
                // SAFETY: as above.
                unsafe { together(steps, blocks, exec, arrays) };
                Ok(())
            }
        }
    }
}

/// Runs steps block by block, in pieces that threads share.
///
/// # Safety
/// As for [`Stage::run`].
unsafe fn together(steps: &[Step], blocks: &Blocks, exec: Exec, arrays: Arrays<'_>) {
    let &Blocks { rows, width, block, piece, ref parts } = blocks;
    let alone = Exec { threads: 1, ..exec };
    parallel::run(exec, rows * width, |threaded| {
        parallel::for_each_block(threaded, blocks.pieces(), (), &|number, ()| {
            let end = rows.min((number + 1) * piece);
            for start in (number * piece..end).step_by(block) {
                let block = Block { rows: start..end.min(start + block), private: number * block };
                for (step, part) in steps.iter().zip(parts) {
                    // SAFETY: operands of different blocks are apart, and so are the private ones of
                    // different pieces; `fuse` saw that no instruction needs another block's rows.
                    let ran = unsafe { step.run_rows(alone, arrays, part, block.clone()) };
                    assert!(ran.is_ok(), "an operation by rows takes all values");
                }
            }
        });
    });
}
