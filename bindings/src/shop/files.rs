//! Moving in and moving out.

use super::Shop;
use crate::adapters::AdapterError;
use crate::error::Result;
use crate::records::{ExportReport, ImportLayout, ImportReport};
use counterpart_core::Error;
use counterpart_core::desk::layouts::{CUSTOMERS, INVENTORY_ITEMS, TICKETS};
use counterpart_core::shop::import::{ImportOptions, Layout, Watch};
use counterpart_core::shop::{Flow, Progress};
use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::Path;
use std::sync::Arc;

/// Hears how far an export or an import is, and says whether it goes on. It is called from the facade's own threads.
#[uniffi::export(with_foreign)]
pub trait ProgressSink: Send + Sync {
    /// So far. One that fails stops the work; what is done stays done.
    fn progress(&self, progress: Progress) -> Result<Flow, AdapterError>;
}

#[uniffi::export]
impl Shop {
    /// Writes everything that this person may see to a new file, as JSON lines.
    #[uniffi::method(default(progress = None))]
    pub async fn export_to(
        &self,
        path: String,
        progress: Option<Arc<dyn ProgressSink>>,
    ) -> Result<ExportReport> {
        let mut told = Told(progress);
        self.desk(move |shop| Ok(shop.export_file(Path::new(&path), &mut |done| told.progress(done))?.into()))
            .await
    }

    /// Moves in a file of another system. A line that was moved in before changes nothing.
    #[uniffi::method(default(progress = None))]
    pub async fn import_from(
        &self,
        path: String,
        layout: ImportLayout,
        options: ImportOptions,
        progress: Option<Arc<dyn ProgressSink>>,
    ) -> Result<ImportReport> {
        let mut told = Told(progress);
        self.desk(move |shop| Ok(shop.import(of(layout), existing(&path)?, &options, &mut told)?.into()))
            .await
    }

    /// Reads an export into this shop. Records that are here already stay as they are.
    #[uniffi::method(default(progress = None))]
    pub async fn import_export(
        &self,
        path: String,
        dry_run: bool,
        progress: Option<Arc<dyn ProgressSink>>,
    ) -> Result<ImportReport> {
        let mut told = Told(progress);
        self.desk(move |shop| Ok(shop.import_export(existing(&path)?, dry_run, &mut told)?.into())).await
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
        Ok(file) => Ok(BufReader::new(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Error::Missing { what: "file" }),
        Err(error) => Err(error.into()),
    }
}

/// Tells the shell's sink, if there is one.
struct Told(Option<Arc<dyn ProgressSink>>);

impl Watch for Told {
    fn progress(&mut self, progress: Progress) -> Flow {
        self.0.as_ref().map_or(Flow::GoOn, |sink| sink.progress(progress).unwrap_or(Flow::Stop))
    }
}
