//! Nothing allocates in the steady state.
#![allow(unsafe_code, reason = "an allocator that counts is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use kernels::Exec;
use kernels::conv::pooled::{self, Pooled};
use kernels::conv::{self, Convolution};
use kernels::matmul::{Shape, matmul};
use kernels::optimizer::{
    COMMON_OPTIONS, GROUP_WIDTH, Group, MAX_STATE, OPTIMIZERS, Segment, Spec, step,
};
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

/// The optimizer's own defaults, a small lr, coupled decay and elastic net.
fn elastic_net(spec: &Spec) -> Group {
    let mut numbers = [0.0; GROUP_WIDTH];
    numbers[..6].copy_from_slice(&[1e-3, 0.1, 0.0, 1.0, 1e-3, 1e-3]);
    for (number, own) in numbers[COMMON_OPTIONS.len()..].iter_mut().zip(spec.options) {
        *number = own.default;
    }
    Group::read(&numbers, 10.0, 0.5)
}

/// Every optimizer under an elastic net, a penalty, products of each kind, a convolution and a sum.
fn work(exec: Exec, n: usize) -> impl FnMut() {
    let (mut w, g) = (vec![0.5_f32; n], vec![0.25; n]);
    let mut states: Vec<[Vec<f32>; MAX_STATE]> =
        OPTIMIZERS.iter().map(|_| std::array::from_fn(|_| vec![0.0; n])).collect();
    let (a, b, mut out) = (vec![0.5_f32; 512 * 512], vec![0.5; 512 * 64], vec![0.0; 512 * 64]);
    let shape = Shape { m: 512, n: 64, k: 512, transpose_a: false, transpose_b: false };
    let sizes = [24, 8, 14, 14, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1, 2, 2];
    let (sizes, block) = (Convolution::of(&sizes), Pooled::of(&sizes));
    let (images, weight) = (vec![0.5_f32; 24 * 8 * 196], vec![0.1; 16 * 72]);
    let memory =
        block.forward_scratch().max(sizes.by_input_scratch()).max(sizes.by_weight_scratch());
    let (mut scratch, mut result) = (vec![0.0; memory], vec![0.0; 24 * 16 * 196]);
    let (mut back, mut by_weight) = (images.clone(), weight.clone());
    let (mut order, mut maxima) = (vec![0; 24 * 16 * 49], vec![0.0; 24 * 16 * 49]);
    move || {
        for (number, (spec, state)) in OPTIMIZERS.iter().zip(&mut states).enumerate() {
            let mut given = 0..spec.state.len();
            let state = state.each_mut().map(|state| given.next().map(|_| &mut state[..]));
            let segment = Segment { weights: &mut w, grads: &g, state };
            let mut group = elastic_net(spec);
            parallel::run(exec, n, |threaded| step(exec, threaded, number, &mut group, segment));
        }
        penalty::prox(exec, ElasticNet::of(1e-3, 1e-3), 0.1, &mut w);
        matmul(exec, shape, &a, &b, &mut out);
        matmul(exec, Shape { n: 1, ..shape }, &a, &b[..512], &mut out[..512]);
        let part = &mut scratch[..sizes.forward_scratch()];
        conv::forward(exec, sizes, [&images, &weight, &[]], part, &mut result);
        let part = &mut scratch[..sizes.by_input_scratch()];
        conv::by_input(exec, sizes, [&result, &weight], part, &mut back);
        let part = &mut scratch[..sizes.by_weight_scratch()];
        conv::by_weight(exec, sizes, [&images, &result], part, &mut by_weight);
        let part = &mut scratch[..block.forward_scratch()];
        let results = (&mut order[..], &mut maxima[..]);
        pooled::forward(exec, block, true, [&images, &weight, &[]], part, results);
        assert!(sum(exec, &w).is_finite());
    }
}

/// One test, because another one beside it would be counted too.
#[test]
fn nothing_allocates_in_the_steady_state() {
    let alone = Exec { isa: Isa::widest(), threads: 1 };
    assert_eq!(allocations(20, work(alone, 1 << 18)), 0);
    // A helper may come for its first product late, and then reserves what products need, once. A job of its
    // own for each piece would be thousands.
    let beside = Exec { threads: 2, ..alone };
    let count = allocations(100, work(beside, 1 << 18));
    assert!(count <= 4, "{count} allocations");
}
