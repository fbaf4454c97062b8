use super::Penalty;
use crate::float::Float;

/// p(w) = `l1`·|w| + `l2`·w²; `l2` = 0 is the lasso, `l1` = 0 is ridge.
///
/// Source: Zou & Hastie 2005, doi:10.1111/j.1467-9868.2005.00503.x; prox: Parikh & Boyd 2014,
/// "Proximal Algorithms", §6.5.2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ElasticNet<T> {
    /// Strength of |w|, at least 0.
    pub l1: T,
    /// Strength of w², at least 0: its gradient is 2·`l2`·w.
    pub l2: T,
}

impl<T: Float> ElasticNet<T> {
    /// The penalty with strengths rounded to the precision of the weights.
    pub fn of(l1: f64, l2: f64) -> Self {
        Self { l1: T::of(l1), l2: T::of(l2) }
    }
}

/// −1, 0 or 1; 0 for both zeros. NaN has a sign too: whoever calls this adds a term that keeps it.
#[inline(always)]
pub(crate) fn sign<T: Float>(w: T) -> T {
    if w == T::ZERO { T::ZERO } else { T::ONE.with_sign(w) }
}

/// S(w, threshold) = sign(w)·max(|w| − threshold, 0), with +0 for what is cut off.
#[inline(always)]
pub(crate) fn soft_threshold<T: Float>(w: T, threshold: T) -> T {
    let excess = w.magnitude() - threshold;
    // Not max(): a NaN weight must stay NaN, and max() would turn it into 0.
    if excess <= T::ZERO { T::ZERO } else { excess.with_sign(w) }
}

impl<T: Float> Penalty<T> for ElasticNet<T> {
    #[inline(always)]
    fn value(self, w: T) -> T {
        self.l1 * w.magnitude() + self.l2 * w * w
    }

    #[inline(always)]
    fn gradient(self, w: T) -> T {
        self.l1 * sign(w) + (self.l2 + self.l2) * w
    }

    #[inline(always)]
    fn prox(self, w: T, step: T) -> T {
        soft_threshold(w, step * self.l1) / (T::ONE + (step + step) * self.l2)
    }

    #[inline(always)]
    fn violation(self, w: T, grad: T) -> T {
        if w != T::ZERO {
            return (grad + self.gradient(w)).magnitude();
        }
        let excess = grad.magnitude() - self.l1;
        // Not max(): a NaN gradient must not pass for an optimum.
        if excess <= T::ZERO { T::ZERO } else { excess }
    }
}
