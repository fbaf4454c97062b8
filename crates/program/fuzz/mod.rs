//! Random programs, mutants of them, and a host that notices what they must not do. The command is
//! `examples/fuzz.rs`; `tests/program` replays what it found worth keeping, and uses the rest.
//!
//! Read in this order: [`Case`] (what a run is given), [`draw`] (valid programs from the table),
//! [`mutate`] (what is wrong with them then), [`host`] (a run between guard zones).

pub(crate) mod case;
pub(crate) mod code;
pub(crate) mod draw;
pub(crate) mod host;
pub(crate) mod mutate;

pub(crate) use case::Case;
pub(crate) use draw::Draw;
