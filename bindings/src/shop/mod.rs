//! [`Shop`]: one open shop. Its calls are written as tables of them, one file for each part of a day's work; a call is
//! its parameters and what the engine does with them, on the facade's own threads.

mod board;
mod files;
mod inspector;
mod news;
mod online;
mod people;
mod queue;
mod record;
mod stock;
mod tickets;

pub(crate) use board::board_page;
pub use files::ProgressSink;
pub use record::*;

use crate::inner::Inner;
use crate::threads::Answer;
use counterpart_core::Error;
use std::fmt;
use std::sync::Arc;

/// More rows than this cross at once for nobody: a screen asks for the next window.
const LONGEST_WINDOW: u32 = 500;

/// One open shop.
#[derive(uniffi::Object)]
pub struct Shop {
    pub(crate) core: counterpart_core::Shop,
    pub(crate) inner: Arc<Inner>,
}

impl fmt::Debug for Shop {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(out)
    }
}

impl Shop {
    pub(crate) fn new(core: counterpart_core::Shop, inner: Arc<Inner>) -> Arc<Shop> {
        Arc::new(Shop { core, inner })
    }

    /// Does something with the shop on a thread that may wait for the disk.
    pub(crate) fn desk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&counterpart_core::Shop) -> Result<T, Error> + Send + 'static,
    ) -> Answer<T> {
        let core = self.core.clone();
        self.inner.threads.desk(move || work(&core))
    }
}

/// How many rows a window has.
pub(crate) fn window(limit: u32) -> usize {
    usize::try_from(limit.min(LONGEST_WINDOW)).unwrap_or_default()
}

/// A table of calls that touch the database: what each does, its name, the shop and its parameters, what it gives back.
macro_rules! calls {
    ($(
        $(#[doc = $does:literal])+
        fn $name:ident($shop:ident $(, $parameter:ident: $type:ty)* $(,)?) -> $answer:ty $body:block
    )+) => {
        #[uniffi::export]
        impl Shop {
            $(
                $(#[doc = $does])+
                pub async fn $name(&self $(, $parameter: $type)*) -> $crate::error::Result<$answer> {
                    self.desk(move |$shop: &counterpart_core::Shop| $body).await
                }
            )+
        }
    };
}
use calls;
