//! Where temporaries lie: two that never live at the same time may share memory.

use std::ops::RangeInclusive;

use crate::code::{Buffer, Place};
use crate::fuse::{Fusion, Share};
use crate::memory::ALIGN;
use crate::validate::Instruction;

/// Places of the temporaries.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Bytes from the start, by the number of the temporary.
    pub(crate) offsets: Vec<usize>,
    /// Bytes in all.
    pub(crate) bytes: usize,
    /// Bytes that they would take side by side.
    pub(crate) apart: usize,
}

struct Life {
    number: usize,
    bytes: usize,
    /// The first and last of the fusions that use it: within one, blocks of several instructions alternate.
    at: RangeInclusive<usize>,
}

/// Largest first, each at the lowest place that is free while it lives; `None` if the sizes overflow.
pub(crate) fn plan(
    buffers: &[Buffer],
    instructions: &[Instruction],
    fusions: &[Fusion],
) -> Option<Plan> {
    let (mut lives, apart) = lives(buffers, instructions, fusions)?;
    lives.sort_by_key(|life| (std::cmp::Reverse(life.bytes), *life.at.start()));
    let mut plan = Plan { offsets: vec![0; buffers.len()], bytes: 0, apart };
    let mut placed: Vec<(usize, &Life)> = Vec::new();
    for life in &lives {
        let mut offset = 0;
        // `placed` is sorted by offset: step over whatever is in the way.
        for &(start, other) in &placed {
            if other.at.start() > life.at.end() || life.at.start() > other.at.end() {
                continue;
            }
            if start >= offset + life.bytes {
                break;
            }
            offset = offset.max(start + other.bytes);
        }
        let end = offset.checked_add(life.bytes)?;
        plan.offsets[life.number] = offset;
        plan.bytes = plan.bytes.max(end);
        let at = placed.partition_point(|&(start, _)| start <= offset);
        placed.insert(at, (offset, life));
    }
    Some(plan)
}

/// When each temporary is first and last used, and the bytes of all of them at their full length; those
/// that nobody uses have no place.
fn lives(
    buffers: &[Buffer],
    instructions: &[Instruction],
    fusions: &[Fusion],
) -> Option<(Vec<Life>, usize)> {
    let mut lives: Vec<Option<Life>> = buffers.iter().map(|_| None).collect();
    let mut apart = 0_usize;
    for (at, fusion) in fusions.iter().enumerate() {
        for (i, instruction) in instructions[fusion.range.clone()].iter().enumerate() {
            for (operand, buffer) in instruction.operands.iter().enumerate() {
                let Some(Buffer { place: Place::Temporary(number), element, len }) =
                    buffer.map(|buffer| buffers[buffer])
                else {
                    continue;
                };
                let padded =
                    |len: usize| len.checked_mul(element.bytes())?.checked_next_multiple_of(ALIGN);
                if lives[number].is_none() {
                    apart = apart.checked_add(padded(len)?)?;
                    let bytes = padded(held(fusion, i, operand).unwrap_or(len))?;
                    lives[number] = Some(Life { number, bytes, at: at..=at });
                }
                if let Some(life) = &mut lives[number] {
                    life.at = *life.at.start()..=at;
                }
            }
        }
    }
    Some((lives.into_iter().flatten().collect(), apart))
}

/// Elements that a temporary keeps of its length: `None` if all.
pub(crate) fn held(fusion: &Fusion, instruction: usize, operand: usize) -> Option<usize> {
    let blocks = fusion.blocks.as_ref()?;
    match blocks.parts[instruction].shares[operand] {
        Share::Private(each) => Some(each * blocks.private_rows()),
        Share::Whole | Share::Rows(_) => None,
    }
}
