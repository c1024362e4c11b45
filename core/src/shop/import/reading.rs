//! What people write into tables, understood exactly: numbers without floats, and nothing guessed that could mean two
//! things.

use super::options::{DateOrder, ImportOptions};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// An amount in hundredths: "12.50", "1.234,50 €", "$ -3".
pub(super) fn money(text: &str, decimal: Option<char>) -> Option<i64> {
    fixed(text, decimal, 2)
}

/// A whole number, also spelled "5.00".
pub(super) fn count(text: &str, decimal: Option<char>) -> Option<i64> {
    fixed(text, decimal, 0)
}

pub(super) fn yes_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "t" | "1" | "x" | "on" => Some(true),
        "no" | "n" | "false" | "f" | "0" | "off" => Some(false),
        _ => None,
    }
}

/// A number as an integer of its smallest part. `decimal` is the sign before the decimals, where it is known.
fn fixed(text: &str, decimal: Option<char>, places: usize) -> Option<i64> {
    let (negative, body) = bare(text);
    let (whole, part) = split_decimals(body, decimal)?;
    // ".99" has no whole part and is a number all the same.
    let whole = if whole.is_empty() && !part.is_empty() { "0".to_owned() } else { ungrouped(whole)? };
    let part = part.trim_end_matches('0');
    if part.len() > places || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits: i64 = format!("{whole}{part:0<places$}").parse().ok()?;
    Some(if negative { -digits } else { digits })
}

/// Without sign and currency.
fn bare(text: &str) -> (bool, &str) {
    let mut body = text.trim();
    let mut negative = false;
    // Sign and currency come in either order, the currency at either end.
    for _ in 0..2 {
        if let Some(rest) = body.strip_prefix(['-', '\u{2212}']) {
            (body, negative) = (rest.trim_start(), true);
        }
        body = body.trim_matches(['$', '€', '£', '¥', '₹']).trim();
        let letter = |letter: char| letter.is_ascii_uppercase();
        let before = body.trim_start_matches(letter);
        if body.len() - before.len() == 3 {
            body = before.trim_start();
        }
        let after = body.trim_end_matches(letter);
        if body.len() - after.len() == 3 {
            body = after.trim_end();
        }
    }
    (negative, body)
}

/// Before and after the decimal sign.
fn split_decimals(body: &str, decimal: Option<char>) -> Option<(&str, &str)> {
    let signs = |letter: char| letter == '.' || letter == ',';
    let Some(last) = body.rfind(signs) else { return Some((body, "")) };
    let sign = body.get(last..)?.chars().next()?;
    let (whole, part) = (body.get(..last)?, body.get(last + 1..)?);
    if let Some(decimal) = decimal {
        let is_decimal = sign == decimal;
        return Some(if is_decimal { (whole, part) } else { (body, "") });
    }
    match whole.rfind(signs).and_then(|before| whole.get(before..)?.chars().next()) {
        Some(before) if before == sign => Some((body, "")),
        Some(_) => Some((whole, part)),
        // 1,234 is a thousand and more, or one and a bit.
        None if part.len() == 3 && (1..=3).contains(&whole.len()) && whole != "0" => None,
        None => Some((whole, part)),
    }
}

/// The digits of a number that may be in groups of three, all with the same sign between.
fn ungrouped(whole: &str) -> Option<String> {
    let between =
        |letter: char| matches!(letter, '.' | ',' | ' ' | '\u{a0}' | '\u{202f}' | '\'' | '\u{2019}');
    let mut groups = whole.split(between);
    let first = groups.next()?;
    let mut digits = first.to_owned();
    let mut grouped = false;
    for group in groups {
        (digits, grouped) = (digits + group, grouped || group.len() != 3);
    }
    let is_alike = {
        let mut signs = whole.chars().filter(|letter| between(*letter));
        let sign = signs.next();
        signs.all(|other| Some(other) == sign)
    };
    let good = !grouped
        && is_alike
        && (digits.len() == first.len() || (1..=3).contains(&first.len()))
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    (good && !digits.is_empty()).then_some(digits)
}

/// A moment; one without a zone is in the file's own. A day and a month in an order that nobody told are not guessed.
pub(super) fn time(text: &str, options: &ImportOptions) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.with_timezone(&Utc));
    }
    let days: &[&str] = match options.dates {
        None => &["%Y-%m-%d", "%d.%m.%Y"],
        Some(DateOrder::DayFirst) => &["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"],
        Some(DateOrder::MonthFirst) => &["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y"],
    };
    let text = text.replacen('T', " ", 1);
    let local = days.iter().find_map(|day| {
        let midnight = || NaiveDate::parse_from_str(&text, day).ok()?.and_hms_opt(0, 0, 0);
        let with = |clock: &str| NaiveDateTime::parse_from_str(&text, &format!("{day} {clock}")).ok();
        midnight().or_else(|| with("%H:%M")).or_else(|| with("%H:%M:%S%.f")).or_else(|| with("%I:%M %p"))
    })?;
    local
        .checked_sub_signed(chrono::TimeDelta::try_minutes(options.utc_offset_minutes.into())?)
        .map(|time| time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop::import::Format;

    #[test]
    fn money_is_read_to_the_cent_or_not_at_all() {
        for (text, cents) in [
            ("12.50", Some(1250)),
            ("12,5", Some(1250)),
            ("12", Some(1200)),
            ("0.10", Some(10)),
            (".99", Some(99)),
            ("$1,234.56", Some(123_456)),
            ("1.234,56 €", Some(123_456)),
            ("EUR 1 234,56", Some(123_456)),
            ("1'234.50 CHF", Some(123_450)),
            ("1,234,567", Some(123_456_700)),
            ("-$3", Some(-300)),
            ("$ -3.00", Some(-300)),
            ("12.500", None),
            ("1234.500", Some(123_450)),
            ("0.999", None),
            ("12.345", None),
            ("1,23,456.00", None),
            ("1.2.3", None),
            ("1e3", None),
            ("1e400", None),
            ("NaN", None),
            ("", None),
            (".", None),
            ("99999999999999999999", None),
            ("٣", None),
        ] {
            assert_eq!(money(text, None), cents, "{text}");
        }
        assert_eq!(money("12.500", Some(',')), Some(1_250_000));
        assert_eq!(money("12.500", Some('.')), Some(1250));
        assert_eq!(count("5.00", None), Some(5));
        assert_eq!(count("5.5", None), None);
        assert_eq!(count("-2", None), Some(-2));
    }

    #[test]
    fn days_are_read_in_the_order_that_was_told() {
        let mut options = ImportOptions::new("old", Format::Csv);
        let at = |text: &str, options: &ImportOptions| time(text, options).map(|time| time.to_rfc3339());
        assert_eq!(at("2026-03-04", &options).as_deref(), Some("2026-03-04T00:00:00+00:00"));
        assert_eq!(at("04.03.2026 15:30", &options).as_deref(), Some("2026-03-04T15:30:00+00:00"));
        assert_eq!(at("2026-03-04T10:00:00+02:00", &options).as_deref(), Some("2026-03-04T08:00:00+00:00"));
        assert_eq!(at("04/03/2026", &options), None);
        options.dates = Some(DateOrder::MonthFirst);
        options.utc_offset_minutes = 60;
        assert_eq!(at("04/03/2026 1:05 PM", &options).as_deref(), Some("2026-04-03T12:05:00+00:00"));
    }
}
