//! Where temporaries lie: two that never live at the same time may share memory.

use std::ops::RangeInclusive;

use crate::code::{Buffer, Place};
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
    at: RangeInclusive<usize>,
}

/// Largest first, each at the lowest place that is free while it lives; `None` if the sizes overflow.
pub(crate) fn plan(buffers: &[Buffer], instructions: &[Instruction]) -> Option<Plan> {
    let mut lives = lives(buffers, instructions)?;
    lives.sort_by_key(|life| (std::cmp::Reverse(life.bytes), *life.at.start()));
    let mut plan = Plan { offsets: vec![0; buffers.len()], bytes: 0, apart: 0 };
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
        plan.apart = plan.apart.checked_add(life.bytes)?;
        let at = placed.partition_point(|&(start, _)| start <= offset);
        placed.insert(at, (offset, life));
    }
    Some(plan)
}

/// When each temporary is first and last used; those that nobody uses have no place.
fn lives(buffers: &[Buffer], instructions: &[Instruction]) -> Option<Vec<Life>> {
    let mut lives: Vec<Option<Life>> = buffers.iter().map(|_| None).collect();
    for (i, instruction) in instructions.iter().enumerate() {
        for (buffer, _) in instruction.uses() {
            let Buffer { place: Place::Temporary(number), element, len } = buffers[buffer] else {
                continue;
            };
            let bytes = len.checked_mul(element.bytes())?.checked_next_multiple_of(ALIGN)?;
            let life = lives[number].get_or_insert(Life { number, bytes, at: i..=i });
            life.at = *life.at.start()..=i;
        }
    }
    Some(lives.into_iter().flatten().collect())
}
