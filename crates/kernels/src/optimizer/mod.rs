//! The fused update: one pass over weights, gradient and state that decays, penalizes, steps,
//! applies the prox and collects what it saw.
//!
//! A new optimizer is one file with a [`Rule`] and one line in `optimizers!` below; its options
//! and state are exported by name, so that callers need no second list.

mod adadelta;
mod adagrad;
mod adam;
mod adamax;
mod apply;
mod control;
mod ftrl;
mod group;
mod lion;
mod moments;
mod nadam;
mod power;
mod radam;
mod rmsprop;
mod rule;
mod sgd;
mod spec;
mod stats;
mod update;

pub use control::{ROW, ROW_WIDTH, TOTALS, control_len, hold, totals, update_all};
pub use group::{Apply, COMMON_OPTIONS, GROUP_WIDTH, Group};
pub use rule::Rule;
pub use spec::{Own, Range, Spec};
pub use stats::{STATS, Stats};

use crate::Exec;
use crate::float::Float;

/// Most arrays of state that an optimizer keeps for a parameter.
pub const MAX_STATE: usize = 3;

/// One parameter: its weights, gradient and state, all of one length.
pub struct Segment<'a, T> {
    /// Updated in place.
    pub weights: &'a mut [T],
    /// Read, never written.
    pub grads: &'a [T],
    /// In the order of the optimizer's `state`; those that it does not use are `None`.
    pub state: [Option<&'a mut [T]>; MAX_STATE],
}

macro_rules! optimizers {
    ($($module:ident),+) => {
        /// Every optimizer; an index here is its number for callers outside Rust.
        pub static OPTIMIZERS: &[Spec] = &[$($module::SPEC),+];

        // One table for each precision, compiled here: a generic function would be compiled again
        // in each crate that calls it.
        impl Updates for f32 {
            fn steps() -> &'static [Step<Self>] {
                static STEPS: &[Step<f32>] = &[$(Step($module::step)),+];
                STEPS
            }
        }

        impl Updates for f64 {
            fn steps() -> &'static [Step<Self>] {
                static STEPS: &[Step<f64>] = &[$(Step($module::step)),+];
                STEPS
            }
        }
    };
}

/// An optimizer's update of one segment.
pub struct Step<T>(fn(Run, &mut Group, Segment<'_, T>) -> Stats);

/// A precision in which weights can be updated.
pub trait Updates: Float {
    /// The updates of all optimizers, by number.
    #[doc(hidden)]
    fn steps() -> &'static [Step<Self>];
}

/// Updates one segment by the optimizer with this number, as the options in `group` say.
///
/// `threaded` tells that threads share it ([`crate::parallel::run`]).
pub fn step<T: Updates>(
    exec: Exec,
    threaded: bool,
    optimizer: usize,
    group: &mut Group,
    segment: Segment<'_, T>,
) -> Stats {
    let Step(update) = T::steps()[optimizer];
    update(Run { exec, threaded }, group, segment)
}

optimizers!(sgd, adam, nadam, radam, adamax, adagrad, adadelta, rmsprop, lion, ftrl);

/// How one segment runs.
#[derive(Clone, Copy)]
struct Run {
    exec: Exec,
    threaded: bool,
}
