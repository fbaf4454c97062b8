//! Convolutions of images [n, c, h, w], as products with the matrix of their taps.
//!
//! An image is unfolded into columns [c·kh·kw, out pixels], in scratch memory that the caller gives,
//! and multiplied by the weights [o, c·kh·kw]. Images are cut into pieces of [`PIECE`], each with
//! scratch of its own, so that the number of threads changes no bit.

use std::ops::Range;

use crate::float::Float;
use crate::matmul::{self, Shape};
use crate::parallel::{self, Blocks};
use crate::{Exec, kernel, reduce, rows};

/// Images of a piece.
pub const PIECE: usize = 8;

/// Pieces of `n` images.
pub const fn pieces(n: usize) -> usize {
    n.div_ceil(PIECE)
}

/// How often a window of `kernel` fits into `size` and `padding` on both sides, `stride` apart.
pub const fn extent(size: usize, kernel: usize, stride: usize, padding: usize) -> usize {
    if kernel == 0 || stride == 0 {
        return 0;
    }
    match size.saturating_add(padding.saturating_mul(2)).checked_sub(kernel) {
        Some(room) => room / stride + 1,
        None => 0,
    }
}

/// How many windows there are of each channel of an image.
pub const fn windows(
    [h, w]: [usize; 2],
    [kh, kw]: [usize; 2],
    stride: usize,
    padding: usize,
) -> usize {
    extent(h, kh, stride, padding).saturating_mul(extent(w, kw, stride, padding))
}

/// The sizes of a convolution.
#[derive(Clone, Copy, Debug)]
pub struct Convolution {
    /// Images.
    pub n: usize,
    /// Channels of an image.
    pub c: usize,
    /// Its rows.
    pub h: usize,
    /// Its columns.
    pub w: usize,
    /// Channels of a result.
    pub o: usize,
    /// Rows of a window.
    pub kh: usize,
    /// Columns of a window.
    pub kw: usize,
    /// From one window to the next, both ways.
    pub stride: usize,
    /// Zeros around an image, on each side.
    pub padding: usize,
}

impl Convolution {
    /// Of dimensions in the order of the fields.
    pub fn of([n, c, h, w, o, kh, kw, stride, padding]: [&usize; 9]) -> Self {
        Self {
            n: *n,
            c: *c,
            h: *h,
            w: *w,
            o: *o,
            kh: *kh,
            kw: *kw,
            stride: *stride,
            padding: *padding,
        }
    }

    fn image(&self) -> usize {
        self.c * self.h * self.w
    }

    fn taps(&self) -> usize {
        self.c * self.kh * self.kw
    }

    fn out_rows(&self) -> usize {
        extent(self.h, self.kh, self.stride, self.padding)
    }

    fn out_columns(&self) -> usize {
        extent(self.w, self.kw, self.stride, self.padding)
    }

    fn pixels(&self) -> usize {
        windows([self.h, self.w], [self.kh, self.kw], self.stride, self.padding)
    }

    /// What [`parallel::run`] is told: a product decides in multiply-adds.
    fn elements(&self) -> usize {
        let factors = [self.n, self.o, self.taps(), self.pixels()];
        matmul::elements(factors.into_iter().fold(1, usize::saturating_mul))
    }

    /// The weights [o, taps] times columns [taps, pixels].
    fn product(&self) -> Shape {
        Shape {
            m: self.o,
            n: self.pixels(),
            k: self.taps(),
            transpose_a: false,
            transpose_b: false,
        }
    }

    /// The images of piece `piece`.
    fn images(&self, piece: usize) -> Range<usize> {
        piece * PIECE..self.n.min((piece + 1) * PIECE)
    }

    /// The windows, along one axis, whose tap `tap` lies inside an image of `size`.
    fn inside(&self, size: usize, tap: usize, windows: usize) -> Range<usize> {
        let start = self.padding.saturating_sub(tap).div_ceil(self.stride).min(windows);
        let end = (size + self.padding).saturating_sub(tap).div_ceil(self.stride).min(windows);
        start..end.max(start)
    }

    /// Whether windows lie as pixels do: then a tap's row is the image, shifted.
    fn is_shift(&self) -> bool {
        self.stride == 1 && self.out_columns() == self.w
    }
}

/// One tap of all windows over one channel: the windows in which it lies inside the image.
struct Tap {
    rows: Range<usize>,
    columns: Range<usize>,
    i: usize,
    j: usize,
}

impl Tap {
    /// Where the first window of row `y` finds it in the image.
    fn place(&self, g: &Convolution, y: usize) -> usize {
        let row = y * g.stride + self.i - g.padding;
        row * g.w + self.columns.start * g.stride + self.j - g.padding
    }

    /// Where windows lie as pixels do, from the first window to the last: where they begin in a row of
    /// columns, where in the image, and how many there are, those beyond the sides included.
    fn run(&self, g: &Convolution) -> (usize, usize, usize) {
        if self.rows.is_empty() || self.columns.is_empty() {
            return (0, 0, 0);
        }
        let from = self.rows.start * g.w + self.columns.start;
        let length = (self.rows.len() - 1) * g.w + self.columns.len();
        (from, self.place(g, self.rows.start), length)
    }

    /// Zeros where the windows of `row` lie outside the image, in the rows that have others.
    fn clear_sides<T: Float>(&self, width: usize, row: &mut [T]) {
        let row = &mut row[self.rows.start * width..self.rows.end * width];
        // Column by column: there are few, and a fill of one or two elements is a call.
        for column in (0..self.columns.start).chain(self.columns.end..width) {
            for x in row.iter_mut().skip(column).step_by(width) {
                *x = T::ZERO;
            }
        }
    }
}

/// Calls `f` with each tap in the order of the weights: its channel, what it covers, its row.
#[inline(always)]
fn for_each_tap<T: Float>(
    g: &Convolution,
    columns: &mut [T],
    mut f: impl FnMut(usize, &Tap, &mut [T]),
) {
    let (height, width) = (g.out_rows(), g.out_columns());
    let mut lines = columns.chunks_exact_mut(height * width);
    for channel in 0..g.c {
        for i in 0..g.kh {
            for j in 0..g.kw {
                let columns = g.inside(g.w, j, width);
                // Rows are looked at one by one only where there is something in them.
                let rows = if columns.is_empty() { 0..0 } else { g.inside(g.h, i, height) };
                let tap = Tap { rows, columns, i, j };
                if let Some(row) = lines.next() {
                    f(channel, &tap, row);
                }
            }
        }
    }
}

kernel! {
    /// `columns[tap, pixel]` = what the tap of the pixel's window sees of `image`.
    fn unfold[T: Float](g: Convolution, image: &[T], columns: &mut [T]) {
        let (plane, width) = (g.h * g.w, g.out_columns());
        for_each_tap(&g, columns, |channel, tap, row| {
            let image = &image[channel * plane..][..plane];
            row[..tap.rows.start * width].fill(T::ZERO);
            row[tap.rows.end * width..].fill(T::ZERO);
            if g.is_shift() {
                let (from, source, length) = tap.run(&g);
                row[from..][..length].copy_from_slice(&image[source..][..length]);
                return tap.clear_sides(width, row);
            }
            tap.clear_sides(width, row);
            for y in tap.rows.clone() {
                let source = image[tap.place(&g, y)..].iter().step_by(g.stride);
                let line = &mut row[y * width..][tap.columns.clone()];
                for (out, &x) in line.iter_mut().zip(source) {
                    *out = x;
                }
            }
        });
    }
}

kernel! {
    /// `image` = the sum of what each tap of `columns` saw of it; the columns are left in disorder.
    fn fold[T: Float](g: Convolution, columns: &mut [T], image: &mut [T]) {
        let (plane, width) = (g.h * g.w, g.out_columns());
        image.fill(T::ZERO);
        for_each_tap(&g, columns, |channel, tap, row| {
            let image = &mut image[channel * plane..][..plane];
            if g.is_shift() {
                // Zeros are added beyond the sides: one long loop instead of one a row.
                tap.clear_sides(width, row);
                let (from, source, length) = tap.run(&g);
                for (out, &x) in image[source..][..length].iter_mut().zip(&row[from..][..length]) {
                    *out += x;
                }
                return;
            }
            for y in tap.rows.clone() {
                let target = image[tap.place(&g, y)..].iter_mut().step_by(g.stride);
                let line = &row[y * width..][tap.columns.clone()];
                for (out, &x) in target.zip(line) {
                    *out += x;
                }
            }
        });
    }
}

kernel! {
    fn add_to_channels[T: Float](bias: &[T], pixels: usize, out: &mut [T]) {
        for (channel, &b) in out.chunks_exact_mut(pixels).zip(bias) {
            for x in channel {
                *x += b;
            }
        }
    }
}

/// out[n, o, pixels] = the windows of x[n, c, h, w] times weight[o, c, kh, kw], plus the bias of each
/// channel; `bias` may be empty. `scratch` has [`pieces`] times taps times pixels.
pub fn forward<T: Float>(
    exec: Exec,
    g: Convolution,
    [x, weight, bias]: [&[T]; 3],
    scratch: &mut [T],
    out: &mut [T],
) {
    if out.is_empty() {
        return;
    }
    let (columns, result) = (g.taps() * g.pixels(), g.o * g.pixels());
    let slices = (Blocks(scratch, columns), Blocks(out, PIECE * result));
    parallel::run(exec, g.elements(), |threaded| {
        parallel::for_each_block(threaded, pieces(g.n), slices, &|piece, (scratch, out)| {
            let (Blocks(columns, _), Blocks(out, _)) = (scratch, out);
            for (i, out) in g.images(piece).zip(out.chunks_exact_mut(result)) {
                unfold(exec.isa, g, &x[i * g.image()..][..g.image()], columns);
                matmul::whole(false, g.product(), weight, columns, out);
                add_to_channels(exec.isa, bias, g.pixels(), out);
            }
        });
    });
}

/// out[n, c, h, w] = the gradient of [`forward`] by x, for `upstream`[n, o, pixels].
pub fn by_input<T: Float>(
    exec: Exec,
    g: Convolution,
    [upstream, weight]: [&[T]; 2],
    scratch: &mut [T],
    out: &mut [T],
) {
    if out.is_empty() || scratch.is_empty() {
        return out.fill(T::ZERO);
    }
    let (columns, result) = (g.taps() * g.pixels(), g.o * g.pixels());
    let shape = Shape { m: g.taps(), k: g.o, transpose_a: true, ..g.product() };
    let slices = (Blocks(scratch, columns), Blocks(out, PIECE * g.image()));
    parallel::run(exec, g.elements(), |threaded| {
        parallel::for_each_block(threaded, pieces(g.n), slices, &|piece, (scratch, out)| {
            let (Blocks(columns, _), Blocks(out, _)) = (scratch, out);
            for (i, out) in g.images(piece).zip(out.chunks_exact_mut(g.image())) {
                matmul::whole(false, shape, weight, &upstream[i * result..][..result], columns);
                fold(exec.isa, g, columns, out);
            }
        });
    });
}

/// out[o, c, kh, kw] = the gradient of [`forward`] by the weights. `sums` has [`pieces`] times the
/// length of `out`: the sum of each piece, added in order.
pub fn by_weight<T: Float>(
    exec: Exec,
    g: Convolution,
    [x, upstream]: [&[T]; 2],
    [scratch, sums]: [&mut [T]; 2],
    out: &mut [T],
) {
    if out.is_empty() || scratch.is_empty() {
        sums.fill(T::ZERO);
        return out.fill(T::ZERO);
    }
    let (columns, result) = (g.taps() * g.pixels(), g.o * g.pixels());
    let shape = Shape { n: g.taps(), k: g.pixels(), transpose_b: true, ..g.product() };
    let slices = (Blocks(scratch, columns), Blocks(&mut *sums, out.len()));
    parallel::run(exec, g.elements(), |threaded| {
        parallel::for_each_block(threaded, pieces(g.n), slices, &|piece, (scratch, sum)| {
            let (Blocks(columns, _), Blocks(sum, _)) = (scratch, sum);
            for (place, i) in g.images(piece).enumerate() {
                unfold(exec.isa, g, &x[i * g.image()..][..g.image()], columns);
                let upstream = &upstream[i * result..][..result];
                matmul::whole(place > 0, shape, upstream, columns, sum);
            }
        });
    });
    rows::sum_rows(exec, sums, out);
}

/// out[o] = the gradient of [`forward`] by the bias: Σ over images and pixels of upstream[n, o, pixels].
pub fn by_bias<T: Float>(exec: Exec, pixels: usize, upstream: &[T], out: &mut [T]) {
    let channels = out.len();
    for (channel, out) in out.iter_mut().enumerate() {
        let planes = upstream.chunks_exact(pixels.max(1)).skip(channel).step_by(channels);
        let sum = planes.fold(0.0, |sum, plane| sum + reduce::sum_chunk(exec.isa, plane));
        *out = T::of(sum);
    }
}
