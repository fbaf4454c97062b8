use std::ops::Range;

use crate::parallel::{self, Blocks, Split};
use crate::{Exec, matmul};

/// Images of a piece.
const PIECE: usize = 8;

/// The images of a call, in pieces with scratch memory of their own: so the number of threads changes no
/// bit.
#[derive(Clone, Copy)]
pub(super) struct Pieces {
    /// How many images there are.
    pub(super) images: usize,
    /// Groups of an image.
    pub(super) groups: usize,
}

impl Pieces {
    /// How many pieces there are.
    pub(super) fn count(self) -> usize {
        self.images.div_ceil(PIECE)
    }

    /// A slice of so many elements for each piece.
    pub(super) fn own<T>(slice: &mut [T], each: usize) -> Blocks<&mut [T]> {
        Blocks(slice, each)
    }

    /// A slice of so many elements for each group of each image.
    pub(super) fn shared<T>(self, slice: &mut [T], each: usize) -> Blocks<&mut [T]> {
        Blocks(slice, PIECE * self.groups * each)
    }

    /// Calls `kernel` with the groups of each piece, counted over all images, and its part of `slices`.
    /// `work` is how many multiply-adds an image takes, as factors.
    pub(super) fn for_each<P: Split>(
        self,
        exec: Exec,
        work: [usize; 4],
        slices: P,
        kernel: impl Fn(Range<usize>, P) + Sync,
    ) {
        if self.images == 0 {
            return;
        }
        let elements = matmul::elements(work.into_iter().fold(self.images, usize::saturating_mul));
        parallel::run(exec, elements, |threaded| {
            parallel::for_each_block(threaded, self.count(), slices, &|piece, slices| {
                let [start, end] =
                    [piece, piece + 1].map(|i| self.images.min(i * PIECE) * self.groups);
                kernel(start..end, slices);
            });
        });
    }
}
