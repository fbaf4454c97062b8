//! Raw Node-API: functions bound to data, with panics caught and faults thrown.
#![allow(unsafe_code, reason = "Node-API is a C interface; this file and `borrow` are its walls")]

use std::ffi::{CString, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use napi::{Env, JsValue, Result, bindgen_prelude::Object, sys};

use crate::fault::Fault;
use crate::state::State;

/// Most arguments of a raw entry.
pub(crate) const MAX_ARGUMENTS: usize = 24;

/// The environment of the calling thread.
#[derive(Clone, Copy)]
pub(crate) struct Raw(pub(crate) sys::napi_env);

/// One call of a raw entry.
pub(crate) struct Call<'a, D> {
    pub(crate) raw: Raw,
    pub(crate) state: &'a State,
    /// What the function was bound to.
    pub(crate) data: &'a D,
    pub(crate) arguments: &'a [sys::napi_value],
}

/// What a raw entry does. Nothing is returned: results are written into operands.
pub(crate) trait Entry {
    type Data: 'static;

    /// How many arguments it looks at: Node-API fills in what a call left out.
    const ARGUMENTS: usize = MAX_ARGUMENTS;

    /// Serves one call.
    fn serve(call: &Call<'_, Self::Data>) -> std::result::Result<(), Fault>;
}

/// What a function carries: its data and the state of its environment.
struct Bound<D> {
    state: *const State,
    data: D,
}

impl Raw {
    pub(crate) fn of(env: &Env) -> Self {
        Self(env.raw())
    }

    /// A function of JS that runs `E` on `data`, freed with the function.
    pub(crate) fn function<E: Entry>(
        self,
        name: &str,
        state: *const State,
        data: E::Data,
    ) -> Result<sys::napi_value> {
        let mut bound = Box::new(Bound { state, data });
        let address = (&raw mut *bound).cast::<c_void>();
        let mut function = ptr::null_mut();
        // SAFETY: `name` is `name.len()` bytes of UTF-8; `bound` lives until the finalizer below,
        // or is dropped with a function that nobody has been given.
        check(unsafe {
            sys::napi_create_function(
                self.0,
                name.as_ptr().cast(),
                name.len().cast_signed(),
                Some(trampoline::<E>),
                address,
                &raw mut function,
            )
        })?;
        // SAFETY: the finalizer takes back exactly the box made above, once.
        check(unsafe {
            sys::napi_add_finalizer(
                self.0,
                function,
                address,
                Some(free::<Bound<E::Data>>),
                ptr::null_mut(),
                ptr::null_mut(),
            )
        })?;
        // Now it is the finalizer's.
        let _ = Box::into_raw(bound);
        Ok(function)
    }

    /// `object[name] = value`.
    pub(crate) fn set(
        self,
        object: sys::napi_value,
        name: &str,
        value: sys::napi_value,
    ) -> Result<()> {
        let name = CString::new(name)?;
        // SAFETY: both values belong to this environment's open scope; `name` ends with NUL.
        check(unsafe { sys::napi_set_named_property(self.0, object, name.as_ptr(), value) })
    }

    /// A new empty object.
    pub(crate) fn object(self) -> Result<sys::napi_value> {
        let mut object = ptr::null_mut();
        // SAFETY: the out pointer is valid for the call.
        check(unsafe { sys::napi_create_object(self.0, &raw mut object) })?;
        Ok(object)
    }

    /// The number in `value`, if it is one.
    pub(crate) fn number(self, value: sys::napi_value) -> Option<f64> {
        let mut number = 0.0;
        // SAFETY: `value` belongs to this call's scope; a value of another type gives a status.
        let status = unsafe { sys::napi_get_value_double(self.0, value, &raw mut number) };
        (status == sys::Status::napi_ok).then_some(number)
    }

    /// The elements of an array of JS, if it is one.
    pub(crate) fn elements(self, array: sys::napi_value) -> Option<Vec<sys::napi_value>> {
        let mut length = 0;
        // SAFETY: `array` belongs to this call's scope; another type gives a status.
        let status = unsafe { sys::napi_get_array_length(self.0, array, &raw mut length) };
        if status != sys::Status::napi_ok {
            return None;
        }
        (0..length)
            .map(|i| {
                let mut element = ptr::null_mut();
                // SAFETY: as above; the index is inside the array.
                let status = unsafe { sys::napi_get_element(self.0, array, i, &raw mut element) };
                (status == sys::Status::napi_ok).then_some(element)
            })
            .collect()
    }

    /// Whether `value` is of this type of JS.
    pub(crate) fn is(self, value: sys::napi_value, kind: sys::napi_valuetype) -> bool {
        let mut found = 0;
        // SAFETY: `value` belongs to this call's scope.
        let status = unsafe { sys::napi_typeof(self.0, value, &raw mut found) };
        status == sys::Status::napi_ok && found == kind
    }

    /// `text` as a string of JS, or undefined if JS has no room for it.
    pub(crate) fn string(self, text: &str) -> sys::napi_value {
        let mut value = ptr::null_mut();
        // SAFETY: `text` is `text.len()` bytes of UTF-8; the out pointer is valid for the call.
        let status = unsafe {
            sys::napi_create_string_utf8(
                self.0,
                text.as_ptr().cast(),
                text.len().cast_signed(),
                &raw mut value,
            )
        };
        if status != sys::Status::napi_ok {
            // SAFETY: as above.
            unsafe { sys::napi_get_undefined(self.0, &raw mut value) };
        }
        value
    }
}

/// A napi-rs error unless `status` is ok.
pub(crate) fn check(status: sys::napi_status) -> Result<()> {
    napi::check_status!(status, "Node-API refused a call")
}

/// The raw value of `exports`.
pub(crate) fn raw_object(exports: &Object) -> sys::napi_value {
    exports.raw()
}

unsafe extern "C" fn free<T>(_env: sys::napi_env, data: *mut c_void, _hint: *mut c_void) {
    // SAFETY: `data` is the box that `function` made of this very type, freed once.
    drop(unsafe { Box::from_raw(data.cast::<T>()) });
}

unsafe extern "C" fn trampoline<E: Entry>(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    const { assert!(E::ARGUMENTS <= MAX_ARGUMENTS) };
    let mut arguments = [ptr::null_mut(); MAX_ARGUMENTS];
    let mut count = E::ARGUMENTS;
    let mut data = ptr::null_mut();
    // SAFETY: `arguments` has room for `count` values; the out pointers are valid for the call.
    unsafe {
        sys::napi_get_cb_info(
            env,
            info,
            &raw mut count,
            arguments.as_mut_ptr(),
            ptr::null_mut(),
            &raw mut data,
        );
    }
    // SAFETY: `data` is the `Bound` that `function` gave this callback; it lives as long as the
    // function, which is being called. The state outlives every function of its environment.
    let (state, data) = unsafe {
        let bound = &*data.cast::<Bound<E::Data>>();
        (&*bound.state, &bound.data)
    };
    let raw = Raw(env);
    let arguments = &arguments[..count.min(E::ARGUMENTS)];
    let served = catch_unwind(AssertUnwindSafe(|| {
        state.panic_if_told();
        E::serve(&Call { raw, state, data, arguments })
    }));
    match served {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => state.throw(raw, &fault),
        Err(panic) => {
            let reason = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("a panic without a message");
            state.throw(
                raw,
                &Fault::new("ERR_INTERNAL", "ridgeline", "kernel", "free of bugs", reason),
            );
        }
    }
    ptr::null_mut()
}
