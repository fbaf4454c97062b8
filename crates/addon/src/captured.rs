//! `buildProgram(code, constants, arrays, info, into)`: a captured step as one function.
#![allow(
    unsafe_code,
    reason = "a program is run here, over memory that was looked up for this call"
)]

use std::sync::{Arc, Mutex, TryLockError};

use napi::{Result, bindgen_prelude::Object};
use program::{Element, Invalid, Memory, Program};

use crate::borrow;
use crate::fault::Fault;
use crate::held::Held;
use crate::raw::{Call, Entry, MAX_ARGUMENTS, Raw, raw_object};
use crate::state::State;

const OWNER: &str = "compile";

/// A program, and the arrays that it is bound to.
struct Bound {
    held: Held,
    program: Arc<Mutex<Program>>,
}

/// The bound function: takes the arguments, runs once.
struct Run;

impl Entry for Run {
    type Data = Bound;

    fn serve(call: &Call<'_, Bound>) -> std::result::Result<(), Fault> {
        let Bound { held, program } = call.data;
        // Another thread has it as long as a job runs; a panic leaves nothing half done in it.
        let mut program = match program.try_lock() {
            Ok(program) => program,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Err(busy()),
        };
        if !held.all_shared() {
            let mut bound: Vec<_> = program.bound_mut().iter_mut().map(Some).collect();
            held.refresh(OWNER, |_| "a captured array", |i| bound[i].take())?;
        }
        let mut arguments = [Memory::EMPTY; MAX_ARGUMENTS];
        let count = call.arguments.len();
        for (slot, &value) in arguments.iter_mut().zip(call.arguments) {
            *slot = borrow::memory(call.raw, value)
                .ok_or_else(|| argument_fault("a typed array", "another value"))?;
        }
        // SAFETY: bound arrays and arguments were looked up for this call, or are shared memory,
        // which stays where it is; JS does not run during the call.
        let ran = unsafe { program.run(call.state.exec.get(), &arguments[..count]) };
        ran.map_err(|fault| told(fault, count))
    }
}

/// A program that an asynchronous run has.
fn busy() -> Fault {
    Fault::new("ERR_STATE", OWNER, "this step", "free", "one that an asynchronous run is using")
}

/// What stopped a run, in words.
pub(crate) fn told(fault: program::Fault, count: usize) -> Fault {
    match fault {
        program::Fault::Arguments => {
            argument_fault("as many as were captured", &format!("{count}"))
        }
        program::Fault::Argument(_) => {
            argument_fault("of the type and length that was captured", "another array")
        }
        program::Fault::Alias(_) => aliased(),
        program::Fault::Op(op, fault) => crate::op::told(op, fault),
    }
}

/// An argument in memory that the step updates.
fn aliased() -> Fault {
    let expected = "apart from what the step writes";
    Fault::new("ERR_ALIAS", OWNER, "arguments", expected, "a view that overlaps it")
}

fn argument_fault(expected: &str, got: &str) -> Fault {
    Fault::new("ERR_TYPE", OWNER, "arguments", expected, got)
}

/// `buildProgram(code, constants, arrays, info, into)`: validates bytecode over the arrays, sets
/// `into.run`, and writes into `info` the bytes of the temporaries, planned and apart, the number of the
/// program, −1 if no other thread may run it, and of each instruction which of those that run together it
/// belongs to, from 1, or 0.
struct Build;

impl Entry for Build {
    type Data = ();

    fn serve(call: &Call<'_, ()>) -> std::result::Result<(), Fault> {
        let raw = call.raw;
        let fault = |name, expected| Fault::new("ERR_TYPE", OWNER, name, expected, "another value");
        let [code, constants, list, info, into, ..] = *call.arguments else {
            return Err(fault("arguments", "code, constants, arrays, info and an object"));
        };
        let words = borrow::argument(raw, OWNER, "code", Some(Element::I32), code)?;
        let constants = borrow::argument(raw, OWNER, "constants", Some(Element::F64), constants)?;
        let info = borrow::argument(raw, OWNER, "info", Some(Element::F64), info)?;
        if info.len < 3 {
            return Err(fault("info", "of three numbers, and one for each instruction"));
        }
        let values = raw.elements(list).ok_or_else(|| fault("arrays", "a list of typed arrays"))?;
        let bound = values
            .iter()
            .map(|&value| borrow::and_shared(raw, value).map(|(memory, _)| memory))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| fault("arrays", "a list of typed arrays"))?;
        // SAFETY: 32-bit words of either sign; JS does not run during the call, and `info`, the
        // only one that is written, is borrowed after the others are no longer needed.
        let built = unsafe { Program::new(words.read::<u32>(), constants.read::<f64>(), &bound) };
        let program = built.map_err(|invalid| match invalid.why {
            Invalid::ARGUMENT_WRITTEN => aliased(),
            _ => Fault::new("ERR_INTERNAL", OWNER, "program", "valid", invalid),
        })?;
        let (planned, apart) = program.bytes();
        let groups = (1..).zip(program.fused());
        let fused: Vec<(usize, usize)> = groups
            .flat_map(|(group, numbers)| numbers.into_iter().map(move |number| (number, group)))
            .collect();
        let program = Arc::new(Mutex::new(program));
        let held = Held::of(raw, &values);
        // Only what is in shared memory stays where it is while another thread runs.
        let number = if held.all_shared() { call.state.register(&program) as f64 } else { -1.0 };
        // SAFETY: as above.
        let (figures, groups) = unsafe { info.write::<f64>() }.split_at_mut(3);
        figures.copy_from_slice(&[planned as f64, apart as f64, number]);
        groups.fill(0.0);
        for (instruction, group) in fused {
            if let Some(slot) = groups.get_mut(instruction) {
                *slot = group as f64;
            }
        }
        let bound = Bound { held, program };
        let refused =
            |error: napi::Error| Fault::new("ERR_INTERNAL", OWNER, "program", "made", error.reason);
        let function = raw.function::<Run>("run", call.state, bound).map_err(refused)?;
        raw.set(into, "run", function).map_err(refused)
    }
}

/// `countPrograms(count)`: writes how many programs this process has: how tests see that they are let go.
struct Count;

impl Entry for Count {
    type Data = ();

    fn serve(call: &Call<'_, ()>) -> std::result::Result<(), Fault> {
        let fault = || Fault::new("ERR_TYPE", OWNER, "count", "a Float64Array", "nothing");
        let &count = call.arguments.first().ok_or_else(fault)?;
        let count = borrow::argument(call.raw, OWNER, "count", Some(Element::F64), count)?;
        borrow::expect_len(OWNER, "count", count, 1)?;
        // SAFETY: one number, and JS does not run during the call.
        unsafe { count.write::<f64>() }.copy_from_slice(&[program::alive() as f64]);
        Ok(())
    }
}

/// Adds the entries of this file to the module.
pub(crate) fn install(raw: Raw, exports: &Object, state: *const State) -> Result<()> {
    let exports = raw_object(exports);
    raw.set(exports, "buildProgram", raw.function::<Build>("buildProgram", state, ())?)?;
    raw.set(exports, "countPrograms", raw.function::<Count>("countPrograms", state, ())?)
}
