use kernels::optimizer::{GROUP_WIDTH, ROW, ROW_WIDTH, Stats, hold, update_all};

use crate::given::plain;

const SEGMENTS: usize = 3;

/// A block of one group, whose rows hold numbers of their own.
fn control() -> Vec<f64> {
    let mut control = vec![0.0; GROUP_WIDTH + SEGMENTS * ROW_WIDTH];
    for (i, number) in control[GROUP_WIDTH..].iter_mut().enumerate() {
        let place = i % ROW_WIDTH;
        *number = if place == 1 { 0.0 } else { i as f64 };
    }
    control
}

/// An update that counts its segments; the last one has nothing to update.
fn update(control: &mut [f64]) -> usize {
    let count = std::sync::atomic::AtomicUsize::new(0);
    update_all(plain(), control, SEGMENTS, 0, |i, _, _| {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        (i + 1 < SEGMENTS).then(|| Stats { zeros: 5.0, ..Stats::default() })
    });
    count.into_inner()
}

#[test]
fn an_update_that_is_held_leaves_rows_as_they_are_once() {
    let held = ROW.iter().position(|&name| name == "held").expect("it is in a row");
    let mut block = control();
    hold(&mut block, SEGMENTS, f64::NAN);
    assert_eq!(update(&mut block), 0);
    let mut expected = control();
    for row in expected[GROUP_WIDTH..].chunks_mut(ROW_WIDTH) {
        row[held] = 0.0;
    }
    assert_eq!(block, expected);
    assert_eq!(update(&mut block), SEGMENTS);
    let steps = |block: &[f64], i: usize| block[GROUP_WIDTH + i * ROW_WIDTH];
    let taken: Vec<f64> = (0..SEGMENTS).map(|i| steps(&block, i) - steps(&expected, i)).collect();
    assert_eq!(taken, [1.0, 1.0, 0.0]);
}

#[test]
fn a_guard_that_is_a_number_holds_nothing() {
    for guard in [0.0, 1.0, f64::INFINITY] {
        let mut block = control();
        hold(&mut block, SEGMENTS, guard);
        assert_eq!(update(&mut block), SEGMENTS);
    }
}
