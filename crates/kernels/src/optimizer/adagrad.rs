use super::rule::Move;
use super::spec::{Own, Range};
use super::update::update;
use super::{Group, Rule, Run, Segment, Spec, Stats};
use crate::float::Float;

pub(super) const SPEC: Spec = Spec {
    name: "adagrad",
    state: &["sum"],
    required: 1,
    options: &[
        Own::new("lrDecay", 0.0, Range::NonNegative),
        Own::new("eps", 1e-10, Range::NonNegative),
        Own::new("epsInside", 0.0, Range::Flag),
    ],
    ..Spec::USUAL
};

/// s ← s + g², and the weight moves by lrₜ·g/(√s + ε) with lrₜ = lr/(1 + (t − 1)·lrDecay).
///
/// Duchi et al. 2011, JMLR 12:2121, in `PyTorch`'s form; with `epsInside` the denominator is √(s + ε),
/// as in Keras. Where s is exactly 0 the metric is lrₜ/lr.
#[derive(Clone, Copy)]
struct Adagrad<T> {
    lr: T,
    /// lrₜ/lr.
    decay: T,
    eps_inside: T,
    eps_outside: T,
}

impl<T: Float> Rule<T, 1> for Adagrad<T> {
    #[inline(always)]
    fn advance(self, g: T, w: T, [sum]: [&mut T; 1]) -> Move<T> {
        *sum += g * g;
        let inverse = T::ONE / ((*sum + self.eps_inside).root() + self.eps_outside);
        let metric = self.decay * if *sum == T::ZERO { T::ONE } else { inverse };
        Move { weight: w - self.lr * (g * inverse), metric }
    }
}

pub(super) fn step<T: Float>(run: Run, group: &mut Group, segment: Segment<'_, T>) -> Stats {
    let Segment { weights, grads, state } = segment;
    let [Some(sum), ..] = state else { unreachable!("the caller gives Adagrad an array of state") };
    let [lr_decay, eps, inside, ..] = group.own;
    let decay = 1.0 / (1.0 + (group.step - 1.0) * lr_decay);
    let (inside, outside) = if inside == 0.0 { (0.0, eps) } else { (eps, 0.0) };
    let rule = Adagrad {
        lr: T::of(group.lr * decay),
        decay: T::of(decay),
        eps_inside: T::of(inside),
        eps_outside: T::of(outside),
    };
    update(run, group, rule, weights, grads, [sum])
}
