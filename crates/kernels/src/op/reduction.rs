//! Operations that sum up, or look along, an axis.

use super::entry::ops;
use crate::axis::{self, Axis};
use crate::float::Float;
use crate::{Exec, line, softmax};

ops! {
    /// out[o, i] = Σ x[o, ·, i]/divisor.
    op sum_axis(exec, [o, r, i]; divisor)(x: In[o, r, i], out: Out[o, i]) {
        axis::sum(exec, Axis::of([o, r, i]), *divisor, x, out);
    }

    /// out[o, i] = the largest of x[o, ·, i], or the smallest; order[o, i] = its first place.
    op extreme_axis(exec, [o, r, i]; largest)(x: In[o, r, i], order: Order[o, i], out: Out[o, i]) {
        axis::extreme(exec, Axis::of([o, r, i]), *largest != 0.0, x, order, out);
    }

    /// out = upstream[o, i], shared by all of x[o, ·, i] that equal y[o, i].
    op extreme_axis_gradient(exec, [o, r, i])(
        x: In[o, r, i], y: In[o, i], upstream: In[o, i], out: Out[o, r, i],
    ) {
        axis::extreme_gradient(exec, Axis::of([o, r, i]), [x, y, upstream], out);
    }

    /// out[m] = Π x[m, ·].
    op product(exec, [m, n])(x: In[m, n], out: Out[m]) { line::product(exec, *n, x, out) }

    /// out[m, n] = upstream[m] times all others of the row.
    op product_gradient(exec, [m, n])(x: In[m, n], upstream: In[m], out: Out[m, n]) {
        line::product_gradient(exec, *n, x, upstream, out);
    }

    /// out[m, n] = Σ of the row up to each element, or from it on where back is not 0.
    op cumulative_sum(exec, [m, n]; back)(x: In[m, n], out: Out[m, n]) {
        line::cumulative_sum(exec, *n, *back != 0.0, x, out);
    }

    /// out[m] = (Σ|x|ᵖ)^(1/p) of each row.
    op norm(exec, [m, n]; p)(x: In[m, n], out: Out[m]) { line::norm(exec, *n, *p, x, out) }

    /// out = upstream·(|x|/y)ᵖ⁻¹·sign(x), y being the norms.
    op norm_gradient(exec, [m, n]; p)(x: In[m, n], y: In[m], upstream: In[m], out: Out[m, n]) {
        line::norm_gradient(exec, *n, *p, [x, y, upstream], out);
    }

    /// out[m] = Σ(x − mean)²/(n − correction) of each row.
    op variance(exec, [m, n]; correction)(x: In[m, n], out: Out[m]) {
        line::variance(exec, *n, *correction, x, out);
    }

    /// out = upstream·2·(x − mean)/(n − correction).
    op variance_gradient(exec, [m, n]; correction)(x: In[m, n], upstream: In[m], out: Out[m, n]) {
        line::variance_gradient(exec, *n, *correction, [x, upstream], out);
    }

    /// out[m] = √variance of each row.
    op deviation(exec, [m, n]; correction)(x: In[m, n], out: Out[m]) {
        line::deviation(exec, *n, *correction, x, out);
    }

    /// out = upstream·(x − mean)/((n − correction)·y), y being the deviations.
    op deviation_gradient(exec, [m, n]; correction)(
        x: In[m, n], y: In[m], upstream: In[m], out: Out[m, n],
    ) {
        line::deviation_gradient(exec, *n, *correction, [x, y, upstream], out);
    }

    /// out = eˣ/Σ eˣ of each row.
    op softmax(exec, [m, n])(x: In[m, n], out: Out[m, n]) { softmax::softmax(exec, *n, x, out) }

    /// out = y·(upstream − Σ y·upstream) of each row.
    op softmax_gradient(exec, [m, n])(y: In[m, n], upstream: In[m, n], out: Out[m, n]) {
        softmax::softmax_gradient(exec, *n, y, upstream, out);
    }

    /// out = x − ln Σ eˣ of each row.
    op log_softmax(exec, [m, n])(x: In[m, n], out: Out[m, n]) { softmax::log_softmax(exec, *n, x, out) }

    /// out = upstream − eʸ·Σ upstream of each row.
    op log_softmax_gradient(exec, [m, n])(y: In[m, n], upstream: In[m, n], out: Out[m, n]) {
        softmax::log_softmax_gradient(exec, *n, y, upstream, out);
    }

    /// out[m] = ln Σ eˣ of each row.
    op log_sum_exp(exec, [m, n])(x: In[m, n], out: Out[m]) { softmax::log_sum_exp(exec, *n, x, out) }

    /// out = upstream·exp(x − y) of each row.
    op log_sum_exp_gradient(exec, [m, n])(x: In[m, n], y: In[m], upstream: In[m], out: Out[m, n]) {
        softmax::log_sum_exp_gradient(exec, *n, [x, y, upstream], out);
    }
}
