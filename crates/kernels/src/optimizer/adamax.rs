use super::moments::Moments;
use super::power::power;
use super::rule::Move;
use super::spec::{BETA1, BETA2, EPS, Own, Range};
use super::update::update;
use super::{Group, Rule, Run, Segment, Spec, Stats};
use crate::float::Float;

pub(super) const SPEC: Spec = Spec {
    name: "adamax",
    state: &["m", "u"],
    required: 2,
    options: &[BETA1, BETA2, EPS, Own::new("epsOutside", 0.0, Range::Flag)],
    ..Spec::USUAL
};

/// m ← β₁m + (1 − β₁)g, u ← max(β₂u, |g| + ε), and the weight moves by lr·m̂/u.
///
/// Kingma & Ba 2015, arXiv:1412.6980, section 7.1, with ε where `PyTorch` has it; with `epsOutside`
/// it is added to u in the denominator instead, as in Keras. Where no gradient was ever seen the
/// metric is 1.
#[derive(Clone, Copy)]
struct Adamax<T> {
    moments: Moments<T>,
    beta2: T,
    /// lr/(1 − β₁ᵗ).
    step_size: T,
    eps_inside: T,
    eps_outside: T,
}

impl<T: Float> Rule<T, 2> for Adamax<T> {
    #[inline(always)]
    fn advance(self, g: T, w: T, [m, u]: [&mut T; 2]) -> Move<T> {
        self.moments.first(g, m);
        let (kept, seen) = ((self.beta2 * *u).settled(), g.magnitude() + self.eps_inside);
        *u = if seen <= kept { kept } else { seen };
        let inverse = T::ONE / (*u + self.eps_outside);
        let metric = if *u <= self.eps_inside { T::ONE } else { inverse };
        Move { weight: w - self.step_size * (*m * inverse), metric }
    }
}

pub(super) fn step<T: Float>(run: Run, group: &mut Group, segment: Segment<'_, T>) -> Stats {
    let Segment { weights, grads, state } = segment;
    let [Some(m), Some(u), ..] = state else {
        unreachable!("the caller gives Adamax two arrays of state")
    };
    let [beta1, beta2, eps, outside, ..] = group.own;
    let (inside, outside) = if outside == 0.0 { (eps, 0.0) } else { (0.0, eps) };
    let rule = Adamax {
        moments: Moments::of(group),
        beta2: T::of(beta2),
        step_size: T::of(group.lr / (1.0 - power(beta1, group.step))),
        eps_inside: T::of(inside),
        eps_outside: T::of(outside),
    };
    update(run, group, rule, weights, grads, [m, u])
}
