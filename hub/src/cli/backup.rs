//! `backup`, also while the hub serves, and `restore`, only while it does not.

use super::{BackupArgs, CliError, RestoreArgs, books, print, say};
use crate::accounts::Accounts;
use crate::backup::restore::restore;
use crate::backup::{BackupError, back_up};
use crate::clock::SystemClock;
use counterpart_core::env::Env;
use serde_json::json;

pub(super) fn backup(args: &BackupArgs) -> Result<(), CliError> {
    let data = args.common.own_folder()?;
    // Opened first: a folder without a hub gets no books.
    drop(Accounts::open(data)?);
    back_up(data, &books(data)?, &args.to, SystemClock::start().now_ms())?;
    let bytes = std::fs::metadata(&args.to).map_err(BackupError::from)?.len();
    say(&format!(
        "The backup is complete: {}. It holds keys and passcodes' keys: keep it private.",
        args.to.display()
    ));
    if args.common.json {
        print(&json!({"backup": args.to, "bytes": bytes}))?;
    }
    Ok(())
}

pub(super) fn run_restore(args: &RestoreArgs) -> Result<(), CliError> {
    let data = args.common.own_folder()?;
    let done = restore(data, &args.from, args.replace, Env::system())?;
    say("The backup is in place. Devices notice it by themselves and give back what it does not hold.");
    if let Some(aside) = &done.aside {
        say(&format!("What was there before is kept in {}", aside.display()));
        if !done.counted_on {
            say("Its books could not be read: numbers go on far beyond what the backup knows.");
        }
    }
    say(
        "Who signed in since the backup may have to sign in again; accounts made since have to be invited again.",
    );
    say(&format!("Next: counterpart-hub serve --data {}", data.display()));
    if args.common.json {
        print(&json!({"restored": data, "aside": done.aside}))?;
    }
    Ok(())
}
