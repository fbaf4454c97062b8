use kernels::float::Float;
use kernels::pool::{self, Pooling};

use crate::given::{bits, execs, in_both_precisions, numbers, plain};

in_both_precisions!(
    each_window_gives_its_largest,
    the_first_of_equals_wins_and_nan_wins_over_all,
    places_that_windows_share_collect,
    threads_and_instruction_sets_change_no_bit,
);

fn outputs(size: usize, g: Pooling) -> usize {
    if size < g.kernel { 0 } else { (size - g.kernel) / g.stride + 1 }
}

fn pooled<T: Float>(g: Pooling, x: &[T]) -> (Vec<T>, Vec<i32>) {
    let n = x.len() / (g.h * g.w) * outputs(g.h, g) * outputs(g.w, g);
    let (mut out, mut order) = (vec![T::ZERO; n], vec![-1; n]);
    pool::forward(plain(), g, x, &mut order, &mut out);
    (out, order)
}

/// Plane sizes, windows and how far apart they are: by two, over lines shorter and longer than a block, and
/// others.
const SIZES: [[usize; 4]; 11] = [
    [4, 4, 2, 2],
    [5, 7, 2, 2],
    [2, 8, 2, 2],
    [9, 13, 2, 2],
    [4, 16, 2, 2],
    [9, 41, 2, 2],
    [7, 6, 3, 2],
    [5, 5, 3, 1],
    [3, 3, 1, 3],
    [6, 9, 2, 3],
    [2, 2, 3, 1],
];

fn each_window_gives_its_largest<T: Float>() {
    for [h, w, kernel, stride] in SIZES {
        let g = Pooling { h, w, kernel, stride };
        let mut x: Vec<T> = numbers(4, 37 * h * w);
        for nan in x.iter_mut().step_by(11) {
            *nan = T::of(f64::NAN);
        }
        let (out, order) = pooled(g, &x);
        let (rows, columns) = (outputs(h, g), outputs(w, g));
        assert_eq!(out.len(), 37 * rows * columns);
        for (at, (&best, &place)) in out.iter().zip(&order).enumerate() {
            let plane = &x[at / (rows * columns) * h * w..][..h * w];
            let (top, left) = (at / columns % rows * stride, at % columns * stride);
            let mut window =
                (0..kernel * kernel).map(|tap| (top + tap / kernel) * w + left + tap % kernel);
            let nan = window.clone().find(|&i| plane[i].not_a_number());
            let all = window.clone();
            let first = nan.or(window.find(|&i| all.clone().all(|j| plane[j] <= plane[i])));
            assert_eq!(Some(place as usize), first, "{g:?} at {at}");
            assert_eq!(bits(&[plane[place as usize]]), bits(&[best]), "{g:?} at {at}");
        }
    }
}

fn the_first_of_equals_wins_and_nan_wins_over_all<T: Float>() {
    let g = Pooling { h: 2, w: 2, kernel: 2, stride: 2 };
    let place = |x: [f64; 4]| pooled(g, &x.map(T::of)).1[0];
    assert_eq!(place([1.0, 1.0, 1.0, 1.0]), 0);
    assert_eq!(place([0.0, 2.0, 2.0, 1.0]), 1);
    assert_eq!(place([-0.0, 0.0, -1.0, 0.0]), 0);
    assert_eq!(place([1.0, f64::INFINITY, f64::NAN, 3.0]), 2);
    assert_eq!(place([f64::NAN, 1.0, 2.0, 3.0]), 0);
    assert_eq!(place([f64::NEG_INFINITY; 4]), 0);
    assert!(pooled(g, &[0.0, f64::NAN, 1.0, 2.0].map(T::of)).0[0].not_a_number());
}

fn places_that_windows_share_collect<T: Float>() {
    let g = Pooling { h: 3, w: 3, kernel: 2, stride: 1 };
    let x: [T; 9] = [0.0, 0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 0.0].map(T::of);
    let (_, order) = pooled(g, &x);
    assert_eq!(order, [4; 4]);
    let mut out = [T::ONE; 9];
    let upstream = [1.0, 2.0, 3.0, 4.0].map(T::of);
    pool::backward(plain(), g, &upstream, &order, &mut out).expect("the places are there");
    let mut expected = [T::ZERO; 9];
    expected[4] = T::of(10.0);
    assert_eq!(out, expected);
}

fn threads_and_instruction_sets_change_no_bit<T: Float>() {
    let g = Pooling { h: 60, w: 61, kernel: 2, stride: 2 };
    let x: Vec<T> = numbers(5, 150 * g.h * g.w);
    let mut first = None;
    for exec in execs() {
        let n = 150 * 30 * 30;
        let (mut out, mut order) = (vec![T::ZERO; n], vec![-1; n]);
        let mut back = x.clone();
        pool::forward(exec, g, &x, &mut order, &mut out);
        pool::backward(exec, g, &out, &order, &mut back).expect("the places are there");
        let all = bits(&[out, back].concat());
        assert!(*first.get_or_insert_with(|| all.clone()) == all, "{exec:?}");
    }
}
