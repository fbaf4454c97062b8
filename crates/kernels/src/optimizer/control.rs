use super::group::{GROUP_WIDTH, Group};
use super::stats::{STATS, Stats};
use crate::{Exec, parallel};

/// Names of the numbers of a segment's row before the figures: the steps it took, its group, whether
/// the next update leaves it as it is (NaN), once, and what the rule carries from step to step.
pub const ROW: &[&str] = &["steps", "group", "held", "carried"];

/// Numbers in a segment's row.
pub const ROW_WIDTH: usize = ROW.len() + STATS.len();

/// Figures of [`totals`].
pub const TOTALS: usize = 6;

/// Numbers in a control block.
pub fn control_len(groups: usize, segments: usize) -> usize {
    groups.saturating_mul(GROUP_WIDTH).saturating_add(segments.saturating_mul(ROW_WIDTH))
}

/// What the last update saw in all segments together: penalty, ‖g‖², ‖Δw‖², ‖w‖², zeros, near zeros;
/// the strengths are those of each segment's group.
pub fn totals(control: &[f64], segments: usize) -> [f64; TOTALS] {
    let (groups, rows) = control.split_at(control.len() - segments * ROW_WIDTH);
    let (groups, _) = groups.as_chunks::<GROUP_WIDTH>();
    let (rows, _) = rows.as_chunks::<ROW_WIDTH>();
    let mut totals = [0.0; TOTALS];
    for [_, group, _, _, abs_sum, square_sum, others @ ..] in rows {
        let Some(numbers) = groups.get(*group as usize) else { continue };
        let group = Group::read(numbers, 0.0, 0.0);
        totals[0] += group.l1 * abs_sum + group.l2 * square_sum;
        for (total, other) in totals[1..].iter_mut().zip(others) {
            *total += other;
        }
    }
    totals
}

/// Runs `step` for each segment by what a control block says: the options of the groups, then a row
/// a segment. Threads are asked for once, for all `elements`; each row counts the step, keeps what
/// the rule carries, and receives what was seen.
///
/// `step` is told the segment, its options, and whether threads share it; a segment that has
/// nothing to update (`None`) counts no step and shows zeros. One that is held ([`hold`]) keeps its
/// row as well.
pub fn update_all(
    exec: Exec,
    control: &mut [f64],
    segments: usize,
    elements: usize,
    step: impl Fn(usize, &mut Group, bool) -> Option<Stats> + Sync,
) {
    let Some(groups_end) = control.len().checked_sub(segments * ROW_WIDTH) else { return };
    let (groups, rows) = control.split_at_mut(groups_end);
    let (groups, _) = groups.as_chunks::<GROUP_WIDTH>();
    let (rows, _) = rows.as_chunks_mut::<ROW_WIDTH>();
    let Some(last) = groups.len().checked_sub(1) else { return };
    parallel::run(exec, elements, |threaded| {
        for (segment, [steps, group, held, carried, figures @ ..]) in rows.iter_mut().enumerate() {
            if std::mem::take(held).is_nan() {
                continue;
            }
            // Clamped, so that no number in the block can stop an update half way.
            let numbers = &groups[(*group as usize).min(last)];
            let mut group = Group::read(numbers, *steps + 1.0, *carried);
            let stats = step(segment, &mut group, threaded);
            if stats.is_some() {
                (*steps, *carried) = (group.step, group.carried);
            }
            *figures = stats.unwrap_or_default().numbers();
        }
    });
}

/// Lets the next update leave all `segments` of a control block as they are if `guard` is no number.
pub fn hold(control: &mut [f64], segments: usize, guard: f64) {
    let Some(groups_end) = control.len().checked_sub(segments * ROW_WIDTH) else { return };
    let (rows, _) = control[groups_end..].as_chunks_mut::<ROW_WIDTH>();
    for [_, _, held, ..] in rows {
        *held = guard;
    }
}
