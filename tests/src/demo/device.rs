//! One device of the shop: the app without its screens, with its own folder, account and network.

use super::hub::Credentials;
use super::{Failure, Hub};
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::env::Env;
use counterpart_core::keys::FolderKeys;
use counterpart_core::shop::Checksum;
use counterpart_core::terminal::{Address, Options};
use counterpart_core::{Shop, Terminal};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Longer than anything on loopback takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where a device stands and who works at it.
#[derive(Clone, Copy, Debug)]
pub struct Post {
    /// Its name in addresses: a word.
    pub key: &'static str,
    /// What it is.
    pub name: &'static str,
    /// Where it is.
    pub place: &'static str,
    /// Who works at it.
    pub person: &'static str,
    /// What that person is in the shop.
    pub role: &'static str,
}

/// A device that is signed in.
#[derive(Debug)]
pub struct Device {
    /// Where it stands.
    pub post: Post,
    /// The app.
    pub terminal: Terminal,
    /// Its shop.
    pub shop: Shop,
}

impl Device {
    /// A new device signs in. Its network is down at first.
    pub fn sign_in(folder: &Path, post: Post, hub: &Hub, account: &Credentials) -> Result<Device, Failure> {
        let folder = folder.join(post.key);
        let keys = Arc::new(FolderKeys::new(folder.join("keys"))?);
        let terminal = Terminal::open(&folder, &REPAIR_SHOP, keys, Env::system(), Options::default())?;
        let address = Address { url: hub.url.clone(), anon_key: hub.anon_key.clone(), root_sha256: None };
        let signed_in = terminal.sign_in(&address, &account.email, &account.password, Some(&hub.shop));
        let shop = terminal.wait(signed_in)?.shop;
        Ok(Device { post, terminal, shop })
    }

    /// The network comes or goes.
    pub fn network(&self, up: bool) -> Result<(), Failure> {
        Ok(self.terminal.wait(self.terminal.network(up))?)
    }

    /// Whether there is a network, as the shell told it.
    pub fn is_online(&self) -> Result<bool, Failure> {
        Ok(self.shop.state()?.online)
    }

    /// What is here goes, what is there comes.
    pub fn sync(&self) -> Result<(), Failure> {
        Ok(self.terminal.wait(self.terminal.sync())?)
    }

    /// Waits until nothing is queued or on its way.
    pub fn idle(&self) -> Result<(), Failure> {
        Ok(self.terminal.wait(self.terminal.idle(PATIENCE))?)
    }

    /// One hash over what every member sees.
    pub fn checksum(&self) -> Result<Checksum, Failure> {
        Ok(self.shop.checksum()?)
    }
}
