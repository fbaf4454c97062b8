use kernels::op::{Access, OPS};
use program::{ABSENT, ARRAYS, MAGIC, VERSION};

/// Where a buffer lies, as bytecode says it.
pub(crate) const TEMPORARY: u32 = 0;
pub(crate) const BOUND: u32 = 1;
pub(crate) const ARGUMENT: u32 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Buffer {
    pub(crate) place: u32,
    pub(crate) element: u32,
    pub(crate) len: u32,
    pub(crate) number: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Instruction {
    pub(crate) op: u32,
    pub(crate) operands: Vec<u32>,
    pub(crate) dims: Vec<u32>,
    pub(crate) numbers: Vec<f64>,
}

impl Instruction {
    /// What it does with operand `i`, by the table.
    pub(crate) fn access(&self, i: usize) -> Access {
        match OPS.get(self.op as usize) {
            Some(op) => op.parameters.get(i).map_or(Access::In, |parameter| parameter.access),
            None if i == 0 => Access::State,
            None if (i - 1) % ARRAYS == 1 => Access::In,
            None => Access::Update,
        }
    }

    /// Its operands that are there, with what it does with them.
    pub(crate) fn uses(&self) -> impl Iterator<Item = (usize, Access)> {
        let operands = self.operands.iter().enumerate();
        operands
            .filter(|&(_, &operand)| operand != ABSENT)
            .map(|(i, &operand)| (operand as usize, self.access(i)))
    }
}

/// Bytecode taken apart by a reader of its own, so that a mistake in the program's is not made twice.
#[derive(Clone, Debug, Default)]
pub(crate) struct Code {
    pub(crate) buffers: Vec<Buffer>,
    pub(crate) instructions: Vec<Instruction>,
}

impl Code {
    pub(crate) fn write(&self) -> (Vec<u32>, Vec<f64>) {
        let counts = [self.buffers.len() as u32, self.instructions.len() as u32];
        let mut words = vec![MAGIC, VERSION, counts[0], counts[1]];
        let mut constants = Vec::new();
        for &Buffer { place, element, len, number } in &self.buffers {
            words.extend([place, element, len, number]);
        }
        for Instruction { op, operands, dims, numbers } in &self.instructions {
            words.extend([*op, operands.len() as u32]);
            words.extend(operands);
            words.push(dims.len() as u32);
            words.extend(dims);
            words.push(numbers.len() as u32);
            constants.extend(numbers);
        }
        (words, constants)
    }

    /// `None` unless these are words from beginning to end.
    pub(crate) fn read(words: &[u32], constants: &[f64]) -> Option<Self> {
        let (mut words, mut constants) = (words.iter().copied(), constants.iter().copied());
        let mut word = || words.next();
        let (_, _, buffers, instructions) = (word()?, word()?, word()?, word()?);
        let mut code = Self::default();
        for _ in 0..buffers {
            let (place, element, len, number) = (word()?, word()?, word()?, word()?);
            code.buffers.push(Buffer { place, element, len, number });
        }
        for _ in 0..instructions {
            let op = word()?;
            let mut list = || (0..word()?).map(|_| word()).collect::<Option<Vec<_>>>();
            let (operands, dims) = (list()?, list()?);
            let numbers = (0..word()?).map(|_| constants.next()).collect::<Option<Vec<_>>>()?;
            code.instructions.push(Instruction { op, operands, dims, numbers });
        }
        Some(code)
    }
}
