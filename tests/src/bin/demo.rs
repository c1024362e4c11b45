//! `demo [--exit] [--json]`: a hub and three devices work a day in a shop; a page on loopback shows it live and lets a
//! person go on. `--exit` works the day without the page. The exit status is zero only if every check held.

use counterpart_tests::demo::page::Page;
use counterpart_tests::demo::{Bell, Failure, Outcome, Premises, Stock, Timeline, compare, work};
use serde::Serialize;
use serde_json::json;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{oneshot, watch};

/// As shells report a program that was interrupted.
const INTERRUPTED: u8 = 130;

#[derive(Clone, Copy)]
struct Asked {
    exit: bool,
    json: bool,
}

fn main() -> ExitCode {
    let mut asked = Asked { exit: false, json: false };
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--exit" => asked.exit = true,
            "--json" => asked.json = true,
            _ => {
                eprintln!("usage: demo [--exit] [--json]");
                return ExitCode::from(2);
            }
        }
    }
    match run(asked) {
        Ok(status) => status,
        Err(failure) => {
            eprintln!("\ndemo: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Everything lies in one folder, which is gone afterwards.
fn run(asked: Asked) -> Result<ExitCode, Failure> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    // Before the hub starts: nobody's Ctrl-C leaves it behind.
    let stop = stop_signal(&runtime)?;
    let folder = tempfile::Builder::new().prefix("counterpart-demo-").tempdir()?;
    let status = in_folder(folder.path(), asked, &runtime, stop);
    if let Err(error) = folder.close() {
        eprintln!("demo: the folder could not be removed: {error}");
    }
    status
}

fn in_folder(folder: &Path, asked: Asked, runtime: &Runtime, mut stop: Stop) -> Result<ExitCode, Failure> {
    let bell = Bell::default();
    let premises = Arc::new(Premises::open(folder, Timeline::new(bell.clone()), bell)?);
    let page = if asked.exit { None } else { Some(Page::serve(Arc::clone(&premises))?) };
    if let Some(page) = &page {
        premises.timeline.says("page", &format!("shows the day as it goes: {}", page.address));
        if asked.json {
            print(&json!({ "page": page.address }))?;
        }
    }
    let day = day(Arc::clone(&premises));
    let status = runtime.block_on(async {
        let (stock, outcome) = tokio::select! {
            ended = day => ended??,
            _ = stop.changed() => return Ok(ExitCode::from(INTERRUPTED)),
        };
        if asked.exit || asked.json {
            print(&outcome)?;
        }
        if let Some(page) = &page {
            page.open(stock);
            eprintln!("\nThe shop stays open at {}\nCtrl-C closes it.", page.address);
            stop.changed().await.ok();
        }
        Ok::<_, Failure>(if outcome.equal { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    });
    premises.hub.stop();
    status
}

/// Works the day beside whatever else waits.
fn day(premises: Arc<Premises>) -> oneshot::Receiver<Result<(Stock, Outcome), Failure>> {
    let (done, day) = oneshot::channel();
    std::thread::spawn(move || {
        let ended = work(&premises).and_then(|stock| Ok((stock, compare(&premises)?)));
        drop(premises);
        // Whoever waited may have been stopped meanwhile.
        done.send(ended).ok();
    });
    day
}

type Stop = watch::Receiver<()>;

/// Changes when somebody asks the demo to end.
fn stop_signal(runtime: &Runtime) -> Result<Stop, Failure> {
    let entered = runtime.enter();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    drop(entered);
    let (stop, stopped) = watch::channel(());
    runtime.spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        stop.send_replace(());
    });
    Ok(stopped)
}

fn print(line: &impl Serialize) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(line)?)?;
    Ok(out.flush()?)
}
