//! Operations that move elements: what views see, and what is chosen along an axis.

use super::entry::ops;
use crate::axis::Axis;
use crate::float::Float;
use crate::view::{self, View, within};
use crate::{Exec, index};

ops! {
    /// out = what a view of x sees, in order: lengths a to f, strides sa to sf.
    op view(exec, [size, offset, a, b, c, d, e, f, sa, sb, sc, sd, se, sf])(
        x: In[within(size, offset, [a, b, c, d, e, f], [sa, sb, sc, sd, se, sf])],
        out: Out[a, b, c, d, e, f],
    ) {
        let view = View::of(*offset, [a, b, c, d, e, f], [sa, sb, sc, sd, se, sf]);
        view::gather(exec, view, x, out);
    }

    /// The same for whole numbers.
    op view_labels(exec, [size, offset, a, b, c, d, e, f, sa, sb, sc, sd, se, sf])(
        x: Labels[within(size, offset, [a, b, c, d, e, f], [sa, sb, sc, sd, se, sf])],
        out: Order[a, b, c, d, e, f],
    ) {
        let view = View::of(*offset, [a, b, c, d, e, f], [sa, sb, sc, sd, se, sf]);
        view::gather(exec, view, x, out);
    }

    /// What a view of y sees = x, in order.
    op write_view(exec, [size, offset, a, b, c, d, e, f, sa, sb, sc, sd, se, sf])(
        x: In[a, b, c, d, e, f],
        y: Update[within(size, offset, [a, b, c, d, e, f], [sa, sb, sc, sd, se, sf])],
    ) {
        let view = View::of(*offset, [a, b, c, d, e, f], [sa, sb, sc, sd, se, sf]);
        view::scatter(exec, view, x, y);
    }

    /// The same for whole numbers.
    op write_view_labels(exec, [size, offset, a, b, c, d, e, f, sa, sb, sc, sd, se, sf])(
        x: Labels[a, b, c, d, e, f],
        y: Reorder[within(size, offset, [a, b, c, d, e, f], [sa, sb, sc, sd, se, sf])],
    ) {
        let view = View::of(*offset, [a, b, c, d, e, f], [sa, sb, sc, sd, se, sf]);
        view::scatter(exec, view, x, y);
    }

    /// out = value, everywhere.
    op set_labels(exec, [n]; value)(out: Order[n]) { out.fill(*value as i32) }

    /// out = x, rounded towards 0; as many as there are in 32 bits.
    op to_labels(exec, [n])(x: In[n], out: Order[n]) {
        for (out, &x) in out.iter_mut().zip(*x) {
            *out = x.f64() as i32;
        }
    }

    /// out = x.
    op from_labels(exec, [n])(x: Labels[n], out: Out[n]) {
        for (out, &x) in out.iter_mut().zip(*x) {
            *out = T::of(f64::from(x));
        }
    }

    /// out = x in single precision.
    op narrow(exec, [n])(x: Live[n], out: Out[n]) {
        for (out, &x) in out.iter_mut().zip(*x) {
            *out = T::of(x);
        }
    }

    /// out = x in double precision.
    op widen(exec, [n])(x: In[n], out: Figures[n]) {
        for (out, &x) in out.iter_mut().zip(*x) {
            *out = x.f64();
        }
    }

    /// out[o, m, i] = x[o, order[m], i].
    op select(exec, [o, r, i, m])(x: In[o, r, i], order: Labels[m], out: Out[o, m, i]) {
        index::select(Axis::of([o, r, i]), x, order, out)
    }

    /// The same for whole numbers.
    op select_labels(exec, [o, r, i, m])(x: Labels[o, r, i], order: Labels[m], out: Order[o, m, i]) {
        index::select(Axis::of([o, r, i]), x, order, out)
    }

    /// out[o, r, i] = Σ of upstream[o, m, i] over the m with order[m] = r.
    op select_gradient(exec, [o, r, i, m])(upstream: In[o, m, i], order: Labels[m], out: Out[o, r, i]) {
        index::select_gradient(Axis::of([o, r, i]), upstream, order, out)
    }

    /// out[o, m, i] = x[o, order[o, m, i], i].
    op take(exec, [o, r, i, m])(x: In[o, r, i], order: Labels[o, m, i], out: Out[o, m, i]) {
        index::take(Axis::of([o, r, i]), x, order, out)
    }

    /// The same for whole numbers.
    op take_labels(exec, [o, r, i, m])(x: Labels[o, r, i], order: Labels[o, m, i], out: Order[o, m, i]) {
        index::take(Axis::of([o, r, i]), x, order, out)
    }

    /// out[o, r, i] = Σ of upstream[o, m, i] over the m with order[o, m, i] = r.
    op take_gradient(exec, [o, r, i, m])(upstream: In[o, m, i], order: Labels[o, m, i], out: Out[o, r, i]) {
        index::take_gradient(Axis::of([o, r, i]), upstream, order, out)
    }

    /// The rows of weights that order names, scaled down to a p-norm of most where they are longer.
    op clip_rows(exec, [rows, n, m]; most, p)(order: Labels[m], weights: Update[rows, n]) {
        index::clip_rows([*rows, *n], [*most, *p], order, weights)
    }
}
