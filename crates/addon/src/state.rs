//! What the raw entries of one environment (the main thread, or a worker) share.
#![allow(unsafe_code, reason = "its life is tied to the environment by Node-API's hook")]

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;

use kernels::Exec;
use kernels::parallel::MAX_THREADS;
use kernels::simd::Isa;
use napi::{Result, bindgen_prelude::Object, sys};

use crate::fault::Fault;
use crate::raw::{Call, Entry, Raw, raw_object};

/// Shared by the raw entries of one environment.
pub(crate) struct State {
    pub(crate) exec: Cell<Exec>,
    /// The class of errors, as `setErrorClass` gave it.
    error_class: Cell<sys::napi_ref>,
    /// Whether the next entry panics: how tests see that a panic becomes an error.
    panic_next: Cell<bool>,
}

impl State {
    /// The state of this environment; freed after everything that points to it.
    pub(crate) fn install(raw: Raw) -> Result<*const Self> {
        let state = Box::into_raw(Box::new(Self {
            exec: Cell::new(Exec { isa: Isa::widest(), threads: 1 }),
            error_class: Cell::new(ptr::null_mut()),
            panic_next: Cell::new(false),
        }));
        // SAFETY: the hook takes back exactly this box, when no JS of the environment runs any more.
        raw.check(unsafe { sys::napi_add_env_cleanup_hook(raw.0, Some(free), state.cast()) })?;
        Ok(state)
    }

    pub(crate) fn panic_if_told(&self) {
        assert!(!self.panic_next.take(), "injected by a test");
    }

    /// Throws `fault` as an instance of the registered class, or as a plain error without one.
    pub(crate) fn throw(&self, raw: Raw, fault: &Fault) {
        let texts = [fault.code, &fault.owner, &fault.name, &fault.expected, &fault.got];
        let arguments = texts.map(|text| raw.string(text));
        // SAFETY: all values belong to this call's scope. If the class cannot be made an instance
        // of, Node-API leaves its own exception pending.
        unsafe {
            let (mut class, mut error) = (ptr::null_mut(), ptr::null_mut());
            if !self.error_class.get().is_null() {
                sys::napi_get_reference_value(raw.0, self.error_class.get(), &raw mut class);
            }
            if class.is_null() {
                let message = raw.string(&format!("{fault:?}"));
                sys::napi_create_error(raw.0, arguments[0], message, &raw mut error);
            } else {
                sys::napi_new_instance(raw.0, class, 5, arguments.as_ptr(), &raw mut error);
            }
            if !error.is_null() {
                sys::napi_throw(raw.0, error);
            }
        }
    }
}

unsafe extern "C" fn free(state: *mut c_void) {
    // SAFETY: `state` is the box that `install` made.
    drop(unsafe { Box::from_raw(state.cast::<State>()) });
}

/// `setErrorClass(class)`: what faults are thrown as, constructed with code, owner, name,
/// expected, got.
struct SetErrorClass;

impl Entry for SetErrorClass {
    type Data = ();

    fn serve(call: &Call<'_, ()>) -> std::result::Result<(), Fault> {
        let mut class = ptr::null_mut();
        // SAFETY: the argument belongs to this call; the reference is kept for the life of the
        // environment, which frees it.
        let status =
            unsafe { sys::napi_create_reference(call.raw.0, call.arguments[0], 1, &raw mut class) };
        if status == sys::Status::napi_ok {
            call.state.error_class.set(class);
        }
        Ok(())
    }
}

/// `setExec(isa, threads)`: the instruction set by its index among those of this CPU.
struct SetExec;

impl Entry for SetExec {
    type Data = ();

    fn serve(call: &Call<'_, ()>) -> std::result::Result<(), Fault> {
        let number = |i: usize| call.arguments.get(i).and_then(|&value| call.raw.number(value));
        let isa = number(0).and_then(|index| Isa::all().nth(index as usize));
        let threads = number(1).map_or(1, |threads| (threads as usize).clamp(1, MAX_THREADS));
        let isa = isa.ok_or_else(|| {
            Fault::new("ERR_OPTION", "setExec", "isa", "an instruction set of this CPU", "another")
        })?;
        call.state.exec.set(Exec { isa, threads });
        Ok(())
    }
}

/// `panicNext()`: the entry that is called next panics.
struct PanicNext;

impl Entry for PanicNext {
    type Data = ();

    fn serve(call: &Call<'_, ()>) -> std::result::Result<(), Fault> {
        call.state.panic_next.set(true);
        Ok(())
    }
}

/// Adds the entries of this file to the module.
pub(crate) fn install(raw: Raw, exports: &Object, state: *const State) -> Result<()> {
    let exports = raw_object(exports);
    let set_class = raw.function::<SetErrorClass>("setErrorClass", state, ())?;
    raw.set(exports, "setErrorClass", set_class)?;
    raw.set(exports, "setExec", raw.function::<SetExec>("setExec", state, ())?)?;
    raw.set(exports, "panicNext", raw.function::<PanicNext>("panicNext", state, ())?)
}
