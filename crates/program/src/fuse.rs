//! Consecutive operations that run block by block: each finds in the cache what the one before it left.

use std::ops::Range;

use kernels::op::Parameter;
use kernels::simd::LANES;

use crate::code::{Buffer, Place};
use crate::memory::Memory;
use crate::validate::{Call, Instruction};

/// Where operations are cut into blocks.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// Elements of an operation from which it runs with its neighbors: fewer stay in the cache anyway.
    pub from: usize,
    /// Bytes of a block of all operands together: whole rows that come near.
    pub block: usize,
}

impl Default for Cut {
    /// Blocks that stay in the innermost cache (bench/RESULTS.md).
    fn default() -> Self {
        Self { from: 1 << 15, block: 1 << 15 }
    }
}

/// Most dimensions of an operation by rows.
pub(crate) const MAX_DIMS: usize = 4;

/// Most pieces that the blocks of an operation are shared out in.
const PIECES: usize = 16;

/// Instructions that run together, or one alone.
pub(crate) struct Fusion {
    pub(crate) range: Range<usize>,
    pub(crate) blocks: Option<Blocks>,
}

/// Rows that instructions have in common, those of the widest, and how they are cut.
pub(crate) struct Blocks {
    pub(crate) rows: usize,
    /// Elements of a row.
    pub(crate) width: usize,
    /// Rows of a block.
    pub(crate) block: usize,
    /// Rows of a piece, whose blocks run in order: whole blocks.
    pub(crate) piece: usize,
    /// One for each instruction.
    pub(crate) parts: Vec<Part>,
}

impl Blocks {
    /// Of rows of `width` elements and `bytes` bytes in all operands.
    fn of(rows: usize, width: usize, bytes: usize, block: usize, parts: Vec<Part>) -> Self {
        // Whole registers where rows are short: a rest is computed one by one.
        let near = (block / bytes).max(1);
        let lines = (1..=LANES).find(|lines| (lines * width).is_multiple_of(LANES)).unwrap_or(1);
        let lines = if lines > 4 * near { 1 } else { lines };
        let block = (near / lines).max(1) * lines;
        let piece = rows.div_ceil(block).div_ceil(PIECES) * block;
        Self { rows, width, block, piece, parts }
    }

    pub(crate) fn pieces(&self) -> usize {
        self.rows.div_ceil(self.piece)
    }

    /// Rows that a private temporary holds: a block for each piece.
    pub(crate) fn private_rows(&self) -> usize {
        (self.pieces() * self.block).min(self.rows)
    }
}

/// One of the instructions that run together.
pub(crate) struct Part {
    /// Its own rows to a common one.
    pub(crate) ratio: usize,
    /// Its dimensions, of which the first counts its rows.
    pub(crate) dims: [usize; MAX_DIMS],
    /// How each operand goes with the rows.
    pub(crate) shares: Vec<Share>,
}

/// How an operand goes with common rows.
#[derive(Clone, Copy)]
pub(crate) enum Share {
    /// It is the same for all.
    Whole,
    /// So many elements to a row.
    Rows(usize),
    /// The same, and nobody else sees them: there are as many as one block of each piece has.
    Private(usize),
}

/// The instructions in order, those together that may run block by block.
pub(crate) fn fuse(
    buffers: &[Buffer],
    bound: &[Memory],
    instructions: &[Instruction],
    cut: Cut,
) -> Vec<Fusion> {
    let fusing = Fusing { buffers, instructions, used: used(buffers, instructions), cut };
    let mut fusions = Vec::new();
    let mut run = Run::default();
    for (i, instruction) in instructions.iter().enumerate() {
        let rows = Rows::of(instruction).filter(|rows| rows.elements() >= cut.from.max(1));
        let uses = |rows: &Rows| rows.uses(buffers, bound, instruction);
        if rows.as_ref().is_none_or(|rows| !run.takes(rows, &uses(rows))) {
            fusing.close(&mut run, i, &mut fusions);
        }
        if let Some(rows) = rows {
            run.uses.extend(uses(&rows));
            run.rows.push(rows);
        }
    }
    fusing.close(&mut run, instructions.len(), &mut fusions);
    fusions
}

/// From the first to the last instruction that uses a temporary, by its buffer; `None` for other buffers.
fn used(buffers: &[Buffer], instructions: &[Instruction]) -> Vec<Option<Range<usize>>> {
    let mut used: Vec<Option<Range<usize>>> = vec![None; buffers.len()];
    for (i, instruction) in instructions.iter().enumerate() {
        for (buffer, _) in instruction.uses() {
            if let Place::Temporary(_) = buffers[buffer].place {
                used[buffer].get_or_insert(i..i + 1).end = i + 1;
            }
        }
    }
    used
}

/// An operation by rows.
struct Rows {
    count: usize,
    /// Elements of a row of its widest operand.
    width: usize,
    /// Elements of a row of each operand; `None` if it is read whole.
    each: Vec<Option<usize>>,
}

impl Rows {
    /// `None` unless the instruction may run on some rows at a time.
    fn of(instruction: &Instruction) -> Option<Self> {
        let Call::Op(op) = instruction.call else { return None };
        let count = *instruction.dims.first()?;
        if !op.rowwise || instruction.may_fault() {
            return None;
        }
        let of_rows = |rows: usize, parameter: &Parameter| {
            let mut dims = instruction.dims.clone();
            dims[0] = rows;
            (parameter.len)(&dims)
        };
        let of_one = |p: &Parameter| (of_rows(0, p) == Some(0)).then(|| of_rows(1, p)).flatten();
        let each: Vec<_> = op.parameters.iter().map(of_one).collect();
        let width = each.iter().copied().flatten().max()?;
        let mut parameters = op.parameters.iter().zip(&each);
        let apart =
            parameters.all(|(parameter, each)| !parameter.access.writes() || each.is_some());
        (apart && width > 0).then_some(Self { count, width, each })
    }

    fn elements(&self) -> usize {
        self.count * self.width
    }

    /// What the operands are, for comparison with those of others.
    fn uses(&self, buffers: &[Buffer], bound: &[Memory], instruction: &Instruction) -> Vec<Use> {
        let operands = instruction.operands.iter().zip(&self.each).enumerate();
        operands
            .filter_map(|(i, (&operand, each))| {
                let place = buffers[operand?].place;
                let memory = match place {
                    Place::Bound(number) => bound[number],
                    Place::Temporary(_) | Place::Argument(_) => Memory::EMPTY,
                };
                let writes = instruction.call.access(i).writes();
                Some(Use { place, memory, writes, whole: each.is_none() })
            })
            .collect()
    }
}

/// An operand of an operation by rows.
#[derive(Clone, Copy)]
struct Use {
    place: Place,
    /// Where a bound array lies.
    memory: Memory,
    writes: bool,
    whole: bool,
}

impl Use {
    /// Whether one sees what the other writes, and not in the rows that both are at. An argument shares
    /// memory with nothing that is written.
    fn conflicts(&self, other: &Self) -> bool {
        if !(self.writes || other.writes) {
            return false;
        }
        let alike = match (self.place, other.place) {
            (Place::Temporary(one), Place::Temporary(two)) if one == two => true,
            (Place::Bound(_), Place::Bound(_)) if self.memory.overlaps(&other.memory) => {
                self.memory.bytes() == other.memory.bytes()
            }
            _ => return false,
        };
        self.whole || other.whole || !alike
    }
}

/// Instructions that may run together so far.
#[derive(Default)]
struct Run {
    rows: Vec<Rows>,
    uses: Vec<Use>,
}

impl Run {
    /// Whether another one may run with them.
    fn takes(&self, rows: &Rows, uses: &[Use]) -> bool {
        let Some(first) = self.rows.first() else { return true };
        let width = self.width().max(rows.width);
        first.elements() == rows.elements()
            && self.rows.iter().chain([rows]).all(|rows| width.is_multiple_of(rows.width))
            && !self.uses.iter().any(|one| uses.iter().any(|other| one.conflicts(other)))
    }

    fn width(&self) -> usize {
        self.rows.iter().map(|rows| rows.width).max().unwrap_or(0)
    }
}

/// What is fused, and how.
struct Fusing<'a> {
    buffers: &'a [Buffer],
    instructions: &'a [Instruction],
    used: Vec<Option<Range<usize>>>,
    cut: Cut,
}

impl Fusing<'_> {
    /// Ends `run` before instruction `end`, and puts down all that come before that one.
    fn close(&self, run: &mut Run, end: usize, fusions: &mut Vec<Fusion>) {
        let (width, rows) = (run.width(), std::mem::take(run).rows);
        let start = end - rows.len();
        let done = fusions.last().map_or(0, |fusion| fusion.range.end);
        let alone = |i: usize| Fusion { range: i..i + 1, blocks: None };
        fusions.extend((done..start).map(alone));
        if rows.len() < 2 {
            return fusions.extend((start..end).map(alone));
        }
        let range = start..end;
        let bytes = self.bytes(&rows, &range, width);
        let parts =
            self.instructions[range.clone()].iter().zip(&rows).map(|(instruction, rows)| {
                let ratio = width / rows.width;
                let operands = instruction.operands.iter().zip(&rows.each);
                let shares = operands.map(|(&operand, each)| match (operand, each) {
                    (_, None) => Share::Whole,
                    (Some(buffer), Some(each)) if self.is_private(buffer, &range) => {
                        Share::Private(each * ratio)
                    }
                    (_, Some(each)) => Share::Rows(each * ratio),
                });
                let dims = std::array::from_fn(|i| instruction.dims.get(i).copied().unwrap_or(0));
                Part { ratio, dims, shares: shares.collect() }
            });
        let (count, parts) = (rows[0].elements() / width, parts.collect());
        let blocks = Blocks::of(count, width, bytes, self.cut.block, parts);
        fusions.push(Fusion { range, blocks: Some(blocks) });
    }

    /// Bytes of a common row in all operands.
    fn bytes(&self, rows: &[Rows], range: &Range<usize>, width: usize) -> usize {
        let mut buffers = Vec::new();
        for (instruction, rows) in self.instructions[range.clone()].iter().zip(rows) {
            for (&operand, &each) in instruction.operands.iter().zip(&rows.each) {
                if let (Some(buffer), Some(each)) = (operand, each) {
                    let bytes = each * width / rows.width * self.buffers[buffer].element.bytes();
                    buffers.push((buffer, bytes));
                }
            }
        }
        buffers.sort_unstable();
        buffers.dedup();
        buffers.iter().map(|(_, bytes)| bytes).sum()
    }

    /// Whether nobody outside of these instructions uses a temporary. What reads it whole does not run with
    /// what writes it, so that all of them use it by rows.
    fn is_private(&self, buffer: usize, range: &Range<usize>) -> bool {
        self.used[buffer]
            .as_ref()
            .is_some_and(|used| range.start <= used.start && used.end <= range.end)
    }
}
