//! Windows that cut planes into so many parts, as even as they can be; they overlap where one does not divide
//! the other. The sizes are those of `PyTorch`'s adaptive pooling.

use std::ops::Range;

use super::PIECE;
use super::max::better;
use crate::Exec;
use crate::float::Float;
use crate::parallel::{self, Blocks};

/// Planes [h, w], cut into [rows, columns].
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    /// h and w.
    pub plane: [usize; 2],
    /// rows and columns.
    pub parts: [usize; 2],
}

/// Part `i` of `parts` of `size`.
fn part(size: usize, parts: usize, i: usize) -> Range<usize> {
    i * size / parts..((i + 1) * size).div_ceil(parts)
}

impl Grid {
    /// Elements of a plane.
    fn elements(&self) -> usize {
        self.plane[0] * self.plane[1]
    }

    /// Windows of a plane.
    pub fn windows(&self) -> usize {
        self.parts[0].saturating_mul(self.parts[1])
    }

    /// The rows and columns of window `i`.
    fn window(&self, i: usize) -> [Range<usize>; 2] {
        let [[h, w], [rows, columns]] = [self.plane, self.parts];
        [part(h, rows, i / columns), part(w, columns, i % columns)]
    }

    /// The places of window `i`, row by row.
    fn places(&self, i: usize) -> impl Iterator<Item = Range<usize>> {
        let [rows, columns] = self.window(i);
        let w = self.plane[1];
        rows.map(move |row| row * w + columns.start..row * w + columns.end)
    }
}

/// out[planes, rows, columns] = the mean of each part of x[planes, h, w].
pub fn mean<T: Float>(exec: Exec, g: Grid, x: &[T], out: &mut [T]) {
    if out.is_empty() {
        return;
    }
    let (plane, windows) = (g.elements(), g.windows());
    let blocks = (out.len() / windows).div_ceil(PIECE);
    parallel::run(exec, x.len(), |threaded| {
        let slices = Blocks(out, PIECE * windows);
        parallel::for_each_block(threaded, blocks, slices, &|block, Blocks(out, _)| {
            for (i, out) in out.iter_mut().enumerate() {
                let x = &x[(block * PIECE + i / windows) * plane..][..plane];
                let (mut sum, mut count) = (0.0, 0_usize);
                for places in g.places(i % windows) {
                    count += places.len();
                    sum = x[places].iter().fold(sum, |sum, x| sum + x.f64());
                }
                *out = T::of(sum / count as f64);
            }
        });
    });
}

/// out[planes, h, w] = the gradient of [`mean`] for `upstream`[planes, rows, columns].
pub fn mean_gradient<T: Float>(exec: Exec, g: Grid, upstream: &[T], out: &mut [T]) {
    let (plane, windows) = (g.elements(), g.windows());
    if out.is_empty() || windows == 0 {
        return out.fill(T::ZERO);
    }
    let blocks = (out.len() / plane).div_ceil(PIECE);
    parallel::run(exec, out.len(), |threaded| {
        let slices = Blocks(out, PIECE * plane);
        parallel::for_each_block(threaded, blocks, slices, &|block, Blocks(out, _)| {
            out.fill(T::ZERO);
            for (i, out) in out.chunks_exact_mut(plane).enumerate() {
                let upstream = &upstream[(block * PIECE + i) * windows..][..windows];
                for (window, &upstream) in upstream.iter().enumerate() {
                    let [rows, columns] = g.window(window);
                    let share = upstream / T::of((rows.len() * columns.len()) as f64);
                    for places in g.places(window) {
                        out[places].iter_mut().for_each(|x| *x += share);
                    }
                }
            }
        });
    });
}

/// out[planes, rows, columns] = the maximum of each part of x[planes, h, w]; `order` = its place in its plane,
/// the first of equals. NaN is larger than any number; a part of nothing has −∞.
pub fn max<T: Float>(exec: Exec, g: Grid, x: &[T], order: &mut [i32], out: &mut [T]) {
    if out.is_empty() {
        return;
    }
    let (plane, windows) = (g.elements(), g.windows());
    let blocks = (out.len() / windows).div_ceil(PIECE);
    parallel::run(exec, x.len(), |threaded| {
        let slices = (Blocks(order, PIECE * windows), Blocks(out, PIECE * windows));
        parallel::for_each_block(threaded, blocks, slices, &|block, (order, out)| {
            for (i, (at, best)) in order.0.iter_mut().zip(out.0).enumerate() {
                let x = &x[(block * PIECE + i / windows) * plane..][..plane];
                let found = g.places(i % windows).flatten();
                let found = found.map(|place| (x[place], (place as u32).cast_signed()));
                (*best, *at) = found.fold((T::NEG_INFINITY, -1), better);
                *at = (*at).max(0);
            }
        });
    });
}
