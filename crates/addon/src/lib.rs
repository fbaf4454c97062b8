//! Node-API binding of [`kernels`]: every entry borrows its typed arrays, checks them and calls
//! one kernel. No maths here, and no buffer is allocated for JS: JS owns all memory.
//!
//! Hot entries are raw functions ([`raw`]): in a prototype a call cost some 15 ns and 40 per
//! array, where a method of a class cost 270. `napi-rs` serves set-up.

mod borrow;
mod captured;
mod fault;
mod held;
mod job;
mod op;
mod optimizer;
mod raw;
mod state;

use kernels::{op::OPS, optimizer as optimizers, simd::Level};
use napi::{Env, Result, bindgen_prelude::Object};
use napi_derive::napi;

/// Adds the raw entries to `exports`, with a state that they share.
///
/// # Errors
/// If Node-API refuses a call.
#[napi(catch_unwind)]
pub fn install(env: &Env, exports: Object) -> Result<()> {
    let raw = raw::Raw::of(env);
    let state = state::State::install(raw)?;
    op::install(raw, &exports, state)?;
    optimizer::install(raw, &exports, state)?;
    captured::install(raw, &exports, state)?;
    job::install(raw, &exports, state)?;
    state::install(raw, &exports, state)
}

/// An optimizer as the kernels describe it.
#[napi(object)]
pub struct OptimizerSpec {
    /// `sgd`, `adam`, …
    pub name: String,
    /// Names of its arrays of state.
    pub state: Vec<String>,
    /// How many of these, from the first, it does not run without.
    pub required: u32,
    /// The name of the number that a row carries from step to step, if there is one.
    pub carried: Option<String>,
    /// What its learning rate may be: the name of a range.
    pub lr: String,
    /// Its own options, in the order of their numbers.
    pub options: Vec<OwnOption>,
    /// The ways in which a penalty may act, by their numbers, and why not in others.
    pub applies: Vec<u32>,
    /// Why a penalty may not act in other ways.
    pub otherwise: String,
}

/// An option that one optimizer has beside the common ones.
#[napi(object)]
pub struct OwnOption {
    /// `beta1`, `eps`, …
    pub name: String,
    /// Its value where none is given.
    pub default: f64,
    /// What it may be: the name of a range.
    pub range: String,
}

impl OwnOption {
    fn of(own: &optimizers::Own) -> Self {
        let (name, range) = (own.name.to_string(), own.range.name().to_string());
        Self { name, default: own.default, range }
    }
}

/// An operation as the kernels describe it: its arguments are arrays, then dimensions, then numbers.
#[napi(object)]
pub struct OpSpec {
    /// `add`, `matmul`, …
    pub name: String,
    /// Names of its arrays.
    pub operands: Vec<String>,
    /// Which of its arrays it writes.
    pub writes: Vec<bool>,
    /// Names of its dimensions.
    pub dims: Vec<String>,
    /// Names of its numbers.
    pub numbers: Vec<String>,
}

/// What the binding is made of: the numbers and names that callers must agree on.
#[napi(object)]
pub struct Layout {
    /// Every optimizer; an index here is its number.
    pub optimizers: Vec<OptimizerSpec>,
    /// Names of the options that every optimizer takes, in the order of their numbers.
    pub common_options: Vec<String>,
    /// Names of the figures of an update, in the order of their numbers.
    pub stats: Vec<String>,
    /// Numbers in a group of options.
    pub group_width: u32,
    /// Names of the numbers of a segment's row before its figures.
    pub row: Vec<String>,
    /// Numbers in a row of a segment.
    pub row_width: u32,
    /// Most arrays of state of an optimizer.
    pub max_state: u32,
    /// Every operation; an index here is its number in bytecode, and those of the optimizers follow.
    pub ops: Vec<OpSpec>,
    /// First and second word of bytecode.
    pub bytecode: Vec<u32>,
    /// Most arguments of a raw function, and so of a captured step.
    pub max_arguments: u32,
    /// Names of the instruction sets that this CPU has, widest first.
    pub isas: Vec<String>,
}

/// The layout of control blocks, and what this CPU has.
#[napi(catch_unwind)]
pub fn layout() -> Layout {
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    Layout {
        optimizers: optimizers::OPTIMIZERS
            .iter()
            .map(|spec| OptimizerSpec {
                name: spec.name.to_string(),
                state: names(spec.state),
                required: spec.required as u32,
                carried: spec.carried.map(ToString::to_string),
                lr: spec.lr.name().to_string(),
                options: spec.options.iter().map(OwnOption::of).collect(),
                applies: spec.applies.0.iter().map(|&apply| apply as u32).collect(),
                otherwise: spec.applies.1.to_string(),
            })
            .collect(),
        common_options: names(optimizers::COMMON_OPTIONS),
        stats: names(optimizers::STATS),
        group_width: optimizers::GROUP_WIDTH as u32,
        row: names(optimizers::ROW),
        row_width: optimizers::ROW_WIDTH as u32,
        max_state: optimizers::MAX_STATE as u32,
        ops: OPS
            .iter()
            .map(|op| OpSpec {
                name: op.name.to_string(),
                operands: op.parameters.iter().map(|p| p.name.to_string()).collect(),
                writes: op.parameters.iter().map(|p| p.access.writes()).collect(),
                dims: names(op.dims),
                numbers: names(op.numbers),
            })
            .collect(),
        bytecode: vec![::program::MAGIC, ::program::VERSION],
        max_arguments: raw::MAX_ARGUMENTS as u32,
        isas: kernels::simd::Isa::all().map(|isa| Level::name(isa.level()).to_string()).collect(),
    }
}

/// Elements of operand `operand` of operation `op`, by their numbers, for these dimensions; infinity if that
/// is more than can be counted.
#[napi(catch_unwind)]
pub fn operand_length(op: u32, operand: u32, dims: Vec<u32>) -> f64 {
    let parameter = OPS.get(op as usize).and_then(|op| op.parameters.get(operand as usize));
    let dims: Vec<usize> = dims.into_iter().map(|dim| dim as usize).collect();
    parameter.and_then(|parameter| (parameter.len)(&dims)).map_or(f64::INFINITY, |len| len as f64)
}
