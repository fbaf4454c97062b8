//! How slices are split over threads: at boundaries that only their length decides, joined in
//! order, so that a result never depends on the number of threads.

use crate::{Exec, team};

/// Elements that are summed in one go: what is added in the kernel's own precision.
pub const CHUNK: usize = 16_384;

/// Most pieces that a slice is cut into; their sums are joined in double precision.
const PIECES: usize = 64;

/// Below this many elements, waking a thread costs more than it saves (bench/RESULTS.md).
pub const PARALLEL_FROM: usize = 1 << 18;

/// The same where a thread is still awake.
pub const SPLIT_FROM: usize = 1 << 15;

/// Most threads that share work: guards against a typing error, not a machine.
pub const MAX_THREADS: usize = 256;

/// Runs `work`, with the threads of `exec` if `elements` are enough to pay for them; `work` is told
/// which. Where threads are awake, fewer are enough.
pub fn run<R>(exec: Exec, elements: usize, work: impl FnOnce(bool) -> R) -> R {
    let enough = elements >= SPLIT_FROM && (elements >= PARALLEL_FROM || team::awake());
    if exec.threads <= 1 || !enough {
        work(false)
    } else if team::inside() {
        work(true)
    } else {
        team::lead(exec.threads.min(MAX_THREADS), work)
    }
}

/// Slices of one length that are split at the same places.
pub trait Split: Sized + Send {
    /// Both parts of a cut at `mid`.
    fn split(self, mid: usize) -> (Self, Self);
}

impl<T: Sync> Split for &[T] {
    fn split(self, mid: usize) -> (Self, Self) {
        self.split_at(mid)
    }
}

impl<T: Send> Split for &mut [T] {
    fn split(self, mid: usize) -> (Self, Self) {
        self.split_at_mut(mid)
    }
}

impl<S: Split, const N: usize> Split for [S; N] {
    fn split(self, mid: usize) -> (Self, Self) {
        let mut ends = self.map(Some);
        let starts = ends.each_mut().map(|slot| {
            let (start, end) = slot.take().expect("each slot is cut once").split(mid);
            *slot = Some(end);
            start
        });
        (starts, ends.map(|slot| slot.expect("each slot holds its end")))
    }
}

macro_rules! split_tuple {
    ($($name:ident: $i:tt),+) => {
        impl<$($name: Split),+> Split for ($($name,)+) {
            fn split(self, mid: usize) -> (Self, Self) {
                let parts = ($(self.$i.split(mid),)+);
                (($(parts.$i.0,)+), ($(parts.$i.1,)+))
            }
        }
    };
}

impl Split for () {
    fn split(self, _mid: usize) -> (Self, Self) {
        ((), ())
    }
}

split_tuple!(A: 0, B: 1);
split_tuple!(A: 0, B: 1, C: 2);

/// A sum that is collected piece by piece.
pub trait Sum: Copy + Default + Send {
    /// Adds what a later piece collected.
    fn add(&mut self, later: Self);
}

impl Sum for f64 {
    fn add(&mut self, later: Self) {
        *self += later;
    }
}

/// The largest of what the pieces found, 0 or more; NaN if one of them is.
#[derive(Clone, Copy, Default)]
pub(crate) struct Largest(pub(crate) f64);

impl Sum for Largest {
    fn add(&mut self, later: Self) {
        if later.0 > self.0 || later.0.is_nan() {
            *self = later;
        }
    }
}

impl Sum for () {
    fn add(&mut self, (): Self) {}
}

/// Σ `kernel`(chunk) over the chunks of `slices`, each `len` long, added in order.
pub fn fold<P: Split, S: Sum>(
    exec: Exec,
    len: usize,
    slices: P,
    kernel: impl Fn(P) -> S + Send + Sync,
) -> S {
    run(exec, len, |threaded| fold_here(threaded, len, slices, &kernel))
}

/// [`fold`] for a caller inside [`run`].
pub fn fold_here<P: Split, S: Sum>(
    threaded: bool,
    len: usize,
    slices: P,
    kernel: &(impl Fn(P) -> S + Send + Sync),
) -> S {
    if len <= CHUNK {
        let mut sum = S::default();
        sum.add(kernel(slices));
        return sum;
    }
    let piece = len.div_ceil(PIECES).next_multiple_of(CHUNK);
    let mut sums = [S::default(); PIECES];
    let sums = &mut sums[..len.div_ceil(piece)];
    halves(Pieces { threaded, piece, len }, slices, sums, kernel);
    let mut total = S::default();
    for sum in sums {
        total.add(*sum);
    }
    total
}

#[derive(Clone, Copy)]
struct Pieces {
    threaded: bool,
    piece: usize,
    len: usize,
}

/// Cuts in the middle until one piece is left; its chunks are summed one after the other.
fn halves<P: Split, S: Sum>(
    pieces: Pieces,
    slices: P,
    sums: &mut [S],
    kernel: &(impl Fn(P) -> S + Send + Sync),
) {
    if let [sum] = sums {
        let (mut rest, mut left) = (slices, pieces.len);
        while left > CHUNK {
            let (chunk, tail) = rest.split(CHUNK);
            sum.add(kernel(chunk));
            (rest, left) = (tail, left - CHUNK);
        }
        sum.add(kernel(rest));
        return;
    }
    let middle = sums.len() / 2;
    let mid = middle * pieces.piece;
    let (left, right) = slices.split(mid);
    let (left_sums, right_sums) = sums.split_at_mut(middle);
    let (first, second) =
        (Pieces { len: mid, ..pieces }, Pieces { len: pieces.len - mid, ..pieces });
    join(
        pieces.threaded,
        || halves(first, left, left_sums, kernel),
        || halves(second, right, right_sums, kernel),
    );
}

/// Runs both, side by side if `threaded`, for a caller inside [`run`].
pub(crate) fn join(threaded: bool, left: impl FnOnce() + Send, right: impl FnOnce() + Send) {
    if threaded {
        team::join(left, right);
    } else {
        left();
        right();
    }
}

/// Calls `kernel` on every chunk of `slices`, each `len` long.
pub fn for_each<P: Split>(exec: Exec, len: usize, slices: P, kernel: impl Fn(P) + Send + Sync) {
    fold(exec, len, slices, kernel);
}

/// A slice of blocks of some elements each, cut between blocks; the last may have fewer.
#[derive(Debug)]
pub struct Blocks<S>(pub S, pub usize);

impl<S: Split> Split for Blocks<S> {
    fn split(self, mid: usize) -> (Self, Self) {
        let (left, right) = self.0.split(mid * self.1);
        (Self(left, self.1), Self(right, self.1))
    }
}

/// Calls `kernel` on each of `count` blocks of `slices`, at least 1, with the block's number. For a
/// caller inside [`run`].
pub fn for_each_block<P: Split>(
    threaded: bool,
    count: usize,
    slices: P,
    kernel: &(impl Fn(usize, P) + Sync),
) {
    numbered_blocks(threaded, 0, count, slices, kernel);
}

fn numbered_blocks<P: Split>(
    threaded: bool,
    first: usize,
    count: usize,
    slices: P,
    kernel: &(impl Fn(usize, P) + Sync),
) {
    if count <= 1 {
        return kernel(first, slices);
    }
    let middle = count / 2;
    let (left, right) = slices.split(middle);
    join(
        threaded,
        || numbered_blocks(threaded, first, middle, left, kernel),
        || numbered_blocks(threaded, first + middle, count - middle, right, kernel),
    );
}
