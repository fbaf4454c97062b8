//! `optimizers.<name>.bind(control, arrays, threads?)` and `.step(control, arrays…)`.
//!
//! A control block is a `Float64Array` over shared memory: the groups' options, then a row per
//! segment: the steps it took, its group, whether it is held, what the rule carries, and the figures that
//! the update writes there.
#![allow(unsafe_code, reason = "borrows are made here, after the checks that make them sound")]

use std::cell::RefCell;
use std::iter;

use kernels::optimizer::{
    GROUP_WIDTH, Group, OPTIMIZERS, ROW_WIDTH, Spec, Stats, Updates, update_all,
};
use kernels::{Exec, optimizer};
use napi::{Result, bindgen_prelude::Object, sys};
use program::{ARRAYS, Element, Memory};

use crate::borrow;
use crate::fault::Fault;
use crate::held::Held;
use crate::raw::{Call, Entry, Raw, raw_object};
use crate::state::State;

type Arrays = [Option<Memory>; ARRAYS];

fn name(optimizer: usize, array: usize) -> &'static str {
    match array {
        0 => "weights",
        1 => "grads",
        _ => OPTIMIZERS[optimizer].state.get(array - 2).copied().unwrap_or("state"),
    }
}

/// The memory of one segment, checked: one element type, one length, state as the rule needs it.
fn segment(
    raw: Raw,
    optimizer: usize,
    values: &[sys::napi_value; ARRAYS],
) -> std::result::Result<Arrays, Fault> {
    let Spec { name: owner, required, .. } = OPTIMIZERS[optimizer];
    let mut arrays: Arrays = [None; ARRAYS];
    for (i, &value) in values.iter().enumerate() {
        if i >= 2 + required && raw.is(value, sys::ValueType::napi_undefined) {
            continue;
        }
        let (name, weights) = (name(optimizer, i), arrays[0]);
        let wanted = weights.map(|weights| weights.element);
        let memory = borrow::argument(raw, owner, name, wanted, value)?;
        borrow::expect_len(owner, name, memory, weights.unwrap_or(memory).len)?;
        arrays[i] = Some(memory);
    }
    Ok(arrays)
}

/// The arrays of a segment: what they are called, where they lie, whether they are written.
fn named(
    optimizer: usize,
    arrays: &Arrays,
) -> impl Iterator<Item = (&'static str, Memory, bool)> + Clone {
    let present = arrays.iter().enumerate().filter_map(|(i, slot)| slot.map(|memory| (i, memory)));
    present.map(move |(i, memory)| (name(optimizer, i), memory, i != 1))
}

/// The control block of `groups` groups and `segments` segments.
fn control(
    raw: Raw,
    owner: &str,
    value: sys::napi_value,
    segments: usize,
) -> std::result::Result<Memory, Fault> {
    let fault = |got: &str| Fault::new("ERR_TYPE", owner, "control", "a shared Float64Array", got);
    let (memory, shared) = borrow::and_shared(raw, value).ok_or_else(|| fault("another value"))?;
    if memory.element != Element::F64 || !shared {
        return Err(fault("another array"));
    }
    let rows = segments * ROW_WIDTH;
    if memory.len < rows + GROUP_WIDTH || !(memory.len - rows).is_multiple_of(GROUP_WIDTH) {
        return Err(fault(&format!("length {}", memory.len)));
    }
    Ok(memory)
}

/// Runs all `segments`, and writes what each saw into its row.
fn run(exec: Exec, optimizer: usize, control: Memory, segments: &[Arrays]) {
    // SAFETY: `control` is a Float64Array over shared memory, which is never moved or detached;
    // it overlaps no array of a segment. JS does not run during the call.
    let control = unsafe { control.write::<f64>() };
    let elements = segments.iter().filter_map(|arrays| arrays[0]).map(|weights| weights.len).sum();
    update_all(exec, control, segments.len(), elements, |i, group, threaded| {
        let arrays = &segments[i];
        match arrays[0].map(|weights| weights.element) {
            Some(Element::F64) => update::<f64>(exec, threaded, optimizer, group, arrays),
            _ => update::<f32>(exec, threaded, optimizer, group, arrays),
        }
    });
}

fn update<T: Updates>(
    exec: Exec,
    threaded: bool,
    optimizer: usize,
    group: &mut Group,
    arrays: &Arrays,
) -> Option<Stats> {
    // SAFETY: `segment` saw that all arrays have the element type of the weights and their length;
    // those that are written share no memory with another. JS does not run during the call.
    let segment = unsafe { program::segment::<T>(arrays) }?;
    Some(optimizer::step(exec, threaded, optimizer, group, segment))
}

/// `step(control, weights, grads, …state)`: one segment, checked at each call.
struct Step;

impl Entry for Step {
    type Data = usize;
    const ARGUMENTS: usize = 1 + ARRAYS;

    fn serve(call: &Call<'_, usize>) -> std::result::Result<(), Fault> {
        let optimizer = *call.data;
        let owner = OPTIMIZERS[optimizer].name;
        let fault = || {
            let got = format!("{} arguments", call.arguments.len());
            Fault::new("ERR_TYPE", owner, "arguments", "a control block and five arrays", got)
        };
        let (&block, values) = call.arguments.split_first().ok_or_else(fault)?;
        let values = values.first_chunk::<ARRAYS>().ok_or_else(fault)?;
        let control = control(call.raw, owner, block, 1)?;
        let arrays = segment(call.raw, optimizer, values)?;
        let block = iter::once(("control", control, true));
        borrow::disjoint(owner, named(optimizer, &arrays).chain(block))?;
        run(call.state.exec.get(), optimizer, control, &[arrays]);
        Ok(())
    }
}

/// Segments whose arrays are checked once.
struct Binding {
    optimizer: usize,
    control: Memory,
    /// The control block, then the arrays of all segments.
    held: Held,
    segments: RefCell<Vec<Arrays>>,
}

struct RunBinding;

impl Entry for RunBinding {
    type Data = Binding;
    const ARGUMENTS: usize = 0;

    fn serve(call: &Call<'_, Binding>) -> std::result::Result<(), Fault> {
        let Binding { optimizer, control, held, segments } = call.data;
        let mut segments = segments.borrow_mut();
        if !held.all_shared() {
            let mut arrays: Vec<_> = segments.iter_mut().flatten().map(Option::as_mut).collect();
            let owner = OPTIMIZERS[*optimizer].name;
            held.refresh(owner, |i| name(*optimizer, (i - 1) % ARRAYS), |i| arrays[i - 1].take())?;
        }
        run(call.state.exec.get(), *optimizer, *control, &segments);
        Ok(())
    }
}

/// `bind(control, arrays, into)`: sets `into.run` to a function that updates all segments.
struct Bind;

impl Entry for Bind {
    type Data = usize;

    fn serve(call: &Call<'_, usize>) -> std::result::Result<(), Fault> {
        let (raw, optimizer) = (call.raw, *call.data);
        let owner = OPTIMIZERS[optimizer].name;
        let fault = || {
            Fault::new("ERR_TYPE", owner, "arrays", "a list of arrays of segments", "another value")
        };
        let [control_value, list, into, ..] = *call.arguments else { return Err(fault()) };
        let values = raw.elements(list).ok_or_else(fault)?;
        let (chunks, rest) = values.as_chunks::<ARRAYS>();
        if !rest.is_empty() {
            return Err(fault());
        }
        let control = control(raw, owner, control_value, chunks.len())?;
        let segments: Vec<Arrays> = chunks
            .iter()
            .map(|values| {
                // A parameter without a gradient: left as it is.
                let absent = |&value| raw.is(value, sys::ValueType::napi_undefined);
                if values.iter().all(absent) {
                    return Ok([None; ARRAYS]);
                }
                segment(raw, optimizer, values)
            })
            .collect::<std::result::Result<_, _>>()?;
        all_disjoint(owner, optimizer, control, &segments)?;
        let values: Vec<_> = iter::once(control_value).chain(values).collect();
        let held = Held::of(raw, &values);
        let binding = Binding { optimizer, control, held, segments: RefCell::new(segments) };
        let refused =
            |error: napi::Error| Fault::new("ERR_INTERNAL", owner, "binding", "made", error.reason);
        let function = raw.function::<RunBinding>("run", call.state, binding).map_err(refused)?;
        raw.set(into, "run", function).map_err(refused)
    }
}

/// A fault if the control block, or an array of a segment that is written, overlaps another one.
fn all_disjoint(
    owner: &str,
    optimizer: usize,
    control: Memory,
    segments: &[Arrays],
) -> std::result::Result<(), Fault> {
    let block = iter::once(("control", control, true));
    let arrays = block.chain(segments.iter().flat_map(|arrays| named(optimizer, arrays)));
    let mut arrays: Vec<_> = arrays.filter(|(_, memory, _)| memory.len > 0).collect();
    arrays.sort_by_key(|(_, memory, _)| memory.address());
    for (i, &(name, memory, written)) in arrays.iter().enumerate() {
        for &(other, _, also) in
            arrays[i + 1..].iter().take_while(|(_, next, _)| memory.overlaps(next))
        {
            if written || also {
                return Err(borrow::alias(owner, name, other));
            }
        }
    }
    Ok(())
}

/// Adds `optimizers` to the module.
pub(crate) fn install(raw: Raw, exports: &Object, state: *const State) -> Result<()> {
    let all = raw.object()?;
    for (number, spec) in OPTIMIZERS.iter().enumerate() {
        let entries = raw.object()?;
        raw.set(entries, "step", raw.function::<Step>("step", state, number)?)?;
        raw.set(entries, "bind", raw.function::<Bind>("bind", state, number)?)?;
        raw.set(all, spec.name, entries)?;
    }
    raw.set(raw_object(exports), "optimizers", all)
}
