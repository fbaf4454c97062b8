//! The table of operations: what each reads and writes, how long its operands are, and the kernel
//! that runs it. The binding takes its entries, checks and names from here.
//!
//! A new operation is a kernel and one entry in `table.rs`.

mod entry;
mod table;

pub use entry::{Access, Fault, Op, Operand, Parameter, Run};
pub use table::OPS;
