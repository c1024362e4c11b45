//! An export as a file: new, its owner's alone, durable, and there only if it is whole.

use crate::error::{Error, Result};
use crate::schema::{Invalid, Rule};
use crate::shop::{ExportReport, Flow, Progress, Shop};
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, ErrorKind};
use std::path::Path;

impl Shop {
    /// Writes everything that the person at work may see to a file that was not there before. One that was stopped, or
    /// failed, leaves none.
    pub fn export_file(
        &self,
        path: &Path,
        progress: &mut dyn FnMut(Progress) -> Flow,
    ) -> Result<ExportReport> {
        let file = new_file(path)?;
        let written = self.export(BufWriter::new(&file), progress);
        let written = written.and_then(|report| file.sync_all().map(|()| report).map_err(Error::from));
        if !written.as_ref().is_ok_and(|report| report.complete) {
            fs::remove_file(path)?;
        }
        written
    }
}

fn new_file(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| {
        if error.kind() == ErrorKind::AlreadyExists {
            Invalid::field("path", Rule::Of("already_there")).of("export").into()
        } else if error.kind() == ErrorKind::NotFound {
            Error::missing("folder")
        } else {
            error.into()
        }
    })
}
