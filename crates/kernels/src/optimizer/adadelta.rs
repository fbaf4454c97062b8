use super::rule::Move;
use super::spec::{Own, Range};
use super::update::update;
use super::{Group, Rule, Run, Segment, Spec, Stats};
use crate::float::Float;

pub(super) const SPEC: Spec = Spec {
    name: "adadelta",
    state: &["squareAvg", "accDelta"],
    required: 2,
    options: &[Own::new("rho", 0.9, Range::Share), Own::new("eps", 1e-6, Range::NonNegative)],
    ..Spec::USUAL
};

/// v ← ρv + (1 − ρ)g², d = g·√(a + ε)/√(v + ε), a ← ρa + (1 − ρ)d², and the weight moves by lr·d.
///
/// Zeiler 2012, arXiv:1212.5701. Where v is exactly 0 the metric is 1.
#[derive(Clone, Copy)]
struct Adadelta<T> {
    lr: T,
    rho: T,
    rest: T,
    eps: T,
}

impl<T: Float> Rule<T, 2> for Adadelta<T> {
    #[inline(always)]
    fn advance(self, g: T, w: T, [v, acc]: [&mut T; 2]) -> Move<T> {
        *v = (self.rho * *v + self.rest * (g * g)).settled();
        let ratio = (*acc + self.eps).root() / (*v + self.eps).root();
        let delta = ratio * g;
        *acc = (self.rho * *acc + self.rest * (delta * delta)).settled();
        let metric = if *v == T::ZERO { T::ONE } else { ratio };
        Move { weight: w - self.lr * delta, metric }
    }
}

pub(super) fn step<T: Float>(run: Run, group: &mut Group, segment: Segment<'_, T>) -> Stats {
    let Segment { weights, grads, state } = segment;
    let [Some(v), Some(acc), ..] = state else {
        unreachable!("the caller gives Adadelta two arrays of state")
    };
    let [rho, eps, ..] = group.own;
    let rule =
        Adadelta { lr: T::of(group.lr), rho: T::of(rho), rest: T::of(1.0 - rho), eps: T::of(eps) };
    update(run, group, rule, weights, grads, [v, acc])
}
