//! What the raw entries of one environment (the main thread, or a worker) share.
#![allow(unsafe_code, reason = "its life is tied to the environment by Node-API's hook")]

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::num::NonZero;
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::{ptr, thread};

use kernels::Exec;
use kernels::parallel::MAX_THREADS;
use kernels::simd::Isa;
use napi::{Result, bindgen_prelude::Object, sys};
use program::Program;

use crate::fault::Fault;
use crate::raw::{Call, Entry, Raw, check, raw_object};

/// Shared by the raw entries of one environment.
pub(crate) struct State {
    pub(crate) exec: Cell<Exec>,
    /// The class of errors, as `setErrorClass` gave it.
    error_class: Cell<sys::napi_ref>,
    /// Captured steps over shared memory alone, by number; those that are gone are replaced.
    programs: RefCell<Vec<Weak<Mutex<Program>>>>,
    /// Whether the next entry panics: how tests see that a panic becomes an error.
    panic_next: Cell<bool>,
}

impl State {
    /// The state of this environment; freed after everything that points to it.
    pub(crate) fn install(raw: Raw) -> Result<*const Self> {
        let state = Box::into_raw(Box::new(Self {
            exec: Cell::new(Exec { isa: Isa::widest(), threads: 1 }),
            error_class: Cell::new(ptr::null_mut()),
            programs: RefCell::new(Vec::new()),
            panic_next: Cell::new(false),
        }));
        // SAFETY: the hook takes back exactly this box, when no JS of the environment runs any more.
        check(unsafe { sys::napi_add_env_cleanup_hook(raw.0, Some(free), state.cast()) })?;
        Ok(state)
    }

    pub(crate) fn panic_if_told(&self) {
        assert!(!self.panic_next.take(), "injected by a test");
    }

    /// Throws `fault`.
    pub(crate) fn throw(&self, raw: Raw, fault: &Fault) {
        let error = self.error(raw, fault);
        if !error.is_null() {
            // SAFETY: the error belongs to this call's scope.
            unsafe { sys::napi_throw(raw.0, error) };
        }
    }

    /// `fault` as an instance of the registered class, or as a plain error without one; null if JS
    /// cannot make one, which then has an exception of its own pending.
    pub(crate) fn error(&self, raw: Raw, fault: &Fault) -> sys::napi_value {
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
                let message = raw.string(&fault.to_string());
                sys::napi_create_error(raw.0, arguments[0], message, &raw mut error);
            } else {
                sys::napi_new_instance(raw.0, class, 5, arguments.as_ptr(), &raw mut error);
            }
            error
        }
    }

    /// Gives a program whose bound arrays are all in shared memory a number.
    pub(crate) fn register(&self, program: &Arc<Mutex<Program>>) -> usize {
        let mut programs = self.programs.borrow_mut();
        let free = programs.iter().position(|slot| slot.strong_count() == 0);
        let number = free.unwrap_or(programs.len());
        if number == programs.len() {
            programs.push(Weak::new());
        }
        programs[number] = Arc::downgrade(program);
        number
    }

    /// The program of this number: one that another thread may run.
    pub(crate) fn shared_program(&self, number: usize) -> Option<Arc<Mutex<Program>>> {
        self.programs.borrow().get(number)?.upgrade()
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
        let class = call.arguments.first().copied();
        let class = class.filter(|&class| call.raw.is(class, sys::ValueType::napi_function));
        let fault = || Fault::new("ERR_TYPE", "setErrorClass", "class", "a class", "another value");
        let class = class.ok_or_else(fault)?;
        let mut reference = ptr::null_mut();
        // SAFETY: the argument belongs to this call; the reference is deleted when another class
        // takes its place, or with the environment.
        let status =
            unsafe { sys::napi_create_reference(call.raw.0, class, 1, &raw mut reference) };
        if status != sys::Status::napi_ok {
            return Err(fault());
        }
        let replaced = call.state.error_class.replace(reference);
        if !replaced.is_null() {
            // SAFETY: it was made above, by an earlier call, and is forgotten here.
            unsafe { sys::napi_delete_reference(call.raw.0, replaced) };
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
        let fault = |name, expected| Fault::new("ERR_OPTION", "setExec", name, expected, "another");
        let isa = number(0)
            .filter(|&index| index >= 0.0)
            .and_then(|index| Isa::all().nth(index as usize))
            .ok_or_else(|| fault("isa", "an instruction set of this CPU"))?;
        let threads = number(1)
            .filter(|&threads| threads >= 1.0)
            .ok_or_else(|| fault("threads", "at least 1"))?;
        let threads = (threads as usize).min(MAX_THREADS).min(cores());
        call.state.exec.set(Exec { isa, threads });
        Ok(())
    }
}

/// Threads that can run at the same time: more of them would take turns, and be slower than one.
fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| thread::available_parallelism().map_or(MAX_THREADS, NonZero::get))
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
