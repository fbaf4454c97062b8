//! The gradient by input where windows are more than one pixel apart: through columns of taps.

use super::Convolution;
use super::pieces::Pieces;
use super::plane::fold;
use super::upstream::Upstream;
use crate::Exec;
use crate::float::Float;
use crate::matmul::{self, Shape};

/// Elements of the columns of a group of an image.
pub(super) fn columns(g: &Convolution) -> usize {
    let taps = g.channels().saturating_mul(g.rows.kernel).saturating_mul(g.columns.kernel);
    taps.saturating_mul(g.windows())
}

/// What each tap of each window passes back, in `scratch`: [channels·taps, windows]; then added where the
/// tap saw it.
pub(super) fn by_input<T: Float>(
    exec: Exec,
    g: Convolution,
    upstream: Upstream<'_, T>,
    weight: &[T],
    scratch: &mut [T],
    out: &mut [T],
) {
    let (windows, outputs, pieces) = (g.windows(), g.outputs(), g.pieces());
    let taps = g.rows.kernel * g.columns.kernel;
    let plane = g.rows.size * g.columns.size;
    let (m, source) = (g.channels() * taps, g.channels() * plane);
    let shape = Shape { m, n: windows, k: outputs, transpose_a: true, transpose_b: false };
    let each = m * windows + upstream.scratch(outputs * windows);
    let slices = (Pieces::own(scratch, each), pieces.shared(out, source));
    pieces.for_each(exec, [g.groups, m, outputs, windows], slices, |groups, (own, out)| {
        let (columns, given) = own.0.split_at_mut(m * windows);
        for (place, out) in groups.zip(out.0.chunks_exact_mut(source)) {
            let weight = &weight[place % g.groups * m * outputs..][..m * outputs];
            let upstream = upstream.planes([place * outputs, outputs], windows, given);
            matmul::whole(false, shape, weight, upstream, columns);
            out.fill(T::ZERO);
            for (i, seen) in columns.chunks_exact(windows).enumerate() {
                let (channel, row) = (i / taps, i % taps / g.columns.kernel);
                let rows = g.rows.line(row, 0, g.rows.windows);
                let columns = g.columns.line(i % g.columns.kernel, 0, g.columns.windows);
                fold(exec.isa, rows, columns, seen, &mut out[channel * plane..][..plane]);
            }
        }
    });
}
