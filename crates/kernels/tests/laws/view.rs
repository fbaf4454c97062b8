use kernels::float::Float;
use kernels::view::{RANK, View, gather, scatter, within};
use proptest::prelude::*;

use crate::given::{bits, execs, in_both_precisions, numbers, plain};

in_both_precisions!(
    a_view_sees_what_its_strides_say,
    what_is_written_through_a_view_is_seen_through_it,
    large_views_are_the_same_on_all_threads,
);

/// The places that a view sees, in order.
fn places(view: &View) -> Vec<usize> {
    let count: usize = view.lengths.iter().product();
    let place = |mut at: usize| {
        let mut place = view.offset;
        for axis in (0..RANK).rev() {
            place += at % view.lengths[axis] * view.strides[axis];
            at /= view.lengths[axis];
        }
        place
    };
    (0..count).map(place).collect()
}

fn views() -> impl Strategy<Value = View> {
    let axes = (prop::array::uniform6(0..5_usize), prop::array::uniform6(0..7_usize));
    (0..4_usize, axes).prop_map(|(offset, (lengths, strides))| View { offset, lengths, strides })
}

fn a_view_sees_what_its_strides_say<T: Float>() {
    proptest!(|(view in views())| {
        let places = places(&view);
        let size = places.iter().max().map_or(0, |last| last + 1);
        prop_assert_eq!(within(size, view.offset, view.lengths, view.strides), size);
        if size > 0 {
            prop_assert_eq!(within(size - 1, view.offset, view.lengths, view.strides), usize::MAX);
        }
        let x = numbers::<T>(1, size);
        let mut out = vec![T::ZERO; places.len()];
        gather(plain(), view, &x, &mut out);
        let seen: Vec<T> = places.iter().map(|&place| x[place]).collect();
        prop_assert_eq!(bits(&out), bits(&seen));
    });
}

fn what_is_written_through_a_view_is_seen_through_it<T: Float>() {
    proptest!(|(view in views())| {
        let places = places(&view);
        let size = places.iter().max().map_or(0, |last| last + 1);
        let x = numbers::<T>(1, places.len());
        let (mut y, mut exact) = (numbers::<T>(2, size), numbers::<T>(2, size));
        scatter(plain(), view, &x, &mut y);
        for (&place, &x) in places.iter().zip(&x) {
            exact[place] = x;
        }
        prop_assert_eq!(bits(&y), bits(&exact));
    });
}

fn large_views_are_the_same_on_all_threads<T: Float>() {
    let shapes = [
        View { offset: 0, lengths: [1, 1, 1, 1, 700, 500], strides: [0, 0, 0, 0, 1, 700] },
        View { offset: 3, lengths: [1, 60, 70, 1, 9, 11], strides: [0, 1, 60, 0, 0, 4200] },
        View { offset: 0, lengths: [1, 1, 1, 1, 1, 1 << 19], strides: [0, 0, 0, 0, 0, 1] },
    ];
    for view in shapes {
        let places = places(&view);
        let x = numbers::<T>(1, places.iter().max().map_or(0, |last| last + 1));
        let seen: Vec<T> = places.iter().map(|&place| x[place]).collect();
        for exec in execs() {
            let mut out = vec![T::ZERO; places.len()];
            gather(exec, view, &x, &mut out);
            assert!(bits(&out) == bits(&seen), "{view:?} {exec:?}");
        }
    }
}

#[test]
fn a_view_that_overflows_has_no_length() {
    let huge = [usize::MAX; RANK];
    assert_eq!(within(8, 0, huge, [0; RANK]), usize::MAX);
    assert_eq!(within(8, 1, [1, 1, 1, 1, 1, 3], huge), usize::MAX);
    assert_eq!(within(8, usize::MAX, [1; RANK], [0; RANK]), usize::MAX);
    assert_eq!(within(8, usize::MAX, [0; RANK], huge), 8);
}
