//! A convolution and the maxima of windows over its result, which itself is never kept.
//!
//! The bits are those of [`super::forward`], relu and [`max::forward`] one after the other, and of their
//! gradients; what is between them stays in a core's own cache.

use super::pieces::Pieces;
use super::upstream::Upstream;
use super::{CONVOLUTION, Convolution, Order, back, collect};
use crate::elementwise::relu;
use crate::float::Float;
use crate::pool::{Pooling, max};
use crate::rows::BadLabel;
use crate::{Exec, kernel};

kernel! {
    fn relu_planes[T: Float](planes: &mut [T]) {
        for x in planes {
            *x = relu(*x);
        }
    }
}

/// A convolution whose results are pooled.
#[derive(Clone, Copy, Debug)]
pub struct Pooled {
    /// The convolution.
    pub convolution: Convolution,
    /// Rows and columns of a window over its result.
    pub kernel: usize,
    /// From one of these to the next.
    pub stride: usize,
}

impl Pooled {
    /// Of the sizes of a [`Convolution`], then the size of a window over its result and how far from one to
    /// the next; whatever follows is not its own.
    pub fn of(sizes: &[usize]) -> Self {
        let [.., kernel, stride] = sizes[..CONVOLUTION + 2] else {
            unreachable!("the table has all of them")
        };
        Self { convolution: Convolution::of(sizes), kernel, stride }
    }

    fn pooling(&self) -> Pooling {
        let plane = [self.convolution.rows.windows, self.convolution.columns.windows];
        Pooling::square(plane, self.kernel, self.stride)
    }

    /// Maxima of a plane.
    pub fn maxima(&self) -> usize {
        self.pooling().windows()
    }

    /// Elements of a group of an image before they are pooled, for each piece.
    fn planes(&self) -> usize {
        let g = &self.convolution;
        let planes = g.outputs().saturating_mul(g.windows());
        planes.saturating_mul(g.pieces().count())
    }

    /// Elements of scratch memory of [`forward`].
    pub fn forward_scratch(&self) -> usize {
        self.convolution.forward_scratch().saturating_add(self.planes())
    }

    /// Elements of scratch memory of [`by_input`].
    pub fn by_input_scratch(&self) -> usize {
        self.convolution.by_input_scratch().saturating_add(self.planes())
    }

    /// Elements of scratch memory of [`by_weight`].
    pub fn by_weight_scratch(&self) -> usize {
        self.convolution.by_weight_scratch()
    }

    fn upstream<'a, T: Float>(
        &self,
        exec: Exec,
        upstream: &'a [T],
        order: &'a [i32],
    ) -> Result<Upstream<'a, T>, BadLabel> {
        max::check(exec, order, self.convolution.windows())?;
        Ok(Upstream::Pooled(self.maxima(), upstream, order))
    }
}

/// out[n, o, maxima] = the maxima of the windows over [`super::forward`], through relu if `rectified`;
/// `order` = their places in their planes. `scratch` has [`Pooled::forward_scratch`].
pub fn forward<T: Float>(
    exec: Exec,
    g: Pooled,
    rectified: bool,
    [x, weight, bias]: [&[T]; 3],
    scratch: &mut [T],
    (order, out): (&mut [i32], &mut [T]),
) {
    scratch.fill(T::ZERO);
    let (pooling, g) = (g.pooling(), g.convolution);
    if out.is_empty() {
        return;
    }
    if g.is_empty() {
        order.fill(0);
        return out.fill(T::ZERO);
    }
    let (correlation, pieces) = (g.forwards(), g.pieces());
    let (packed, own) = scratch.split_at_mut(weight.len());
    correlation.pack(exec, Order::forwards(&g), weight, packed);
    let (each, maxima) =
        (correlation.unfolded() + correlation.result(), g.outputs() * pooling.windows());
    let slices = (Pieces::own(own, each), pieces.shared(order, maxima), pieces.shared(out, maxima));
    pieces.for_each(exec, correlation.work(), slices, |groups, (own, order, out)| {
        let (unfolded, planes) = own.0.split_at_mut(correlation.unfolded());
        let results = order.0.chunks_exact_mut(maxima).zip(out.0.chunks_exact_mut(maxima));
        for (place, (order, out)) in groups.zip(results) {
            let source = &x[place * correlation.source()..][..correlation.source()];
            correlation.run(exec, place, [source, packed, bias], unfolded, planes);
            max::planes(exec, pooling, planes, order, out);
            if rectified {
                relu_planes(exec.isa, out);
            }
        }
    });
}

/// out[n, c, h, w] = the gradient of [`forward`] without relu by x, for `upstream`[n, o, maxima].
/// `scratch` has [`Pooled::by_input_scratch`].
///
/// # Errors
/// [`BadLabel`] if there is no such place, before anything is written.
pub fn by_input<T: Float>(
    exec: Exec,
    g: Pooled,
    [upstream, weight]: [&[T]; 2],
    order: &[i32],
    scratch: &mut [T],
    out: &mut [T],
) -> Result<(), BadLabel> {
    if g.maxima() == 0 {
        scratch.fill(T::ZERO);
        out.fill(T::ZERO);
        return Ok(());
    }
    let upstream = g.upstream(exec, upstream, order)?;
    back(exec, g.convolution, upstream, weight, scratch, out);
    Ok(())
}

/// out[o, c/groups, kh, kw] = the gradient of [`forward`] without relu by the weights. `scratch` has
/// [`Pooled::by_weight_scratch`].
///
/// # Errors
/// [`BadLabel`] if there is no such place, before anything is written.
pub fn by_weight<T: Float>(
    exec: Exec,
    g: Pooled,
    [x, upstream]: [&[T]; 2],
    order: &[i32],
    scratch: &mut [T],
    out: &mut [T],
) -> Result<(), BadLabel> {
    if g.maxima() == 0 {
        scratch.fill(T::ZERO);
        out.fill(T::ZERO);
        return Ok(());
    }
    let upstream = g.upstream(exec, upstream, order)?;
    collect(exec, g.convolution, x, upstream, scratch, out);
    Ok(())
}
