//! Threads that share work: each part of it once, and whoever asked hears of a panic.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use kernels::Exec;
use kernels::parallel::{self, Blocks, PARALLEL_FROM};
use kernels::simd::Isa;

/// One thread leads at a time: tests that look at helpers take turns.
static TURN: Mutex<()> = Mutex::new(());

fn exec(threads: usize) -> Exec {
    Exec { isa: Isa::widest(), threads }
}

/// Calls `work` with each number below `count`; whether other threads could help.
fn share(threads: usize, count: usize, work: impl Fn(usize) + Sync) -> bool {
    parallel::run(exec(threads), PARALLEL_FROM, |inside| {
        parallel::for_each_block(inside, count, (), &|number, ()| work(number));
        inside
    })
}

/// Work that lasts as long as another thread needs to come.
fn linger() {
    let started = Instant::now();
    while started.elapsed() < Duration::from_micros(300) {
        thread::yield_now();
    }
}

#[test]
fn helpers_come_and_no_more_than_were_asked_for() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for threads in [4, 2, 3, 8] {
        let seen: Mutex<HashSet<ThreadId>> = Mutex::default();
        for _ in 0..20 {
            let helped = share(threads, 16, |_| {
                linger();
                seen.lock().expect("nobody panics").insert(thread::current().id());
            });
            assert!(helped, "nobody else leads");
        }
        let seen = seen.into_inner().expect("nobody panics").len();
        assert!(1 < seen && seen <= threads, "{seen} of {threads} threads");
    }
}

#[test]
fn each_block_runs_once_whoever_leads() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    thread::scope(|scope| {
        for leader in 0..4 {
            scope.spawn(move || {
                for round in 0..500 {
                    let count = 1 + (round * 7 + leader) % 90;
                    let times: Vec<AtomicUsize> = (0..count).map(|_| 0.into()).collect();
                    share(2 + round % 3, count, |number| {
                        times[number].fetch_add(1, Ordering::Relaxed);
                    });
                    assert!(times.iter().all(|times| times.load(Ordering::Relaxed) == 1));
                }
            });
        }
    });
}

#[test]
fn blocks_of_blocks_are_shared_too() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for _ in 0..200 {
        let mut out = vec![0; 40 * 40];
        parallel::run(exec(3), PARALLEL_FROM, |inside| {
            let rows = Blocks(&mut out[..], 40);
            parallel::for_each_block(inside, 40, rows, &|row, Blocks(out, _)| {
                parallel::for_each_block(inside, 40, Blocks(out, 1), &|column, Blocks(out, _)| {
                    out[0] = 40 * row + column;
                });
            });
        });
        assert!(out.iter().enumerate().all(|(i, &number)| i == number));
    }
}

#[test]
fn a_panic_of_any_thread_reaches_the_caller_and_nothing_is_left_behind() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    std::panic::set_hook(Box::new(|_| {}));
    for bad in 0..16 {
        let ran = AtomicUsize::new(0);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            share(3, 16, |number| {
                linger();
                assert!(number != bad, "block {number}");
                ran.fetch_add(1, Ordering::Relaxed);
            })
        }));
        let panic = outcome.expect_err("a block panicked");
        assert_eq!(panic.downcast_ref::<String>(), Some(&format!("block {bad}")));
        let then = ran.load(Ordering::Relaxed);
        assert!(share(3, 16, |_| linger()), "the one that panicked leads no more");
        assert_eq!(ran.load(Ordering::Relaxed), then, "nothing ran afterwards");
    }
    let _ = std::panic::take_hook();
}
