//! `invite`: an account for someone, also while the hub serves.

use super::{CliError, InviteArgs, print, say};
use crate::accounts::{Accounts, InviteError, Role, invite, normal_email, the_shop};
use crate::auth::password;
use crate::clock::SystemClock;
use crate::secret;
use serde_json::json;

pub(super) fn run(args: &InviteArgs) -> Result<(), CliError> {
    let role: Role = args.role.parse()?;
    let email = normal_email(&args.email).ok_or(CliError::Invite(InviteError::NotAnEmail))?;
    let accounts = Accounts::open(&args.common.data)?;
    let first = secret::password()?;
    let hash = password::hash(&first)?;
    let now_ms = SystemClock::start().now_ms();
    accounts.run(|tx| invite(tx, the_shop(tx)?, &email, (role, args.station), &hash, now_ms))?;
    say(&format!("{email} may sign in as {} with {first} (shown only now; to be changed).", role.word()));
    if args.common.json {
        print(&json!({"email": email, "password": first}))?;
    }
    Ok(())
}
