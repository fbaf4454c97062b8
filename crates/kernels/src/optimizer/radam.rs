use super::moments::{Inverse, Moments};
use super::power::power;
use super::rule::Move;
use super::spec::{BETA1, BETA2, EPS};
use super::update::update;
use super::{Group, Rule, Run, Segment, Spec, Stats};
use crate::float::Float;

pub(super) const SPEC: Spec = Spec {
    name: "radam",
    state: &["m", "v"],
    required: 2,
    options: &[BETA1, BETA2, EPS],
    ..Spec::USUAL
};

/// Adam whose step is rectified for the variance of v: by lr·m̂ alone while ρₜ ≤ 5, then by
/// lr·m̂·rₜ·√(1 − β₂ᵗ)/(√v + ε), with ρ∞ = 2/(1 − β₂) − 1, ρₜ = ρ∞ − 2tβ₂ᵗ/(1 − β₂ᵗ) and
/// rₜ² = (ρₜ − 4)(ρₜ − 2)ρ∞/((ρ∞ − 4)(ρ∞ − 2)ρₜ).
///
/// Liu et al. 2020, arXiv:1908.03265, algorithm 2; ε and the threshold of 5 as in `PyTorch`.
#[derive(Clone, Copy)]
struct RAdam<T> {
    moments: Moments<T>,
    inverse: Inverse<T>,
    /// lr/(1 − β₁ᵗ).
    step_size: T,
    /// rₜ·√(1 − β₂ᵗ), where the step is rectified.
    rectifier: Option<T>,
}

impl<T: Float> RAdam<T> {
    fn of(group: &Group) -> Self {
        let [beta1, beta2, eps, ..] = group.own;
        let power2 = power(beta2, group.step);
        let most = 2.0 / (1.0 - beta2) - 1.0;
        let now = most - 2.0 * group.step * power2 / (1.0 - power2);
        let rectifier = (now > 5.0).then(|| {
            let share = (now - 4.0) * (now - 2.0) * most / ((most - 4.0) * (most - 2.0) * now);
            T::of(share.sqrt() * (1.0 - power2).sqrt())
        });
        Self {
            moments: Moments::of(group),
            inverse: Inverse { correction: T::ONE, eps: T::of(eps) },
            step_size: T::of(group.lr / (1.0 - power(beta1, group.step))),
            rectifier,
        }
    }
}

impl<T: Float> Rule<T, 2> for RAdam<T> {
    #[inline(always)]
    fn advance(self, g: T, w: T, [m, v]: [&mut T; 2]) -> Move<T> {
        self.moments.first(g, m);
        self.moments.second(g, v);
        let Some(rectifier) = self.rectifier else {
            return Move { weight: w - self.step_size * *m, metric: T::ONE };
        };
        let (inverse, metric) = self.inverse.at(*v);
        let metric = if *v == T::ZERO { metric } else { rectifier * metric };
        Move { weight: w - self.step_size * (*m * (rectifier * inverse)), metric }
    }
}

pub(super) fn step<T: Float>(run: Run, group: &mut Group, segment: Segment<'_, T>) -> Stats {
    let Segment { weights, grads, state } = segment;
    let [Some(m), Some(v), ..] = state else {
        unreachable!("the caller gives RAdam two arrays of state")
    };
    let rule = RAdam::of(group);
    update(run, group, rule, weights, grads, [m, v])
}
