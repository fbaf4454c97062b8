//! `startJob(schedule, rounds, control, keep, done)`: programs that run on a thread of their own.
#![allow(
    unsafe_code,
    reason = "a thread runs programs over shared memory and tells JS when it is done"
)]

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use kernels::Exec;
use napi::{Result, bindgen_prelude::Object, sys};
use program::{Element, Memory, Program};

use crate::borrow;
use crate::captured::told;
use crate::fault::Fault;
use crate::raw::{Call, Entry, Raw, check, raw_object};
use crate::state::State;

const OWNER: &str = "fit";

/// Programs in order, each with how often it runs.
type Schedule = Vec<(Arc<Mutex<Program>>, usize)>;

/// What the thread and the environment share.
struct Job {
    schedule: Schedule,
    rounds: usize,
    /// Its first number is 0 until JS, or an operation, asks the job to stop.
    control: Memory,
    exec: Exec,
    /// Set when the environment goes away.
    closing: AtomicBool,
    /// What went wrong.
    fault: Mutex<Option<Fault>>,
}

impl Job {
    fn stopped(&self) -> bool {
        // SAFETY: the control block is an aligned `Float64Array` over shared memory, kept alive by
        // JS until the job is done; JS writes it as other atomics of the same width would be.
        let word = unsafe { AtomicU64::from_ptr(self.control.start().cast()) };
        self.closing.load(Ordering::Relaxed) || f64::from_bits(word.load(Ordering::Relaxed)) != 0.0
    }

    /// All rounds, or as many as there are before a stop.
    fn run(&self) -> std::result::Result<(), Fault> {
        for _ in 0..self.rounds {
            for (program, times) in &self.schedule {
                let mut program = program.lock().unwrap_or_else(PoisonError::into_inner);
                for _ in 0..*times {
                    if self.stopped() {
                        return Ok(());
                    }
                    // SAFETY: `Start` saw that all bound arrays are in shared memory, which stays
                    // where it is, and JS keeps them alive until it is told that the job is done.
                    unsafe { program.run(self.exec, &[]) }.map_err(|fault| told(fault, 0))?;
                }
            }
        }
        Ok(())
    }
}

/// A running job, as the environment knows it.
struct Running {
    job: Arc<Job>,
    thread: Option<JoinHandle<()>>,
    raw: Raw,
    state: *const State,
    /// The function of JS that hears of the end, and what must stay alive until then.
    done: sys::napi_ref,
    keep: sys::napi_ref,
    signal: sys::napi_threadsafe_function,
}

/// `startJob(schedule, rounds, control, keep, done)`: an `Int32Array` of program and times in turn, a
/// number, a shared `Float64Array`, whatever must not be collected, and a function that is called with
/// an error or with nothing.
struct Start;

impl Entry for Start {
    type Data = ();

    fn serve(call: &Call<'_, ()>) -> std::result::Result<(), Fault> {
        let raw = call.raw;
        let fault = |name, expected| Fault::new("ERR_TYPE", OWNER, name, expected, "another value");
        let [schedule, rounds, control, keep, done, ..] = *call.arguments else {
            return Err(fault("arguments", "five"));
        };
        let words = borrow::argument(raw, OWNER, "schedule", Some(Element::I32), schedule)?;
        let rounds = raw.number(rounds).ok_or_else(|| fault("rounds", "a number"))? as usize;
        let control = match borrow::and_shared(raw, control) {
            Some((memory, true)) if memory.element == Element::F64 && memory.len > 0 => memory,
            _ => return Err(fault("control", "a shared Float64Array")),
        };
        // SAFETY: JS does not run during the call.
        let words = unsafe { words.read::<i32>() };
        let schedule = words
            .as_chunks::<2>()
            .0
            .iter()
            .map(|&[number, times]| {
                let program = call.state.shared_program(usize::try_from(number).ok()?)?;
                Some((program, usize::try_from(times).ok()?))
            })
            .collect::<Option<Schedule>>()
            .ok_or_else(|| fault("schedule", "programs over shared memory alone"))?;
        let job = Arc::new(Job {
            schedule,
            rounds,
            control,
            exec: call.state.exec.get(),
            closing: AtomicBool::new(false),
            fault: Mutex::new(None),
        });
        launch(raw, call.state, job, done, keep)
            .map_err(|error| Fault::new("ERR_INTERNAL", OWNER, "job", "started", error))
    }
}

fn launch(
    raw: Raw,
    state: &State,
    job: Arc<Job>,
    done: sys::napi_value,
    keep: sys::napi_value,
) -> Result<()> {
    let mut running = Box::new(Running {
        job: Arc::clone(&job),
        thread: None,
        raw,
        state,
        done: ptr::null_mut(),
        keep: ptr::null_mut(),
        signal: ptr::null_mut(),
    });
    let address = (&raw mut *running).cast::<c_void>();
    let name = raw.string("ridgeline");
    // SAFETY: all values belong to this call's scope; `running` outlives the function, which
    // `finish` releases.
    unsafe {
        check(sys::napi_create_reference(raw.0, done, 1, &raw mut running.done))?;
        check(sys::napi_create_reference(raw.0, keep, 1, &raw mut running.keep))?;
        check(sys::napi_create_threadsafe_function(
            raw.0,
            ptr::null_mut(),
            ptr::null_mut(),
            name,
            0,
            1,
            ptr::null_mut(),
            None,
            address,
            Some(finish),
            &raw mut running.signal,
        ))?;
        check(sys::napi_add_env_cleanup_hook(raw.0, Some(close), address))?;
    }
    let signal = Signal(running.signal);
    let spawned = thread::Builder::new().name("ridgeline-job".into()).spawn(move || {
        let ran = catch_unwind(AssertUnwindSafe(|| job.run()));
        let fault = match ran {
            Ok(Ok(())) => None,
            Ok(Err(fault)) => Some(fault),
            Err(_) => Some(Fault::new("ERR_INTERNAL", OWNER, "step", "free of bugs", "a panic")),
        };
        *job.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
        signal.send();
    });
    if let Ok(thread) = spawned {
        running.thread = Some(thread);
    } else {
        // A system that refuses threads: JS hears of it as of any other end.
        let refused = Fault::new("ERR_INTERNAL", OWNER, "a thread", "given by the system", "none");
        *running.job.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(refused);
        Signal(running.signal).send();
    }
    // Now it is `finish`'s, or `close`'s.
    let _ = Box::into_raw(running);
    Ok(())
}

struct Signal(sys::napi_threadsafe_function);

// SAFETY: a thread-safe function is made to be called from any thread.
unsafe impl Send for Signal {}

impl Signal {
    /// Tells JS; where the environment is going away, nobody is told.
    fn send(self) {
        // SAFETY: the function was given one thread's use, which ends here.
        unsafe {
            sys::napi_call_threadsafe_function(self.0, ptr::null_mut(), 1);
            sys::napi_release_threadsafe_function(self.0, 0);
        }
    }
}

/// On the thread of JS, when the job has ended.
unsafe extern "C" fn finish(
    env: sys::napi_env,
    _function: sys::napi_value,
    context: *mut c_void,
    _data: *mut c_void,
) {
    if env.is_null() {
        return; // the environment is going away: `close` has the box
    }
    // SAFETY: `context` is the box of `launch`; the hook that shares it is removed before it goes.
    let mut running = unsafe {
        sys::napi_remove_env_cleanup_hook(env, Some(close), context);
        Box::from_raw(context.cast::<Running>())
    };
    if let Some(thread) = running.thread.take() {
        let _ = thread.join();
    }
    let raw = running.raw;
    let fault = running.job.fault.lock().unwrap_or_else(PoisonError::into_inner).take();
    // SAFETY: the state outlives every function of its environment; Node opened a scope for this
    // call. What `done` throws, Node reports as it does for any callback.
    unsafe {
        let (mut undefined, mut done) = (ptr::null_mut(), ptr::null_mut());
        sys::napi_get_undefined(raw.0, &raw mut undefined);
        sys::napi_get_reference_value(raw.0, running.done, &raw mut done);
        let argument = fault.map_or(undefined, |fault| (*running.state).error(raw, &fault));
        sys::napi_delete_reference(raw.0, running.done);
        sys::napi_delete_reference(raw.0, running.keep);
        sys::napi_call_function(raw.0, undefined, done, 1, &raw const argument, ptr::null_mut());
    }
}

/// When the environment goes away while the job runs: it is stopped and waited for, because the
/// memory of JS goes next.
unsafe extern "C" fn close(context: *mut c_void) {
    // SAFETY: the box of `launch`; `finish` removes this hook before it takes the box.
    let mut running = unsafe { Box::from_raw(context.cast::<Running>()) };
    running.job.closing.store(true, Ordering::Relaxed);
    if let Some(thread) = running.thread.take() {
        let _ = thread.join();
    }
}

/// Adds `startJob` to the module.
pub(crate) fn install(raw: Raw, exports: &Object, state: *const State) -> Result<()> {
    let start = raw.function::<Start>("startJob", state, ())?;
    raw.set(raw_object(exports), "startJob", start)
}
