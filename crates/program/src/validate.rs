//! Everything that a kernel relies on, checked once: whatever words arrive, no kernel sees an operand
//! of another type or length than its entry says, two of one memory of which it writes one, or a
//! temporary that nothing has written yet.

use std::fmt::{self, Display};

use kernels::op::{Access, OPS, Op};
use kernels::optimizer::{GROUP_WIDTH, OPTIMIZERS, ROW_WIDTH};

use crate::code::{ABSENT, Buffer, Code, Place, Words};
use crate::memory::{ARRAYS, Element, Memory};

/// Why bytecode was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// What is wrong: an operation, or a part of the bytecode.
    pub what: &'static str,
    /// What is wrong with it.
    pub why: &'static str,
}

impl Invalid {
    /// What [`Self::why`] says where an operation writes into an argument: not a fault of the
    /// bytecode, but of a caller who gives as an argument what the step updates.
    pub const ARGUMENT_WRITTEN: &str = "an argument is written";

    pub(crate) const fn new(what: &'static str, why: &'static str) -> Self {
        Self { what, why }
    }
}

impl Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}

/// What an instruction runs.
#[derive(Clone, Copy)]
pub(crate) enum Call {
    Op(&'static Op),
    /// An update by the optimizer of this number: the control block, then segments.
    Update(usize),
}

impl Call {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Op(op) => op.name,
            Self::Update(optimizer) => OPTIMIZERS[optimizer].name,
        }
    }

    /// What it does with operand `i`.
    pub(crate) fn access(self, i: usize) -> Access {
        match self {
            Self::Op(op) => op.parameters[i].access,
            Self::Update(_) if i == 0 => Access::State,
            Self::Update(_) if (i - 1) % ARRAYS == 1 => Access::In,
            Self::Update(_) => Access::Update,
        }
    }
}

/// An instruction that was found valid.
pub(crate) struct Instruction {
    /// Its number in the bytecode.
    pub(crate) number: usize,
    pub(crate) call: Call,
    /// Numbers of buffers; `None` for an array of state that is not used.
    pub(crate) operands: Vec<Option<usize>>,
    pub(crate) dims: Vec<usize>,
    pub(crate) numbers: Vec<f64>,
    /// Whether it computes in double precision.
    pub(crate) double: bool,
}

impl Instruction {
    /// Whether it looks at values and may stop the run: it reads labels, or writes nothing.
    pub(crate) fn may_fault(&self) -> bool {
        let mut uses = self.uses();
        uses.clone().any(|(_, access)| access == Access::Labels)
            || !uses.any(|(_, access)| access.writes())
    }

    /// Its operands that are there, with what it does with them.
    pub(crate) fn uses(&self) -> impl Iterator<Item = (usize, Access)> + Clone + '_ {
        let operands = self.operands.iter().enumerate();
        operands.filter_map(|(i, &buffer)| Some((buffer?, self.call.access(i))))
    }
}

const fn reads(access: Access) -> bool {
    !matches!(access, Access::Out | Access::Order | Access::Figures)
}

/// The instructions of `code` over these bound arrays.
pub(crate) fn validate(code: &Code<'_>, bound: &[Memory]) -> Result<Vec<Instruction>, Invalid> {
    for buffer in &code.buffers {
        if let Place::Bound(number) = buffer.place {
            let memory = bound.get(number).ok_or(Invalid::new("buffer", "bound to no array"))?;
            if memory.element != buffer.element || memory.len != buffer.len {
                return Err(Invalid::new("buffer", "bound to an array of another type or length"));
            }
        }
    }
    let mut written = vec![false; code.temporaries];
    let mut instructions = Vec::with_capacity(code.instructions.len());
    for (number, words) in code.instructions.iter().enumerate() {
        let instruction = decode(&code.buffers, number, words)?;
        let what = instruction.call.name();
        for (buffer, access) in instruction.uses() {
            match code.buffers[buffer].place {
                Place::Temporary(number) if reads(access) && !written[number] => {
                    return Err(Invalid::new(what, "a temporary is read before it is written"));
                }
                Place::Argument(_) if access.writes() => {
                    return Err(Invalid::new(what, Invalid::ARGUMENT_WRITTEN));
                }
                _ => {}
            }
        }
        disjoint(&code.buffers, bound, &instruction)?;
        for (buffer, access) in instruction.uses() {
            if let Place::Temporary(number) = code.buffers[buffer].place {
                written[number] |= access.writes();
            }
        }
        instructions.push(instruction);
    }
    Ok(instructions)
}

fn decode(buffers: &[Buffer], number: usize, words: &Words<'_>) -> Result<Instruction, Invalid> {
    let op = words.op as usize;
    let operands = words
        .operands
        .iter()
        .map(|&operand| match operand {
            ABSENT => Ok(None),
            _ if (operand as usize) < buffers.len() => Ok(Some(operand as usize)),
            _ => Err(Invalid::new("operand", "no buffer that there is")),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let dims: Vec<usize> = words.dims.iter().map(|&dim| dim as usize).collect();
    let numbers = words.numbers.to_vec();
    let (call, double) = if let Some(op) = OPS.get(op) {
        (Call::Op(op), op_precision(op, buffers, &operands, &dims, &numbers)?)
    } else if op - OPS.len() < OPTIMIZERS.len() {
        let optimizer = op - OPS.len();
        if !dims.is_empty() || !numbers.is_empty() {
            return Err(Invalid::new("update", "with dimensions or numbers"));
        }
        check_update(optimizer, buffers, &operands)?;
        (Call::Update(optimizer), false)
    } else {
        return Err(Invalid::new("instruction", "no operation that there is"));
    };
    Ok(Instruction { number, call, operands, dims, numbers, double })
}

/// Whether an operation computes in double precision, its operands being right.
fn op_precision(
    op: &'static Op,
    buffers: &[Buffer],
    operands: &[Option<usize>],
    dims: &[usize],
    numbers: &[f64],
) -> Result<bool, Invalid> {
    let wrong = |why| Err(Invalid::new(op.name, why));
    if operands.len() != op.parameters.len() {
        return wrong("another number of operands");
    }
    if dims.len() != op.dims.len() || numbers.len() != op.numbers.len() {
        return wrong("another number of dimensions or numbers");
    }
    let mut precision = None;
    for (&operand, parameter) in operands.iter().zip(op.parameters) {
        let Some(operand) = operand else { return wrong("an operand is absent") };
        let Buffer { element, len, .. } = buffers[operand];
        let right = match parameter.access {
            Access::Labels | Access::Order | Access::Reorder => element == Element::I32,
            Access::Figures | Access::Live | Access::State => element == Element::F64,
            Access::In | Access::Out | Access::Update => {
                element != Element::I32 && *precision.get_or_insert(element) == element
            }
        };
        if !right {
            return wrong("an operand of another type");
        }
        if (parameter.len)(dims) != Some(len) {
            return wrong("an operand of another length");
        }
    }
    Ok(precision == Some(Element::F64))
}

fn check_update(
    optimizer: usize,
    buffers: &[Buffer],
    operands: &[Option<usize>],
) -> Result<(), Invalid> {
    let spec = &OPTIMIZERS[optimizer];
    let wrong = |why| Err(Invalid::new(spec.name, why));
    let Some((&Some(control), arrays)) = operands.split_first() else {
        return wrong("no control block");
    };
    let (segments, rest) = arrays.as_chunks::<ARRAYS>();
    if !rest.is_empty() {
        return wrong("a segment is cut off");
    }
    let Buffer { element, len, .. } = buffers[control];
    let rows = segments.len() * ROW_WIDTH;
    if element != Element::F64
        || len < rows + GROUP_WIDTH
        || !(len - rows).is_multiple_of(GROUP_WIDTH)
    {
        return wrong("a control block of another size or type");
    }
    for segment in segments {
        let [Some(weights), ..] = *segment else {
            if segment.iter().any(Option::is_some) {
                return wrong("a segment without weights");
            }
            continue;
        };
        let Buffer { element, len, .. } = buffers[weights];
        if element == Element::I32 {
            return wrong("weights of whole numbers");
        }
        for (i, slot) in segment.iter().enumerate() {
            match slot.map(|buffer| buffers[buffer]) {
                None if i < 2 + spec.required => return wrong("an array of state is absent"),
                Some(_) if i >= 2 + spec.state.len() => {
                    return wrong("one array of state too many");
                }
                Some(array) if array.element != element || array.len != len => {
                    return wrong("arrays of different types or lengths");
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// An error if an operand that is written shares memory with another one. Two temporaries that are
/// operands of one instruction live at the same time, so the plan keeps them apart; an argument is
/// compared with the arrays that are written when it is given.
fn disjoint(
    buffers: &[Buffer],
    bound: &[Memory],
    instruction: &Instruction,
) -> Result<(), Invalid> {
    let shared = Invalid::new(instruction.call.name(), "an operand that is written is shared");
    let mut temporaries = Vec::new();
    let mut arrays = Vec::new();
    for (buffer, access) in instruction.uses() {
        match buffers[buffer].place {
            Place::Temporary(number) => temporaries.push((number, access.writes())),
            Place::Bound(number) => arrays.push((bound[number], access.writes())),
            Place::Argument(_) => {}
        }
    }
    temporaries.sort_unstable();
    if temporaries.windows(2).any(|pair| pair[0].0 == pair[1].0 && (pair[0].1 || pair[1].1)) {
        return Err(shared);
    }
    arrays.retain(|(memory, _)| memory.len > 0);
    arrays.sort_unstable_by_key(|(memory, _)| memory.address());
    for (i, (memory, written)) in arrays.iter().enumerate() {
        let overlapping = arrays[i + 1..].iter().take_while(|(next, _)| memory.overlaps(next));
        if overlapping.into_iter().any(|(_, also)| *written || *also) {
            return Err(shared);
        }
    }
    Ok(())
}
