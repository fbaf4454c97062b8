//! Elements chosen along the middle axis of arrays [outer, length, inner].

use crate::axis::Axis;
use crate::float::Float;
use crate::rows::{BadLabel, indices};

/// `out[o, m, i]` = `x[o, order[m], i]`.
///
/// # Errors
/// [`BadLabel`] if there is no such place, before anything is written.
pub fn select<T: Copy>(axis: Axis, x: &[T], order: &[i32], out: &mut [T]) -> Result<(), BadLabel> {
    let places = indices(order, axis.length)?;
    let Axis { length, inner, .. } = axis;
    let slices = out.chunks_exact_mut((order.len() * inner).max(1)).enumerate();
    for (o, out) in slices {
        for (out, place) in out.chunks_exact_mut(inner).zip(places.clone()) {
            out.copy_from_slice(&x[(o * length + place) * inner..][..inner]);
        }
    }
    Ok(())
}

/// `out[o, r, i]` = Σ of `upstream[o, m, i]` over the m with `order[m]` = r.
///
/// # Errors
/// As for [`select`].
pub fn select_gradient<T: Float>(
    axis: Axis,
    upstream: &[T],
    order: &[i32],
    out: &mut [T],
) -> Result<(), BadLabel> {
    let places = indices(order, axis.length)?;
    let Axis { length, inner, .. } = axis;
    out.fill(T::ZERO);
    let slices = upstream.chunks_exact((order.len() * inner).max(1)).enumerate();
    for (o, upstream) in slices {
        for (upstream, place) in upstream.chunks_exact(inner).zip(places.clone()) {
            let out = &mut out[(o * length + place) * inner..][..inner];
            for (out, &g) in out.iter_mut().zip(upstream) {
                *out += g;
            }
        }
    }
    Ok(())
}

/// Where in x, and where in the result, each element lies that `order[o, m, i]` names.
fn pairs(
    axis: Axis,
    order: &[i32],
) -> Result<impl Iterator<Item = (usize, usize)> + Clone, BadLabel> {
    let places = indices(order, axis.length)?;
    let Axis { outer, length, inner } = axis;
    let slice = order.len().checked_div(outer).unwrap_or(0).max(1);
    Ok(places.enumerate().map(move |(at, place)| {
        let (o, i) = (at / slice, at % inner.max(1));
        ((o * length + place) * inner + i, at)
    }))
}

/// `out[o, m, i]` = `x[o, order[o, m, i], i]`.
///
/// # Errors
/// [`BadLabel`] if there is no such place, before anything is written.
pub fn take<T: Copy>(axis: Axis, x: &[T], order: &[i32], out: &mut [T]) -> Result<(), BadLabel> {
    for (from, to) in pairs(axis, order)? {
        out[to] = x[from];
    }
    Ok(())
}

/// `out[o, r, i]` = Σ of `upstream[o, m, i]` over the m with `order[o, m, i]` = r.
///
/// # Errors
/// As for [`take`].
pub fn take_gradient<T: Float>(
    axis: Axis,
    upstream: &[T],
    order: &[i32],
    out: &mut [T],
) -> Result<(), BadLabel> {
    let pairs = pairs(axis, order)?;
    out.fill(T::ZERO);
    for (to, from) in pairs {
        out[to] += upstream[from];
    }
    Ok(())
}

/// Scales each row of `x`: [rows, n] that `order` names down to a norm of `most`, where it is longer.
///
/// # Errors
/// [`BadLabel`] if there is no such row, before anything is written.
pub fn clip_rows<T: Float>(
    [rows, n]: [usize; 2],
    [most, p]: [f64; 2],
    order: &[i32],
    x: &mut [T],
) -> Result<(), BadLabel> {
    for row in indices(order, rows)? {
        let row = &mut x[row * n..][..n];
        let norm = row.iter().map(|x| x.f64().abs().powf(p)).sum::<f64>().powf(1.0 / p);
        if norm > most {
            let scale = T::of(most / (norm + 1e-7));
            for x in row {
                *x *= scale;
            }
        }
    }
    Ok(())
}
