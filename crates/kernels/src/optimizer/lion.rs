use super::group::Apply;
use super::rule::Move;
use super::spec::{BETA1, Own, Range};
use super::update::update;
use super::{Group, Rule, Run, Segment, Spec, Stats};
use crate::float::Float;

pub(super) const SPEC: Spec = Spec {
    name: "lion",
    state: &["m"],
    required: 1,
    options: &[BETA1, Own::new("beta2", 0.99, Range::Rate)],
    applies: (
        &[Apply::Coupled, Apply::Decoupled, Apply::ProximalDecoupled],
        "Steps of one size have no metric that a prox could act in; use apply: 'proximal-decoupled'.",
    ),
    ..Spec::USUAL
};

/// The weight moves by lr·sign(β₁m + (1 − β₁)g), then m ← β₂m + (1 − β₂)g; sign(0) = 0.
///
/// Chen et al. 2023, arXiv:2302.06675, program 1. An infinite gradient shows in m alone.
#[derive(Clone, Copy)]
struct Lion<T> {
    lr: T,
    beta1: T,
    rest1: T,
    beta2: T,
    rest2: T,
}

impl<T: Float> Rule<T, 1> for Lion<T> {
    #[inline(always)]
    fn advance(self, g: T, w: T, [m]: [&mut T; 1]) -> Move<T> {
        let ahead = self.beta1 * *m + self.rest1 * g;
        *m = (self.beta2 * *m + self.rest2 * g).settled();
        // What is neither above nor below 0 is 0 or NaN, and stays so.
        let above = if ahead > T::ZERO { T::ONE } else { ahead };
        let sign = if ahead < T::ZERO { -T::ONE } else { above };
        Move { weight: w - self.lr * sign, metric: T::ONE }
    }
}

pub(super) fn step<T: Float>(run: Run, group: &mut Group, segment: Segment<'_, T>) -> Stats {
    let Segment { weights, grads, state } = segment;
    let [Some(m), ..] = state else { unreachable!("the caller gives Lion an array of state") };
    let [beta1, beta2, ..] = group.own;
    let rule = Lion {
        lr: T::of(group.lr),
        beta1: T::of(beta1),
        rest1: T::of(1.0 - beta1),
        beta2: T::of(beta2),
        rest2: T::of(1.0 - beta2),
    };
    update(run, group, rule, weights, grads, [m])
}
