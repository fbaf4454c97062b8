//! Normalization, and the scales and shifts that go with it.

use super::entry::ops;
use crate::Exec;
use crate::float::Float;
use crate::normalize::{self, Normalization};

ops! {
    /// out = (x − mean)/√(variance + eps) of each channel; where centered is 0 by the mean square.
    op normalize(exec, [outer, channels, inner]; eps, centered)(
        x: In[outer, channels, inner],
        mean: Out[channels], variance: Out[channels], out: Out[outer, channels, inner],
    ) {
        let (outer, channels, inner) = (*outer, *channels, *inner);
        let n = Normalization { outer, channels, inner, eps: *eps, centered: *centered != 0.0 };
        normalize::normalize(exec, n, x, [mean, variance], out);
    }

    /// out = the gradient by x, y being what normalize made of it.
    op normalize_gradient(exec, [outer, channels, inner]; eps, centered)(
        y: In[outer, channels, inner], variance: In[channels], upstream: In[outer, channels, inner],
        scratch: Out[2, channels], out: Out[outer, channels, inner],
    ) {
        let (outer, channels, inner) = (*outer, *channels, *inner);
        let n = Normalization { outer, channels, inner, eps: *eps, centered: *centered != 0.0 };
        normalize::normalize_gradient(exec, n, [y, variance, upstream], scratch, out);
    }

    /// out = (x − mean)/√(variance + eps), with a mean and a variance that are given.
    op standardize(exec, [outer, channels, inner]; eps)(
        x: In[outer, channels, inner], mean: In[channels], variance: In[channels],
        out: Out[outer, channels, inner],
    ) {
        let (outer, channels, inner) = (*outer, *channels, *inner);
        let n = Normalization { outer, channels, inner, eps: *eps, centered: true };
        normalize::shift_and_scale(exec, n, x, [mean, variance], out);
    }

    /// out = upstream/√(variance + eps).
    op standardize_gradient(exec, [outer, channels, inner]; eps)(
        variance: In[channels], upstream: In[outer, channels, inner], zeros: Out[channels],
        out: Out[outer, channels, inner],
    ) {
        let (outer, channels, inner) = (*outer, *channels, *inner);
        let n = Normalization { outer, channels, inner, eps: *eps, centered: true };
        zeros.fill(T::ZERO);
        normalize::shift_and_scale(exec, n, upstream, [zeros, variance], out);
    }

    /// out = weight·x + bias of each channel; there may be no bias.
    op channel_affine(exec, [outer, channels, inner, biases])(
        x: In[outer, channels, inner], weight: In[channels], bias: In[biases],
        out: Out[outer, channels, inner],
    ) {
        let _ = outer;
        let bias = if *biases == *channels { *bias } else { &[] };
        normalize::affine(exec, [*channels, *inner], [x, weight, bias], out);
    }

    /// out = Σ x·y of each channel.
    op channel_products(exec, [outer, channels, inner])(
        x: In[outer, channels, inner], y: In[outer, channels, inner], out: Out[channels],
    ) {
        normalize::channel_products(exec, [*outer, *channels, *inner], [x, y], out);
    }

    /// out = Σ x of each channel.
    op channel_sums(exec, [outer, channels, inner])(x: In[outer, channels, inner], out: Out[channels]) {
        normalize::channel_sums(exec, [*outer, *channels, *inner], x, out);
    }

    /// running ← (1 − share)·running + share·scale·seen.
    op running_average(exec, [n]; share, scale)(seen: In[n], running: Update[n]) {
        normalize::average(*share, *scale, seen, running);
    }

    /// count ← count + 1.
    op count_up(exec, [])(count: Reorder[1]) { count[0] = count[0].wrapping_add(1) }
}
