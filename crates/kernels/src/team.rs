//! Threads that take what the one that computes can spare: a fork and a join for the price of a lock.
//!
//! Not rayon, whose threads sleep between two products: waking one cost more than half of a product
//! of 120 µs (bench/RESULTS.md). Helpers stay awake for [`PATIENCE`] behind their last task, and give
//! way to whoever else wants their core meanwhile. One thread leads at a time; another one that asks
//! computes alone, with the same bits.
#![allow(
    unsafe_code,
    reason = "a helper runs a closure on the stack of the thread that waits for it"
)]

use std::any::Any;
use std::cell::Cell;
use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// How long a thread that waits stays awake.
const PATIENCE: Duration = Duration::from_micros(200);

/// Looks before a thread that waits gives way to others each time: about a microsecond.
const LOOKS: usize = 20;

/// Most tasks that wait for a thread: more are run by whoever has them. Reserved once.
const MOST: usize = 256;

thread_local! {
    /// Whether this thread leads, or helps.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// A closure that another thread may run, on the stack of the one that waits for it.
struct Task<F> {
    work: Cell<Option<F>>,
    panic: Cell<Option<Box<dyn Any + Send>>>,
    done: AtomicBool,
}

/// A task without its type.
#[derive(Clone, Copy)]
struct Job {
    task: *const (),
    run: unsafe fn(*const ()),
}

// SAFETY: a task's closure is `Send`; only the one thread that took the job from the list runs it.
unsafe impl Send for Job {}

impl<F: FnOnce() + Send> Task<F> {
    fn job(&self) -> Job {
        Job { task: (&raw const *self).cast(), run: Self::run }
    }

    /// # Safety
    /// `task` is one of this type, is not run by another thread, and is there until it is done.
    unsafe fn run(task: *const ()) {
        // SAFETY: the caller's promise.
        let task = unsafe { &*task.cast::<Self>() };
        if let Some(work) = task.work.take() {
            task.panic.set(catch_unwind(AssertUnwindSafe(work)).err());
        }
        // From here on it may be gone.
        task.done.store(true, Ordering::SeqCst);
        TEAM.tell();
    }
}

struct Helper {
    thread: Thread,
    asleep: bool,
}

struct State {
    /// Tasks that no thread has begun, oldest first.
    jobs: Vec<Job>,
    helpers: Vec<Helper>,
}

struct Team {
    state: Mutex<State>,
    /// As many as `jobs` are: what helpers look at before they lock.
    waiting: AtomicUsize,
    /// Whether a thread leads.
    led: AtomicBool,
    /// How many helpers take part.
    size: AtomicUsize,
    /// How many of all helpers are awake.
    awake: AtomicUsize,
    /// Threads that wait asleep for a task that another one runs.
    blocked: AtomicUsize,
    done: Condvar,
}

static TEAM: Team = Team {
    state: Mutex::new(State { jobs: Vec::new(), helpers: Vec::new() }),
    waiting: AtomicUsize::new(0),
    led: AtomicBool::new(false),
    size: AtomicUsize::new(0),
    awake: AtomicUsize::new(0),
    blocked: AtomicUsize::new(0),
    done: Condvar::new(),
};

/// Whether this thread leads, or helps.
pub(crate) fn inside() -> bool {
    INSIDE.get()
}

/// Whether a helper is awake: then little work is enough to share it.
pub(crate) fn awake() -> bool {
    TEAM.awake.load(Ordering::Relaxed) > 0
}

/// Runs `work` with `threads` − 1 helpers, started when they are first asked for and kept; `work` is
/// told whether it has them: not if another thread does, or if the system refuses threads.
pub(crate) fn lead<R>(threads: usize, work: impl FnOnce(bool) -> R) -> R {
    if inside() || TEAM.led.swap(true, Ordering::Acquire) {
        return work(false);
    }
    let _leader = Leader::with(threads - 1);
    work(TEAM.size.load(Ordering::Relaxed) > 0)
}

struct Leader;

impl Leader {
    fn with(helpers: usize) -> Self {
        INSIDE.set(true);
        let leader = Self;
        if TEAM.size.load(Ordering::Relaxed) != helpers {
            let started = TEAM.start(helpers);
            TEAM.size.store(started, Ordering::Relaxed);
        }
        leader
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        INSIDE.set(false);
        TEAM.led.store(false, Ordering::Release);
    }
}

/// Runs both: `right` on a helper, if one comes for it while this thread runs `left`. For a thread
/// that leads or helps.
pub(crate) fn join(left: impl FnOnce(), right: impl FnOnce() + Send) {
    let task = Task { work: Cell::new(Some(right)), panic: Cell::new(None), done: false.into() };
    let offered = TEAM.offer(task.job());
    // Not out of here while a helper has the task.
    let outcome = catch_unwind(AssertUnwindSafe(left));
    let taken = offered && !TEAM.withdraw(task.job());
    if taken {
        TEAM.wait(&task.done);
    }
    let outcome = outcome.and(task.panic.take().map_or(Ok(()), Err));
    outcome.unwrap_or_else(|panic| resume_unwind(panic));
    if let Some(right) = task.work.take() {
        right();
    }
}

impl Team {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So many helpers, or as many as the system gives.
    fn start(&self, helpers: usize) -> usize {
        let mut state = self.lock();
        let needed = MOST - state.jobs.len();
        state.jobs.reserve_exact(needed);
        for number in state.helpers.len()..helpers {
            let name = format!("ridgeline-{number}");
            let spawned = thread::Builder::new().name(name).spawn(move || help(number));
            let Ok(handle) = spawned else { return number };
            self.awake.fetch_add(1, Ordering::Relaxed);
            state.helpers.push(Helper { thread: handle.thread().clone(), asleep: false });
        }
        helpers
    }

    /// Leaves a task to whoever comes first; not if too many are left already.
    fn offer(&self, job: Job) -> bool {
        let mut state = self.lock();
        if state.jobs.len() == MOST {
            return false;
        }
        state.jobs.push(job);
        self.waiting.store(state.jobs.len(), Ordering::Relaxed);
        let size = self.size.load(Ordering::Relaxed);
        if self.awake.load(Ordering::Relaxed) < size
            && let Some(helper) = state.helpers.iter_mut().take(size).find(|helper| helper.asleep)
        {
            helper.wake();
        }
        true
    }

    /// Takes a task back, unless a thread has begun it.
    fn withdraw(&self, job: Job) -> bool {
        let mut state = self.lock();
        let Some(at) = state.jobs.iter().rposition(|other| other.task == job.task) else {
            return false;
        };
        state.jobs.remove(at);
        self.waiting.store(state.jobs.len(), Ordering::Relaxed);
        true
    }

    /// Runs the oldest task that waits, which is the largest; false if there is none.
    fn run_one(&self) -> bool {
        if self.waiting.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let mut state = self.lock();
        if state.jobs.is_empty() {
            return false;
        }
        let job = state.jobs.remove(0);
        self.waiting.store(state.jobs.len(), Ordering::Relaxed);
        drop(state);
        // SAFETY: it was in the list, so that its owner waits until it is done, and nobody else has it.
        unsafe { (job.run)(job.task) };
        true
    }

    /// Returns when another thread has done a task; runs others meanwhile.
    fn wait(&self, done: &AtomicBool) {
        let mut waiting = Waiting::default();
        while !done.load(Ordering::Acquire) {
            if self.run_one() {
                waiting = Waiting::default();
            } else if !waiting.patiently() {
                // A thread that was sent away from its core gets this one.
                return self.block(done);
            }
        }
    }

    fn block(&self, done: &AtomicBool) {
        let mut state = self.lock();
        self.blocked.fetch_add(1, Ordering::SeqCst);
        while !done.load(Ordering::SeqCst) {
            state = self.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        self.blocked.fetch_sub(1, Ordering::Relaxed);
    }

    /// Says that a task is done, to those who wait asleep.
    fn tell(&self) {
        if self.blocked.load(Ordering::SeqCst) > 0 {
            drop(self.lock());
            self.done.notify_all();
        }
    }
}

impl Helper {
    fn wake(&mut self) {
        if self.asleep {
            self.asleep = false;
            TEAM.awake.fetch_add(1, Ordering::Relaxed);
            self.thread.unpark();
        }
    }
}

/// The life of helper `number`.
fn help(number: usize) {
    INSIDE.set(true);
    loop {
        let mut waiting = Waiting::default();
        while waiting.patiently() {
            if number < TEAM.size.load(Ordering::Relaxed) && TEAM.run_one() {
                waiting = Waiting::default();
            }
        }
        let mut state = TEAM.lock();
        if !state.jobs.is_empty() && number < TEAM.size.load(Ordering::Relaxed) {
            continue;
        }
        state.helpers[number].asleep = true;
        TEAM.awake.fetch_sub(1, Ordering::Relaxed);
        drop(state);
        while TEAM.lock().helpers[number].asleep {
            thread::park();
        }
    }
}

/// How long a thread has waited.
#[derive(Default)]
struct Waiting {
    looks: usize,
    since: Option<Instant>,
}

impl Waiting {
    /// Lets a moment pass; false if it has been long enough.
    fn patiently(&mut self) -> bool {
        self.looks += 1;
        if self.looks < LOOKS {
            spin_loop();
            return true;
        }
        thread::yield_now();
        self.since.get_or_insert_with(Instant::now).elapsed() < PATIENCE
    }
}
