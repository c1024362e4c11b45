//! Who is who, for what others did.

use counterpart_core::{Result, Shop};
use std::collections::BTreeMap;

/// Employees by id.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    pub(super) fn read(shop: &Shop) -> Result<Names> {
        Ok(Names(shop.employees()?.into_iter().map(|employee| (employee.id.0, employee.name)).collect()))
    }

    pub(super) fn of(&self, employee: Option<&str>) -> String {
        employee.and_then(|id| self.0.get(id)).cloned().unwrap_or_else(|| "Somebody".to_owned())
    }
}
