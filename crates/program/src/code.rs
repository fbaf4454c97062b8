use crate::memory::Element;
use crate::validate::Invalid;

/// First word of bytecode.
pub const MAGIC: u32 = 0x5249_4447;
/// Second word: what this crate reads.
pub const VERSION: u32 = 1;
/// The operand that is not there: an array of state that an optimizer does not use.
pub const ABSENT: u32 = u32::MAX;

/// Where a buffer lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the program's own memory; its number among the temporaries.
    Temporary(usize),
    /// Bound once: its number.
    Bound(usize),
    /// Given at each call: its number.
    Argument(usize),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Buffer {
    pub(crate) place: Place,
    pub(crate) element: Element,
    pub(crate) len: usize,
}

/// An instruction as it was written; nothing of it is checked.
#[derive(Debug)]
pub(crate) struct Words<'a> {
    pub(crate) op: u32,
    pub(crate) operands: &'a [u32],
    pub(crate) dims: &'a [u32],
    pub(crate) numbers: &'a [f64],
}

/// Bytecode taken apart: magic, version, number of buffers, number of instructions; four words a
/// buffer (place, element, length, number); for each instruction its operation, then three lists,
/// each behind its length: operands, dimensions, and how many constants it takes in turn.
#[derive(Debug)]
pub(crate) struct Code<'a> {
    pub(crate) buffers: Vec<Buffer>,
    pub(crate) instructions: Vec<Words<'a>>,
    pub(crate) temporaries: usize,
    pub(crate) arguments: usize,
}

struct Reader<'a> {
    words: &'a [u32],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u32], Invalid> {
        let (taken, rest) =
            self.words.split_at_checked(count).ok_or(Invalid::new("bytecode", "cut off"))?;
        self.words = rest;
        Ok(taken)
    }

    fn word(&mut self) -> Result<u32, Invalid> {
        self.take(1).map(|words| words[0])
    }

    fn list(&mut self) -> Result<&'a [u32], Invalid> {
        let count = self.word()? as usize;
        self.take(count)
    }
}

impl<'a> Code<'a> {
    pub(crate) fn read(words: &'a [u32], mut constants: &'a [f64]) -> Result<Self, Invalid> {
        let mut reader = Reader { words };
        if reader.take(2)? != [MAGIC, VERSION] {
            return Err(Invalid::new("bytecode", "of another version"));
        }
        let (buffers, instructions) = (reader.word()?, reader.word()?);
        let mut code =
            Self { buffers: Vec::new(), instructions: Vec::new(), temporaries: 0, arguments: 0 };
        for _ in 0..buffers {
            let &[place, element, len, number] = reader.take(4)? else {
                unreachable!("four words")
            };
            let number = number as usize;
            let place = match place {
                0 => Place::Temporary(code.temporaries),
                1 => Place::Bound(number),
                2 => Place::Argument(number),
                _ => return Err(Invalid::new("buffer", "in no place that there is")),
            };
            if let Place::Temporary(_) = place {
                code.temporaries += 1;
            }
            if let Place::Argument(number) = place {
                code.arguments = code.arguments.max(number.saturating_add(1));
            }
            let element = *Element::ALL
                .get(element as usize)
                .ok_or(Invalid::new("buffer", "of no element type that there is"))?;
            code.buffers.push(Buffer { place, element, len: len as usize });
        }
        // Fewer arguments than buffers, so that a number cannot ask for a long list of them.
        if code.arguments > code.buffers.len() {
            return Err(Invalid::new("argument", "of a number beyond those that there are"));
        }
        for _ in 0..instructions {
            let op = reader.word()?;
            let (operands, dims) = (reader.list()?, reader.list()?);
            let count = reader.word()? as usize;
            let (numbers, rest) =
                constants.split_at_checked(count).ok_or(Invalid::new("constants", "cut off"))?;
            constants = rest;
            code.instructions.push(Words { op, operands, dims, numbers });
        }
        if !reader.words.is_empty() || !constants.is_empty() {
            return Err(Invalid::new("bytecode", "longer than its instructions"));
        }
        Ok(code)
    }
}
