//! Typed arrays as slices.
//!
//! JS does not run on this thread during a call. A worker that shares the memory may: it races
//! with a kernel as it would with JS, and gets torn numbers for it. So nothing that a kernel reads
//! from memory is trusted as an index: labels and groups are checked or clamped where they are used.
#![allow(unsafe_code, reason = "JS owns the memory: this file asks where it lies")]

use std::ptr;

use napi::sys;
use program::{Element, Memory};

use crate::fault::Fault;
use crate::raw::Raw;

/// The typed array of JS, with its article.
const fn described(element: Element) -> &'static str {
    match element {
        Element::F32 => "a Float32Array",
        Element::F64 => "a Float64Array",
        Element::I32 => "an Int32Array",
    }
}

/// The typed array of JS.
const fn array_name(element: Element) -> &'static str {
    match element {
        Element::F32 => "Float32Array",
        Element::F64 => "Float64Array",
        Element::I32 => "Int32Array",
    }
}

/// The memory of `value`, if it is a typed array of an element type that kernels take: valid for as
/// long as JS does not run.
pub(crate) fn memory(raw: Raw, value: sys::napi_value) -> Option<Memory> {
    with_buffer(raw, value, ptr::null_mut())
}

/// The same, and whether the memory is shared: such memory is never moved or detached.
pub(crate) fn and_shared(raw: Raw, value: sys::napi_value) -> Option<(Memory, bool)> {
    let mut buffer = ptr::null_mut();
    let memory = with_buffer(raw, value, &raw mut buffer)?;
    let mut unshared = true;
    // SAFETY: `buffer` was just given for this call's scope.
    unsafe { sys::napi_is_arraybuffer(raw.0, buffer, &raw mut unshared) };
    Some((memory, !unshared))
}

fn with_buffer(raw: Raw, value: sys::napi_value, buffer: *mut sys::napi_value) -> Option<Memory> {
    let (mut kind, mut len, mut data) = (0, 0, ptr::null_mut());
    // SAFETY: the out pointers are valid for the call or null; a value of another type gives
    // a status. A detached or out-of-bounds view gives length 0.
    let status = unsafe {
        sys::napi_get_typedarray_info(
            raw.0,
            value,
            &raw mut kind,
            &raw mut len,
            &raw mut data,
            buffer,
            ptr::null_mut(),
        )
    };
    if status != sys::Status::napi_ok {
        return None;
    }
    let element = match kind {
        sys::TypedarrayType::float32_array => Element::F32,
        sys::TypedarrayType::float64_array => Element::F64,
        sys::TypedarrayType::int32_array => Element::I32,
        _ => return None,
    };
    // Only foreign memory, that another addon made a buffer of, can lie between two numbers.
    data.addr().is_multiple_of(element.bytes()).then_some(Memory::new(element, len, data.cast()))
}

/// The memory of an argument: a typed array of `wanted` elements, or of either precision.
pub(crate) fn argument(
    raw: Raw,
    owner: &str,
    name: &str,
    wanted: Option<Element>,
    value: sys::napi_value,
) -> Result<Memory, Fault> {
    let got = match memory(raw, value) {
        Some(memory) if wanted.map_or(memory.element != Element::I32, |e| e == memory.element) => {
            return Ok(memory);
        }
        Some(memory) => array_name(memory.element),
        None => "another value",
    };
    let expected = wanted.map_or("a Float32Array or Float64Array", described);
    Err(Fault::new("ERR_TYPE", owner, name, expected, got))
}

/// A fault unless `memory` has this length.
pub(crate) fn expect_len(owner: &str, name: &str, memory: Memory, len: usize) -> Result<(), Fault> {
    if memory.len == len {
        return Ok(());
    }
    let (expected, got) = (format!("of length {len}"), format!("length {}", memory.len));
    Err(Fault::new("ERR_SHAPE", owner, name, expected, got))
}

/// The fault of memory that is written and that `other` shares.
pub(crate) fn alias(owner: &str, name: &str, other: &str) -> Fault {
    let got = format!("a view that overlaps `{other}`");
    Fault::new("ERR_ALIAS", owner, name, "memory of its own", got)
}

/// A fault if an operand that is written shares memory with another one.
pub(crate) fn disjoint<'a>(
    owner: &str,
    mut operands: impl Iterator<Item = (&'a str, Memory, bool)> + Clone,
) -> Result<(), Fault> {
    while let Some((name, memory, written)) = operands.next() {
        for (later, theirs, also) in operands.clone() {
            if (written || also) && memory.overlaps(&theirs) {
                return Err(alias(owner, later, name));
            }
        }
    }
    Ok(())
}
