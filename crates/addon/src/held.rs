//! Arrays that a function is bound to: kept alive, and found again at each call where they could move.
#![allow(unsafe_code, reason = "references are Node-API's")]

use std::ptr;

use napi::sys;
use program::Memory;

use crate::borrow;
use crate::fault::Fault;
use crate::raw::Raw;

/// Typed arrays that live as long as this does.
pub(crate) struct Held {
    raw: Raw,
    references: Vec<sys::napi_ref>,
    /// Those that are not in shared memory: JS may detach or resize them.
    movable: Vec<usize>,
}

impl Held {
    /// Holds on to `values`; those that are no typed arrays (undefined) are counted and left alone.
    pub(crate) fn of(raw: Raw, values: &[sys::napi_value]) -> Self {
        let mut held = Self { raw, references: Vec::new(), movable: Vec::new() };
        for (i, &value) in values.iter().enumerate() {
            let mut reference = ptr::null_mut();
            if let Some((_, shared)) = borrow::and_shared(raw, value) {
                // SAFETY: `value` belongs to this call's scope; the reference is deleted below.
                unsafe { sys::napi_create_reference(raw.0, value, 1, &raw mut reference) };
                if !shared {
                    held.movable.push(i);
                }
            }
            held.references.push(reference);
        }
        held
    }

    /// Whether all are in shared memory, which stays where it is.
    pub(crate) fn all_shared(&self) -> bool {
        self.movable.is_empty()
    }

    /// Looks up arrays that are not in shared memory again, and puts what it found in the place of
    /// what was known: `slot(i)` is that of array i.
    ///
    /// They still overlap what they overlapped: views of one buffer stay where they are in it, and
    /// two buffers never hold the same memory.
    pub(crate) fn refresh<'a>(
        &self,
        owner: &str,
        name: impl Fn(usize) -> &'static str,
        mut slot: impl FnMut(usize) -> Option<&'a mut Memory>,
    ) -> Result<(), Fault> {
        for &i in &self.movable {
            let Some(slot) = slot(i) else { continue };
            let mut value = ptr::null_mut();
            // SAFETY: the reference is alive as long as this is.
            unsafe {
                sys::napi_get_reference_value(self.raw.0, self.references[i], &raw mut value);
            }
            let memory = borrow::argument(self.raw, owner, name(i), Some(slot.element), value)?;
            borrow::expect_len(owner, name(i), memory, slot.len)?;
            *slot = memory;
        }
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        for &reference in self.references.iter().filter(|reference| !reference.is_null()) {
            // SAFETY: each was made by `of`, in this environment, and is deleted once.
            unsafe { sys::napi_delete_reference(self.raw.0, reference) };
        }
    }
}
