//! What a scenario needs of a server: that it is there, with a shop and its people, and what only it can do.

use std::path::Path;

/// Who signs in. Everybody works in the same shop, but for the stranger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// The owner.
    Owner,
    /// A manager.
    Manager,
    /// A technician.
    Tess,
    /// Another technician.
    Theo,
    /// Somebody at the front desk.
    Fay,
    /// A shared tablet.
    Tablet,
    /// The owner of another shop on the same server.
    Stranger,
}

impl Who {
    /// All of them.
    pub const ALL: [Who; 7] =
        [Who::Owner, Who::Manager, Who::Tess, Who::Theo, Who::Fay, Who::Tablet, Who::Stranger];
}

/// Where a server is.
#[derive(Clone, Debug)]
pub struct Address {
    /// Its URL.
    pub url: String,
    /// The key of every device.
    pub anon_key: String,
}

/// With what somebody signs in.
#[derive(Clone, Debug)]
pub struct Login {
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
}

/// A server of the kind that a catalogue runs against. Dropping it ends it.
pub trait Backend {
    /// Where it is, also after a restart.
    fn address(&self) -> Address;

    /// The id of the shop.
    fn shop(&self) -> String;

    /// The id of the stranger's shop.
    fn other_shop(&self) -> String;

    /// With what somebody signs in.
    fn login(&self, who: Who) -> Login;

    /// Kills it in the middle of whatever it does.
    fn kill(&mut self);

    /// Starts it again where it was, on the data that it has.
    fn start(&mut self);

    /// Stops it for a while: it answers nothing, and its connections stay.
    fn freeze(&mut self);

    /// Lets it go on.
    fn thaw(&mut self);

    /// Writes a backup while it runs. False if this backend has no backups yet.
    fn back_up(&mut self, to: &Path) -> bool;

    /// Puts a backup in the place of all that it has, and starts again.
    fn restore(&mut self, from: &Path);

    /// What it logged, for whoever looks into a failure.
    fn log(&self) -> String;
}
