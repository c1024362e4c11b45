//! One bell for everything that can be seen on the page. Ringing it costs nothing, and many rings are heard as one.

use tokio::sync::watch;

/// Rung whenever something may look different now.
#[derive(Clone, Debug)]
pub struct Bell(watch::Sender<()>);

impl Default for Bell {
    fn default() -> Self {
        Bell(watch::Sender::new(()))
    }
}

impl Bell {
    /// Rings, whether anybody listens or not.
    pub fn ring(&self) {
        self.0.send_replace(());
    }

    /// Hears every ring from now on.
    pub fn listen(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }
}
