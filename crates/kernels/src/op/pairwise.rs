//! Functions of one tensor that have no gradient or one of another kind, and functions of several.

use super::entry::ops;
use crate::activation::{floor, maximum, maximum_gradient, minimum, sign};
use crate::compare::{keep, select};
use crate::elementwise::{binary, ternary, unary};
use crate::float::Float;
use crate::{Exec, glu, periodic, power, prelu};

ops! {
    /// out = −x.
    rowwise neg(exec, [n])(x: In[n], out: Out[n]) { unary(exec, x, out, |x| -x) }

    /// out = −1, 0 or 1.
    rowwise sign(exec, [n])(x: In[n], out: Out[n]) { unary(exec, x, out, sign) }

    /// out = the whole number next to x from below.
    rowwise floor(exec, [n])(x: In[n], out: Out[n]) { unary(exec, x, out, floor) }

    /// out = the whole number next to x from above.
    rowwise ceil(exec, [n])(x: In[n], out: Out[n]) { unary(exec, x, out, |x: T| -floor(-x)) }

    /// out = the whole number nearest to x, the even one of two.
    rowwise round(exec, [n])(x: In[n], out: Out[n]) { unary(exec, x, out, T::nearest) }

    /// out = x without its fraction.
    rowwise trunc(exec, [n])(x: In[n], out: Out[n]) {
        unary(exec, x, out, |x: T| floor(x.magnitude()).with_sign(x));
    }

    /// out = sin(x + quarters·π/2).
    rowwise wave(exec, [n]; quarters)(x: In[n], out: Out[n]) {
        periodic::wave(exec, *quarters as u64, x, out);
    }

    /// out = sin(x + quarters·π/2)·upstream.
    rowwise scaled_wave(exec, [n]; quarters)(x: In[n], upstream: In[n], out: Out[n]) {
        periodic::scaled_wave(exec, *quarters as u64, x, upstream, out);
    }

    /// out = x^exponent, for a number.
    rowwise raise(exec, [n]; exponent)(x: In[n], out: Out[n]) { power::raise(exec, *exponent, x, out) }

    /// out = exponent·x^(exponent − 1)·upstream; 0 for an exponent of 0.
    rowwise raise_gradient(exec, [n]; exponent)(x: In[n], upstream: In[n], out: Out[n]) {
        power::raise_gradient(exec, *exponent, x, upstream, out);
    }

    /// out = xʸ.
    rowwise pow(exec, [n])(x: In[n], y: In[n], out: Out[n]) { power::power(exec, x, y, out) }

    /// out = y·x^(y − 1)·upstream; 0 where y is 0.
    rowwise pow_by_base(exec, [n])(x: In[n], y: In[n], upstream: In[n], out: Out[n]) {
        power::by_base(exec, x, y, upstream, out);
    }

    /// out = xʸ·ln x·upstream, by x and the result; 0 where x is 0 and the result finite.
    rowwise pow_by_exponent(exec, [n])(x: In[n], result: In[n], upstream: In[n], out: Out[n]) {
        power::by_exponent(exec, x, result, upstream, out);
    }

    /// out = the smaller of x and y.
    rowwise minimum(exec, [n])(x: In[n], y: In[n], out: Out[n]) { binary(exec, x, y, out, minimum) }

    /// out = the gradient of minimum by x: half of upstream where both are equal.
    rowwise minimum_gradient(exec, [n])(x: In[n], y: In[n], upstream: In[n], out: Out[n]) {
        ternary(exec, [y, x, upstream], out, maximum_gradient);
    }

    /// out = the larger of x and y.
    rowwise maximum(exec, [n])(x: In[n], y: In[n], out: Out[n]) { binary(exec, x, y, out, maximum) }

    /// out = the gradient of maximum by x: half of upstream where both are equal.
    rowwise maximum_gradient(exec, [n])(x: In[n], y: In[n], upstream: In[n], out: Out[n]) {
        ternary(exec, [x, y, upstream], out, maximum_gradient);
    }

    /// out = x where condition is not 0, else y.
    rowwise choose(exec, [n])(condition: Labels[n], x: In[n], y: In[n], out: Out[n]) {
        select(exec, condition, [x, y], out);
    }

    /// out = x where condition is not 0, or, for a kept of 0, where it is; 0 elsewhere.
    rowwise keep(exec, [n]; kept)(condition: Labels[n], x: In[n], out: Out[n]) {
        keep(exec, (*kept != 0.0, T::ZERO), condition, x, out);
    }

    /// out[m, n] = a·σ(b), for each pair of rows a and b of x.
    op glu(exec, [m, n])(x: In[m, 2, n], out: Out[m, n]) { glu::forward(exec, *n, x, out) }

    /// out = the gradient of glu by x.
    op glu_gradient(exec, [m, n])(x: In[m, 2, n], upstream: In[m, n], out: Out[m, 2, n]) {
        glu::backward(exec, *n, x, upstream, out);
    }

    /// out = x above 0, weight·x below, with a weight for each of c channels.
    op prelu(exec, [m, c, n])(x: In[m, c, n], weight: In[c], out: Out[m, c, n]) {
        prelu::forward(exec, *n, x, weight, out);
    }

    /// out = the gradient of prelu by x.
    op prelu_by_input(exec, [m, c, n])(
        x: In[m, c, n], weight: In[c], upstream: In[m, c, n], out: Out[m, c, n],
    ) {
        prelu::by_input(exec, *n, [x, weight, upstream], out);
    }

    /// out = the gradient of prelu by weight.
    op prelu_by_weight(exec, [m, c, n])(x: In[m, c, n], upstream: In[m, c, n], out: Out[c]) {
        prelu::by_weight(exec, *n, [x, upstream], out);
    }
}
