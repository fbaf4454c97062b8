use kernels::float::Float;
use kernels::pool::adaptive::{self, Grid};
use kernels::pool::mean::{self, Mean};
use kernels::pool::{Pooling, max};
use proptest::prelude::*;

use crate::given::{bits, close, epsilon, execs, in_both_precisions, numbers, plain};

in_both_precisions!(
    each_window_gives_its_largest,
    the_first_of_equals_wins_and_nan_wins_over_all,
    a_window_that_sees_nothing_has_minus_infinity,
    places_that_windows_share_collect,
    each_window_gives_its_mean,
    parts_of_planes_give_their_mean_and_largest,
    threads_and_instruction_sets_change_no_bit,
);

/// Sizes of a pooling: h, w, windows, strides, gaps, beginnings, counts.
type Sizes = [usize; 12];

/// Plane sizes, windows and how far apart they are: by two, over lines shorter and longer than a block, and
/// others.
const SQUARES: [[usize; 4]; 11] = [
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

/// Windows of two by two that go beyond their planes; of rows and columns apart; with gaps; before and behind.
const SIZES: [Sizes; 6] = [
    [5, 7, 2, 2, 2, 2, 1, 1, 0, 0, 3, 4],
    [4, 16, 2, 2, 2, 2, 1, 1, 1, 1, 3, 9],
    [6, 9, 3, 2, 1, 4, 1, 1, 0, 1, 4, 3],
    [9, 8, 3, 2, 2, 1, 2, 3, 1, 0, 4, 6],
    [3, 3, 7, 7, 1, 1, 1, 1, 3, 3, 3, 3],
    [7, 33, 3, 3, 2, 2, 1, 1, 1, 1, 4, 17],
];

fn square([h, w, kernel, stride]: [usize; 4]) -> Sizes {
    let g = Pooling::square([h, w], kernel, stride);
    [h, w, kernel, kernel, stride, stride, 1, 1, 0, 0, g.rows.windows, g.columns.windows]
}

fn all() -> impl Iterator<Item = Sizes> {
    SQUARES.into_iter().map(square).chain(SIZES)
}

/// Rows and columns of what window `at` sees, by the definition.
fn window(sizes: &Sizes, at: usize) -> impl Iterator<Item = (usize, usize)> + Clone + use<> {
    let [h, w, kh, kw, sh, sw, dh, dw, top, left, rows, columns] = *sizes;
    let (y, x) = (at / columns % rows, at % columns);
    (0..kh * kw).filter_map(move |tap| {
        let row = (y * sh + tap / kw * dh).checked_sub(top).filter(|&row| row < h);
        let column = (x * sw + tap % kw * dw).checked_sub(left).filter(|&column| column < w);
        row.zip(column)
    })
}

fn maxima<T: Float>(sizes: &Sizes, x: &[T]) -> (Vec<T>, Vec<i32>) {
    let g = Pooling::of(sizes);
    let n = x.len() / g.plane() * g.windows();
    let (mut out, mut order) = (vec![T::ZERO; n], vec![-1; n]);
    max::forward(plain(), g, x, &mut order, &mut out);
    (out, order)
}

fn each_window_gives_its_largest<T: Float>() {
    for sizes in all() {
        let g = Pooling::of(&sizes);
        let mut x: Vec<T> = numbers(4, 37 * g.plane());
        for nan in x.iter_mut().step_by(11) {
            *nan = T::of(f64::NAN);
        }
        let (out, order) = maxima(&sizes, &x);
        assert_eq!(out.len(), 37 * g.windows());
        for (at, (&best, &place)) in out.iter().zip(&order).enumerate() {
            let plane = &x[at / g.windows() * g.plane()..][..g.plane()];
            let mut window = window(&sizes, at).map(|(row, column)| row * sizes[1] + column);
            let nan = window.clone().find(|&i| plane[i].not_a_number());
            let all = window.clone();
            let first = nan.or(window.find(|&i| all.clone().all(|j| plane[j] <= plane[i])));
            assert_eq!(Some(place as usize), first, "{g:?} at {at}");
            assert_eq!(bits(&[plane[place as usize]]), bits(&[best]), "{g:?} at {at}");
        }
    }
}

fn the_first_of_equals_wins_and_nan_wins_over_all<T: Float>() {
    // By two, and as any other window: with a row more.
    for more in [0, 1] {
        let sizes = [2 + more, 2, 2, 2, 2 + more, 2, 1, 1, 0, 0, 1, 1];
        let maxima = |x: [f64; 4]| {
            maxima(
                &sizes,
                &[&x[..], &[9.0; 2][..2 * more]]
                    .concat()
                    .into_iter()
                    .map(T::of)
                    .collect::<Vec<_>>(),
            )
        };
        let place = |x| maxima(x).1[0];
        assert_eq!(place([1.0, 1.0, 1.0, 1.0]), 0);
        assert_eq!(place([0.0, 2.0, 2.0, 1.0]), 1);
        assert_eq!(place([-0.0, 0.0, -1.0, 0.0]), 0);
        assert_eq!(place([1.0, f64::INFINITY, f64::NAN, 3.0]), 2);
        assert_eq!(place([f64::NAN, 1.0, 2.0, 3.0]), 0);
        assert_eq!(place([f64::NEG_INFINITY; 4]), 0);
        assert!(maxima([0.0, f64::NAN, 1.0, 2.0]).0[0].not_a_number());
    }
}

fn a_window_that_sees_nothing_has_minus_infinity<T: Float>() {
    let (out, order) = maxima(&[1, 1, 2, 1, 1, 1, 3, 1, 1, 0, 3, 1], &[T::ONE]);
    assert_eq!((out, order), (vec![T::NEG_INFINITY, T::ONE, T::NEG_INFINITY], vec![0; 3]));
}

fn places_that_windows_share_collect<T: Float>() {
    let x: [T; 9] = [0.0, 0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 0.0].map(T::of);
    let (_, order) = maxima(&square([3, 3, 2, 1]), &x);
    assert_eq!(order, [4; 4]);
    let mut out = [T::ONE; 9];
    let upstream = [1.0, 2.0, 3.0, 4.0].map(T::of);
    max::backward(plain(), [9, 4], &upstream, &order, &mut out).expect("the places are there");
    let mut expected = [T::ZERO; 9];
    expected[4] = T::of(10.0);
    assert_eq!(out, expected);
}

/// Means and gradients are sums over what a window sees, divided by how much that is.
fn check_mean<T: Float>(sizes: &Sizes, counted: [usize; 4], divisor: f64) {
    let [h, w, kh, kw, sh, sw, dh, dw, top, left, _, columns] = *sizes;
    let g = Mean::of(&[&sizes[..], &counted].concat(), divisor);
    let (plane, windows) = (g.pooling.plane(), g.pooling.windows());
    let (x, upstream): (Vec<T>, Vec<T>) = (numbers(1, 3 * plane), numbers(2, 3 * windows));
    let (mut out, mut shares) = (vec![T::ONE; 3 * windows], vec![T::ONE; 3 * windows]);
    let mut back = vec![T::ONE; 3 * plane];
    mean::forward(plain(), g, &x, &mut out);
    mean::backward(plain(), g, &upstream, &mut shares, &mut back);
    let mut expected = vec![0.0; 3 * plane];
    for (at, (out, upstream)) in out.iter().zip(&upstream).enumerate() {
        let first = at / windows * plane;
        let (y, x0) = (at % windows / columns, at % columns);
        let within = |i: usize, before: usize, size: usize, [above, below]: [usize; 2]| {
            i + above >= before && i < before + size + below
        };
        let taps = (0..kh * kw).filter(|tap| {
            within(y * sh + tap / kw * dh, top, h, [counted[0], counted[1]])
                && within(x0 * sw + tap % kw * dw, left, w, [counted[2], counted[3]])
        });
        let count = if divisor == 0.0 { taps.count() as f64 } else { divisor };
        let mut sum = 0.0;
        for (row, column) in window(sizes, at) {
            sum += x[first + row * w + column].f64();
            expected[first + row * w + column] += upstream.f64() / count;
        }
        close(out.f64(), sum / count, 50.0 * epsilon::<T>());
    }
    for (back, expected) in back.iter().zip(expected) {
        close(back.f64(), expected, 50.0 * epsilon::<T>());
    }
}

fn each_window_gives_its_mean<T: Float>() {
    for sizes in all() {
        for (counted, divisor) in [([0; 4], 0.0), ([1, 0, 2, 1], 0.0), ([0; 4], 5.0)] {
            check_mean::<T>(&sizes, counted, divisor);
        }
    }
    let side = (1..9_usize, 1..5_usize, 1..4_usize, 1..4_usize, 0..3_usize, 1..5_usize);
    proptest!(|([(h, kh, sh, dh, top, rows), (w, kw, sw, dw, left, columns)] in prop::array::uniform2(side))| {
        // All is counted that a window may reach, so that nothing is divided by 0.
        check_mean::<T>(&[h, w, kh, kw, sh, sw, dh, dw, top, left, rows, columns], [40; 4], 0.0);
    });
}

fn parts_of_planes_give_their_mean_and_largest<T: Float>() {
    for (plane, parts) in [([6, 4], [3, 2]), ([7, 5], [3, 2]), ([5, 9], [1, 1]), ([2, 3], [5, 4])] {
        let (g, [h, w], [rows, columns]) = (Grid { plane, parts }, plane, parts);
        let x: Vec<T> = numbers(3, 34 * h * w);
        let n = 34 * rows * columns;
        let (mut means, mut best, mut order) = (vec![T::ONE; n], vec![T::ONE; n], vec![-1; n]);
        adaptive::mean(plain(), g, &x, &mut means);
        adaptive::max(plain(), g, &x, &mut order, &mut best);
        let upstream: Vec<T> = numbers(4, n);
        let (mut back, mut expected) = (vec![T::ONE; x.len()], vec![0.0; x.len()]);
        adaptive::mean_gradient(plain(), g, &upstream, &mut back);
        for (at, upstream) in upstream.iter().enumerate() {
            let first = at / (rows * columns) * h * w;
            let (y, x0) = (at / columns % rows, at % columns);
            let inside = |i: usize| {
                let (row, column) = (i / w, i % w);
                row >= y * h / rows
                    && row * rows < (y + 1) * h
                    && column >= x0 * w / columns
                    && column * columns < (x0 + 1) * w
            };
            let places: Vec<usize> = (0..h * w).filter(|&i| inside(i)).collect();
            let sum: f64 = places.iter().map(|&i| x[first + i].f64()).sum();
            close(means[at].f64(), sum / places.len() as f64, 9.0 * epsilon::<T>());
            let largest =
                places.iter().find(|&&i| places.iter().all(|&j| x[first + j] <= x[first + i]));
            assert_eq!(Some(&(order[at] as usize)), largest);
            assert_eq!(best[at], x[first + order[at] as usize]);
            for &i in &places {
                expected[first + i] += upstream.f64() / places.len() as f64;
            }
        }
        for (back, expected) in back.iter().zip(expected) {
            close(back.f64(), expected, 50.0 * epsilon::<T>());
        }
    }
}

fn threads_and_instruction_sets_change_no_bit<T: Float>() {
    let (two, three) = (square([60, 61, 2, 2]), [60, 61, 3, 3, 2, 2, 1, 1, 1, 1, 30, 31]);
    let x: Vec<T> = numbers(5, 150 * 60 * 61);
    let mut first = None;
    for exec in execs() {
        let mut all = Vec::new();
        for sizes in [two, three] {
            let g = Pooling::of(&sizes);
            let n = 150 * g.windows();
            let (mut out, mut order, mut back) = (vec![T::ZERO; n], vec![-1; n], x.clone());
            max::forward(exec, g, &x, &mut order, &mut out);
            let sizes = [g.plane(), g.windows()];
            max::backward(exec, sizes, &out, &order, &mut back).expect("the places are there");
            all.extend(bits(&[&out[..], &back].concat()));
            let mean = Mean { pooling: g, rows: [0, 0], columns: [1, 1], divisor: 0.0 };
            let mut shares = out.clone();
            mean::forward(exec, mean, &x, &mut out);
            mean::backward(exec, mean, &out, &mut shares, &mut back);
            all.extend(bits(&[out, back].concat()));
        }
        let g = Grid { plane: [60, 61], parts: [7, 8] };
        let (mut out, mut order, mut back) =
            (vec![T::ZERO; 150 * 56], vec![0; 150 * 56], x.clone());
        adaptive::max(exec, g, &x, &mut order, &mut out);
        all.extend(bits(&out));
        adaptive::mean(exec, g, &x, &mut out);
        adaptive::mean_gradient(exec, g, &out, &mut back);
        all.extend(bits(&[out, back].concat()));
        assert!(*first.get_or_insert_with(|| all.clone()) == all, "{exec:?}");
    }
}
