use super::moments::{Inverse, Moments};
use super::power::power;
use super::rule::Move;
use super::spec::{BETA1, BETA2, EPS, Own, Range};
use super::update::update;
use super::{Group, Rule, Run, Segment, Spec, Stats};
use crate::float::Float;

pub(super) const SPEC: Spec = Spec {
    name: "adam",
    state: &["m", "v", "vMax"],
    required: 2,
    options: &[BETA1, BETA2, EPS, Own::new("epsHat", 0.0, Range::Flag)],
    ..Spec::USUAL
};

/// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², and the weight moves by lr·m̂/D with D = √v̂ + ε.
///
/// Kingma & Ba 2015, arXiv:1412.6980, in `PyTorch`'s form: ε outside the bias correction. With
/// `epsHat` it is the ε̂ of the paper's section 2, as in Keras: added to √v before the correction.
#[derive(Clone, Copy)]
struct Adam<T> {
    moments: Moments<T>,
    inverse: Inverse<T>,
    /// lr/(1 − β₁ᵗ).
    step_size: T,
}

impl<T: Float> Adam<T> {
    fn of(group: &Group) -> Self {
        let [beta1, beta2, eps, eps_hat, ..] = group.own;
        let correction = 1.0 / (1.0 - power(beta2, group.step)).sqrt();
        let eps = if eps_hat == 0.0 { eps } else { eps * correction };
        Self {
            moments: Moments::of(group),
            inverse: Inverse { correction: T::of(correction), eps: T::of(eps) },
            step_size: T::of(group.lr / (1.0 - power(beta1, group.step))),
        }
    }

    /// Where first moment `m` takes `w` under the second moment `v`.
    #[inline(always)]
    fn go(self, w: T, m: T, v: T) -> Move<T> {
        let (inverse, metric) = self.inverse.at(v);
        Move { weight: w - self.step_size * (m * inverse), metric }
    }
}

impl<T: Float> Rule<T, 2> for Adam<T> {
    const OFTEN: bool = true;

    #[inline(always)]
    fn advance(self, g: T, w: T, [m, v]: [&mut T; 2]) -> Move<T> {
        self.moments.first(g, m);
        self.moments.second(g, v);
        self.go(w, *m, *v)
    }
}

/// Adam under the largest second moment so far (Reddi et al. 2018, arXiv:1904.09237).
#[derive(Clone, Copy)]
struct AmsGrad<T>(Adam<T>);

impl<T: Float> Rule<T, 3> for AmsGrad<T> {
    #[inline(always)]
    fn advance(self, g: T, w: T, [m, v, v_max]: [&mut T; 3]) -> Move<T> {
        self.0.moments.first(g, m);
        self.0.moments.second(g, v);
        // Not max(): a NaN must show.
        *v_max = if *v <= *v_max { *v_max } else { *v };
        self.0.go(w, *m, *v_max)
    }
}

pub(super) fn step<T: Float>(run: Run, group: &mut Group, segment: Segment<'_, T>) -> Stats {
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
