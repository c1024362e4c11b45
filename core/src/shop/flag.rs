//! Feature flags, as the person at work sees them on this device.

use super::Shop;
use crate::error::Result;
use crate::flags::Flags;

impl Shop {
    /// Whether something is on here. The answer is this device's own, and stays while the shop's settings do.
    pub fn flag(&self, name: &str) -> Result<bool> {
        Ok(self.flags()?.is_on(name))
    }

    /// All flags at once, for a screen that asks for several.
    pub fn flags(&self) -> Result<Flags> {
        let me = self.who().actor;
        self.read(|reader| Flags::of(reader, me.as_deref()))
    }
}
