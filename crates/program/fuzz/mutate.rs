use program::{ABSENT, Element};

use super::case::{Case, Over};
use super::code::Code;
use super::draw::Draw;

/// Changes one thing about `case`; `other` is where foreign pieces come from.
pub(crate) fn mutate(draw: &mut Draw, case: &mut Case, other: &Case) {
    match draw.below(5) {
        0 | 1 => word(draw, &mut case.words, &other.words),
        2 => bound(draw, case),
        _ => instruction(draw, case, other),
    }
    if draw.once_in(8) && !case.constants.is_empty() {
        let at = draw.below(case.constants.len());
        case.constants[at] = draw.number();
    }
}

/// One change that knows nothing of what words mean.
fn word(draw: &mut Draw, words: &mut Vec<u32>, other: &[u32]) {
    const INTERESTING: [u32; 14] =
        [0, 1, 2, 3, 4, 16, 31, 255, 256, 65_535, i32::MAX as u32, 1 << 31, ABSENT - 1, ABSENT];
    if words.is_empty() {
        return words.extend(other);
    }
    let (at, to) = (draw.below(words.len()), draw.below(words.len()));
    match draw.below(9) {
        0 => words[at] ^= 1 << draw.below(32),
        1 => words[at] = draw.pick(&INTERESTING),
        2 => words[at] = words[at].wrapping_add(1),
        3 => words[at] = words[at].wrapping_sub(1),
        4 => words.swap(at, to),
        5 => words.truncate(at),
        6 => drop(words.drain(at.min(to)..at.max(to))),
        7 => words.insert(at, draw.word() % 40),
        _ if other.is_empty() => {}
        _ => {
            let from = draw.below(other.len());
            let taken = other[from..].iter().take(1 + draw.below(12)).copied();
            let end = (at + draw.below(12)).min(words.len());
            words.splice(at..end, taken);
        }
    }
}

/// Another bound array, or one that lies in another.
fn bound(draw: &mut Draw, case: &mut Case) {
    if case.bound.is_empty() {
        return;
    }
    let at = draw.below(case.bound.len());
    let over = (at > 0).then(|| Over { array: draw.below(at), start: draw.pick(&[0, 0, 1, 2, 5]) });
    let array = &mut case.bound[at];
    match draw.below(4) {
        0 => array.element = draw.pick(&Element::ALL),
        1 => array.len = draw.below(20),
        _ => array.over = over,
    }
}

/// One change of the program's sense: an operand, a buffer, an instruction.
fn instruction(draw: &mut Draw, case: &mut Case, other: &Case) {
    let Some(mut code) = Code::read(&case.words, &case.constants) else { return };
    let (buffers, instructions) = (code.buffers.len(), code.instructions.len());
    if buffers == 0 || instructions == 0 {
        return;
    }
    let (at, to) = (draw.below(instructions), draw.below(instructions));
    let buffer = draw.below(buffers);
    match draw.below(9) {
        0 | 1 => {
            let operands = &mut code.instructions[at].operands;
            if !operands.is_empty() {
                let i = draw.below(operands.len());
                operands[i] = if draw.once_in(8) { ABSENT } else { buffer as u32 };
            }
        }
        2 => code.buffers[buffer].place = draw.below(3) as u32,
        3 => code.buffers[buffer].element = draw.below(3) as u32,
        4 => code.buffers[buffer].number = code.buffers[draw.below(buffers)].number,
        5 => code.instructions.swap(at, to),
        6 => code.instructions.insert(to, code.instructions[at].clone()),
        7 => drop(code.instructions.remove(at)),
        _ => {
            // A foreign instruction, over buffers of this program.
            let Some(foreign) = Code::read(&other.words, &other.constants) else { return };
            if foreign.instructions.is_empty() {
                return;
            }
            let mut taken = foreign.instructions[draw.below(foreign.instructions.len())].clone();
            for operand in taken.operands.iter_mut().filter(|operand| **operand != ABSENT) {
                *operand = draw.below(buffers) as u32;
            }
            code.instructions.insert(at, taken);
        }
    }
    (case.words, case.constants) = code.write();
}
