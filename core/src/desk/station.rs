//! A shared tablet with a server: the first time that somebody works at it, the server is asked.

use crate::entity::EmployeeId;
use crate::error::{Error, Fault, NotNow, Result};
use crate::terminal::Terminal;

impl Terminal {
    /// This person works here now, if the PIN is theirs. The first time on a device the server says whether they may.
    pub async fn switch(&self, employee: &EmployeeId, pin: &str) -> Result<()> {
        let shop = self.shop().ok_or_else(|| Error::signed_out("nobody is signed in"))?;
        match shop.switch(employee, pin) {
            Err(error) if error.is(&Fault::NeedsServer { reason: "station_grant" }) => {}
            other => return other,
        }
        let answer = self.station_grant(&employee.0, pin).await?;
        if answer.granted {
            shop.grant_station(employee)?;
            return shop.switch(employee, pin);
        }
        match answer.locked_seconds {
            0 => Err(Error::denied("employee_pins", "wrong_pin")),
            seconds => Err(Error::not_now(NotNow::PinLocked { seconds })),
        }
    }
}
