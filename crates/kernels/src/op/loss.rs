//! Losses of each element or label, to be reduced by other operations, and their gradients.

use super::entry::ops;
use crate::Exec;
use crate::elementwise::{binary, ternary};
use crate::float::Float;
use crate::loss::{self, Bend, Scoring};

/// A number as a label; none where it is not whole.
fn label(number: f64) -> Option<i32> {
    (number.fract() == 0.0).then_some(number as i32)
}

ops! {
    /// out = (x − y)².
    op squared_error(exec, [n])(x: In[n], y: In[n], out: Out[n]) {
        binary(exec, x, y, out, |x, y| (x - y) * (x - y));
    }

    /// out = 2·(x − y)·upstream.
    op squared_error_gradient(exec, [n])(x: In[n], y: In[n], upstream: In[n], out: Out[n]) {
        ternary(exec, [x, y, upstream], out, |x, y, g| T::of(2.0) * (x - y) * g);
    }

    /// out = scale·d²/(2·beta) where d = |x − y| is below beta, scale·(d − beta/2) elsewhere.
    op smooth_l1(exec, [n]; beta, scale)(x: In[n], y: In[n], out: Out[n]) {
        let bend = Bend::<T>::of(*beta, *scale);
        binary(exec, x, y, out, |x, y| bend.at(x - y));
    }

    /// out = the gradient of `smooth_l1` by x; with x and y exchanged that by y.
    op smooth_l1_gradient(exec, [n]; beta, scale)(x: In[n], y: In[n], upstream: In[n], out: Out[n]) {
        let bend = Bend::<T>::of(*beta, *scale);
        ternary(exec, [x, y, upstream], out, |x, y, g| bend.slope(x - y, g));
    }

    /// out = −y·ln x − (1 − y)·ln(1 − x), no logarithm below −100.
    op binary_cross_entropy(exec, [n])(x: In[n], y: In[n], out: Out[n]) {
        binary(exec, x, y, out, loss::binary_cross_entropy);
    }

    /// out = (x − y)/(x·(1 − x))·upstream.
    op binary_cross_entropy_gradient(exec, [n])(x: In[n], y: In[n], upstream: In[n], out: Out[n]) {
        ternary(exec, [x, y, upstream], out, loss::binary_cross_entropy_gradient);
    }

    /// out = (ln(1 − x) − ln x)·upstream.
    op binary_cross_entropy_by_target(exec, [n])(x: In[n], upstream: In[n], out: Out[n]) {
        binary(exec, x, upstream, out, loss::binary_cross_entropy_by_target);
    }

    /// out = −p·y·ln σ(x) − (1 − y)·ln(1 − σ(x)); of p there are n, or none for 1.
    op logistic_error(exec, [n, weights])(x: In[n], y: In[n], p: In[weights], out: Out[n]) {
        loss::logistic_error(exec, [x, y, if weights == n { p } else { &[] }], out);
    }

    /// out = ((1 + (p − 1)·y)·σ(x) − p·y)·upstream.
    op logistic_error_gradient(exec, [n, weights])(
        x: In[n], y: In[n], p: In[weights], upstream: In[n], out: Out[n],
    ) {
        let p = if weights == n { *p } else { &[] };
        loss::logistic_error_gradient(exec, [x, y, p, upstream], out);
    }

    /// out = ((p − 1)·ln(1 + e⁻ˣ) − x)·upstream.
    op logistic_error_by_target(exec, [n, weights])(
        x: In[n], p: In[weights], upstream: In[n], out: Out[n],
    ) {
        let p = if weights == n { *p } else { &[] };
        loss::logistic_error_by_target(exec, [x, p, upstream], out);
    }

    /// out = y·(ln y − x), or eʸ·(y − x) where `log_target` is not 0.
    op divergence(exec, [n]; log_target)(x: In[n], y: In[n], out: Out[n]) {
        let log_target = *log_target != 0.0;
        binary(exec, x, y, out, |x, y| loss::divergence(log_target, x, y));
    }

    /// out = −y·upstream, or −eʸ·upstream.
    op divergence_gradient(exec, [n]; log_target)(y: In[n], upstream: In[n], out: Out[n]) {
        let log_target = *log_target != 0.0;
        binary(exec, y, upstream, out, |y, g| loss::divergence_gradient(log_target, y, g));
    }

    /// out = (ln y + 1 − x)·upstream, or eʸ·(y − x + 1)·upstream.
    op divergence_by_target(exec, [n]; log_target)(
        x: In[n], y: In[n], upstream: In[n], out: Out[n],
    ) {
        let log_target = *log_target != 0.0;
        ternary(exec, [x, y, upstream], out, |x, y, g| loss::divergence_by_target(log_target, x, y, g));
    }

    /// loss = −(1 − smoothing)·w[target]·logs[target] − smoothing/classes·Σ w·logs; counted = w[target]; 0
    /// where the target is the one that is ignored. Of weights there is one a class, or none for 1.
    op label_loss(exec, [outer, classes, inner, weights]; ignored, smoothing)(
        logs: In[outer, classes, inner], target: Labels[outer, inner], weight: In[weights],
        loss: Out[outer, inner], counted: Out[outer, inner],
    ) {
        let (classes, inner) = (*classes, *inner);
        let (ignored, smoothing) = (label(*ignored), *smoothing);
        let scoring = Scoring { classes, inner, ignored, smoothing };
        loss::label_loss(scoring, [logs, weight], target, [loss, counted])
    }

    /// out = the gradient of `label_loss` by logs.
    op label_loss_gradient(exec, [outer, classes, inner, weights]; ignored, smoothing)(
        target: Labels[outer, inner], weight: In[weights], upstream: In[outer, inner],
        out: Out[outer, classes, inner],
    ) {
        let (classes, inner) = (*classes, *inner);
        let (ignored, smoothing) = (label(*ignored), *smoothing);
        let scoring = Scoring { classes, inner, ignored, smoothing };
        loss::label_loss_gradient(scoring, [weight, upstream], target, out)
    }
}
