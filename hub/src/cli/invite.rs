//! `invite`: an account for someone, also while the hub serves.

use super::{CliError, InviteArgs, books, check_name, on_postgres, print, say};
use crate::accounts::{Accounts, InviteError, Role, invite, normal_email, the_shop};
use crate::auth::password;
use crate::clock::SystemClock;
use crate::functions::staff::{self, Newcomer};
use crate::secret;
use serde_json::json;

pub(super) fn run(args: &InviteArgs) -> Result<(), CliError> {
    let role: Role = args.role.parse()?;
    let email = normal_email(&args.email).ok_or(CliError::Invite(InviteError::NotAnEmail))?;
    check_name(args.name.as_deref())?;
    let first = match args.common.own_address()? {
        Some(address) => on_postgres::block_on(on_postgres::take_in(args, &email, role, address))?,
        None => in_folder(args, &email, role)?,
    };
    say(&format!("{email} may sign in as {} with {first} (shown only now; to be changed).", role.word()));
    if args.common.json {
        print(&json!({"email": email, "password": first}))?;
    }
    Ok(())
}

fn in_folder(args: &InviteArgs, email: &str, role: Role) -> Result<String, CliError> {
    let data = args.common.folder()?;
    let accounts = Accounts::open(data)?;
    let first = secret::password()?;
    let hash = password::hash(&first)?;
    let now_ms = SystemClock::start().now_ms();
    let ledger = books(data)?;
    accounts.run(|tx| {
        let shop = the_shop(tx)?;
        let account = invite(tx, shop, email, (role, args.station), &hash, now_ms)?;
        if !args.station {
            let newcomer = Newcomer { account, email, name: args.name.as_deref(), role };
            ledger.create_shop(&shop.to_string())?;
            staff::enter(&ledger, shop, newcomer)?;
        }
        Ok::<_, CliError>(())
    })?;
    Ok(first)
}
