//! Nothing allocates in the steady state.
#![allow(unsafe_code, reason = "an allocator that counts is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use kernels::Exec;
use kernels::conv::{self, Convolution, pieces};
use kernels::matmul::{Shape, matmul};
use kernels::optimizer::{GROUP_WIDTH, Group, OPTIMIZERS, Segment, step};
use kernels::parallel;
use kernels::penalty::{self, ElasticNet};
use kernels::reduce::sum;
use kernels::simd::Isa;

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: it is the system's allocator, with a count beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Allocations of `calls` calls, after some that may start threads and reserve memory.
fn allocations(calls: usize, mut call: impl FnMut()) -> usize {
    for _ in 0..3 {
        call();
    }
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    for _ in 0..calls {
        call();
    }
    ALLOCATIONS.load(Ordering::Relaxed) - before
}

/// Adam under an L1 prox, a penalty, products of each kind, a convolution and a sum.
fn work(exec: Exec, n: usize) -> impl FnMut() {
    let numbers: [f64; GROUP_WIDTH] = std::array::from_fn(|i| 0.1 / (i + 1) as f64);
    let group = Group::read(&numbers, 10.0);
    let adam = OPTIMIZERS.iter().position(|spec| spec.name == "adam").expect("it is in the table");
    let (mut w, g) = (vec![0.5_f32; n], vec![0.25; n]);
    let (mut m, mut v) = (vec![0.0; n], vec![0.0; n]);
    let (a, b, mut out) = (vec![0.5_f32; 512 * 512], vec![0.5; 512 * 64], vec![0.0; 512 * 64]);
    let shape = Shape { m: 512, n: 64, k: 512, transpose_a: false, transpose_b: false };
    let sizes = Convolution::of([&24, &8, &14, &14, &16, &3, &3, &1, &1]);
    let (images, weight) = (vec![0.5_f32; 24 * 8 * 196], vec![0.1; 16 * 72]);
    let mut scratch = vec![0.0; pieces(24) * 72 * 196];
    let (mut sums, mut by_weight) = (vec![0.0; pieces(24) * 16 * 72], vec![0.0; 16 * 72]);
    let mut result = vec![0.0; 24 * 16 * 196];
    move || {
        let state = [Some(&mut m[..]), Some(&mut v[..]), None];
        let segment = Segment { weights: &mut w, grads: &g, state };
        parallel::run(exec, n, |threaded| step(exec, threaded, adam, &group, segment));
        penalty::prox(exec, ElasticNet::of(1e-3, 1e-3), 0.1, &mut w);
        matmul(exec, shape, &a, &b, &mut out);
        matmul(exec, Shape { n: 1, ..shape }, &a, &b[..512], &mut out[..512]);
        conv::forward(exec, sizes, [&images, &weight, &[]], &mut scratch, &mut result);
        conv::by_weight(exec, sizes, [&images, &result], [&mut scratch, &mut sums], &mut by_weight);
        assert!(sum(exec, &w).is_finite());
    }
}

/// One test, because another one beside it would be counted too.
#[test]
fn nothing_allocates_in_the_steady_state() {
    for threads in [1, 2] {
        let exec = Exec { isa: Isa::widest(), threads };
        assert_eq!(allocations(100, work(exec, 1 << 18)), 0, "{threads} threads");
    }
}
