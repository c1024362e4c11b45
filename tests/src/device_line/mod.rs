//! The `device` binary: one device without a screen. Every line gets one answer, in order, whatever the line was;
//! between answers come events, if they were asked for. Lines are never mixed.

mod argument;
mod call;
mod calls;
mod fault;
mod line;
mod show;
mod watch;

use call::Args;
use counterpart_core::{Error, NotNow, Shop, Terminal};
use fault::Fault;
use line::{Line, Lines, Out};
use serde_json::{Value as Json, json};
use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use watch::Watch;

/// Answers line by line until the input ends; the device is closed then.
pub fn serve(input: impl BufRead, output: impl Write + Send + 'static) -> io::Result<()> {
    let mut lines = Lines::new(input);
    let mut device = Device::new(Arc::new(Out::new(output)));
    while let Some(line) = lines.next()? {
        let answer = match device.answer(line) {
            Ok(answer) => json!({ "ok": answer }),
            Err(fault) => json!({ "error": fault.to_json() }),
        };
        device.out.line(&answer)?;
        device.tell();
    }
    device.close().map_err(|error| io::Error::other(error.code()))
}

/// The device, and whoever watches it.
struct Device {
    out: Arc<Out>,
    terminal: Option<Terminal>,
    watching: bool,
    watch: Option<Watch>,
}

impl Device {
    fn new(out: Arc<Out>) -> Device {
        Device { out, terminal: None, watching: false, watch: None }
    }

    fn answer(&mut self, line: Line) -> Result<Json, Fault> {
        let Line::Whole(line) = line else { return Err(Fault::bad("a line has at most 1 MB")) };
        let line = std::str::from_utf8(&line).map_err(|_| Fault::bad("a line is UTF-8"))?;
        let Ok(Json::Object(mut request)) = serde_json::from_str(line) else {
            return Err(Fault::bad("a line is one JSON object"));
        };
        let Some(Json::String(name)) = request.remove("call") else {
            return Err(Fault::bad("`call` names what to do: see `help`"));
        };
        let call = calls::all().find(|call| call.name == name);
        let call = call.ok_or(Fault::bad("there is no such call: see `help`"))?;
        let mut args = Args::new(request);
        // A defect in one call is that call's answer, and no reason to lose the others.
        catch_unwind(AssertUnwindSafe(|| (call.run)(self, &mut args)))
            .unwrap_or_else(|_| Err(Error::defect("the call panicked").into()))
    }

    fn terminal(&self) -> Result<&Terminal, Error> {
        self.terminal.as_ref().ok_or_else(|| Error::not_now(NotNow::Closed))
    }

    fn shop(&self) -> Result<Shop, Error> {
        self.terminal()?.shop().ok_or_else(|| Error::signed_out("nobody is signed in"))
    }

    /// Another shop is open now, or none: whoever watches, watches that.
    fn follow(&mut self) {
        self.watch = None;
        if self.watching
            && let Ok(shop) = self.shop()
        {
            self.watch = Some(Watch::begin(shop, Arc::clone(&self.out)));
        }
    }

    /// Something was done: whoever watches looks at the state again.
    fn tell(&self) {
        if let Some(watch) = &self.watch {
            watch.look();
        }
    }

    fn close(&mut self) -> Result<(), Error> {
        self.watch = None;
        self.terminal.take().map_or(Ok(()), |terminal| terminal.close())
    }
}
