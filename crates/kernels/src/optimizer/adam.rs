use super::rule::Move;
use super::update::update;
use super::{Group, Rule, Run, Segment, Spec, Stats};
use crate::float::Float;

pub(super) const SPEC: Spec = Spec {
    name: "adam",
    state: &["m", "v", "vMax"],
    required: 2,
    options: &["beta1", "beta2", "eps"],
};

/// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², and the weight moves by lr·m̂/D with D = √v̂ + ε.
///
/// Kingma & Ba 2015, arXiv:1412.6980, in `PyTorch`'s form: ε outside the bias correction. Where
/// v is exactly 0 (a row never seen, a dead unit) the metric is 1, or ε would let a prox erase
/// the weight in one step.
#[derive(Clone, Copy)]
struct Adam<T> {
    beta1: T,
    rest1: T,
    beta2: T,
    rest2: T,
    /// lr/(1 − β₁ᵗ).
    step_size: T,
    /// 1/√(1 − β₂ᵗ).
    correction: T,
    eps: T,
}

/// βᵗ, or 0 where 1 − βᵗ rounds to 1 anyway, for βᵗ ≤ exp(−(1 − β)t): a power is a quarter of a
/// call on 16 elements, and half of one when it underflows.
fn power(beta: f64, step: f64) -> f64 {
    // A call, or the compiler computes the power first and then chooses.
    #[inline(never)]
    fn computed(beta: f64, step: f64) -> f64 {
        beta.powf(step)
    }
    if step * (1.0 - beta) > 45.0 { 0.0 } else { computed(beta, step) }
}

impl<T: Float> Adam<T> {
    fn of(group: &Group) -> Self {
        let [beta1, beta2, eps, ..] = group.own;
        Self {
            beta1: T::of(beta1),
            rest1: T::of(1.0 - beta1),
            beta2: T::of(beta2),
            rest2: T::of(1.0 - beta2),
            step_size: T::of(group.lr / (1.0 - power(beta1, group.step))),
            correction: T::of(1.0 / (1.0 - power(beta2, group.step)).sqrt()),
            eps: T::of(eps),
        }
    }

    /// The moments after `g`.
    #[inline(always)]
    fn moments(self, g: T, m: &mut T, v: &mut T) {
        *m = (self.beta1 * *m + self.rest1 * g).settled();
        *v = (self.beta2 * *v + self.rest2 * (g * g)).settled();
    }

    /// The move of first moment `m` under the second moment `v`.
    #[inline(always)]
    fn go(self, m: T, v: T) -> Move<T> {
        let inverse = T::ONE / (v.root() * self.correction + self.eps);
        let metric = if v == T::ZERO { T::ONE } else { inverse };
        Move { delta: self.step_size * (m * inverse), metric }
    }
}

impl<T: Float> Rule<T, 2> for Adam<T> {
    #[inline(always)]
    fn advance(self, g: T, [m, v]: [&mut T; 2]) -> Move<T> {
        self.moments(g, m, v);
        self.go(*m, *v)
    }
}

/// Adam under the largest second moment so far (Reddi et al. 2018, arXiv:1904.09237).
#[derive(Clone, Copy)]
struct AmsGrad<T>(Adam<T>);

impl<T: Float> Rule<T, 3> for AmsGrad<T> {
    #[inline(always)]
    fn advance(self, g: T, [m, v, v_max]: [&mut T; 3]) -> Move<T> {
        self.0.moments(g, m, v);
        // Not max(): a NaN must show.
        *v_max = if *v <= *v_max { *v_max } else { *v };
        self.0.go(*m, *v_max)
    }
}

pub(super) fn step<T: Float>(run: Run, group: &Group, segment: Segment<'_, T>) -> Stats {
    let Segment { weights, grads, state } = segment;
    let adam = Adam::of(group);
    match state {
        [Some(m), Some(v), Some(v_max)] => {
            update(run, group, AmsGrad(adam), weights, grads, [m, v, v_max])
        }
        [Some(m), Some(v), None] => update(run, group, adam, weights, grads, [m, v]),
        _ => unreachable!("the caller gives Adam at least two arrays of state"),
    }
}
