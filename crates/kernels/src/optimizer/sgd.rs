use super::rule::Move;
use super::spec::{Own, Range};
use super::update::update;
use super::{Group, Rule, Run, Segment, Spec, Stats};
use crate::float::Float;

pub(super) const SPEC: Spec = Spec {
    name: "sgd",
    state: &["momentumBuffer"],
    required: 0,
    options: &[
        Own::new("momentum", 0.0, Range::Momentum),
        Own::new("dampening", 0.0, Range::Finite),
        Own::new("nesterov", 0.0, Range::Flag),
        Own::new("lrInBuffer", 0.0, Range::Flag),
    ],
    ..Spec::USUAL
};

/// w ← w − lr·g.
#[derive(Clone, Copy)]
struct Plain<T> {
    lr: T,
}

impl<T: Float> Rule<T, 0> for Plain<T> {
    const OFTEN: bool = true;

    #[inline(always)]
    fn advance(self, g: T, w: T, []: [&mut T; 0]) -> Move<T> {
        Move { weight: w - self.lr * g, metric: T::ONE }
    }
}

/// b ← μ·b + (1 − dampening)·g, and the weight moves by lr·b, with Nesterov by lr·(g + μ·b).
///
/// The first step sets b = g, as `PyTorch` does. The metric is the size of a steady step:
/// D = (1 − μ)/(1 − dampening), with Nesterov 1 − μ (Sutskever et al. 2013). With `lrInBuffer` the
/// gradient is multiplied by lr before b, as in Keras, so that b keeps the rates of its past.
#[derive(Clone, Copy)]
struct Momentum<T> {
    /// What a gradient is multiplied by before the buffer, and what the direction is.
    lr_before: T,
    lr_after: T,
    /// μ; 0 on the first step.
    mu: T,
    /// 1 − dampening; 1 on the first step.
    admitted: T,
    nesterov: bool,
    lookahead: T,
    metric: T,
}

impl<T: Float> Rule<T, 1> for Momentum<T> {
    const OFTEN: bool = true;

    #[inline(always)]
    fn advance(self, g: T, w: T, [buffer]: [&mut T; 1]) -> Move<T> {
        let g = self.lr_before * g;
        *buffer = (self.mu * *buffer + self.admitted * g).settled();
        let direction = if self.nesterov { g + self.lookahead * *buffer } else { *buffer };
        Move { weight: w - self.lr_after * direction, metric: self.metric }
    }
}

pub(super) fn step<T: Float>(run: Run, group: &mut Group, segment: Segment<'_, T>) -> Stats {
    let Segment { weights, grads, state } = segment;
    let [momentum, dampening, nesterov, before, ..] = group.own;
    let [Some(buffer), ..] = state else {
        let rule = Plain { lr: T::of(group.lr) };
        return update(run, group, rule, weights, grads, []);
    };
    let first = group.step <= 1.0;
    let nesterov = nesterov != 0.0;
    let (before, after) = if before == 0.0 { (1.0, group.lr) } else { (group.lr, 1.0) };
    let rule = Momentum {
        lr_before: T::of(before),
        lr_after: T::of(after),
        mu: T::of(if first { 0.0 } else { momentum }),
        admitted: T::of(if first { 1.0 } else { 1.0 - dampening }),
        nesterov,
        lookahead: T::of(momentum),
        metric: T::of(if nesterov { 1.0 } else { 1.0 - dampening } / (1.0 - momentum)),
    };
    update(run, group, rule, weights, grads, [buffer])
}
