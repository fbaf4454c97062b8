#![allow(unsafe_code, reason = "it owns the memory that programs are run over")]

use std::alloc::{Layout, alloc, dealloc};
use std::slice;

use kernels::simd::Isa;
use kernels::{Exec, op};
use program::{Cut, Element, Fault, Memory, Program};

use super::case::{Array, Case, Over};
use super::code::{ARGUMENT, BOUND, Code};
use super::draw::Draw;

/// Bytes before and behind each array that nothing may write. None under a tool that watches
/// memory itself, which then sees reads too.
pub(crate) const GUARD: usize = 64;
const CANARY: u8 = 0xa5;

/// Programs over more bytes of temporaries, or elements of an argument, are validated and not run.
pub(crate) const SMALL: usize = 1 << 14;

/// What arguments a program is given.
pub(crate) struct Given {
    pub(crate) hostile: bool,
    /// Elements of one, at most.
    pub(crate) most: usize,
}

/// Memory of one array between guard zones.
pub(crate) struct Zone {
    data: *mut u8,
    layout: Layout,
    guard: usize,
    /// Bytes that it starts behind the guard zone: views of typed arrays start anywhere.
    shift: usize,
    array: (Element, usize),
}

impl Zone {
    pub(crate) fn new(element: Element, len: usize, guard: usize, shift: usize) -> Self {
        let shift = if element.bytes() == 8 { 0 } else { shift };
        let bytes = len * element.bytes() + shift + 2 * guard;
        let layout = Layout::from_size_align(bytes.max(1), 8).expect("small");
        // SAFETY: the layout has a size.
        let data = unsafe { alloc(layout) };
        assert!(!data.is_null(), "a few bytes");
        // SAFETY: just allocated with this size.
        unsafe { data.write_bytes(CANARY, layout.size()) };
        Self { data, layout, guard, shift, array: (element, len) }
    }

    pub(crate) fn memory(&self) -> Memory {
        let (element, len) = self.array;
        Memory::new(element, len, self.data.wrapping_add(self.guard + self.shift))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        let (element, len) = self.array;
        // SAFETY: within the allocation; nothing writes while the slice lives.
        unsafe {
            slice::from_raw_parts(self.data.add(self.guard + self.shift), len * element.bytes())
        }
    }

    fn contents(&self) -> Vec<u8> {
        let bytes = self.bytes();
        match self.array.0 {
            Element::F32 => {
                let floats = bytes.as_chunks().0.iter().map(|&bytes| f32::from_ne_bytes(bytes));
                floats.flat_map(|x| if x.is_nan() { f32::NAN } else { x }.to_ne_bytes()).collect()
            }
            Element::F64 => {
                let floats = bytes.as_chunks().0.iter().map(|&bytes| f64::from_ne_bytes(bytes));
                floats.flat_map(|x| if x.is_nan() { f64::NAN } else { x }.to_ne_bytes()).collect()
            }
            Element::I32 => bytes.to_vec(),
        }
    }

    /// Whether nobody wrote outside.
    fn intact(&self) -> bool {
        // SAFETY: the allocation as a whole; nothing writes while the slice lives.
        let all = unsafe { slice::from_raw_parts(self.data, self.layout.size()) };
        let start = self.guard + self.shift;
        let end = start + self.array.1 * self.array.0.bytes();
        all[..start].iter().chain(&all[end..]).all(|&byte| byte == CANARY) || self.guard == 0
    }

    pub(crate) fn fill(&self, draw: &mut Draw) {
        let memory = self.memory();
        // SAFETY: memory of this type and length, aligned for it, and nobody else's.
        unsafe {
            match memory.element {
                Element::F32 => {
                    memory.write::<f32>().iter_mut().for_each(|x| *x = draw.number() as f32);
                }
                Element::F64 => memory.write::<f64>().iter_mut().for_each(|x| *x = draw.number()),
                Element::I32 => memory.write::<i32>().iter_mut().for_each(|x| *x = draw.label()),
            }
        }
    }
}

impl Drop for Zone {
    fn drop(&mut self) {
        // SAFETY: allocated by `new` with this layout.
        unsafe { dealloc(self.data, self.layout) };
    }
}

/// The arrays of a run.
pub(crate) struct Host {
    zones: Vec<Zone>,
    pub(crate) bound: Vec<Memory>,
    pub(crate) arguments: Vec<Memory>,
}

impl Host {
    /// The bound arrays of `case`, filled from its seed.
    pub(crate) fn new(case: &Case, guard: usize) -> Self {
        let mut draw = Draw::new(u64::from(case.seed));
        let mut host = Self { zones: vec![], bound: vec![], arguments: vec![] };
        for &Array { element, len, over } in &case.bound {
            let bytes = len * element.bytes();
            let within = over.and_then(|Over { array, start }| {
                let outer = host.bound[array];
                let data = outer.start().wrapping_add(4 * start);
                let fits = outer.len * outer.element.bytes() >= 4 * start + bytes;
                (fits && data.addr().is_multiple_of(element.bytes())).then_some(data)
            });
            let memory = match within {
                Some(data) => Memory::new(element, len, data),
                None => host.add(element, len, guard, &mut draw),
            };
            host.bound.push(memory);
        }
        host
    }

    fn add(&mut self, element: Element, len: usize, guard: usize, draw: &mut Draw) -> Memory {
        let zone = Zone::new(element, len, guard, draw.pick(&[0, 4]));
        zone.fill(draw);
        let memory = zone.memory();
        self.zones.push(zone);
        memory
    }

    /// The arguments that `code` asks for; `None` if one is longer than `most`. Hostile ones now and then are of
    /// another type, one too few, or in the memory of a bound array.
    pub(crate) fn give(
        &mut self,
        case: &Case,
        code: &Code,
        guard: usize,
        Given { hostile, most }: Given,
    ) -> Option<()> {
        let mut draw = Draw::new(u64::from(case.seed) + 1);
        let numbers = code.buffers.iter().filter(|buffer| buffer.place == ARGUMENT);
        let count = numbers.map(|buffer| buffer.number as usize + 1).max().unwrap_or(0);
        for number in 0..count {
            let asked = code
                .buffers
                .iter()
                .find(|buffer| buffer.place == ARGUMENT && buffer.number as usize == number)
                .map_or((Element::I32, 0), |buffer| {
                    (Element::ALL[buffer.element as usize], buffer.len as usize)
                });
            let (mut element, len) = asked;
            if len > most {
                return None;
            }
            let mut given = None;
            if hostile && draw.once_in(16) {
                element = draw.pick(&Element::ALL);
            }
            if hostile && draw.once_in(4) {
                let fits = |memory: &&Memory| memory.element == element && memory.len == len;
                given = self.bound.iter().find(fits).copied();
            }
            let memory = given.unwrap_or_else(|| self.add(element, len, guard, &mut draw));
            self.arguments.push(memory);
        }
        if hostile && draw.once_in(32) {
            self.arguments.pop();
        }
        Some(())
    }

    /// The contents of each array, every NaN as one: which of two it comes from is the compiler's choice,
    /// another one in a loop of registers than behind it.
    pub(crate) fn contents(&self) -> Vec<Vec<u8>> {
        self.zones.iter().map(Zone::contents).collect()
    }

    /// Which of the zones a program may write: those under a bound array that an instruction writes.
    fn written(&self, code: &Code) -> Vec<bool> {
        let mut written = vec![false; self.zones.len()];
        for instruction in &code.instructions {
            for (operand, _) in instruction.uses().filter(|(_, access)| access.writes()) {
                let buffer = code.buffers[operand];
                if buffer.place != BOUND || buffer.len == 0 {
                    continue;
                }
                let memory = self.bound[buffer.number as usize];
                for (zone, written) in self.zones.iter().zip(&mut written) {
                    *written |= zone.memory().overlaps(&memory);
                }
            }
        }
        written
    }
}

/// What became of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Not valid; what the validator said.
    Refused(String),
    /// Valid, and too large to run here.
    Large,
    /// Ran, perhaps until an operation or a check of the arguments stopped it.
    Ran(&'static str),
}

/// Builds and runs `case` twice; panics if anything is written that it has no right to.
pub(crate) fn run(case: &Case, guard: usize) -> Outcome {
    let mut host = Host::new(case, guard);
    let cut = cut(case.seed);
    let mut program = match Program::cut(&case.words, &case.constants, &host.bound, cut) {
        Ok(program) => program,
        Err(invalid) => return Outcome::Refused(invalid.to_string()),
    };
    let (planned, apart) = program.bytes();
    assert!(planned <= apart, "a plan takes no more than temporaries side by side");
    let code = Code::read(&case.words, &case.constants).expect("valid words are whole");
    if planned > SMALL
        || host.give(case, &code, guard, Given { hostile: true, most: SMALL }).is_none()
    {
        return Outcome::Large;
    }
    let written = host.written(&code);
    let before = host.contents();
    let exec = exec(case.seed);
    let mut ended = "to its end";
    for _ in 0..2 {
        // SAFETY: bound arrays and arguments are the host's, aligned, and nothing else writes them.
        let ran = unsafe { program.run(exec, &host.arguments) };
        ended = match ran {
            Ok(()) => ended,
            Err(Fault::Arguments) => "not: another number of arguments",
            Err(Fault::Argument(_)) => "not: another argument",
            Err(Fault::Alias(_)) => "not: an argument aliases",
            Err(Fault::Op(_, op::Fault::Label(_))) => "until a label",
            Err(Fault::Op(_, op::Fault::NotFinite(_))) => "until a number that is not finite",
        };
    }
    assert!(host.zones.iter().all(Zone::intact), "something was written outside of an array");
    let started = !ended.starts_with("not");
    for ((zone, before), written) in host.zones.iter().zip(&before).zip(written) {
        let same = zone.contents() == *before;
        assert!(same || (written && started), "something was written that is only read");
    }
    Outcome::Ran(ended)
}

/// Blocks of a few elements, so that short arrays are cut.
pub(crate) fn cut(seed: u32) -> Cut {
    let mut draw = Draw::new(u64::from(seed) + 2);
    Cut { from: draw.pick(&[1, 1, 16, usize::MAX]), block: 1 + draw.below(500) }
}

/// One thread, any instruction set of this CPU.
pub(crate) fn exec(seed: u32) -> Exec {
    let isas: Vec<Isa> = Isa::all().collect();
    Exec { isa: isas[seed as usize % isas.len()], threads: 1 }
}
