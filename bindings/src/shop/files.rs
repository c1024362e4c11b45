//! Moving in and moving out.

use super::Shop;
use crate::adapters::AdapterError;
use crate::cancel::{CancelToken, fired_or};
use crate::error::Result;
use crate::records::{ExportReport, ImportLayout, ImportReport};
use counterpart_core::Error;
use counterpart_core::desk::layouts::{CUSTOMERS, INVENTORY_ITEMS, TICKETS};
use counterpart_core::schema::{Invalid, Rule};
use counterpart_core::shop::import::{ImportOptions, Layout, Watch};
use counterpart_core::shop::{Flow, Progress};
use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::Path;
use std::sync::{Arc, Weak};

/// Hears how far an export or an import is, and says whether it goes on. It is called from the facade's own threads.
#[uniffi::export(with_foreign)]
pub trait ProgressSink: Send + Sync {
    /// So far. One that fails stops the work; what is done stays done.
    fn progress(&self, progress: Progress) -> Result<Flow, AdapterError>;
}

#[uniffi::export]
impl Shop {
    /// Writes everything that this person may see to a new file, as JSON lines. Given up, it stops where it is.
    #[uniffi::method(default(progress = None, cancel = None))]
    pub async fn export_to(
        &self,
        path: String,
        progress: Option<Arc<dyn ProgressSink>>,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<ExportReport> {
        self.moves(progress, cancel, move |shop, told| {
            Ok(shop.export_file(Path::new(&path), &mut |done| told.progress(done))?.into())
        })
        .await
    }

    /// Moves in a file of another system. A line that was moved in before changes nothing, and what was moved in before
    /// it was given up stays.
    #[uniffi::method(default(progress = None, cancel = None))]
    pub async fn import_from(
        &self,
        path: String,
        layout: ImportLayout,
        options: ImportOptions,
        progress: Option<Arc<dyn ProgressSink>>,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<ImportReport> {
        self.moves(progress, cancel, move |shop, told| {
            Ok(shop.import(of(layout), existing(&path)?, &options, told)?.into())
        })
        .await
    }

    /// Reads an export into this shop. Records that are here already stay as they are.
    #[uniffi::method(default(progress = None, cancel = None))]
    pub async fn import_export(
        &self,
        path: String,
        dry_run: bool,
        progress: Option<Arc<dyn ProgressSink>>,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<ImportReport> {
        self.moves(progress, cancel, move |shop, told| {
            Ok(shop.import_export(existing(&path)?, dry_run, told)?.into())
        })
        .await
    }
}

impl Shop {
    /// Works through a file, until whoever asked for it gives it up.
    async fn moves<T: Send + 'static>(
        &self,
        progress: Option<Arc<dyn ProgressSink>>,
        cancel: Option<Arc<CancelToken>>,
        work: impl FnOnce(&counterpart_core::Shop, &mut Told) -> Result<T, Error> + Send + 'static,
    ) -> Result<T> {
        let asked = Arc::new(());
        let mut told = Told { sink: progress, asked: Arc::downgrade(&asked) };
        let done = self.desk(move |shop| work(shop, &mut told));
        let done = fired_or(cancel, done).await;
        drop(asked);
        done
    }
}

fn of(layout: ImportLayout) -> &'static Layout {
    match layout {
        ImportLayout::Customers => &CUSTOMERS,
        ImportLayout::InventoryItems => &INVENTORY_ITEMS,
        ImportLayout::Tickets => &TICKETS,
    }
}

fn existing(path: &str) -> Result<BufReader<File>, Error> {
    match File::open(path) {
        Ok(file) if file.metadata().is_ok_and(|found| found.is_file()) => Ok(BufReader::new(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Error::missing("file")),
        // A folder, or a file of somebody else's: nothing is wrong with the shop's own.
        Ok(_) | Err(_) => Err(Invalid::field("file", Rule::Of("unreadable")).of("import").into()),
    }
}

/// Tells the shell's sink, if there is one, as long as somebody waits for what comes of it.
struct Told {
    sink: Option<Arc<dyn ProgressSink>>,
    asked: Weak<()>,
}

impl Watch for Told {
    fn progress(&mut self, progress: Progress) -> Flow {
        if self.asked.strong_count() == 0 {
            return Flow::Stop;
        }
        self.sink.as_ref().map_or(Flow::GoOn, |sink| sink.progress(progress).unwrap_or(Flow::Stop))
    }
}
