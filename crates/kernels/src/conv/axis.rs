use std::ops::Range;

/// How often a window of `kernel` taps, `dilation` apart, fits into `size` and `padding` on both sides,
/// `stride` apart.
pub const fn extent(size: usize, kernel: usize, [stride, padding, dilation]: [usize; 3]) -> usize {
    if kernel == 0 || stride == 0 || dilation == 0 {
        return 0;
    }
    let reach = (kernel - 1).saturating_mul(dilation);
    match size.saturating_add(padding.saturating_mul(2)).checked_sub(reach) {
        Some(room) if room > 0 => (room - 1) / stride + 1,
        _ => 0,
    }
}

/// How windows lie along one side of an image.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// Pixels.
    pub size: usize,
    /// How many windows there are.
    pub windows: usize,
    /// Taps of a window.
    pub kernel: usize,
    /// From one window to the next.
    pub stride: usize,
    /// From one tap of a window to the next.
    pub dilation: usize,
    /// Pixels that the first window begins before the image.
    pub before: isize,
}

impl Axis {
    /// Of an image with `padding` on both sides.
    pub const fn new(size: usize, kernel: usize, [stride, padding, dilation]: [usize; 3]) -> Self {
        let windows = extent(size, kernel, [stride, padding, dilation]);
        Self { size, windows, kernel, stride, dilation, before: padding.cast_signed() }
    }

    /// From the first tap of a window to its last.
    pub(super) const fn reach(&self) -> usize {
        self.kernel.saturating_sub(1).saturating_mul(self.dilation)
    }

    /// The windows, one apart, through which each pixel is seen: what a gradient goes back through.
    pub(super) const fn turned(&self) -> Self {
        let before = self.reach().cast_signed().wrapping_sub(self.before);
        Self { size: self.windows, windows: self.size, stride: 1, before, ..*self }
    }

    /// What tap `tap` of `count` windows sees, from window `first` on.
    pub(crate) const fn line(&self, tap: usize, first: usize, count: usize) -> Line {
        let from = (first * self.stride + tap * self.dilation).cast_signed() - self.before;
        Line { size: self.size, from, step: self.stride, count }
    }

    /// The taps of window `i`.
    pub(crate) const fn window(&self, i: usize) -> Line {
        let from = (i * self.stride).cast_signed() - self.before;
        Line { size: self.size, from, step: self.dilation, count: self.kernel }
    }

    /// How many taps of window `i` are in the image, or in so many pixels before and behind it.
    pub(crate) fn counted(&self, i: usize, [before, behind]: [usize; 2]) -> usize {
        let window = self.window(i);
        let size = self.size.saturating_add(before).saturating_add(behind);
        let from = window.from.saturating_add_unsigned(before);
        if from >= 0 && from.cast_unsigned().saturating_add(self.reach()) < size {
            return self.kernel;
        }
        Line { size, from, ..window }.inside().len()
    }

    /// The taps with which any window may see something.
    pub(crate) fn taps(&self) -> Range<usize> {
        let last = self.window(self.windows.saturating_sub(1));
        last.inside().start..self.window(0).inside().end
    }
}

/// Places along one side of an image: `count` of them, the first at pixel `from`, `step` apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(super) size: usize,
    pub(super) from: isize,
    pub(super) step: usize,
    pub(super) count: usize,
}

impl Line {
    /// Those that are in the image.
    pub(crate) fn inside(&self) -> Range<usize> {
        let before = self.from.min(0).unsigned_abs();
        let beyond = (self.size.cast_signed() - self.from).max(0).cast_unsigned();
        // Most steps are 1, and a division takes as long as copying some rows.
        let places =
            |pixels: usize| if self.step == 1 { pixels } else { pixels.div_ceil(self.step) };
        let end = places(beyond).min(self.count);
        places(before).min(end)..end
    }

    /// The pixel of place `i`, which is in the image.
    pub(crate) fn pixel(&self, i: usize) -> usize {
        (self.from + (i * self.step).cast_signed()).cast_unsigned()
    }
}
