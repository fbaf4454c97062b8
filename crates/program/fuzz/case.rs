use std::fmt::Write as _;

use program::Element;

use super::code::Code;

/// An array that a program is bound to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Array {
    pub(crate) element: Element,
    pub(crate) len: usize,
    /// The earlier array in whose memory it lies, if it fits there.
    pub(crate) over: Option<usize>,
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
            let over = array.over.map_or(u32::MAX, |over| over as u32);
            words.extend([array.element as u32, array.len as u32, over]);
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
            let (len, over) = (word()? as usize, word()? as usize);
            case.bound.push(Array {
                element,
                len,
                over: (over < case.bound.len()).then_some(over),
            });
        }
        for _ in 0..word()? {
            let (low, high) = (word()?, word()?);
            case.constants.push(f64::from_bits(u64::from(high) << 32 | u64::from(low)));
        }
        case.words = words.collect::<Option<_>>()?;
        Some(case)
    }
}
