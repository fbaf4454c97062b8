//! Normalization of arrays [outer, channels, inner]: each channel by its mean and variance, in double
//! precision. With one outer slice, channels are rows: that is layer normalization.

use crate::float::Float;
use crate::parallel::{self, Blocks};
use crate::simd::LANES;
use crate::{Exec, kernel};

/// The lengths of the three axes, and how channels are normalized.
#[derive(Clone, Copy, Debug)]
pub struct Normalization {
    /// How many slices [channels, inner] there are.
    pub outer: usize,
    /// What has a mean and a variance of its own.
    pub channels: usize,
    /// Elements of a channel in a slice.
    pub inner: usize,
    /// What is added to a variance before its root.
    pub eps: f64,
    /// Whether the mean is taken off; without it the variance is the mean square.
    pub centered: bool,
}

impl Normalization {
    /// Elements of a channel.
    fn count(&self) -> f64 {
        (self.outer * self.inner) as f64
    }

    fn size(&self) -> usize {
        self.outer * self.channels * self.inner
    }

    /// 1/√(variance + eps).
    fn inverse<T: Float>(&self, variance: T) -> f64 {
        1.0 / (variance.f64() + self.eps).sqrt()
    }

    /// The elements of a channel, slice by slice.
    fn slices<'a, T>(&self, channel: usize, x: &'a [T]) -> impl Iterator<Item = &'a [T]> + Clone {
        let (width, inner) = (self.channels * self.inner, self.inner);
        x.chunks_exact(width).map(move |slice| &slice[channel * inner..][..inner])
    }
}

/// Channels that are summed side by side where they have one element a slice.
const GROUP: usize = LANES;

kernel! {
    /// Σ f(x, y, shift) of some channels, from the first on, that have one element a slice.
    fn sum_side_by_side[T: Float, F: Fn(f64, f64, f64) -> f64](
        channels: usize, first: usize, f: F, shift: [f64; GROUP], x: &[T], y: &[T],
    ) -> [f64; GROUP] {
        let mut sums = [0.0; GROUP];
        for (x, y) in x.chunks_exact(channels).zip(y.chunks_exact(channels)) {
            let (x, y) = (&x[first..], &y[first..]);
            if let (Some(x), Some(y)) = (x.first_chunk::<GROUP>(), y.first_chunk::<GROUP>()) {
                for lane in 0..GROUP {
                    sums[lane] += f(x[lane].f64(), y[lane].f64(), shift[lane]);
                }
            } else {
                for ((sum, (x, y)), shift) in sums.iter_mut().zip(x.iter().zip(y)).zip(shift) {
                    *sum += f(x.f64(), y.f64(), shift);
                }
            }
        }
        sums
    }
}

kernel! {
    /// Σ f(x, y, shift) of one run of elements, in a fixed order.
    fn sum_run[T: Float, F: Fn(f64, f64, f64) -> f64](f: F, shift: f64, x: &[T], y: &[T]) -> f64 {
        let mut lanes = [0.0; LANES];
        for (x, y) in x.chunks(LANES).zip(y.chunks(LANES)) {
            for ((lane, &x), &y) in lanes.iter_mut().zip(x).zip(y) {
                *lane += f(x.f64(), y.f64(), shift);
            }
        }
        crate::reduce::join(lanes)
    }
}

/// out = `g` of Σ f(x, y, shift) over each channel; `shifts` has one number a channel, or none.
fn sums<T: Float>(
    exec: Exec,
    n: Normalization,
    [x, y]: [&[T]; 2],
    shifts: &[T],
    f: impl Fn(f64, f64, f64) -> f64 + Copy + Sync,
    out: &mut [T],
    g: impl Fn(f64) -> f64 + Sync,
) {
    let shift = |channel: usize| shifts.get(channel).map_or(0.0, |shift| shift.f64());
    parallel::run(exec, n.size(), |threaded| {
        let (blocks, slices) = (n.channels.div_ceil(GROUP), Blocks(out, GROUP));
        parallel::for_each_block(threaded, blocks.max(1), slices, &|block, Blocks(out, _)| {
            let first = block * GROUP;
            let mut sums = [0.0; GROUP];
            if n.inner == 1 && n.outer > 1 {
                let shift = std::array::from_fn(|lane| shift(first + lane));
                sums = sum_side_by_side(exec.isa, n.channels, first, f, shift, x, y);
            } else {
                for (lane, sum) in sums.iter_mut().enumerate().take(out.len()) {
                    let channel = first + lane;
                    let runs = n.slices(channel, x).zip(n.slices(channel, y));
                    *sum = runs
                        .fold(0.0, |sum, (x, y)| sum + sum_run(exec.isa, f, shift(channel), x, y));
                }
            }
            for (out, sum) in out.iter_mut().zip(sums) {
                *out = T::of(g(sum));
            }
        });
    });
}

kernel! {
    /// out = scale·x + factor·y + shift.
    fn combine_run[T: Float](scale: T, factor: T, shift: T, x: &[T], y: &[T], out: &mut [T]) {
        for ((out, &x), &y) in out.iter_mut().zip(x).zip(y) {
            *out = scale * x + (factor * y + shift);
        }
    }
}

/// out = scale·x + factor·y + shift, each of them of a channel.
fn combine<T: Float>(
    exec: Exec,
    n: Normalization,
    [x, y]: [&[T]; 2],
    of: impl Fn(usize) -> [f64; 3] + Sync,
    out: &mut [T],
) {
    let rows = n.outer * n.channels;
    let group = (4096 / n.inner.max(1)).max(1);
    parallel::run(exec, n.size(), |threaded| {
        let slices = Blocks(out, group * n.inner);
        parallel::for_each_block(threaded, rows.div_ceil(group), slices, &|block, slice| {
            for (row, out) in (block * group..).zip(slice.0.chunks_exact_mut(n.inner)) {
                let [scale, factor, shift] = of(row % n.channels).map(T::of);
                let part = row * n.inner..(row + 1) * n.inner;
                combine_run(exec.isa, scale, factor, shift, &x[part.clone()], &y[part], out);
            }
        });
    });
}

/// out = (x − mean)/√(variance + eps) of each channel; `mean` and `variance` receive those, the variance over
/// as many elements as there are.
pub fn normalize<T: Float>(
    exec: Exec,
    n: Normalization,
    x: &[T],
    [mean, variance]: [&mut [T]; 2],
    out: &mut [T],
) {
    if x.is_empty() {
        mean.fill(T::of(f64::NAN));
        return variance.fill(T::of(f64::NAN));
    }
    if n.centered {
        sums(exec, n, [x, x], &[], |x, _, _| x, mean, |sum| sum / n.count());
    } else {
        mean.fill(T::ZERO);
    }
    let square = |x: f64, _, mean: f64| (x - mean) * (x - mean);
    sums(exec, n, [x, x], mean, square, variance, |sum| sum / n.count());
    shift_and_scale(exec, n, x, [mean, variance], out);
}

/// out = (x − mean)/√(variance + eps) of each channel.
pub fn shift_and_scale<T: Float>(
    exec: Exec,
    n: Normalization,
    x: &[T],
    [mean, variance]: [&[T]; 2],
    out: &mut [T],
) {
    let group = (4096 / n.inner.max(1)).max(1);
    let rows = n.outer * n.channels;
    if out.is_empty() {
        return;
    }
    parallel::run(exec, n.size(), |threaded| {
        let slices = Blocks(out, group * n.inner);
        parallel::for_each_block(threaded, rows.div_ceil(group), slices, &|block, slice| {
            for (row, out) in (block * group..).zip(slice.0.chunks_exact_mut(n.inner)) {
                let (channel, part) = (row % n.channels, row * n.inner..(row + 1) * n.inner);
                let inverse = T::of(n.inverse(variance[channel]));
                center_run(exec.isa, mean[channel], inverse, &x[part], out);
            }
        });
    });
}

kernel! {
    fn center_run[T: Float](mean: T, inverse: T, x: &[T], out: &mut [T]) {
        for (out, &x) in out.iter_mut().zip(x) {
            *out = (x - mean) * inverse;
        }
    }
}

/// out = the gradient by x where y is [`normalize`]'s result: (upstream − mean of upstream − y·mean of
/// upstream·y)/√(variance + eps). `scratch` has two numbers a channel.
pub fn normalize_gradient<T: Float>(
    exec: Exec,
    n: Normalization,
    [y, variance, upstream]: [&[T]; 3],
    scratch: &mut [T],
    out: &mut [T],
) {
    if y.is_empty() {
        return scratch.fill(T::ZERO);
    }
    let (plain, along) = scratch.split_at_mut(n.channels);
    if n.centered {
        sums(exec, n, [upstream, upstream], &[], |g, _, _| g, plain, |sum| sum / n.count());
    } else {
        plain.fill(T::ZERO);
    }
    sums(exec, n, [upstream, y], &[], |g, y, _| g * y, along, |sum| sum / n.count());
    let (plain, along) = (&*plain, &*along);
    let of = |channel: usize| {
        let inverse = n.inverse(variance[channel]);
        [inverse, -inverse * along[channel].f64(), -inverse * plain[channel].f64()]
    };
    combine(exec, n, [upstream, y], of, out);
}

kernel! {
    fn affine_run[T: Float](weight: T, bias: T, x: &[T], out: &mut [T]) {
        for (out, &x) in out.iter_mut().zip(x) {
            *out = weight * x + bias;
        }
    }
}

kernel! {
    fn affine_row[T: Float](weight: &[T], bias: &[T], x: &[T], out: &mut [T]) {
        if bias.is_empty() {
            for ((out, &x), &weight) in out.iter_mut().zip(x).zip(weight) {
                *out = weight * x;
            }
            return;
        }
        for (((out, &x), &weight), &bias) in out.iter_mut().zip(x).zip(weight).zip(bias) {
            *out = weight * x + bias;
        }
    }
}

/// out = weight·x + bias of each channel of [outer, channels, inner]; the bias may be empty.
pub fn affine<T: Float>(
    exec: Exec,
    [channels, inner]: [usize; 2],
    [x, weight, bias]: [&[T]; 3],
    out: &mut [T],
) {
    let width = channels * inner;
    if out.is_empty() {
        return;
    }
    let group = (4096 / width).max(1);
    parallel::run(exec, out.len(), |threaded| {
        let blocks = (out.len() / width).div_ceil(group);
        parallel::for_each_block(threaded, blocks, Blocks(out, group * width), &|block, slice| {
            for (i, out) in (block * group..).zip(slice.0.chunks_exact_mut(width)) {
                let x = &x[i * width..][..width];
                if inner == 1 {
                    affine_row(exec.isa, weight, bias, x, out);
                    continue;
                }
                for (c, out) in out.chunks_exact_mut(inner).enumerate() {
                    let bias = bias.get(c).copied().unwrap_or(T::ZERO);
                    affine_run(exec.isa, weight[c], bias, &x[c * inner..][..inner], out);
                }
            }
        });
    });
}

/// out = Σ x·y of each channel of [outer, channels, inner], in double precision: the gradient of [`affine`]
/// by its weight.
pub fn channel_products<T: Float>(
    exec: Exec,
    [outer, channels, inner]: [usize; 3],
    [x, y]: [&[T]; 2],
    out: &mut [T],
) {
    let n = Normalization { outer, channels, inner, eps: 0.0, centered: false };
    if x.is_empty() {
        return out.fill(T::ZERO);
    }
    sums(exec, n, [x, y], &[], |x, y, _| x * y, out, |sum| sum);
}

/// out = Σ x of each channel of [outer, channels, inner], in double precision.
pub fn channel_sums<T: Float>(
    exec: Exec,
    [outer, channels, inner]: [usize; 3],
    x: &[T],
    out: &mut [T],
) {
    let n = Normalization { outer, channels, inner, eps: 0.0, centered: false };
    if x.is_empty() {
        return out.fill(T::ZERO);
    }
    sums(exec, n, [x, x], &[], |x, _, _| x, out, |sum| sum);
}

/// running ← (1 − share)·running + share·seen·scale.
pub fn average<T: Float>(share: f64, scale: f64, seen: &[T], running: &mut [T]) {
    for (running, seen) in running.iter_mut().zip(seen) {
        *running = T::of((1.0 - share) * running.f64() + share * seen.f64() * scale);
    }
}
