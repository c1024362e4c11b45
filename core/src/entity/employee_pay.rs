//! Employee pay: a table of its own, because only managers may see it.

use super::permission::MANAGERS;
use super::{EmployeeId, MOST_CENTS};
use crate::schema::Readers;

crate::entity! {
    /// What somebody earns.
    EmployeePay(EmployeePayId) in "employee_pay" {
        parent: Some("employee_id"),
        single: true,
        readers: Readers::Roles(MANAGERS),
    }
    /// The employee.
    employee_id: EmployeeId = F;
    /// An hour's pay.
    hourly_rate_cents: i64 = L [Range(0, MOST_CENTS)];
}
