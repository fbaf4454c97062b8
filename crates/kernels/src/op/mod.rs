//! The table of operations: what each reads and writes, how long its operands are, and the kernel
//! that runs it. The binding takes its entries, checks and names from here.
//!
//! A new operation is a kernel and one entry in a list: `table.rs`, or one of those beside it.

mod comparison;
mod conv;
mod entry;
mod normalize;
mod pairwise;
mod pointwise;
mod reduction;
mod table;
mod view;

pub use entry::{Access, Fault, Op, Operand, Parameter, Run};

const LISTS: [&[Op]; 8] = [
    table::OPS,
    pointwise::OPS,
    pairwise::OPS,
    comparison::OPS,
    view::OPS,
    reduction::OPS,
    normalize::OPS,
    conv::OPS,
];

/// Every operation; an index here is its number for callers outside Rust.
///
/// Not a constant: the kernels behind it would be compiled again in each crate that names it.
pub static OPS: &[Op] = &joined::<{ total() }>();

const fn total() -> usize {
    let (mut total, mut list) = (0, 0);
    while list < LISTS.len() {
        total += LISTS[list].len();
        list += 1;
    }
    total
}

const fn joined<const N: usize>() -> [Op; N] {
    let mut all = [LISTS[0][0]; N];
    let (mut at, mut list) = (0, 0);
    while list < LISTS.len() {
        let mut i = 0;
        while i < LISTS[list].len() {
            all[at] = LISTS[list][i];
            (at, i) = (at + 1, i + 1);
        }
        list += 1;
    }
    all
}
