use std::fmt::Write as _;

use program::Element;

use super::code::Code;

/// An array that a program is bound to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Array {
    pub(crate) element: Element,
    pub(crate) len: usize,
    /// Where it lies in the memory of an earlier array, if it fits there.
    pub(crate) over: Option<Over>,
}

/// A place in an array.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Over {
    pub(crate) array: usize,
    /// Words of four bytes before it.
    pub(crate) start: usize,
}

impl Over {
    const NONE: u32 = u32::MAX;

    fn word(over: Option<Self>) -> u32 {
        over.map_or(Self::NONE, |Self { array, start }| (start as u32) << 16 | array as u32)
    }

    fn read(word: u32) -> Option<Self> {
        let over = Self { array: (word & 0xffff) as usize, start: (word >> 16) as usize };
        (word != Self::NONE).then_some(over)
    }
}

/// All that decides one run: bytecode, constants, bound arrays, and where their contents come from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Case {
    pub(crate) words: Vec<u32>,
    pub(crate) constants: Vec<f64>,
    pub(crate) bound: Vec<Array>,
    pub(crate) seed: u32,
}

impl Case {
    pub(crate) fn of(code: &Code, bound: Vec<Array>, seed: u32) -> Self {
        let (words, constants) = code.write();
        Self { words, constants, bound, seed }
    }

    /// As a file of words in hexadecimal.
    pub(crate) fn text(&self) -> String {
        let mut words = vec![self.seed, self.bound.len() as u32];
        for array in &self.bound {
            words.extend([array.element as u32, array.len as u32, Over::word(array.over)]);
        }
        words.push(self.constants.len() as u32);
        for bits in self.constants.iter().map(|constant| constant.to_bits()) {
            words.extend([bits as u32, (bits >> 32) as u32]);
        }
        words.extend(&self.words);
        let mut text = String::new();
        for line in words.chunks(12) {
            let line: Vec<_> = line.iter().map(|word| format!("{word:x}")).collect();
            let _ = writeln!(text, "{}", line.join(" "));
        }
        text
    }

    /// The case of a file; `None` if it is cut off.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace().map(|word| u32::from_str_radix(word, 16).ok());
        let mut word = || words.next().flatten();
        let (seed, arrays) = (word()?, word()?);
        let mut case = Self { seed, ..Self::default() };
        for _ in 0..arrays {
            let element = *Element::ALL.get(word()? as usize)?;
            let (len, over) = (word()? as usize, Over::read(word()?));
            let over = over.filter(|over| over.array < case.bound.len());
            case.bound.push(Array { element, len, over });
        }
        for _ in 0..word()? {
            let (low, high) = (word()?, word()?);
            case.constants.push(f64::from_bits(u64::from(high) << 32 | u64::from(low)));
        }
        case.words = words.collect::<Option<_>>()?;
        Some(case)
    }
}
