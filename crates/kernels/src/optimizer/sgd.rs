use super::rule::Move;
use super::update::update;
use super::{Group, Rule, Run, Segment, Spec, Stats};
use crate::float::Float;

pub(super) const SPEC: Spec = Spec {
    name: "sgd",
    state: &["momentumBuffer"],
    required: 0,
    options: &["momentum", "dampening", "nesterov"],
};

/// w ← w − lr·g.
#[derive(Clone, Copy)]
struct Plain<T> {
    lr: T,
}

impl<T: Float> Rule<T, 0> for Plain<T> {
    #[inline(always)]
    fn advance(self, g: T, []: [&mut T; 0]) -> Move<T> {
        Move { delta: self.lr * g, metric: T::ONE }
    }
}

/// b ← μ·b + (1 − dampening)·g, and the weight moves by lr·b, with Nesterov by lr·(g + μ·b).
///
/// The first step sets b = g, as `PyTorch` does. The metric is the size of a steady step:
/// D = (1 − μ)/(1 − dampening), with Nesterov 1 − μ (Sutskever et al. 2013).
#[derive(Clone, Copy)]
struct Momentum<T> {
    lr: T,
    /// μ; 0 on the first step.
    mu: T,
    /// 1 − dampening; 1 on the first step.
    admitted: T,
    nesterov: bool,
    lookahead: T,
    metric: T,
}

impl<T: Float> Rule<T, 1> for Momentum<T> {
    #[inline(always)]
    fn advance(self, g: T, [buffer]: [&mut T; 1]) -> Move<T> {
        *buffer = (self.mu * *buffer + self.admitted * g).settled();
        let direction = if self.nesterov { g + self.lookahead * *buffer } else { *buffer };
        Move { delta: self.lr * direction, metric: self.metric }
    }
}

pub(super) fn step<T: Float>(run: Run, group: &Group, segment: Segment<'_, T>) -> Stats {
    let Segment { weights, grads, state } = segment;
    let [momentum, dampening, nesterov, ..] = group.own;
    let lr = T::of(group.lr);
    let [Some(buffer), ..] = state else {
        return update(run, group, Plain { lr }, weights, grads, []);
    };
    let first = group.step <= 1.0;
    let nesterov = nesterov != 0.0;
    let rule = Momentum {
        lr,
        mu: T::of(if first { 0.0 } else { momentum }),
        admitted: T::of(if first { 1.0 } else { 1.0 - dampening }),
        nesterov,
        lookahead: T::of(momentum),
        metric: T::of(if nesterov { 1.0 } else { 1.0 - dampening } / (1.0 - momentum)),
    };
    update(run, group, rule, weights, grads, [buffer])
}
