//! Shop settings: one row a shop, decided by its managers.

use crate::schema::{Invalid, Row, Rule, Type};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

crate::entity! {
    /// How a shop is set up.
    ShopSettings(ShopSettingsId) in "shop_settings" { rule: labels_and_flags }
    /// What the shop is called.
    name: String = Z [Chars(1, 120)];
    /// Where it is.
    time_zone: String = Z [Zone];
    /// What it is paid in.
    currency: String = Z [Currency];
    /// What it calls a ticket's statuses.
    status_labels: StatusLabels = Z [Items(50)];
    /// How many days after its end a ticket stays on devices.
    ticket_window_days: Option<i64> = Z [Range(1, 3_650)];
    /// How many days after its end an appointment stays on devices.
    appointment_window_days: Option<i64> = Z [Range(1, 3_650)];
    /// What is tried out.
    feature_flags: FeatureFlags = Z [Items(200)];
}

/// A label for each status that the shop calls otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StatusLabels(pub HashMap<String, String>);
#[cfg(feature = "uniffi")]
uniffi::custom_newtype!(StatusLabels, HashMap<String, String>);
crate::json_column!(StatusLabels, Type::Json);

/// For each feature, on how many percent of the devices it is on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FeatureFlags(pub HashMap<String, i64>);
#[cfg(feature = "uniffi")]
uniffi::custom_newtype!(FeatureFlags, HashMap<String, i64>);
crate::json_column!(FeatureFlags, Type::Json);

fn labels_and_flags(row: &Row) -> Result<(), Invalid> {
    let short = |text: &String| (1..=64).contains(&text.chars().count());
    let labels = row.read::<StatusLabels>("status_labels");
    if !labels.is_some_and(|labels| labels.0.iter().all(|(status, label)| short(status) && short(label))) {
        return Err(Invalid::field("status_labels", Rule::Of("status_label")));
    }
    let flags = row.read::<FeatureFlags>("feature_flags");
    if !flags.is_some_and(|flags| flags.0.iter().all(|(flag, on)| short(flag) && (0..=100).contains(on))) {
        return Err(Invalid::field("feature_flags", Rule::Of("percentage")));
    }
    Ok(())
}
