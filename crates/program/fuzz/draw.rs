use std::ops::Range;

use kernels::op::{Access, OPS};
use kernels::optimizer::{GROUP_WIDTH, OPTIMIZERS, ROW_WIDTH};
use kernels::view::RANK;
use program::{ABSENT, ARRAYS, Element};

use super::case::{Array, Case, Over};
use super::code::{ARGUMENT, BOUND, Buffer, Code, Instruction, TEMPORARY};

/// Numbers from a seed: xorshift64*.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        let mut draw = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        draw.word();
        draw
    }

    pub(crate) fn word(&mut self) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u32
    }

    /// Below `n`, which is at least 1.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.word() as usize % n
    }

    /// Once in `n` times.
    pub(crate) fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// A number as a kernel may meet it: rarely a good one.
    pub(crate) fn number(&mut self) -> f64 {
        const WORST: [f64; 14] = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            2.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MAX,
            f64::MIN_POSITIVE,
            5e-324,
            1e39,
            4_294_967_296.0,
            1.8e19,
        ];
        if self.once_in(2) {
            return f64::from(self.word().cast_signed()) / f64::from(1 << 29);
        }
        if self.once_in(8) {
            return f64::from_bits(u64::from(self.word()) << 32 | u64::from(self.word()));
        }
        self.pick(&WORST)
    }

    /// A label: often one that a short list has.
    pub(crate) fn label(&mut self) -> i32 {
        match self.below(24) {
            0 => -1,
            1 => i32::MIN,
            2 => i32::MAX,
            3 => self.word().cast_signed(),
            _ => self.pick(&[0, 1, 2]),
        }
    }

    /// A length: short, now and then none or longer than a register.
    fn dim(&mut self) -> usize {
        match self.below(16) {
            0 => 0,
            1 => 16 + self.below(3),
            2 => 20 + self.below(50),
            _ => 1 + self.below(8),
        }
    }

    /// What a view sees: size, offset, lengths, strides; now and then more than there is.
    fn view(&mut self) -> Vec<usize> {
        let offset = self.below(4);
        let lengths: [usize; RANK] = std::array::from_fn(|_| match self.below(32) {
            0 => 0,
            1..12 => 2 + self.below(3),
            _ => 1,
        });
        let strides: [usize; RANK] = std::array::from_fn(|_| self.pick(&[0, 1, 1, 2, 3, 7]));
        let steps = lengths.iter().zip(&strides).map(|(&n, &stride)| n.saturating_sub(1) * stride);
        let end = offset + 1 + steps.sum::<usize>();
        let size = (end + self.below(4)).saturating_sub(usize::from(self.once_in(16)) * 3);
        [&[size, offset][..], &lengths, &strides].concat()
    }
}

/// A valid program over bound arrays of its own; if it is told `elements`, all operations are by rows and have
/// about as many.
pub(crate) fn program(draw: &mut Draw, elements: Option<usize>) -> Case {
    let mut program = Growing::of(draw);
    let count = 1 + program.draw.below(if elements.is_some() { 3 } else { 8 });
    let wide = program.draw.pick(&[1, 7, 16, 100, 1000]);
    for _ in 0..count {
        if let Some(elements) = elements {
            program.by_rows(elements.div_ceil(wide), wide);
            continue;
        }
        match program.draw.below(8) {
            0 => program.update(),
            1..4 => {
                let (m, n) = (program.draw.dim(), program.draw.dim());
                program.by_rows(m, n);
            }
            _ => program.any(),
        }
    }
    program.case()
}

struct Growing<'a> {
    draw: &'a mut Draw,
    code: Code,
    bound: Vec<Array>,
    arguments: u32,
    /// Whether a buffer holds something that may be read.
    written: Vec<bool>,
}

impl<'a> Growing<'a> {
    fn of(draw: &'a mut Draw) -> Self {
        Self { draw, code: Code::default(), bound: vec![], arguments: 0, written: vec![] }
    }

    fn case(self) -> Case {
        let seed = self.draw.word();
        Case::of(&self.code, self.bound, seed)
    }

    fn any(&mut self) {
        let number = self.draw.below(OPS.len());
        let precision = self.draw.pick(&[Element::F32, Element::F64]);
        let dims = match OPS[number].dims {
            ["size", "offset", ..] => self.draw.view(),
            dims => dims.iter().map(|_| self.draw.dim()).collect(),
        };
        self.operation(number, precision, dims);
    }

    /// Operations by rows of the same elements, m·n of them.
    fn by_rows(&mut self, m: usize, n: usize) {
        let rowwise: Vec<usize> = (0..OPS.len()).filter(|&i| OPS[i].rowwise).collect();
        let precision = self.draw.pick(&[Element::F32, Element::F64]);
        for _ in 0..=self.draw.below(5) {
            let number = self.draw.pick(&rowwise);
            let dims = match OPS[number].dims.len() {
                1 => vec![m * n],
                2 => vec![m, n],
                many => (0..many).map(|_| self.draw.dim()).collect(),
            };
            self.operation(number, precision, dims);
        }
    }

    fn operation(&mut self, number: usize, precision: Element, dims: Vec<usize>) {
        let op = &OPS[number];
        // A view of more than there is has no length: nothing to run.
        let lengths = op.parameters.iter().map(|parameter| (parameter.len)(&dims));
        let Some(lengths) = lengths.collect::<Option<Vec<_>>>() else { return };
        let mut operands = Vec::new();
        for (parameter, len) in op.parameters.iter().zip(lengths) {
            let element = match parameter.access {
                Access::Labels | Access::Order | Access::Reorder => Element::I32,
                Access::Figures | Access::Live | Access::State => Element::F64,
                Access::In | Access::Out | Access::Update => precision,
            };
            let operand = self.buffer(element, len, parameter.access, &operands);
            operands.push((operand, parameter.access));
        }
        let numbers = op.numbers.iter().map(|_| self.draw.number()).collect();
        let dims = dims.into_iter().map(|dim| dim as u32).collect();
        self.push(number, &operands, dims, numbers);
    }

    fn update(&mut self) {
        let optimizer = self.draw.below(OPTIMIZERS.len());
        let spec = &OPTIMIZERS[optimizer];
        let (groups, segments) = (1 + self.draw.below(2), self.draw.below(4));
        let len = groups * GROUP_WIDTH + segments * ROW_WIDTH;
        let control = self.buffer(Element::F64, len, Access::State, &[]);
        let mut operands = vec![(control, Access::State)];
        for _ in 0..segments {
            if self.draw.once_in(6) {
                operands.extend([(ABSENT, Access::In); ARRAYS]);
                continue;
            }
            let element = self.draw.pick(&[Element::F32, Element::F64]);
            let len = self.draw.dim();
            for i in 0..ARRAYS {
                let needed = i < 2 + spec.required;
                let taken = needed || (i < 2 + spec.state.len() && self.draw.once_in(2));
                let access = if i == 1 { Access::In } else { Access::Update };
                let operand =
                    if taken { self.buffer(element, len, access, &operands) } else { ABSENT };
                operands.push((operand, access));
            }
        }
        self.push(OPS.len() + optimizer, &operands, vec![], vec![]);
    }

    fn push(&mut self, op: usize, operands: &[(u32, Access)], dims: Vec<u32>, numbers: Vec<f64>) {
        for &(operand, access) in operands {
            if operand != ABSENT && access.writes() {
                self.written[operand as usize] = true;
            }
        }
        let operands = operands.iter().map(|&(operand, _)| operand).collect();
        self.code.instructions.push(Instruction { op: op as u32, operands, dims, numbers });
    }

    /// A buffer of this kind that may be used so beside `others`: one that is there, or a new one.
    fn buffer(
        &mut self,
        element: Element,
        len: usize,
        access: Access,
        others: &[(u32, Access)],
    ) -> u32 {
        let reads = !matches!(access, Access::Out | Access::Order | Access::Figures);
        let fitting: Vec<u32> = (0..self.code.buffers.len() as u32)
            .filter(|&i| {
                let buffer = self.code.buffers[i as usize];
                let shared = self.is_shared((i, access), others);
                let writable = buffer.place != ARGUMENT || !access.writes();
                let readable = !reads || self.written[i as usize];
                let kind = (buffer.element, buffer.len);
                kind == (element as u32, len as u32) && writable && readable && !shared
            })
            .collect();
        if !fitting.is_empty() && !self.draw.once_in(3) {
            return self.draw.pick(&fitting);
        }
        let place = match (reads, access.writes()) {
            (false, _) => self.draw.pick(&[TEMPORARY, TEMPORARY, TEMPORARY, BOUND]),
            (true, true) => BOUND,
            (true, false) => self.draw.pick(&[BOUND, ARGUMENT]),
        };
        let new = self.add(place, element, len);
        if self.is_shared((new, access), others)
            && let Some(array) = self.bound.last_mut()
        {
            array.over = None;
        }
        new
    }

    /// Whether a buffer that is used so has memory in common with one of `others`, and one of them is
    /// written.
    fn is_shared(&self, (buffer, access): (u32, Access), others: &[(u32, Access)]) -> bool {
        others.iter().any(|&(other, also)| {
            (access.writes() || also.writes())
                && other != ABSENT
                && (other == buffer || self.overlap(other, buffer))
        })
    }

    fn overlap(&self, one: u32, other: u32) -> bool {
        let (Some((one, a)), Some((other, b))) = (self.extent(one), self.extent(other)) else {
            return false;
        };
        one == other && a.start < b.end && b.start < a.end
    }

    /// In which array a bound buffer lies, and where there, in words of four bytes.
    fn extent(&self, buffer: u32) -> Option<(usize, Range<usize>)> {
        let buffer = self.code.buffers[buffer as usize];
        if buffer.place != BOUND {
            return None;
        }
        let mut at = buffer.number as usize;
        let words = self.bound[at].len * self.bound[at].element.bytes() / 4;
        let mut start = 0;
        while let Some(over) = self.bound[at].over {
            (at, start) = (over.array, start + over.start);
        }
        Some((at, start..start + words))
    }

    /// A place for so many elements in an array of theirs; now and then, if there is one.
    fn over(&mut self, element: Element, len: usize) -> Option<Over> {
        if self.bound.is_empty() || !self.draw.once_in(3) {
            return None;
        }
        let array = self.draw.below(self.bound.len());
        let outer = self.bound[array];
        let room = outer.len.checked_sub(len)?;
        let start = self.draw.pick(&[0, 0, 1, 2, room]).min(room) * element.bytes() / 4;
        (outer.element == element).then_some(Over { array, start })
    }

    fn add(&mut self, place: u32, element: Element, len: usize) -> u32 {
        let number = match place {
            BOUND => self.bound.len() as u32,
            ARGUMENT => self.arguments,
            _ => 0,
        };
        match place {
            BOUND => {
                let over = self.over(element, len);
                self.bound.push(Array { element, len, over });
            }
            ARGUMENT => self.arguments += 1,
            _ => {}
        }
        self.code.buffers.push(Buffer { place, element: element as u32, len: len as u32, number });
        self.written.push(place != TEMPORARY);
        self.code.buffers.len() as u32 - 1
    }
}
