//! Files of other systems.

use super::csv::Csv;
use super::json::JsonFile;
use super::layout::Layout;
use super::options::{Format, ImportOptions};
use super::plan::Plan;
use super::{ImportReport, Watch};
use crate::error::Result;
use crate::shop::Shop;
use std::io::BufRead;

impl Shop {
    /// Moves in a file of another system. A line that was moved in before changes nothing.
    pub fn import(
        &self,
        layout: &'static Layout,
        from: impl BufRead,
        options: &ImportOptions,
        watch: &mut dyn Watch,
    ) -> Result<ImportReport> {
        let who = self.who();
        let plan = Plan::new(layout, options, self.store().schema(), &who)?;
        match options.format {
            Format::Csv => {
                let mut file = Csv::new(from, &plan)?;
                let ignored_columns = file.ignored();
                let report = self.move_in(&mut file, options.dry_run, watch)?;
                Ok(ImportReport { ignored_columns, ..report })
            }
            Format::Json => self.move_in(&mut JsonFile::new(from, &plan)?, options.dry_run, watch),
        }
    }
}
