//! Values of any kind, where the kind is known only as they come: what a field was, or what somebody wanted it to be.

use super::Json;
use serde::{Deserialize, Serialize};

/// A JSON value of any kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AnyJson(pub Json);
crate::json_column!(AnyJson, super::Type::Json);

#[cfg(feature = "uniffi")]
pub use crossing::FieldValue;

#[cfg(feature = "uniffi")]
mod crossing {
    use super::{AnyJson, Json};
    use std::collections::HashMap;

    uniffi::custom_type!(AnyJson, FieldValue, {
        lower: |value| value.0.into(),
        try_lift: |value| Ok(AnyJson(value.into())),
    });

    /// A field's value of any kind, as Swift and Kotlin have it.
    #[derive(Clone, Debug, PartialEq, uniffi::Enum)]
    pub enum FieldValue {
        /// Nothing.
        Empty,
        /// Yes or no.
        Truth {
            /// Which.
            truth: bool,
        },
        /// A whole number.
        Whole {
            /// The number.
            number: i64,
        },
        /// A number that is not whole, or too large to be one here.
        Number {
            /// The number.
            number: f64,
        },
        /// A text: words, ids and moments as well.
        Text {
            /// The text.
            text: String,
        },
        /// A list.
        Several {
            /// What is on it.
            values: Vec<FieldValue>,
        },
        /// Values by name.
        Named {
            /// The values.
            values: HashMap<String, FieldValue>,
        },
    }

    impl From<Json> for FieldValue {
        fn from(json: Json) -> Self {
            match json {
                Json::Null => FieldValue::Empty,
                Json::Bool(truth) => FieldValue::Truth { truth },
                Json::Number(number) => match number.as_i64() {
                    Some(number) => FieldValue::Whole { number },
                    None => FieldValue::Number { number: number.as_f64().unwrap_or(f64::NAN) },
                },
                Json::String(text) => FieldValue::Text { text },
                Json::Array(values) => {
                    FieldValue::Several { values: values.into_iter().map(Into::into).collect() }
                }
                Json::Object(values) => FieldValue::Named {
                    values: values.into_iter().map(|(name, value)| (name, value.into())).collect(),
                },
            }
        }
    }

    impl From<FieldValue> for Json {
        /// What is no number at all is nothing.
        fn from(value: FieldValue) -> Self {
            match value {
                FieldValue::Empty => Json::Null,
                FieldValue::Truth { truth } => Json::Bool(truth),
                FieldValue::Whole { number } => Json::from(number),
                FieldValue::Number { number } => Json::from(number),
                FieldValue::Text { text } => Json::String(text),
                FieldValue::Several { values } => Json::Array(values.into_iter().map(Into::into).collect()),
                FieldValue::Named { values } => Json::Object(crate::few::filled(
                    values.into_iter().map(|(name, value)| (name, value.into())),
                )),
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::{FieldValue, Json};
        use serde_json::json;

        #[test]
        fn a_value_crosses_there_and_back() {
            for value in [
                json!(null),
                json!(true),
                json!(i64::MIN),
                json!(0.5),
                json!("Núñez"),
                json!([1, "x", [null], {}]),
                json!({ "number": "+49", "label": null, "marks": { "screen": "fail" } }),
            ] {
                assert_eq!(Json::from(FieldValue::from(value.clone())), value);
            }
            assert_eq!(Json::from(FieldValue::Number { number: f64::NAN }), json!(null));
        }
    }
}
