//! Penalties: one trait for the maths of one weight, lifted here to slices of weights.
//!
//! A new penalty is one file beside `elastic_net.rs` and one line in the table of [`crate::op`].
//! Only the elastic net (so L1 and L2) is also compiled into the update loops, by
//! [`crate::optimizer`].

mod elastic_net;

pub use elastic_net::ElasticNet;
pub(crate) use elastic_net::soft_threshold;

use crate::float::Float;
use crate::parallel::Largest;
use crate::reduce::sum_by;
use crate::{Exec, kernel, parallel};

/// A separable penalty P(w) = Σⱼ p(wⱼ), given by its scalar p.
pub trait Penalty<T: Float>: Copy + Send + Sync {
    /// p(w).
    fn value(self, w: T) -> T;

    /// An element of ∂p(w): the derivative where there is one, 0 at the kink.
    fn gradient(self, w: T) -> T;

    /// argmin over z of ½(z − w)² + step·p(z).
    fn prox(self, w: T, step: T) -> T;

    /// How far −`grad` is from ∂p(w): 0 exactly when w is optimal.
    fn violation(self, w: T, grad: T) -> T;
}

kernel! {
    fn value_chunk[T: Float, P: Penalty<f64>](p: P, w: &[T]) -> f64 {
        sum_by(w, |w| p.value(w))
    }
}

kernel! {
    fn gradient_chunk[T: Float, P: Penalty<T>](p: P, scale: T, w: &[T], grads: &mut [T]) {
        for (g, &w) in grads.iter_mut().zip(w) {
            *g += scale * p.gradient(w);
        }
    }
}

kernel! {
    fn prox_chunk[T: Float, P: Penalty<T>](p: P, step: T, w: &mut [T]) {
        for w in w {
            *w = p.prox(*w, step);
        }
    }
}

kernel! {
    fn violation_chunk[T: Float, P: Penalty<T>](p: P, w: &[T], grads: &[T]) -> f64 {
        let mut worst = T::ZERO;
        for (&w, &g) in w.iter().zip(grads) {
            let v = p.violation(w, g);
            // Not max(): a NaN must win, and stay whatever follows it.
            worst = if v > worst || v.not_a_number() { v } else { worst };
        }
        worst.f64()
    }
}

/// P(w) = Σⱼ p(wⱼ), computed and summed in double precision.
pub fn value<T: Float>(exec: Exec, p: impl Penalty<f64>, w: &[T]) -> f64 {
    parallel::fold(exec, w.len(), w, |w| value_chunk(exec.isa, p, w))
}

/// grads ← grads + scale·∂P(w).
pub fn add_gradient<T: Float>(exec: Exec, p: impl Penalty<T>, scale: T, w: &[T], grads: &mut [T]) {
    parallel::for_each(exec, w.len(), (w, grads), |(w, grads)| {
        gradient_chunk(exec.isa, p, scale, w, grads);
    });
}

/// w ← argmin over z of ½‖z − w‖² + step·P(z), in place.
pub fn prox<T: Float>(exec: Exec, p: impl Penalty<T>, step: T, w: &mut [T]) {
    parallel::for_each(exec, w.len(), w, |w| prox_chunk(exec.isa, p, step, w));
}

/// The largest distance of a component of −`grads` from ∂P(w): 0 exactly at an optimum.
pub fn violation<T: Float>(exec: Exec, p: impl Penalty<T>, w: &[T], grads: &[T]) -> f64 {
    parallel::fold(exec, w.len(), (w, grads), |(w, grads)| {
        Largest(violation_chunk(exec.isa, p, w, grads))
    })
    .0
}
