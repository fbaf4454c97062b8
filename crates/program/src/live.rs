//! Instructions whose outcome nobody sees are left out.

use crate::code::{Buffer, Place};
use crate::validate::Instruction;

/// The instructions that write what lies outside, or what a later one of them reads.
pub(crate) fn live(buffers: &[Buffer], instructions: Vec<Instruction>) -> Vec<Instruction> {
    let mut read = vec![false; buffers.len()];
    let mut live: Vec<Instruction> = instructions
        .into_iter()
        .rev()
        .filter(|instruction| {
            let seen = instruction.uses().any(|(buffer, access)| {
                access.writes()
                    && (read[buffer] || !matches!(buffers[buffer].place, Place::Temporary(_)))
            });
            // What checks values has an outcome too: it may stop the run.
            let kept = seen || instruction.may_fault();
            if kept {
                for (buffer, _) in instruction.uses() {
                    read[buffer] = true;
                }
            }
            kept
        })
        .collect();
    live.reverse();
    live
}
