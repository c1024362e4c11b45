//! The device itself: its folder, who is signed in where, what it tells.

use crate::device_line::call::{calls, done};
use crate::device_line::fault::Fault;
use crate::device_line::show;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::env::Env;
use counterpart_core::keys::FolderKeys;
use counterpart_core::net::Showing;
use counterpart_core::sync::wire::Wanted;
use counterpart_core::terminal::{Address, Options, Unsent};
use counterpart_core::{Account, Terminal};
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

calls! {
    /// Every call with its parameters.
    help(_device) {
        Ok(super::all().map(|call| json!(call)).collect())
    }

    /// Opens a device's folder, or makes it, and the shop that was open last, if any. Keys are kept in its `keys`. For
    /// scripts: `retry_ms` is how long to wait before the server is tried again, probes included.
    open(device, path: String, retry_ms: Option<i64>) {
        if device.terminal.is_some() {
            return Err(Fault::bad("a device is open: close it first"));
        }
        let keys = Arc::new(FolderKeys::new(Path::new(&path).join("keys"))?);
        let mut options = Options::default();
        if let Some(ms) = retry_ms {
            let retry = &mut options.retry;
            (retry.delay_ms, retry.probe_first_ms, retry.probe_longest_ms) = (ms, ms, ms);
        }
        let terminal = Terminal::open(&path, &REPAIR_SHOP, keys, Env::system(), options)?;
        let shop = terminal.shop();
        device.terminal = Some(terminal);
        device.follow();
        Ok(show::one(shop, show::shop))
    }

    /// Opens a shop as an account that no server has heard of, with nothing but what is done here: to script a device
    /// that never saw a server. What it queues belongs to that account.
    begin_offline(device, account: String, role: String, shop: String, employee: Option<String>, station: Option<bool>) {
        let account = Account { employee, station: station.unwrap_or(false), ..Account::new(&account, &role) };
        let shop = device.terminal()?.enter(&account, &shop)?;
        device.follow();
        Ok(show::shop(&shop))
    }

    /// Signs in at a server, and opens the shop that the account works in; `shop` where it has several. `root_sha256` is
    /// the fingerprint of the hub's own root, where it has one.
    sign_in(device, url: String, anon_key: String, email: String, password: String, shop: Option<String>, root_sha256: Option<String>) {
        let address = Address { url, anon_key, root_sha256 };
        let terminal = device.terminal()?;
        let signed_in = terminal.wait(terminal.sign_in(&address, &email, &password, shop.as_deref()))?;
        let mut answer = show::shop(&signed_in.shop);
        if signed_in.must_change_password {
            answer["must_change_password"] = json!(true);
        }
        device.follow();
        Ok(answer)
    }

    /// Signs up by an invitation: its first password lets in once, and `password` takes its place.
    sign_up(device, url: String, anon_key: String, email: String, invitation: String, password: String, shop: Option<String>, root_sha256: Option<String>) {
        let address = Address { url, anon_key, root_sha256 };
        let terminal = device.terminal()?;
        let signed_up =
            terminal.wait(terminal.sign_up(&address, &email, &invitation, &password, shop.as_deref()))?;
        device.follow();
        Ok(show::shop(&signed_up.shop))
    }

    /// Changes the password of whoever is signed in.
    change_password(device, current: String, password: String) {
        let terminal = device.terminal()?;
        terminal.wait(terminal.change_password(&current, &password))?;
        done()
    }

    /// The shell's word on the network. A device starts with it down.
    network(device, up: bool) {
        let terminal = device.terminal()?;
        terminal.wait(terminal.network(up))?;
        done()
    }

    /// One full sync. Answers when it is done.
    sync(device) {
        let terminal = device.terminal()?;
        terminal.wait(terminal.sync())?;
        done()
    }

    /// Waits until nothing is queued or on its way; an error after `timeout_ms`.
    idle(device, timeout_ms: i64) {
        let terminal = device.terminal()?;
        terminal.wait(terminal.idle(Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0))))?;
        done()
    }

    /// A sync for a background task, within `deadline_ms`. A suspended app is suspended again afterwards.
    sync_once(device, deadline_ms: i64) {
        let terminal = device.terminal()?;
        let within = Duration::from_millis(u64::try_from(deadline_ms).unwrap_or(0));
        terminal.wait(terminal.sync_once(within))?;
        done()
    }

    /// Fetches a record that lies outside the windows, with what belongs to it.
    fetch(device, table: String, id: String) {
        let terminal = device.terminal()?;
        terminal.wait(terminal.fetch(&Wanted::Row { table, id }))?;
        done()
    }

    /// Fetches what of a table lies further back than this device keeps, so many days.
    fetch_days(device, table: String, days: i64) {
        let terminal = device.terminal()?;
        terminal.wait(terminal.fetch_days(&table, u32::try_from(days).unwrap_or(0)))?;
        done()
    }

    /// Fetches what of a table came to its end between two moments, once.
    fetch_between(device, table: String, from: i64, until: i64) {
        let terminal = device.terminal()?;
        terminal.wait(terminal.fetch(&Wanted::Between { table, from, until }))?;
        done()
    }

    /// Whether everything of a table that came to its end between two moments is on this device.
    has_between(device, table: String, from: i64, until: i64) {
        Ok(json!(device.shop()?.has_between(&table, from, until)?))
    }

    /// Who is there, and which ticket they look at.
    present(device) {
        let present = device.terminal()?.present()?;
        Ok(present.iter().map(show::present).collect())
    }

    /// Shows the others what the person looks at now; nothing without `ticket`.
    show(device, ticket: Option<String>) {
        let employee = device.shop()?.who().actor;
        device.terminal()?.show(Showing { employee, ticket })?;
        done()
    }

    /// The shops of this account that this device has opened, by id.
    shops(device) {
        Ok(json!(device.terminal()?.shops()))
    }

    /// The shops that this account works in, by name, as the server told them last.
    known_shops(device) {
        let known = device.terminal()?.known_shops();
        Ok(known.into_iter().map(|shop| json!({"id": shop.id, "name": shop.name})).collect())
    }

    /// Every shop that this account manages: people, devices, what waits for a decision.
    overview(device) {
        let terminal = device.terminal()?;
        let shops = terminal.wait(terminal.overview())?;
        serde_json::to_value(shops).map_err(|error| Fault::bad(error.to_string()))
    }

    /// Opens another one of them.
    switch_shop(device, shop: String) {
        let shop = device.terminal()?.switch_shop(&shop)?;
        device.follow();
        Ok(show::shop(&shop))
    }

    /// Who is at work: the account and the person it works for.
    who(device) {
        let who = device.shop()?.who();
        Ok(json!({
            "account": who.account, "role": who.role, "station": who.station, "employee": who.actor,
            "employee_role": who.actor_role,
        }))
    }

    /// What happened when the device and the shop were opened that a person has to know.
    findings(device) {
        let mut findings: Vec<Json> = match device.terminal()?.shop() {
            Some(shop) => shop.findings().iter().map(show::finding).collect(),
            None => Vec::new(),
        };
        findings.extend(device.terminal()?.forgot().map(|aside| json!({ "finding": "forgot", "aside": aside })));
        Ok(Json::Array(findings))
    }

    /// How much room the shop takes, and how much is left.
    space(device) {
        let space = device.shop()?.store().space()?;
        Ok(json!({ "used": space.used, "free": space.free, "low": space.low }))
    }

    /// From now on (`on`: false: no more) lines with events come between answers: {"changed": …} for every commit,
    /// {"state": …} whenever it is another one, {"progress": …} of exports and imports.
    watch(device, on: Option<bool>) {
        device.watching = on.unwrap_or(true);
        device.follow();
        done()
    }

    /// The app leaves the screen. Answers once no transaction is open.
    suspend(device) {
        let terminal = device.terminal()?;
        terminal.wait(terminal.suspend())?;
        done()
    }

    /// The app comes back.
    resume(device) {
        let terminal = device.terminal()?;
        terminal.wait(terminal.resume())?;
        done()
    }

    /// Signs the account out. While operations are not sent it has to be said what becomes of them.
    sign_out(device, unsent: Option<Unsent>) {
        let terminal = device.terminal()?;
        terminal.wait(terminal.sign_out(unsent.as_ref()))?;
        device.follow();
        done()
    }

    /// Closes the device. It can be opened again.
    close(device) {
        device.terminal()?;
        device.close()?;
        done()
    }
}
