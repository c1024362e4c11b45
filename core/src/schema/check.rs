//! Limits: what a value must be before it is stored or sent. The errors name the field and the rule, never the value.

use super::value::can_travel;
use super::{Element, Field, Json, Type, Value};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;
use thiserror::Error;

/// A limit of one field, as data, so that the server's SQL can be held to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Between that many and that many characters.
    Chars(usize, usize),
    /// Between these numbers.
    Range(i64, i64),
    /// Any number but zero.
    NotZero,
    /// At most that many elements or entries.
    Items(usize),
    /// A phone number in E.164: `+` and 8 to 15 digits.
    E164,
    /// An e-mail address.
    Email,
    /// 15 digits with a Luhn check digit.
    Imei,
    /// A GTIN check digit, when it is all digits.
    Gtin,
    /// `#rrggbb`.
    Colour,
    /// Three capital letters.
    Currency,
    /// A time zone's name, as `Europe/Berlin` or `UTC`.
    Zone,
}

/// Which rule a value broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The field must not be empty.
    Required,
    /// The value is not of the field's kind.
    Kind(&'static str),
    /// It is outside a limit.
    Limit(Check),
    /// U+0000 or a lone surrogate.
    Character,
    /// The word is none of the field's.
    Word,
    /// The table has no such field.
    UnknownField,
    /// The field is set once, when the row is made.
    Fixed,
    /// The field follows from appended rows.
    Kept,
    /// A rule over several fields, by its name.
    Of(&'static str),
}

impl Rule {
    /// A stable code.
    pub fn code(self) -> &'static str {
        match self {
            Rule::Required => "required",
            Rule::Kind(_) => "kind",
            Rule::Limit(check) => match check {
                Check::Chars(..) => "length",
                Check::Range(..) => "range",
                Check::NotZero => "not_zero",
                Check::Items(_) => "too_many",
                Check::E164 => "phone",
                Check::Email => "email",
                Check::Imei => "imei",
                Check::Gtin => "barcode",
                Check::Colour => "colour",
                Check::Currency => "currency",
                Check::Zone => "time_zone",
            },
            Rule::Character => "character",
            Rule::Word => "word",
            Rule::UnknownField => "unknown_field",
            Rule::Fixed => "fixed",
            Rule::Kept => "kept",
            Rule::Of(name) => name,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rule::Required => write!(out, "must not be empty"),
            Rule::Kind(kind) => write!(out, "must be a {kind}"),
            Rule::Limit(check) => match check {
                Check::Chars(0, most) => write!(out, "is longer than {most} characters"),
                Check::Chars(least, most) => write!(out, "must have {least} to {most} characters"),
                Check::Range(least, i64::MAX) => write!(out, "must be {least} or more"),
                Check::Range(least, most) => write!(out, "must be between {least} and {most}"),
                Check::NotZero => write!(out, "must not be zero"),
                Check::Items(most) => write!(out, "has more than {most} entries"),
                Check::E164 => write!(out, "must be a phone number with + and country code"),
                Check::Email => write!(out, "must be an e-mail address"),
                Check::Imei => write!(out, "must be 15 digits with a valid check digit"),
                Check::Gtin => write!(out, "has a wrong check digit"),
                Check::Colour => write!(out, "must be a colour like #1a2b3c"),
                Check::Currency => write!(out, "must be a currency code of three capital letters"),
                Check::Zone => write!(out, "must be a time zone like Europe/Berlin"),
            },
            Rule::Character => write!(out, "contains a character that cannot be stored"),
            Rule::Word => write!(out, "is not one of the known words"),
            Rule::UnknownField => write!(out, "names a field that does not exist"),
            Rule::Fixed => write!(out, "cannot be changed once set"),
            Rule::Kept => write!(out, "is kept by the shop and cannot be set"),
            Rule::Of(name) => write!(out, "breaks the rule {name}"),
        }
    }
}

/// A value that is not allowed. It names the field and the rule, never the value.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("{table}.{field} {rule}")]
pub struct Invalid {
    /// The table.
    pub table: &'static str,
    /// The field.
    pub field: &'static str,
    /// What it broke.
    pub rule: Rule,
}

impl Invalid {
    /// A field that breaks a rule.
    pub const fn field(field: &'static str, rule: Rule) -> Invalid {
        Invalid { table: "", field, rule }
    }

    /// The same, with its table.
    #[must_use]
    pub const fn of(self, table: &'static str) -> Invalid {
        Invalid { table, ..self }
    }
}

impl Field {
    /// Judges one value: presence, characters, known words, limits.
    pub fn check(&self, value: &Value) -> Result<(), Invalid> {
        let breaks = |rule| Err(Invalid::field(self.name, rule));
        let text = match value {
            Value::Null if self.optional || self.is_kept_by_events() => return Ok(()),
            Value::Null => return breaks(Rule::Required),
            Value::Int(ms) if matches!(self.kind, Type::Time) && !can_travel(*ms) => {
                return breaks(Rule::Kind(self.kind.name()));
            }
            Value::Int(_) => "",
            Value::Text(text) => text,
        };
        // JSON text spells U+0000 as an escape, so it is looked for in both spellings.
        if text.contains('\0') || (self.is_json() && text.contains("\\u0000")) {
            return breaks(Rule::Character);
        }
        match self.kind {
            Type::Word(words) if !words.contains(&text) => return breaks(Rule::Word),
            Type::Map(words) => {
                let known = |entries: serde_json::Map<String, Json>| {
                    entries.values().all(|entry| entry.as_str().is_some_and(|word| words.contains(&word)))
                        && entries
                            .keys()
                            .all(|key| (1..=64).contains(&key.chars().count()) && !key.contains('/'))
                };
                if !serde_json::from_str(text).is_ok_and(known) {
                    return breaks(Rule::Word);
                }
            }
            // A struct's list never passed `Value::from_json`, so its elements are judged here too.
            Type::Set(element) => match serde_json::from_str(text) {
                Ok(Json::Array(items)) => element.canonical(self.name, &items).map(|_| ())?,
                Ok(_) | Err(_) => return breaks(Rule::Kind(self.kind.name())),
            },
            Type::Id if text.is_empty() => return breaks(Rule::Required),
            Type::Id if text.len() > 64 => return breaks(Rule::Kind(self.kind.name())),
            Type::Text | Type::Int | Type::Bool | Type::Time | Type::Id | Type::Word(_) | Type::Json => {}
        }
        match self.checks.iter().find(|check| !check.holds(value)) {
            Some(check) => breaks(Rule::Limit(*check)),
            None => Ok(()),
        }
    }

    /// The cell in its one spelling, so that equal values are equal cells: sets in order and each element judged.
    pub fn canonical(&self, value: &Value) -> Result<Value, Invalid> {
        match (value, self.is_json()) {
            (Value::Text(text), true) => {
                let json = serde_json::from_str(text)
                    .map_err(|_| Invalid::field(self.name, Rule::Kind(self.kind.name())))?;
                Value::from_json(self, &json)
            }
            (Value::Null | Value::Int(_) | Value::Text(_), _) => Ok(value.clone()),
        }
    }

    fn is_json(&self) -> bool {
        matches!(self.kind, Type::Json | Type::Map(_) | Type::Set(_))
    }
}

impl Check {
    /// Whether a value that is there keeps the limit.
    pub fn holds(self, value: &Value) -> bool {
        let (number, text) = match value {
            Value::Null => return true,
            Value::Int(number) => (*number, ""),
            Value::Text(text) => (0, text.as_str()),
        };
        match self {
            Check::Chars(least, most) => (least..=most).contains(&text.chars().count()),
            Check::Range(least, most) => (least..=most).contains(&number),
            Check::NotZero => number != 0,
            Check::Items(most) => match serde_json::from_str(text) {
                Ok(Json::Array(items)) => items.len() <= most,
                Ok(Json::Object(entries)) => entries.len() <= most,
                Ok(Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_)) | Err(_) => false,
            },
            Check::E164 => is_e164(text),
            Check::Email => is_email(text),
            Check::Imei => text.len() == 15 && luhn(text),
            Check::Gtin => !text.bytes().all(|byte| byte.is_ascii_digit()) || gtin(text),
            Check::Colour => {
                text.len() == 7
                    && text
                        .strip_prefix('#')
                        .is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
            }
            Check::Currency => text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
            Check::Zone => {
                (1..=64).contains(&text.len())
                    && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte))
            }
        }
    }
}

fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (8..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn is_email(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && part.chars().all(|letter| !letter.is_whitespace() && !letter.is_control() && letter != '@')
    };
    text.len() <= 254
        && text.split_once('@').is_some_and(|(name, host)| {
            plain(name)
                && plain(host)
                && !host.starts_with('.')
                && !host.ends_with('.')
                && !host.contains("..")
        })
}

/// Digits weighted from the right by `weights` in turn, summed: divisible by ten or not.
fn check_digit(text: &str, weigh: fn(u32, bool) -> u32) -> bool {
    let mut sum = 0;
    for (place, letter) in text.chars().rev().enumerate() {
        let Some(digit) = letter.to_digit(10) else { return false };
        sum += weigh(digit, place % 2 == 1);
    }
    sum % 10 == 0
}

fn luhn(text: &str) -> bool {
    check_digit(text, |digit, second| match (second, digit) {
        (true, 5..) => digit * 2 - 9,
        (true, _) => digit * 2,
        (false, _) => digit,
    })
}

fn gtin(text: &str) -> bool {
    matches!(text.len(), 8 | 12 | 13 | 14)
        && check_digit(text, |digit, second| if second { digit * 3 } else { digit })
}

impl Element {
    /// What makes two elements the same one.
    pub fn normal(self, element: &Json) -> String {
        let text = match self {
            Element::Word | Element::Email => element.as_str().unwrap_or_default().trim(),
            Element::Phone => element.get("number").and_then(Json::as_str).unwrap_or_default(),
        };
        self.normal_text(text).into_owned()
    }

    fn normal_text(self, text: &str) -> Cow<'_, str> {
        match self {
            Element::Email => text.to_lowercase().into(),
            Element::Word | Element::Phone => text.into(),
        }
    }

    /// The list in its one spelling: each element judged, written alike, once, in order of its normal form.
    pub fn canonical(self, field: &'static str, items: &[Json]) -> Result<Value, Invalid> {
        let mut kept: Vec<(Cow<'_, str>, Item<'_>)> = Vec::with_capacity(items.len());
        for item in items {
            let item = self.element(item).map_err(|rule| Invalid::field(field, rule))?;
            let (Item::Text(text) | Item::Phone { number: text, .. }) = item;
            let normal = self.normal_text(text);
            match kept.binary_search_by(|(other, _)| other.cmp(&normal)) {
                // The last spelling of one that comes twice.
                Ok(at) => kept[at] = (normal, item),
                Err(at) => kept.insert(at, (normal, item)),
            }
        }
        if kept.is_empty() {
            return Ok(Value::Null);
        }
        let items: Vec<&Item<'_>> = kept.iter().map(|(_, item)| item).collect();
        let text = serde_json::to_string(&items);
        Ok(Value::Text(text.map_err(|_| Invalid::field(field, Rule::Kind("list element")))?))
    }

    fn element(self, item: &Json) -> Result<Item<'_>, Rule> {
        let kept = |rule: Rule, good: bool, item| if good { Ok(item) } else { Err(rule) };
        match (self, item) {
            (Element::Word, Json::String(word)) => {
                let word = word.trim();
                let fits = (1..=64).contains(&word.chars().count());
                kept(Rule::Limit(Check::Chars(1, 64)), fits, Item::Text(word))
            }
            (Element::Email, Json::String(address)) => {
                let address = address.trim();
                kept(Rule::Limit(Check::Email), is_email(address), Item::Text(address))
            }
            (Element::Phone, Json::String(number)) => {
                kept(Rule::Limit(Check::E164), is_e164(number), Item::Phone { label: "", number })
            }
            (Element::Phone, Json::Object(entry)) => {
                let number = entry.get("number").and_then(Json::as_str).ok_or(Rule::Limit(Check::E164))?;
                let label = entry.get("label").and_then(Json::as_str).unwrap_or_default();
                let item = Item::Phone { label, number };
                kept(Rule::Limit(Check::Chars(0, 32)), label.chars().count() <= 32, item)
                    .and_then(|item| kept(Rule::Limit(Check::E164), is_e164(number), item))
            }
            (Element::Word | Element::Email | Element::Phone, _) => Err(Rule::Kind("list element")),
        }
    }
}

/// An element as it is written: names in order, like everything that is compared by its text.
#[derive(Serialize)]
#[serde(untagged)]
enum Item<'a> {
    Text(&'a str),
    Phone { label: &'a str, number: &'a str },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(check: Check, text: &str) -> bool {
        check.holds(&Value::Text(text.into()))
    }

    #[test]
    fn numbers_with_check_digits_are_verified() {
        assert!(holds(Check::Imei, "490154203237518"));
        assert!(!holds(Check::Imei, "490154203237519"));
        assert!(!holds(Check::Imei, "49015420323751"));
        assert!(holds(Check::Gtin, "4006381333931"));
        assert!(!holds(Check::Gtin, "4006381333932"));
        assert!(!holds(Check::Gtin, "12345"), "all digits, but no length that a GTIN has");
        assert!(holds(Check::Gtin, "SHELF-12"));
    }

    #[test]
    fn phones_and_addresses_have_one_spelling() {
        assert!(holds(Check::E164, "+4930123456"));
        assert!(!holds(Check::E164, "030123456"));
        let list = [serde_json::json!("A@b.example"), serde_json::json!(" a@B.example ")];
        assert_eq!(Element::Email.canonical("emails", &list), Ok(Value::Text("[\"a@B.example\"]".into())));
        let phones = [
            serde_json::json!("+4930123456"),
            serde_json::json!({"number": "+15550001111", "label": "work"}),
        ];
        assert_eq!(
            Element::Phone.canonical("phones", &phones),
            Ok(Value::Text(
                r#"[{"label":"work","number":"+15550001111"},{"label":"","number":"+4930123456"}]"#.into()
            ))
        );
        assert!(Element::Email.canonical("emails", &[serde_json::json!("a@b@c")]).is_err());
        assert!(Element::Phone.canonical("phones", &[serde_json::json!(7)]).is_err());
    }

    #[test]
    fn a_refusal_names_the_rule_and_never_the_value() {
        let wrong = Invalid::field("subject", Rule::Limit(Check::Chars(1, 200))).of("tickets");
        assert_eq!(wrong.to_string(), "tickets.subject must have 1 to 200 characters");
    }
}
