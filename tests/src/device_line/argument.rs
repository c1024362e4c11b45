//! The types that a parameter can have, each with what `help` and a refusal call it.

use chrono::{DateTime, Utc};
use counterpart_core::desk::layouts::{CUSTOMERS, INVENTORY_ITEMS, TICKETS};
use counterpart_core::desk::{BoardOrder, Key};
use counterpart_core::net::Trouble;
use counterpart_core::schema::AnyJson;
use counterpart_core::shop::Choice;
use counterpart_core::shop::import::{DateOrder, Format, Layout};
use counterpart_core::terminal::Unsent;
use serde_json::{Map, Value as Json};
use std::time::Duration;

/// A type that a parameter can have.
pub(super) trait Argument: Sized {
    /// What it has to be.
    const KIND: &'static str;
    /// Whether it has to be there.
    const REQUIRED: bool = true;

    /// Reads it.
    fn read(json: Json) -> Option<Self>;

    /// What it is where it is not given.
    fn absent() -> Option<Self> {
        None
    }
}

impl<T: Argument> Argument for Option<T> {
    const KIND: &'static str = T::KIND;
    const REQUIRED: bool = false;

    fn read(json: Json) -> Option<Self> {
        T::read(json).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl Argument for String {
    const KIND: &'static str = "a string";

    fn read(json: Json) -> Option<Self> {
        match json {
            Json::String(text) => Some(text),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => None,
        }
    }
}

impl Argument for Vec<String> {
    const KIND: &'static str = "an array of strings";

    fn read(json: Json) -> Option<Self> {
        serde_json::from_value(json).ok()
    }
}

impl Argument for i64 {
    const KIND: &'static str = "an integer";

    fn read(json: Json) -> Option<Self> {
        json.as_i64()
    }
}

impl Argument for i32 {
    const KIND: &'static str = "an integer of 32 bits";

    fn read(json: Json) -> Option<Self> {
        json.as_i64()?.try_into().ok()
    }
}

impl Argument for bool {
    const KIND: &'static str = "true or false";

    fn read(json: Json) -> Option<Self> {
        json.as_bool()
    }
}

impl Argument for DateTime<Utc> {
    const KIND: &'static str = "a time as RFC 3339";

    fn read(json: Json) -> Option<Self> {
        Some(DateTime::parse_from_rfc3339(json.as_str()?).ok()?.to_utc())
    }
}

impl Argument for Map<String, Json> {
    const KIND: &'static str = "an object of fields";

    fn read(json: Json) -> Option<Self> {
        match json {
            Json::Object(fields) => Some(fields),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::String(_) => None,
        }
    }
}

/// How many rows a list has at most.
pub(super) struct Limit(pub(super) usize);

impl Argument for Limit {
    const KIND: &'static str = "how many rows at most, 1 to 10000; 50 if it is not said";
    const REQUIRED: bool = false;

    fn read(json: Json) -> Option<Self> {
        let rows = usize::try_from(json.as_u64()?).ok()?;
        (1..=10_000).contains(&rows).then_some(Limit(rows))
    }

    fn absent() -> Option<Self> {
        Some(Limit(50))
    }
}

impl Argument for Key {
    const KIND: &'static str = "the `key` of a row of the list";

    fn read(json: Json) -> Option<Self> {
        Some(Key { at: json.get("at")?.as_i64()?, id: json.get("id")?.as_str()?.to_owned() })
    }
}

impl Argument for Unsent {
    const KIND: &'static str = r#""keep", "send_first", "discard" or {"export": path}"#;

    fn read(json: Json) -> Option<Self> {
        match (json.as_str(), json.get("export").and_then(Json::as_str)) {
            (Some("keep"), _) => Some(Unsent::Keep),
            (Some("send_first"), _) => Some(Unsent::SendFirst),
            (Some("discard"), _) => Some(Unsent::Discard),
            (_, Some(path)) => Some(Unsent::Export { path: path.to_owned() }),
            (_, None) => None,
        }
    }
}

impl Argument for Json {
    const KIND: &'static str = "any value";

    fn read(json: Json) -> Option<Self> {
        Some(json)
    }
}

/// What is wrong with the network.
pub(super) struct Network(pub(super) Trouble);

impl Argument for Network {
    const KIND: &'static str = r#""well", "unreachable", {"slow_ms": …} or {"lossy_percent": …, "seed": …}"#;

    fn read(json: Json) -> Option<Self> {
        let number = |name: &str| json.get(name).and_then(Json::as_u64);
        match (json.as_str(), number("slow_ms"), number("lossy_percent")) {
            (Some("well"), ..) => Some(Network(Trouble::None)),
            (Some("unreachable"), ..) => Some(Network(Trouble::Unreachable)),
            (None, Some(ms), None) => Some(Network(Trouble::Slow { by: Duration::from_millis(ms) })),
            (None, None, Some(percent @ 0..=100)) => {
                let percent = u8::try_from(percent).ok()?;
                Some(Network(Trouble::Lossy { percent, seed: number("seed").unwrap_or_default() }))
            }
            (Some(_) | None, _, _) => None,
        }
    }
}

impl Argument for Choice {
    const KIND: &'static str = r#""mine", "theirs" or {"value": …}"#;

    fn read(json: Json) -> Option<Self> {
        match (json.as_str(), json.get("value")) {
            (Some("mine"), _) => Some(Choice::Mine),
            (Some("theirs"), _) => Some(Choice::Theirs),
            (_, Some(value)) => Some(Choice::Value { value: AnyJson(value.clone()) }),
            (_, None) => None,
        }
    }
}

/// Who brings a device.
pub(super) enum Brings {
    /// The id of a customer.
    Known(String),
    /// A new one's fields.
    New(Map<String, Json>),
}

impl Argument for Brings {
    const KIND: &'static str = "the id of a known customer, or an object of a new one's fields";

    fn read(json: Json) -> Option<Self> {
        match json {
            Json::String(id) => Some(Brings::Known(id)),
            Json::Object(fields) => Some(Brings::New(fields)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) => None,
        }
    }
}

impl Argument for BoardOrder {
    const KIND: &'static str = r#""due" or "updated""#;

    fn read(json: Json) -> Option<Self> {
        match json.as_str()? {
            "due" => Some(BoardOrder::Due),
            "updated" => Some(BoardOrder::Updated),
            _ => None,
        }
    }
}

impl Argument for &'static Layout {
    const KIND: &'static str = r#""customers", "inventory_items" or "tickets""#;

    fn read(json: Json) -> Option<Self> {
        [&CUSTOMERS, &INVENTORY_ITEMS, &TICKETS]
            .into_iter()
            .find(|layout| Some(layout.table) == json.as_str())
    }
}

impl Argument for Format {
    const KIND: &'static str = r#""csv" or "json""#;

    fn read(json: Json) -> Option<Self> {
        match json.as_str()? {
            "csv" => Some(Format::Csv),
            "json" => Some(Format::Json),
            _ => None,
        }
    }
}

impl Argument for DateOrder {
    const KIND: &'static str = r#""day_first" or "month_first""#;

    fn read(json: Json) -> Option<Self> {
        match json.as_str()? {
            "day_first" => Some(DateOrder::DayFirst),
            "month_first" => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }
}
