//! Convolutions of images [n, c, h, w].
//!
//! Forward and by input, a lane of a register is a window ([`correlate`]); by weight it is a channel of
//! the result ([`by_weight`]). Both read planes that [`scan`] has unfolded along rows, in scratch memory
//! that the caller gives. Images are cut into pieces with scratch of their own, and a sum is one chain
//! in the order of its taps, or of its windows: so neither tiles nor threads change a bit.

mod apart;
mod axis;
mod by_weight;
mod correlate;
mod pieces;
mod plane;
pub mod pooled;
mod scan;
mod upstream;

pub use axis::{Axis, extent};

use crate::float::Float;
use crate::{Exec, reduce};
use by_weight::ByWeight;
use correlate::{Correlation, Order};
use pieces::Pieces;
use scan::Scan;
use upstream::Upstream;

/// How many sizes a [`Convolution`] has.
const CONVOLUTION: usize = 14;

/// The channels of each of `groups`.
pub fn per_group(channels: usize, groups: usize) -> usize {
    channels.checked_div(groups).unwrap_or(0)
}

/// The sizes of a convolution.
#[derive(Clone, Copy, Debug)]
pub struct Convolution {
    /// Images.
    pub n: usize,
    /// Channels of an image.
    pub c: usize,
    /// Channels of a result.
    pub o: usize,
    /// Parts that both are cut into, each part of the result seeing one of the image.
    pub groups: usize,
    /// How windows lie from top to bottom.
    pub rows: Axis,
    /// How they lie from left to right.
    pub columns: Axis,
}

impl Convolution {
    /// Of n, c, h, w, o, rows and columns of a window, and for both ways strides, paddings, dilations;
    /// groups; whatever follows is not its own.
    pub fn of(sizes: &[usize]) -> Self {
        let [n, c, h, w, o, kh, kw, sh, sw, ph, pw, dh, dw, groups, ..] = *sizes else {
            unreachable!("the table has all of them")
        };
        let (rows, columns) = (Axis::new(h, kh, [sh, ph, dh]), Axis::new(w, kw, [sw, pw, dw]));
        Self { n, c, o, groups, rows, columns }
    }

    /// How many windows there are of an image.
    pub fn windows(&self) -> usize {
        self.rows.windows.saturating_mul(self.columns.windows)
    }

    /// Channels that one window sees.
    pub fn channels(&self) -> usize {
        per_group(self.c, self.groups)
    }

    /// Channels of the result of a group.
    fn outputs(&self) -> usize {
        per_group(self.o, self.groups)
    }

    /// Whether there is nothing to sum: no windows, or groups that do not divide the channels.
    fn is_empty(&self) -> bool {
        let groups = self.groups;
        groups == 0
            || !self.c.is_multiple_of(groups)
            || !self.o.is_multiple_of(groups)
            || self.windows() == 0
    }

    fn weights(&self) -> usize {
        self.o.saturating_mul(self.scan().taps())
    }

    fn pieces(&self) -> Pieces {
        Pieces { images: self.n, groups: self.groups }
    }

    fn scan(&self) -> Scan {
        Scan { channels: self.channels(), rows: self.rows, columns: self.columns }
    }

    fn forwards(&self) -> Correlation {
        Correlation { scan: self.scan(), groups: self.groups, outputs: self.outputs() }
    }

    /// The gradient by input as a convolution of the gradient by the result, windows being one apart.
    fn backwards(&self) -> Correlation {
        let (rows, columns) = (self.rows.turned(), self.columns.turned());
        let scan = Scan { channels: self.outputs(), rows, columns };
        Correlation { scan, groups: self.groups, outputs: self.channels() }
    }

    fn is_dense(&self) -> bool {
        self.rows.stride == 1 && self.columns.stride == 1
    }

    fn by_weight(&self) -> ByWeight {
        ByWeight { pieces: self.pieces(), scan: self.scan(), outputs: self.outputs() }
    }

    /// Packed weights, and so much for each piece.
    fn memory(&self, packed: usize, each: usize) -> usize {
        each.saturating_mul(self.pieces().count()).saturating_add(packed)
    }

    /// Elements of scratch memory of [`forward`].
    pub fn forward_scratch(&self) -> usize {
        self.memory(self.weights(), self.forwards().unfolded())
    }

    /// Elements of scratch memory of [`by_input`].
    pub fn by_input_scratch(&self) -> usize {
        if self.is_dense() {
            self.memory(self.weights(), self.backwards().unfolded())
        } else {
            self.memory(0, apart::columns(self))
        }
    }

    /// Elements of scratch memory of [`by_weight`].
    pub fn by_weight_scratch(&self) -> usize {
        self.by_weight().scratch()
    }
}

/// out[n, o, windows] = the windows of x[n, c, h, w] times weight[o, c/groups, kh, kw], plus the bias of
/// each channel; `bias` has one a channel or none. `scratch` has [`Convolution::forward_scratch`].
pub fn forward<T: Float>(
    exec: Exec,
    g: Convolution,
    [x, weight, bias]: [&[T]; 3],
    scratch: &mut [T],
    out: &mut [T],
) {
    scratch.fill(T::ZERO);
    if g.is_empty() || out.is_empty() {
        return out.fill(T::ZERO);
    }
    let (correlation, pieces) = (g.forwards(), g.pieces());
    let (packed, own) = scratch.split_at_mut(weight.len());
    correlation.pack(exec, Order::forwards(&g), weight, packed);
    let slices =
        (Pieces::own(own, correlation.unfolded()), pieces.shared(out, correlation.result()));
    pieces.for_each(exec, correlation.work(), slices, |groups, (own, out)| {
        for (place, out) in groups.zip(out.0.chunks_exact_mut(correlation.result())) {
            let source = &x[place * correlation.source()..][..correlation.source()];
            correlation.run(exec, place, [source, packed, bias], own.0, out);
        }
    });
}

/// out[n, c, h, w] = the gradient of [`forward`] by x, for `upstream`[n, o, windows]. `scratch` has
/// [`Convolution::by_input_scratch`].
pub fn by_input<T: Float>(
    exec: Exec,
    g: Convolution,
    [upstream, weight]: [&[T]; 2],
    scratch: &mut [T],
    out: &mut [T],
) {
    back(exec, g, Upstream::Whole(upstream), weight, scratch, out);
}

fn back<T: Float>(
    exec: Exec,
    g: Convolution,
    upstream: Upstream<'_, T>,
    weight: &[T],
    scratch: &mut [T],
    out: &mut [T],
) {
    scratch.fill(T::ZERO);
    if g.is_empty() || out.is_empty() {
        return out.fill(T::ZERO);
    }
    if !g.is_dense() {
        return apart::by_input(exec, g, upstream, weight, scratch, out);
    }
    let (correlation, pieces) = (g.backwards(), g.pieces());
    let (packed, own) = scratch.split_at_mut(weight.len());
    correlation.pack(exec, Order::backwards(&g), weight, packed);
    let each = correlation.unfolded() + upstream.scratch(correlation.source());
    let slices = (Pieces::own(own, each), pieces.shared(out, correlation.result()));
    pieces.for_each(exec, correlation.work(), slices, |groups, (own, out)| {
        let (unfolded, given) = own.0.split_at_mut(correlation.unfolded());
        for (place, out) in groups.zip(out.0.chunks_exact_mut(correlation.result())) {
            let planes = [place * g.outputs(), g.outputs()];
            let source = upstream.planes(planes, g.windows(), given);
            correlation.run(exec, place, [source, packed, &[]], unfolded, out);
        }
    });
}

/// out[o, c/groups, kh, kw] = the gradient of [`forward`] by the weights. `scratch` has
/// [`Convolution::by_weight_scratch`].
pub fn by_weight<T: Float>(
    exec: Exec,
    g: Convolution,
    [x, upstream]: [&[T]; 2],
    scratch: &mut [T],
    out: &mut [T],
) {
    collect(exec, g, x, Upstream::Whole(upstream), scratch, out);
}

fn collect<T: Float>(
    exec: Exec,
    g: Convolution,
    x: &[T],
    upstream: Upstream<'_, T>,
    scratch: &mut [T],
    out: &mut [T],
) {
    if g.is_empty() || g.n == 0 || out.is_empty() {
        scratch.fill(T::ZERO);
        return out.fill(T::ZERO);
    }
    g.by_weight().run(exec, x, upstream, scratch, out);
}

/// out[o] = the gradient of [`forward`] by the bias: Σ over images and windows of upstream[n, o, windows].
pub fn by_bias<T: Float>(exec: Exec, windows: usize, upstream: &[T], out: &mut [T]) {
    let channels = out.len();
    for (channel, out) in out.iter_mut().enumerate() {
        let planes = upstream.chunks_exact(windows.max(1)).skip(channel).step_by(channels);
        let sum = planes.fold(0.0, |sum, plane| sum + reduce::sum_chunk(exec.isa, plane));
        *out = T::of(sum);
    }
}
