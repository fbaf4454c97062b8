//! Typed arrays as slices.
//!
//! JS does not run on this thread during a call. A worker that shares the memory may: it races
//! with a kernel as it would with JS, and gets torn numbers for it. So nothing that a kernel reads
//! from memory is trusted as an index: labels and groups are checked or clamped where they are used.
#![allow(unsafe_code, reason = "JS owns the memory: this file borrows it for one call")]

use std::ffi::c_void;
use std::{ptr, slice};

use napi::sys;

use crate::fault::Fault;
use crate::raw::Raw;

/// The element types that kernels take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    F32,
    F64,
    I32,
}

impl Element {
    /// The typed array of JS, with its article.
    const fn described(self) -> &'static str {
        match self {
            Self::F32 => "a Float32Array",
            Self::F64 => "a Float64Array",
            Self::I32 => "an Int32Array",
        }
    }

    /// The typed array of JS.
    const fn name(self) -> &'static str {
        match self {
            Self::F32 => "Float32Array",
            Self::F64 => "Float64Array",
            Self::I32 => "Int32Array",
        }
    }

    const fn bytes(self) -> usize {
        match self {
            Self::F32 | Self::I32 => 4,
            Self::F64 => 8,
        }
    }
}

/// Where the elements of a typed array lie, for as long as JS does not run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    pub(crate) element: Element,
    pub(crate) len: usize,
    data: *mut c_void,
}

// SAFETY: an address and a length; whoever turns it into a slice answers for the rest.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Memory {
    /// No elements.
    pub(crate) const EMPTY: Self = Self { element: Element::F32, len: 0, data: ptr::null_mut() };

    /// The memory of `value`, if it is a typed array of an element type that kernels take.
    pub(crate) fn of(raw: Raw, value: sys::napi_value) -> Option<Self> {
        Self::with_buffer(raw, value, ptr::null_mut())
    }

    /// The same, and whether the memory is shared: such memory is never moved or detached.
    pub(crate) fn and_shared(raw: Raw, value: sys::napi_value) -> Option<(Self, bool)> {
        let mut buffer = ptr::null_mut();
        let memory = Self::with_buffer(raw, value, &raw mut buffer)?;
        let mut unshared = true;
        // SAFETY: `buffer` was just given for this call's scope.
        unsafe { sys::napi_is_arraybuffer(raw.0, buffer, &raw mut unshared) };
        Some((memory, !unshared))
    }

    fn with_buffer(raw: Raw, value: sys::napi_value, buffer: *mut sys::napi_value) -> Option<Self> {
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
        data.addr().is_multiple_of(element.bytes()).then_some(Self { element, len, data })
    }

    /// Whether both hold at least one common byte.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let ends = |m: &Self| {
            let start = m.data.addr();
            (start, start + m.len * m.element.bytes())
        };
        let ((a, a_end), (b, b_end)) = (ends(self), ends(other));
        a < b_end && b < a_end && self.len > 0 && other.len > 0
    }

    /// First byte, for sorting.
    pub(crate) fn address(&self) -> usize {
        self.data.addr()
    }

    /// The elements.
    ///
    /// # Safety
    /// `T` is the type of `element`; JS does not run, and nothing writes these elements, while
    /// the slice lives.
    pub(crate) unsafe fn read<'a, T>(self) -> &'a [T] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: Node-API gave `len` elements at `data`, aligned for their type; the rest is the
        // caller's promise.
        unsafe { slice::from_raw_parts(self.data.cast(), self.len) }
    }

    /// The elements, to be written.
    ///
    /// # Safety
    /// As for [`Self::read`], and nothing else reads or writes these elements.
    pub(crate) unsafe fn write<'a, T>(self) -> &'a mut [T] {
        if self.len == 0 {
            return &mut [];
        }
        // SAFETY: as above.
        unsafe { slice::from_raw_parts_mut(self.data.cast(), self.len) }
    }
}

/// The memory of an argument: a typed array of `wanted` elements, or of either precision.
pub(crate) fn argument(
    raw: Raw,
    owner: &str,
    name: &str,
    wanted: Option<Element>,
    value: sys::napi_value,
) -> Result<Memory, Fault> {
    let got = match Memory::of(raw, value) {
        Some(memory) if wanted.map_or(memory.element != Element::I32, |e| e == memory.element) => {
            return Ok(memory);
        }
        Some(memory) => memory.element.name(),
        None => "another value",
    };
    let expected = wanted.map_or("a Float32Array or Float64Array", Element::described);
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
