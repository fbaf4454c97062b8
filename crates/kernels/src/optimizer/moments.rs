use super::Group;
use crate::float::Float;

/// The first two moments of the gradient, as Adam and its kin keep them.
#[derive(Clone, Copy)]
pub(super) struct Moments<T> {
    beta1: T,
    rest1: T,
    beta2: T,
    rest2: T,
}

impl<T: Float> Moments<T> {
    /// Of a group whose first own options are the rates.
    pub(super) fn of(group: &Group) -> Self {
        let [beta1, beta2, ..] = group.own;
        Self {
            beta1: T::of(beta1),
            rest1: T::of(1.0 - beta1),
            beta2: T::of(beta2),
            rest2: T::of(1.0 - beta2),
        }
    }

    /// m ← β₁m + (1 − β₁)g.
    #[inline(always)]
    pub(super) fn first(self, g: T, m: &mut T) {
        *m = (self.beta1 * *m + self.rest1 * g).settled();
    }

    /// v ← β₂v + (1 − β₂)g².
    #[inline(always)]
    pub(super) fn second(self, g: T, v: &mut T) {
        *v = (self.beta2 * *v + self.rest2 * (g * g)).settled();
    }
}

/// 1/(√(v·correction²) + ε), and the same as a metric: 1 where v is exactly 0 (a row never seen, a
/// dead unit), or ε would let a prox erase the weight in one step.
#[derive(Clone, Copy)]
pub(super) struct Inverse<T> {
    /// 1/√(1 − β₂ᵗ).
    pub(super) correction: T,
    pub(super) eps: T,
}

impl<T: Float> Inverse<T> {
    #[inline(always)]
    pub(super) fn at(self, v: T) -> (T, T) {
        let inverse = T::ONE / (v.root() * self.correction + self.eps);
        (inverse, if v == T::ZERO { T::ONE } else { inverse })
    }
}
