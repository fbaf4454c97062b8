use super::group::Apply;
use super::rule::Move;
use super::spec::{Own, Range};
use super::update::update;
use super::{Group, Rule, Run, Segment, Spec, Stats};
use crate::float::Float;
use crate::penalty::soft_threshold;

pub(super) const SPEC: Spec = Spec {
    name: "ftrl",
    state: &["z", "n"],
    required: 2,
    lr: Range::Positive,
    options: &[
        Own::new("learningRatePower", -0.5, Range::NonPositive),
        Own::new("beta", 0.0, Range::NonNegative),
        Own::new("l1RegularizationStrength", 0.0, Range::NonNegative),
        Own::new("l2RegularizationStrength", 0.0, Range::NonNegative),
        Own::new("l2ShrinkageRegularizationStrength", 0.0, Range::NonNegative),
    ],
    applies: (
        &[Apply::Coupled, Apply::Proximal],
        "The weights are made anew from z and n at each step, so what acts beside these is forgotten.",
    ),
    ..Spec::USUAL
};

/// n′ = n + g², z ← z + g + 2·shrinkage·w − w(n′⁻ᵖ − n⁻ᵖ)/lr, and the weight becomes
/// −S(z, l1)/((n′⁻ᵖ + β)/lr + 2·l2), with p the power of the learning rate.
///
/// `McMahan` et al. 2013, doi:10.1145/2487575.2488200, algorithm 1, as Keras and `TensorFlow` have it.
/// There l1 and l2 weigh on the sum of all gradients once. A penalty of the group is one of the
/// objective, so it is counted at each step: t·λ (`McMahan` 2011, PMLR 15:525, section 1).
#[derive(Clone, Copy)]
struct Ftrl<T, P> {
    power: P,
    /// 2·shrinkage.
    shrinkage: T,
    /// 1/lr.
    per_lr: T,
    /// l1, with what a penalty adds.
    threshold: T,
    /// β/lr + 2·l2, with what a penalty adds.
    flat: T,
}

/// x⁻ᵖ.
trait Power<T>: Copy + Send + Sync {
    fn of(self, x: T) -> T;
}

/// p = −½.
#[derive(Clone, Copy)]
struct Root;

impl<T: Float> Power<T> for Root {
    #[inline(always)]
    fn of(self, x: T) -> T {
        x.root()
    }
}

#[derive(Clone, Copy)]
struct Any {
    exponent: f64,
}

impl<T: Float> Power<T> for Any {
    #[inline(always)]
    fn of(self, x: T) -> T {
        T::of(x.f64().powf(self.exponent))
    }
}

impl<T: Float, P: Power<T>> Rule<T, 2> for Ftrl<T, P> {
    const PROXIMAL: bool = true;

    #[inline(always)]
    fn advance(self, g: T, w: T, [z, n]: [&mut T; 2]) -> Move<T> {
        let before = self.power.of(*n);
        *n += g * g;
        let after = self.power.of(*n);
        *z = *z + (g + self.shrinkage * w) - (after - before) * self.per_lr * w;
        let weight = soft_threshold(*z, self.threshold) / (after * self.per_lr + self.flat);
        // From 0, so that no weight is −0.
        Move { weight: T::ZERO - weight, metric: T::ONE }
    }
}

pub(super) fn step<T: Float>(run: Run, group: &mut Group, segment: Segment<'_, T>) -> Stats {
    let Segment { weights, grads, state } = segment;
    let [Some(z), Some(n), ..] = state else {
        unreachable!("the caller gives FTRL two arrays of state")
    };
    let [power, beta, l1, l2, shrinkage, ..] = group.own;
    let steps = if group.apply == Apply::Proximal { group.step } else { 0.0 };
    let rule = Ftrl {
        power: Root,
        shrinkage: T::of(2.0 * shrinkage),
        per_lr: T::of(1.0 / group.lr),
        threshold: T::of(l1 + steps * group.l1),
        flat: T::of(beta / group.lr + 2.0 * (l2 + steps * group.l2)),
    };
    if power == -0.5 {
        return update(run, group, rule, weights, grads, [z, n]);
    }
    let Ftrl { shrinkage, per_lr, threshold, flat, .. } = rule;
    let rule = Ftrl { power: Any { exponent: -power }, shrinkage, per_lr, threshold, flat };
    update(run, group, rule, weights, grads, [z, n])
}
