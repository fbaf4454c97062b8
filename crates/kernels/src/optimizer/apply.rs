use super::group::Apply;
use crate::float::Float;
use crate::penalty::{ElasticNet, Penalty, soft_threshold};

/// Where the elastic net enters an update. Each method is one place; the default does nothing.
pub(super) trait Acts<T: Float>: Copy + Send + Sync {
    /// Whether the penalty's figures are collected.
    const PENALIZED: bool = true;

    /// The gradient that the optimizer sees.
    #[inline(always)]
    fn gradient(self, g: T, _w: T) -> T {
        g
    }

    /// The weight after the step, pulled by the penalty's gradient at the weight before it.
    #[inline(always)]
    fn pull(self, z: T, _w: T) -> T {
        z
    }

    /// The weight after the prox, in the metric 1/D.
    #[inline(always)]
    fn prox(self, z: T, _metric: T) -> T {
        z
    }
}

#[derive(Clone, Copy)]
pub(super) struct Nothing;

impl<T: Float> Acts<T> for Nothing {
    const PENALIZED: bool = false;
}

/// g ← g + ∂P(w).
#[derive(Clone, Copy)]
pub(super) struct Coupled<T>(pub(super) ElasticNet<T>);

impl<T: Float> Acts<T> for Coupled<T> {
    #[inline(always)]
    fn gradient(self, g: T, w: T) -> T {
        g + self.0.gradient(w)
    }
}

/// w ← w − lr·∂P(w), beside the step.
#[derive(Clone, Copy)]
pub(super) struct Decoupled<T> {
    pub(super) penalty: ElasticNet<T>,
    pub(super) lr: T,
}

impl<T: Float> Acts<T> for Decoupled<T> {
    #[inline(always)]
    fn pull(self, z: T, w: T) -> T {
        z - self.lr * self.penalty.gradient(w)
    }
}

/// w ← prox of step lr/D, D the optimizer's own denominator.
#[derive(Clone, Copy)]
pub(super) struct Proximal<T> {
    pub(super) lr_l1: T,
    pub(super) lr_2l2: T,
}

impl<T: Float> Acts<T> for Proximal<T> {
    #[inline(always)]
    fn prox(self, z: T, metric: T) -> T {
        soft_threshold(z, self.lr_l1 * metric) / (T::ONE + self.lr_2l2 * metric)
    }
}

/// [`Proximal`] without the square term: it saves a division a weight (bench/RESULTS.md).
#[derive(Clone, Copy)]
pub(super) struct ProximalL1<T> {
    pub(super) lr_l1: T,
}

impl<T: Float> Acts<T> for ProximalL1<T> {
    #[inline(always)]
    fn prox(self, z: T, metric: T) -> T {
        soft_threshold(z, self.lr_l1 * metric)
    }
}

/// w ← prox of step lr, whatever the optimizer's metric.
#[derive(Clone, Copy)]
pub(super) struct ProximalDecoupled<T> {
    pub(super) lr_l1: T,
    /// 1/(1 + 2·lr·l2).
    pub(super) shrink: T,
}

impl<T: Float> Acts<T> for ProximalDecoupled<T> {
    #[inline(always)]
    fn prox(self, z: T, _metric: T) -> T {
        soft_threshold(z, self.lr_l1) * self.shrink
    }
}

/// Any of them, chosen for each weight anew: one loop serves them all.
#[derive(Clone, Copy)]
pub(super) struct Chosen<T> {
    pub(super) penalty: ElasticNet<T>,
    pub(super) lr: T,
    pub(super) lr_l1: T,
    pub(super) lr_2l2: T,
    /// `None` where the rule itself applies the penalty.
    pub(super) apply: Option<Apply>,
}

impl<T: Float> Acts<T> for Chosen<T> {
    #[inline(always)]
    fn gradient(self, g: T, w: T) -> T {
        let with = g + self.penalty.gradient(w);
        if self.apply == Some(Apply::Coupled) { with } else { g }
    }

    #[inline(always)]
    fn pull(self, z: T, w: T) -> T {
        let pulled = z - self.lr * self.penalty.gradient(w);
        if self.apply == Some(Apply::Decoupled) { pulled } else { z }
    }

    #[inline(always)]
    fn prox(self, z: T, metric: T) -> T {
        let proximal = matches!(self.apply, Some(Apply::Proximal | Apply::ProximalDecoupled));
        let scale = if self.apply == Some(Apply::Proximal) { metric } else { T::ONE };
        let near = soft_threshold(z, self.lr_l1 * scale) / (T::ONE + self.lr_2l2 * scale);
        if proximal { near } else { z }
    }
}
