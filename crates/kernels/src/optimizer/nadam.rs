use super::moments::{Inverse, Moments};
use super::power::power;
use super::rule::Move;
use super::spec::{BETA1, BETA2, EPS, Own, Range};
use super::update::update;
use super::{Group, Rule, Run, Segment, Spec, Stats};
use crate::float::Float;

pub(super) const SPEC: Spec = Spec {
    name: "nadam",
    state: &["m", "v"],
    required: 2,
    carried: Some("muProduct"),
    options: &[BETA1, BETA2, EPS, Own::new("momentumDecay", 4e-3, Range::NonNegative)],
    ..Spec::USUAL
};

/// Adam with Nesterov's look-ahead: with μₜ = β₁(1 − ½·0.96^(tψ)), ψ the momentum's decay, the weight
/// moves by lr·((1 − μₜ)g/(1 − Πμ) + μₜ₊₁m/(1 − Πμ·μₜ₊₁))/D with D = √v̂ + ε.
///
/// Dozat 2016, "Incorporating Nesterov momentum into Adam"; `PyTorch` has ψ = .004, Keras 1. The
/// product of all μ so far has no closed form: the segment carries it.
#[derive(Clone, Copy)]
struct NAdam<T> {
    moments: Moments<T>,
    inverse: Inverse<T>,
    /// lr(1 − μₜ)/(1 − Πμ).
    by_gradient: T,
    /// lr·μₜ₊₁/(1 − Πμ·μₜ₊₁).
    by_moment: T,
}

impl<T: Float> NAdam<T> {
    fn of(group: &mut Group) -> Self {
        let [beta1, beta2, eps, decay, ..] = group.own;
        let mu = |step: f64| beta1 * (1.0 - 0.5 * 0.96_f64.powf(step * decay));
        let (now, next) = (mu(group.step), mu(group.step + 1.0));
        let before = if group.step <= 1.0 { 1.0 } else { group.carried };
        group.carried = before * now;
        let correction = 1.0 / (1.0 - power(beta2, group.step)).sqrt();
        Self {
            moments: Moments::of(group),
            inverse: Inverse { correction: T::of(correction), eps: T::of(eps) },
            by_gradient: T::of(group.lr * (1.0 - now) / (1.0 - group.carried)),
            by_moment: T::of(group.lr * next / (1.0 - group.carried * next)),
        }
    }
}

impl<T: Float> Rule<T, 2> for NAdam<T> {
    #[inline(always)]
    fn advance(self, g: T, w: T, [m, v]: [&mut T; 2]) -> Move<T> {
        self.moments.first(g, m);
        self.moments.second(g, v);
        let (inverse, metric) = self.inverse.at(*v);
        let ahead = self.by_gradient * g + self.by_moment * *m;
        Move { weight: w - ahead * inverse, metric }
    }
}

pub(super) fn step<T: Float>(run: Run, group: &mut Group, segment: Segment<'_, T>) -> Stats {
    let Segment { weights, grads, state } = segment;
    let [Some(m), Some(v), ..] = state else {
        unreachable!("the caller gives NAdam two arrays of state")
    };
    let rule = NAdam::of(group);
    update(run, group, rule, weights, grads, [m, v])
}
