//! Moving in and moving out.

use crate::device_line::call::calls;
use crate::device_line::line::Out;
use crate::device_line::{Device, show, watch};
use counterpart_core::Error;
use counterpart_core::shop::import::{DateOrder, Format, ImportOptions, Layout, Watch};
use counterpart_core::shop::{Flow, Progress};
use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::Path;
use std::sync::Arc;

calls! {
    /// Writes everything that this person may see to a new file, as JSON lines.
    export(device, path: String) {
        let mut told = Told::by(device);
        let report = device.shop()?.export_file(Path::new(&path), &mut |progress| told.progress(progress))?;
        Ok(show::exported(&report))
    }

    /// Moves in a file of another system. `source` is that system's name; `derive` the column that stands for its id
    /// where there is none; `country_code`, `decimal`, `dates` and `utc_offset_minutes` say what the file does not;
    /// a `dry_run` only says what would become of each line.
    import(device, path: String, layout: &'static Layout, source: String, format: Format, derive: Option<String>,
           country_code: Option<String>, decimal: Option<String>, dates: Option<DateOrder>,
           utc_offset_minutes: Option<i32>, dry_run: Option<bool>) {
        let options = ImportOptions {
            derive,
            country_code,
            decimal,
            dates,
            utc_offset_minutes: utc_offset_minutes.unwrap_or_default(),
            dry_run: dry_run.unwrap_or_default(),
            ..ImportOptions::new(&source, format)
        };
        let shop = device.shop()?;
        let report = shop.import(layout, existing(&path)?, &options, &mut Told::by(device))?;
        Ok(show::imported(&report))
    }

    /// Reads an export into this shop. Rows that are here already stay as they are.
    import_export(device, path: String, dry_run: Option<bool>) {
        let shop = device.shop()?;
        let dry_run = dry_run.unwrap_or_default();
        let report = shop.import_export(existing(&path)?, dry_run, &mut Told::by(device))?;
        Ok(show::imported(&report))
    }
}

fn existing(path: &str) -> Result<BufReader<File>, Error> {
    match File::open(path) {
        Ok(file) => Ok(BufReader::new(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Error::missing("file")),
        Err(error) => Err(error.into()),
    }
}

/// Tells whoever watches how far it is.
struct Told(Option<Arc<Out>>);

impl Told {
    fn by(device: &Device) -> Told {
        Told(device.watching.then(|| Arc::clone(&device.out)))
    }
}

impl Watch for Told {
    fn progress(&mut self, progress: Progress) -> Flow {
        if let Some(out) = &self.0 {
            out.event(&watch::progress(progress));
        }
        Flow::GoOn
    }
}
