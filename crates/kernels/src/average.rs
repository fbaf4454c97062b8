//! Averages of weights over the steps of a training.

use crate::float::Float;
use crate::{Exec, elementwise, kernel, parallel};

/// How weights are averaged.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// average ← decay·average + (1 − decay)·weights.
    Exponential(f64),
    /// average ← average + (weights − average)/(n + 1): all alike.
    Equal,
}

impl Kind {
    /// The kind that a number means: a decay, or below 0 none.
    pub fn of(decay: f64) -> Self {
        if decay < 0.0 { Self::Equal } else { Self::Exponential(decay) }
    }
}

/// Takes `weights` into `average`, which `n` of them are in; without any it becomes a copy of them
/// (`PyTorch`'s `AveragedModel`).
pub fn average<T: Float>(exec: Exec, kind: Kind, n: f64, weights: &[T], average: &mut [T]) {
    if n < 1.0 {
        return elementwise::unary(exec, weights, average, |w| w);
    }
    match kind {
        Kind::Exponential(decay) => {
            let (kept, taken) = (T::of(decay), T::of(1.0 - decay));
            elementwise::merge(exec, weights, average, |a, w| kept * a + taken * w);
        }
        Kind::Equal => {
            let count = T::of(n + 1.0);
            elementwise::merge(exec, weights, average, |a, w| a + (w - a) / count);
        }
    }
}

kernel! {
    fn exchange_chunk[T: Float](x: &mut [T], y: &mut [T]) {
        for (x, y) in x.iter_mut().zip(y) {
            (*x, *y) = (*y, *x);
        }
    }
}

/// x ← y and y ← x.
pub fn exchange<T: Float>(exec: Exec, x: &mut [T], y: &mut [T]) {
    parallel::for_each(exec, x.len(), [x, y], |[x, y]| exchange_chunk(exec.isa, x, y));
}
