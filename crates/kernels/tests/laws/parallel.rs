use kernels::Exec;
use kernels::parallel::{self, Blocks, CHUNK, PARALLEL_FROM, Sum};

use crate::given::{border_lengths, plain};

/// Consecutive indices, as long as each piece follows the one before it.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
struct Run {
    from: usize,
    to: usize,
    broken: bool,
}

impl Sum for Run {
    fn add(&mut self, later: Self) {
        if self.from == self.to {
            *self = later;
        } else {
            self.broken |= later.broken || self.to != later.from;
            self.to = later.to;
        }
    }
}

fn lengths() -> impl Iterator<Item = usize> {
    let many = (0..200).map(|i| i * 9_973 + i % 7);
    let pieces = [64 * CHUNK - 1, 64 * CHUNK, 64 * CHUNK + 1, 129 * CHUNK + 3];
    border_lengths().chain(many).chain(pieces)
}

#[test]
fn fold_covers_every_element_once_and_in_order() {
    for (n, threads) in lengths().flat_map(|n| [(n, 1), (n, 3)]) {
        let indices: Vec<usize> = (0..n).collect();
        let mut touched = vec![0_u8; n];
        let exec = Exec { threads, ..plain() };
        let all =
            parallel::fold(exec, n, (&indices[..], &mut touched[..]), |(indices, touched)| {
                assert!(indices.len() <= CHUNK && indices.len() == touched.len());
                for touched in touched {
                    *touched += 1;
                }
                let from = indices.first().copied().unwrap_or(0);
                Run { from, to: from + indices.len(), broken: false }
            });
        assert_eq!(all, Run { from: 0, to: n, broken: false }, "{n} elements");
        assert!(touched.iter().all(|&times| times == 1), "{n} elements");
    }
}

/// Where chunks begin is a matter of the length alone.
#[test]
fn fold_cuts_at_the_same_places_for_every_number_of_threads() {
    let n = 100 * CHUNK + 17;
    let starts = |threads| {
        let mut marks = vec![0_u8; n];
        parallel::for_each(Exec { threads, ..plain() }, n, &mut marks[..], |chunk| chunk[0] = 1);
        marks
    };
    let alone = starts(1);
    for threads in 2..=8 {
        assert!(starts(threads) == alone, "{threads} threads");
    }
}

#[test]
fn pieces_cover_every_element_once_with_their_numbers() {
    for (n, size) in (0..70).flat_map(|n| (1..9).map(move |size| (n, size))) {
        for threaded in [false, true] {
            let mut out = vec![usize::MAX; n];
            let exec = Exec { threads: 2, ..plain() };
            let elements = if threaded { PARALLEL_FROM } else { 0 };
            parallel::run(exec, elements, |inside| {
                assert!(threaded || !inside); // alone too while another test has the threads
                let blocks = out.len().div_ceil(size);
                let kernel = |block, Blocks(out, _): Blocks<&mut [_]>| out.fill(block);
                parallel::for_each_block(inside, blocks, Blocks(&mut out[..], size), &kernel);
            });
            assert!(out.iter().enumerate().all(|(i, &piece)| piece == i / size), "{n} by {size}");
        }
    }
}
