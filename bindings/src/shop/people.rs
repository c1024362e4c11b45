//! Who works here, who is at work now, and whose appointment moves.

use super::{Shop, calls};
use crate::cancel::CancelToken;
use crate::error::Result;
use counterpart_core::desk::Slot;
use counterpart_core::entity::{AppointmentId, CustomerId, EmployeeId};
use counterpart_core::schema::Who;
use std::sync::Arc;

calls! {
    /// Who is at work: the account, and the person it works for.
    fn who(shop) -> Who {
        Ok(shop.who())
    }

    /// Sets an employee's PIN: 4 to 8 digits, of which only a verifier is kept.
    fn set_pin(shop, employee: EmployeeId, pin: String) -> () {
        let pin = zeroize::Zeroizing::new(pin);
        shop.set_pin(&employee, &pin)
    }

    /// Merges a duplicate into the customer that stays: tickets and appointments with it.
    fn merge_customers(shop, stays: CustomerId, duplicate: CustomerId) -> () {
        shop.merge_customers(&stays, &duplicate)
    }

    /// Moves an appointment to another time.
    fn reschedule(shop, appointment: AppointmentId, slot: Slot) -> () {
        shop.reschedule(&appointment, &slot)
    }
}

#[uniffi::export]
impl Shop {
    /// On a shared tablet: this person works now, if the PIN is theirs. The first time on a device the server says
    /// whether they may.
    #[uniffi::method(default(cancel = None))]
    pub async fn switch_to(
        &self,
        employee: EmployeeId,
        pin: String,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<()> {
        let pin = zeroize::Zeroizing::new(pin);
        self.online(cancel, async move |core| core.switch(&employee, &pin).await).await?;
        // Whose work this is shows in what is watched.
        self.inner.rewire();
        Ok(())
    }

    /// On a shared tablet: nobody works now.
    pub async fn switch_off(&self) -> Result<()> {
        self.desk(counterpart_core::Shop::switch_off).await?;
        self.inner.rewire();
        Ok(())
    }
}
