//! A captured training step: a list of kernel calls that was validated once, a plan of where its
//! temporaries lie, and a loop that runs it. No Node.
//!
//! Read in this order: [`Memory`] (where numbers lie), `code` (the bytecode as words), `validate`
//! (every index, length, type and alias checked before anything runs), `live` (what nobody sees is
//! left out), `fuse` (operations by rows run together, block by block), `plan` (temporaries share
//! memory where they do not live at the same time), `step` (one instruction), `stage` (one, or
//! several together), [`Program`].

mod alive;
mod code;
mod fuse;
mod live;
mod memory;
mod plan;
mod program;
mod stage;
mod step;
mod validate;

pub use alive::alive;
pub use code::{ABSENT, MAGIC, VERSION};
pub use fuse::Cut;
pub use memory::{ARRAYS, Element, Memory, operand, segment};
pub use program::{Fault, Program};
pub use validate::Invalid;
