//! What a call is: its name, its parameters, what it does. `calls!` writes all of it from one line, so that `help`
//! says what happens.

use super::Device;
use super::argument::Argument;
use super::fault::Fault;
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// What a call gives back.
pub(super) type Answer = Result<Json, Fault>;

/// One call.
#[derive(Serialize)]
pub(super) struct Call {
    /// Its name.
    #[serde(rename = "call")]
    pub(super) name: &'static str,
    /// What it takes.
    pub(super) parameters: &'static [Parameter],
    /// What it does, for people.
    pub(super) does: &'static str,
    /// Does it.
    #[serde(skip)]
    pub(super) run: fn(&mut Device, &mut Args) -> Answer,
}

/// One parameter of a call.
#[derive(Serialize)]
pub(super) struct Parameter {
    /// Its name.
    pub(super) name: &'static str,
    /// What it has to be.
    pub(super) kind: &'static str,
    /// Whether it has to be there.
    pub(super) required: bool,
}

impl Parameter {
    pub(super) const fn of<T: Argument>(name: &'static str) -> Parameter {
        Parameter { name, kind: T::KIND, required: T::REQUIRED }
    }
}

/// The parameters that a line brings.
pub(super) struct Args(Map<String, Json>);

impl Args {
    pub(super) fn new(given: Map<String, Json>) -> Args {
        Args(given)
    }

    /// Takes one out.
    pub(super) fn take<T: Argument>(&mut self, name: &'static str) -> Result<T, Fault> {
        match self.0.remove(name).filter(|json| !json.is_null()) {
            None => T::absent().ok_or_else(|| Fault::bad(format!("`{name}` is missing: {}", T::KIND))),
            Some(json) => T::read(json).ok_or_else(|| Fault::bad(format!("`{name}` is to be {}", T::KIND))),
        }
    }

    /// Refuses what no parameter took.
    pub(super) fn none_left(&self, call: &str) -> Result<(), Fault> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Fault::bad(format!("`{call}` takes none of {} parameters given: see `help`", self.0.len())))
    }
}

/// A table of calls: what it does, its name, who does it, its parameters with their types, and how.
macro_rules! calls {
    ($(
        $(#[doc = $does:literal])+
        $name:ident($device:ident $(, $parameter:ident: $type:ty)* $(,)?) $body:block
    )+) => {
        pub(super) static CALLS: &[$crate::device_line::call::Call] = &[$($crate::device_line::call::Call {
            name: stringify!($name),
            parameters: &[$($crate::device_line::call::Parameter::of::<$type>(stringify!($parameter))),*],
            does: concat!($($does),+).trim_ascii_start(),
            run: |$device, args| {
                $(let $parameter: $type = args.take(stringify!($parameter))?;)*
                args.none_left(stringify!($name))?;
                $body
            },
        }),+];
    };
}
pub(super) use calls;

/// An empty answer.
pub(super) fn done() -> Answer {
    Ok(Json::Null)
}
