//! Where numbers lie: addresses that are turned into slices for one kernel call.
#![allow(unsafe_code, reason = "the callers own the memory: this file borrows it for one call")]

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ops::Range;
use std::{ptr, slice};

use kernels::op::{Access, Operand};
use kernels::optimizer::{MAX_STATE, Segment};

/// The element types that kernels take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// Single precision.
    F32,
    /// Double precision.
    F64,
    /// 32-bit integers.
    I32,
}

impl Element {
    /// All of them: an index here is the element's number in bytecode.
    pub const ALL: [Self; 3] = [Self::F32, Self::F64, Self::I32];

    /// Bytes of an element.
    pub const fn bytes(self) -> usize {
        match self {
            Self::F32 | Self::I32 => 4,
            Self::F64 => 8,
        }
    }
}

/// Elements somewhere in memory.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Their type.
    pub element: Element,
    /// How many there are.
    pub len: usize,
    data: *mut u8,
}

// SAFETY: an address and a length; whoever turns it into a slice answers for the rest.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Memory {
    /// No elements.
    pub const EMPTY: Self = Self { element: Element::F32, len: 0, data: ptr::null_mut() };

    /// `len` elements at `data`.
    pub const fn new(element: Element, len: usize, data: *mut u8) -> Self {
        Self { element, len, data }
    }

    /// Whether both hold at least one common byte.
    pub fn overlaps(&self, other: &Self) -> bool {
        let (a, b) = (self.bytes(), other.bytes());
        a.start < b.end && b.start < a.end && self.len > 0 && other.len > 0
    }

    /// The addresses of its bytes.
    pub(crate) fn bytes(&self) -> Range<usize> {
        let start = self.data.addr();
        start..start + self.len * self.element.bytes()
    }

    /// `len` of its elements, from element `start` on.
    pub(crate) fn part(self, start: usize, len: usize) -> Self {
        debug_assert!(start + len <= self.len, "a part lies inside");
        Self { len, data: self.data.wrapping_add(start * self.element.bytes()), ..self }
    }

    /// Where the first element lies.
    pub fn start(&self) -> *mut u8 {
        self.data
    }

    /// First byte, for sorting.
    pub fn address(&self) -> usize {
        self.data.addr()
    }

    /// The elements.
    ///
    /// # Safety
    /// There are `len` elements of the type `T` of `element` at the address, aligned for it, and
    /// nothing writes them while the slice lives.
    pub unsafe fn read<'a, T>(self) -> &'a [T] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: the caller's promise.
        unsafe { slice::from_raw_parts(self.data.cast(), self.len) }
    }

    /// The elements, to be written.
    ///
    /// # Safety
    /// As for [`Self::read`], and nothing else reads or writes these elements.
    pub unsafe fn write<'a, T>(self) -> &'a mut [T] {
        if self.len == 0 {
            return &mut [];
        }
        // SAFETY: the caller's promise.
        unsafe { slice::from_raw_parts_mut(self.data.cast(), self.len) }
    }
}

/// An operand of an operation of precision `T`.
///
/// # Safety
/// `memory` has the element type that `access` asks for, and is there as [`Memory::read`] and
/// [`Memory::write`] say, for as long as the operand lives.
#[inline]
pub unsafe fn operand<'a, T>(access: Access, memory: Memory) -> Operand<'a, T> {
    // SAFETY: the caller's promise.
    unsafe {
        match access {
            Access::In => Operand::In(memory.read()),
            Access::Out => Operand::Out(memory.write()),
            Access::Update => Operand::Update(memory.write()),
            Access::Labels => Operand::Labels(memory.read()),
            Access::Order => Operand::Order(memory.write()),
            Access::Reorder => Operand::Reorder(memory.write()),
            Access::Figures => Operand::Figures(memory.write()),
            Access::Live => Operand::Live(memory.read()),
            Access::State => Operand::State(memory.write()),
        }
    }
}

/// Arrays of a segment of an update: weights, gradient, state.
pub const ARRAYS: usize = 2 + MAX_STATE;

/// A segment of an update in precision `T`, or `None` where it is left as it is.
///
/// # Safety
/// All arrays have the element type `T` and one length, those that are written (all but the
/// gradient) share no memory with another, and they are there as for [`operand`].
pub unsafe fn segment<'a, T>(arrays: &[Option<Memory>; ARRAYS]) -> Option<Segment<'a, T>> {
    let [weights, grads, state @ ..] = *arrays;
    let (weights, grads) = (weights?, grads?);
    // SAFETY: the caller's promise.
    Some(unsafe {
        Segment {
            weights: weights.write(),
            grads: grads.read(),
            state: state.map(|slot| slot.map(|memory| memory.write())),
        }
    })
}

/// Zeroed memory of a program's own, aligned to a cache line.
pub(crate) struct Workspace {
    data: *mut u8,
    layout: Layout,
}

// SAFETY: it owns its memory.
unsafe impl Send for Workspace {}
// SAFETY: as above; nothing is written through a shared reference but by `Memory`'s promises.
unsafe impl Sync for Workspace {}

/// What a temporary's place is a multiple of, in bytes.
pub(crate) const ALIGN: usize = 64;

impl Workspace {
    /// `None` if there is no such memory.
    pub(crate) fn of(bytes: usize) -> Option<Self> {
        let layout = Layout::from_size_align(bytes.max(ALIGN), ALIGN).ok()?;
        // SAFETY: the layout has a size.
        let data = unsafe { alloc_zeroed(layout) };
        (!data.is_null()).then_some(Self { data, layout })
    }

    /// `len` elements at `offset` bytes.
    pub(crate) fn at(&self, offset: usize, element: Element, len: usize) -> Memory {
        assert!(offset + len * element.bytes() <= self.layout.size(), "the plan has room");
        Memory::new(element, len, self.data.wrapping_add(offset))
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        // SAFETY: allocated by `of` with this layout.
        unsafe { dealloc(self.data, self.layout) };
    }
}
