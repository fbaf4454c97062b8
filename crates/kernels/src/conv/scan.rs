use super::axis::{Axis, Line};
use super::plane::Unfold;
use crate::Exec;
use crate::float::Float;

/// Taps whose places are listed at a time.
pub(super) const TAPS: usize = 240;

/// Elements of unfolded planes that are worked on at a time: half a megabyte in single precision, which
/// a core's own cache holds.
const BAND: usize = 1 << 17;

/// Windows over the channels of one group of an image, and how their taps are laid out in memory.
///
/// For each tap along a row, a copy of each channel as that tap of all windows sees it: then what a tap
/// sees is one contiguous piece of such a copy, further rows of taps being further down in it. Where
/// windows are more than one row apart, each tap has its own copy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan {
    pub(super) channels: usize,
    pub(super) rows: Axis,
    pub(super) columns: Axis,
}

impl Scan {
    /// Windows over one channel.
    pub(super) fn windows(&self) -> usize {
        self.rows.windows.saturating_mul(self.columns.windows)
    }

    /// Taps of a window over all channels.
    pub(super) fn taps(&self) -> usize {
        self.channels.saturating_mul(self.rows.kernel).saturating_mul(self.columns.kernel)
    }

    fn rows_share(&self) -> bool {
        self.rows.stride == 1
    }

    /// Copies of a channel.
    fn copies(&self) -> usize {
        let rows = if self.rows_share() { 1 } else { self.rows.kernel };
        rows.saturating_mul(self.columns.kernel)
    }

    /// Rows of a copy for `band` rows of windows.
    fn height(&self, band: usize) -> usize {
        if self.rows_share() { band.saturating_add(self.rows.reach()) } else { band }
    }

    /// How many rows of windows are worked on at a time: what [`BAND`] holds, and as many as are needed
    /// twice over.
    pub(super) fn band(&self) -> usize {
        let row = self.channels.saturating_mul(self.copies()).saturating_mul(self.columns.windows);
        let fit = (BAND / row.max(1)).saturating_sub(self.height(0));
        fit.max(self.height(0)).clamp(1, self.rows.windows.max(1))
    }

    /// The elements that `band` rows of windows are unfolded into.
    pub(super) fn unfolded(&self, band: usize) -> usize {
        if self.windows() == 0 {
            return 0;
        }
        let copies = self.channels.saturating_mul(self.copies());
        copies.saturating_mul(self.height(band)).saturating_mul(self.columns.windows)
    }

    /// Unfolds `count` rows of windows over `channels`, from `first` on. What lies beside an image is 0 in
    /// `unfolded` already: from the beginning, or from the same rows of another image.
    pub(super) fn unfold<T: Float>(
        &self,
        exec: Exec,
        [first, count]: [usize; 2],
        channels: &[T],
        unfolded: &mut [T],
    ) {
        let (height, width) = (self.height(count), self.columns.windows);
        // Without channels a window may have any number of taps.
        let copies = if channels.is_empty() { 0 } else { self.copies() };
        if count < self.rows.windows {
            unfolded.fill(T::ZERO);
        }
        for copy in 0..copies {
            let (row, column) = (copy / self.columns.kernel, copy % self.columns.kernel);
            let rows = Line { count: height, ..self.rows.line(row, first, count) };
            let columns = self.columns.line(column, 0, width);
            let seen = &mut unfolded[copy * height * width..];
            let stride = copies * height * width;
            T::vectorize(exec.isa, Unfold { rows, columns, planes: channels, seen, stride });
        }
    }

    /// Where the taps of a window begin in `count` unfolded rows: channel by channel, row by row.
    pub(super) fn places(&self, count: usize) -> Places {
        let width = self.columns.windows;
        let plane = self.height(count) * width;
        let kernel = [self.rows.kernel, self.columns.kernel];
        let row = if self.rows_share() {
            self.rows.dilation * width
        } else {
            self.columns.kernel * plane
        };
        Places { kernel, steps: [self.copies() * plane, row, plane], next: [0; 3] }
    }
}

/// An endless list of places, for each channel one for each row and column of taps.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// Rows and columns of taps.
    kernel: [usize; 2],
    /// How far from one channel, row, column to the next.
    steps: [usize; 3],
    /// Channel, row and column of the next one.
    next: [usize; 3],
}

impl Iterator for Places {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let [channel, row, column] = &mut self.next;
        let place = *channel * self.steps[0] + *row * self.steps[1] + *column * self.steps[2];
        *column += 1;
        if *column == self.kernel[1] {
            (*row, *column) = (*row + 1, 0);
        }
        if *row == self.kernel[0] {
            (*channel, *row) = (*channel + 1, 0);
        }
        Some(place)
    }
}
