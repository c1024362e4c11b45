//! Employee PINs: what a shared tablet checks when people switch. Only the verifier is stored, never the PIN; it goes
//! to stations, and one's own to oneself.

use super::EmployeeId;
use crate::schema::Readers;

crate::entity! {
    /// The verifier of somebody's PIN.
    EmployeePin(EmployeePinId) in "employee_pins" {
        parent: Some("employee_id"),
        single: true,
        readers: Readers::RolesAndOwn(&["station"], "employee_id"),
        secret: true,
    }
    /// The employee.
    employee_id: EmployeeId = F;
    /// Argon2id, as a PHC string.
    verifier: String = L [Chars(1, 512)];
}
