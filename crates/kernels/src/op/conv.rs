//! Convolutions, and pooling over windows.

use super::entry::ops;
use crate::Exec;
use crate::conv::pooled::{self, Pooled};
use crate::conv::{self, Convolution, per_group};
use crate::float::Float;
use crate::pool::adaptive::{self, Grid};
use crate::pool::mean::{self, Mean};
use crate::pool::{Pooling, max};

ops! {
    /// out = the windows of x times weight, plus bias, where there is one; groups divides c and o.
    op conv2d(exec, [n, c, h, w, o, kh, kw, sh, sw, ph, pw, dh, dw, groups, biased; sizes])(
        x: In[n, c, h, w],
        weight: In[o, per_group(c, groups), kh, kw],
        bias: In[biased.min(1), o],
        scratch: Out[Convolution::of(sizes).forward_scratch()],
        out: Out[n, o, Convolution::of(sizes).windows()],
    ) {
        let g = Convolution::of(sizes);
        conv::forward(exec, g, [x, weight, bias], scratch, out);
    }

    /// out = the gradient of conv2d by x.
    op conv2d_by_input(exec, [n, c, h, w, o, kh, kw, sh, sw, ph, pw, dh, dw, groups; sizes])(
        upstream: In[n, o, Convolution::of(sizes).windows()],
        weight: In[o, per_group(c, groups), kh, kw],
        scratch: Out[Convolution::of(sizes).by_input_scratch()],
        out: Out[n, c, h, w],
    ) {
        let g = Convolution::of(sizes);
        conv::by_input(exec, g, [upstream, weight], scratch, out);
    }

    /// out = the gradient of conv2d by weight.
    op conv2d_by_weight(exec, [n, c, h, w, o, kh, kw, sh, sw, ph, pw, dh, dw, groups; sizes])(
        x: In[n, c, h, w],
        upstream: In[n, o, Convolution::of(sizes).windows()],
        scratch: Out[Convolution::of(sizes).by_weight_scratch()],
        out: Out[o, per_group(c, groups), kh, kw],
    ) {
        let g = Convolution::of(sizes);
        conv::by_weight(exec, g, [x, upstream], scratch, out);
    }

    /// out = the gradient of conv2d by bias: the sums of the channels of n images.
    op conv2d_by_bias(exec, [n, o, windows])(upstream: In[n, o, windows], out: Out[o]) {
        conv::by_bias(exec, *windows, upstream, out);
    }

    /// out = the maxima of the windows over conv2d, through relu if rectified is not 0; order = their places.
    op conv2d_pool(exec, [n, c, h, w, o, kh, kw, sh, sw, ph, pw, dh, dw, groups, kernel, stride, biased; sizes]; rectified)(
        x: In[n, c, h, w],
        weight: In[o, per_group(c, groups), kh, kw],
        bias: In[biased.min(1), o],
        scratch: Out[Pooled::of(sizes).forward_scratch()],
        order: Order[n, o, Pooled::of(sizes).maxima()],
        out: Out[n, o, Pooled::of(sizes).maxima()],
    ) {
        let g = Pooled::of(sizes);
        pooled::forward(exec, g, *rectified != 0.0, [x, weight, bias], scratch, (order, out));
    }

    /// out = the gradient of `conv2d_pool` by x, without relu.
    op conv2d_pool_by_input(exec, [n, c, h, w, o, kh, kw, sh, sw, ph, pw, dh, dw, groups, kernel, stride; sizes])(
        upstream: In[n, o, Pooled::of(sizes).maxima()],
        order: Labels[n, o, Pooled::of(sizes).maxima()],
        weight: In[o, per_group(c, groups), kh, kw],
        scratch: Out[Pooled::of(sizes).by_input_scratch()],
        out: Out[n, c, h, w],
    ) {
        let g = Pooled::of(sizes);
        pooled::by_input(exec, g, [upstream, weight], order, scratch, out)
    }

    /// out = the gradient of `conv2d_pool` by weight, without relu.
    op conv2d_pool_by_weight(exec, [n, c, h, w, o, kh, kw, sh, sw, ph, pw, dh, dw, groups, kernel, stride; sizes])(
        x: In[n, c, h, w],
        upstream: In[n, o, Pooled::of(sizes).maxima()],
        order: Labels[n, o, Pooled::of(sizes).maxima()],
        scratch: Out[Pooled::of(sizes).by_weight_scratch()],
        out: Out[o, per_group(c, groups), kh, kw],
    ) {
        let g = Pooled::of(sizes);
        pooled::by_weight(exec, g, [x, upstream], order, scratch, out)
    }

    /// out = the maxima of the windows of n planes; order = their places in their planes. The windows are k
    /// taps, d apart; the first begins top rows above a plane and left columns beside it.
    op max_pool2d(exec, [n, h, w, kh, kw, sh, sw, dh, dw, top, left, rows, columns; sizes])(
        x: In[n, h, w], order: Order[n, rows, columns], out: Out[n, rows, columns],
    ) {
        max::forward(exec, Pooling::of(&sizes[1..]), x, order, out);
    }

    /// out = upstream, at the places in order.
    op max_pool2d_gradient(exec, [n, plane, windows])(
        upstream: In[n, windows], order: Labels[n, windows], out: Out[n, plane],
    ) {
        max::backward(exec, [*plane, *windows], upstream, order, out)
    }

    /// out = the means of such windows; above, below, before and behind planes so much is counted as zeros. A
    /// divisor that is not 0 is in place of how many elements there are.
    op avg_pool2d(exec, [n, h, w, kh, kw, sh, sw, dh, dw, top, left, rows, columns, above, below, before, behind; sizes]; divisor)(
        x: In[n, h, w], out: Out[n, rows, columns],
    ) {
        mean::forward(exec, Mean::of(&sizes[1..], *divisor), x, out);
    }

    /// out = the gradient of `avg_pool2d` by x.
    op avg_pool2d_gradient(exec, [n, h, w, kh, kw, sh, sw, dh, dw, top, left, rows, columns, above, below, before, behind; sizes]; divisor)(
        upstream: In[n, rows, columns], scratch: Out[n, rows, columns], out: Out[n, h, w],
    ) {
        mean::backward(exec, Mean::of(&sizes[1..], *divisor), upstream, scratch, out);
    }

    /// out = the maxima of n planes cut into rows times columns; order = their places in their planes.
    op adaptive_max_pool2d(exec, [n, h, w, rows, columns])(
        x: In[n, h, w], order: Order[n, rows, columns], out: Out[n, rows, columns],
    ) {
        let g = Grid { plane: [*h, *w], parts: [*rows, *columns] };
        adaptive::max(exec, g, x, order, out);
    }

    /// out = the means of n planes cut into rows times columns.
    op adaptive_avg_pool2d(exec, [n, h, w, rows, columns])(
        x: In[n, h, w], out: Out[n, rows, columns],
    ) {
        adaptive::mean(exec, Grid { plane: [*h, *w], parts: [*rows, *columns] }, x, out);
    }

    /// out = the gradient of `adaptive_avg_pool2d` by x.
    op adaptive_avg_pool2d_gradient(exec, [n, h, w, rows, columns])(
        upstream: In[n, rows, columns], out: Out[n, h, w],
    ) {
        let g = Grid { plane: [*h, *w], parts: [*rows, *columns] };
        adaptive::mean_gradient(exec, g, upstream, out);
    }
}
