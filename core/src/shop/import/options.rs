//! What whoever moves a file in has to say of it.

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Format {
    /// Cells between commas, semicolons, tabs or bars, the first line naming the columns.
    Csv,
    /// An object a line, or one array of objects.
    Json,
}

/// Which comes first in 04/03/2026.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum DateOrder {
    /// The day: the fourth of March.
    DayFirst,
    /// The month: the third of April.
    MonthFirst,
}

/// What a file does not say of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ImportOptions {
    /// The system that it comes from. The same name again finds what came from there before.
    pub source: String,
    /// How it is written.
    pub format: Format,
    /// The column that stands for the other system's id, where the file has none called so.
    pub derive: Option<String>,
    /// The country code of phone numbers that have none: "49".
    pub country_code: Option<String>,
    /// The sign before decimals, "." or ",", for numbers like 1,234 that could mean two things.
    pub decimal: Option<String>,
    /// Which comes first in 04/03/2026.
    pub dates: Option<DateOrder>,
    /// How far the file's times without a zone are ahead of UTC.
    pub utc_offset_minutes: i32,
    /// Only say what would become of each line.
    pub dry_run: bool,
}

impl ImportOptions {
    /// A file of a system, with nothing known about it.
    pub fn new(source: &str, format: Format) -> ImportOptions {
        ImportOptions {
            source: source.to_owned(),
            format,
            derive: None,
            country_code: None,
            decimal: None,
            dates: None,
            utc_offset_minutes: 0,
            dry_run: false,
        }
    }
}
