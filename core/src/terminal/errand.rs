//! What is done in the background: the engine is awake for it although the app is not on the screen.

use super::driver::Told;
use super::{Terminal, closed};
use crate::error::Result;
use crate::shop::Shop;
use crate::sync::Event;
use std::sync::{Arc, Weak};

/// A piece of work in the background. The last of those under way at once suspends the engine again, unless the shell has
/// said something of the app since.
pub(super) struct Errand<'a> {
    terminal: &'a Terminal,
    // Nothing while the app is awake anyway.
    awake: Option<Arc<()>>,
}

impl<'a> Errand<'a> {
    pub(super) fn begin(terminal: &'a Terminal) -> Result<Errand<'a>> {
        let mut guard = terminal.lock();
        let inside = guard.as_mut().ok_or_else(closed)?;
        if inside.awake {
            return Ok(Errand { terminal, awake: None });
        }
        if let Some(awake) = inside.errand.upgrade() {
            return Ok(Errand { terminal, awake: Some(awake) });
        }
        let awake = Arc::new(());
        inside.errand = Arc::downgrade(&awake);
        // Whatever is asked for next is taken in after it.
        inside.tell_seated(Event::Resumed).map(drop)?;
        Ok(Errand { terminal, awake: Some(awake) })
    }

    /// Ends it. The shop that was suspended by that.
    pub(super) fn end(&mut self) -> Result<Option<(Shop, Told)>> {
        let Some(awake) = self.awake.take() else { return Ok(None) };
        let guard = self.terminal.lock();
        let Some(inside) = guard.as_ref() else { return Ok(None) };
        let is_mine = Weak::ptr_eq(&inside.errand, &Arc::downgrade(&awake));
        drop(awake);
        if is_mine && inside.errand.strong_count() == 0 {
            inside.tell_seated(Event::Suspended)
        } else {
            Ok(None)
        }
    }
}

impl Drop for Errand<'_> {
    fn drop(&mut self) {
        // Given up: nobody waits until the engine rests.
        if let Err(error) = self.end() {
            log::warn!("nothing to suspend after work in the background: {}", error.code());
        }
    }
}
