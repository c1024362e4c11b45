//! Signing out. Work that the server does not have is never left behind unasked.

use super::folder::Memory;
use super::{Inside, Seated, Terminal, closed, nobody};
use crate::error::{Error, NotNow, Result};
use crate::shop::{Flow, Shop};
use std::path::Path;

/// What becomes of work that the server does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Unsent {
    /// It stays in its file, and goes on when this account signs in here again.
    Keep,
    /// It is sent first; nobody is signed out before that.
    SendFirst,
    /// What this person sees of the open shop is written to this new file, then that shop leaves the device.
    Export {
        /// Where the file goes.
        path: String,
    },
    /// It is thrown away, with all that this device holds of the open shop.
    Discard,
}

impl Terminal {
    /// Signs the account out, of all its shops. Without an answer, [`NotNow::Unsent`] says how many operations wait in
    /// the open shop, if any do, and nothing has changed.
    ///
    /// The device forgets the session at once, whether the server can be told or not.
    pub async fn sign_out(&self, answer: Option<&Unsent>) -> Result<()> {
        if answer == Some(&Unsent::SendFirst) && self.has_unsent()? {
            match self.sync().await {
                Err(error) if error.is_signed_out() => return Err(Error::needs_server("send_first")),
                other => other?,
            }
        }
        let line = {
            let mut guard = self.lock();
            let inside = guard.as_mut().ok_or_else(closed)?;
            sign_out_here(inside, answer)?;
            inside.line.take()
        };
        if let Some(line) = line {
            let told = self.runtime()?.spawn(async move { line.session.sign_out().await });
            told.await.map_err(|_| closed())??;
        }
        Ok(())
    }

    fn has_unsent(&self) -> Result<bool> {
        self.shop().map_or(Ok(false), |shop| Ok(waiting(&shop)? > 0))
    }
}

fn sign_out_here(inside: &mut Inside, answer: Option<&Unsent>) -> Result<()> {
    let Some(seated) = &inside.seated else {
        return if inside.memory.signed_in.is_some() { forget(inside) } else { Err(nobody()) };
    };
    let operations = waiting(&seated.shop)?;
    match answer {
        // What was sent first may still have left something that waits for a person.
        None | Some(Unsent::SendFirst) if operations > 0 => {
            Err(Error::not_now(NotNow::Unsent { operations }))
        }
        None | Some(Unsent::Keep | Unsent::SendFirst) => leave(inside).map(drop),
        Some(Unsent::Export { path }) => {
            seated.shop.export_file(Path::new(path), &mut |_| Flow::GoOn)?;
            leave_nothing(inside)
        }
        Some(Unsent::Discard) => leave_nothing(inside),
    }
}

/// How many operations the server does not have: on their way, and parked.
fn waiting(shop: &Shop) -> Result<u64> {
    let parked = u64::try_from(shop.parked()?.len()).unwrap_or(u64::MAX);
    Ok(shop.state()?.pending.saturating_add(parked))
}

fn forget(inside: &mut Inside) -> Result<()> {
    let memory = Memory::default();
    inside.folder.remember(&memory)?;
    inside.memory = memory;
    Ok(())
}

fn leave(inside: &mut Inside) -> Result<Option<Seated>> {
    forget(inside)?;
    let seated = inside.seated.take();
    if let Some(seated) = &seated {
        seated.shop.forget_shop_keys()?;
        seated.shop.close()?;
    }
    Ok(seated)
}

fn leave_nothing(inside: &mut Inside) -> Result<()> {
    match leave(inside)? {
        Some(seated) => inside.folder.remove(&seated.account, &seated.seat.shop),
        None => Ok(()),
    }
}
