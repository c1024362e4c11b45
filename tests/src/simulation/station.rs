//! A shared tablet: people take turns at it, each with their PIN, of which the server has to hear once.

use super::allowed;
use super::backend::text;
use super::checks::broken;
use super::device::Device;
use super::net::Net;
use super::people::PIN;
use crate::dice::Dice;
use counterpart_core::entity::{Employee, EmployeeId, EmployeePin};
use counterpart_core::{Error, Fault, NotNow};

impl Device {
    /// Somebody takes over, or tries to: with the server's word for it or without, with their PIN or another. Or
    /// nobody does.
    pub(super) fn change_person(&mut self, net: &mut Net, dice: &Dice) -> Result<(), String> {
        if dice.percent(10) {
            return allowed(self.shop.switch_off()).map_err(text);
        }
        // Until their PINs are here nobody can show one.
        let pins = self.shop.list::<EmployeePin>("", 10).map_err(text)?;
        let Some(pin) = dice.pick(&pins) else { return Ok(()) };
        let person = pin.employee_id.clone();
        let online = self.is_online() && dice.percent(60);
        if online && net.grant(&self.caller, self.shop.device().map_err(text)?, &person.0)? {
            self.shop.grant_station(&person).map_err(text)?;
        }
        let right = dice.percent(80);
        match self.shop.switch(&person, if right { PIN } else { "4321" }).map_err(Error::into_fault) {
            Ok(()) if !right => Err(broken("stations", "a wrong PIN was taken".into())),
            Ok(()) => {
                self.count("person_switched");
                self.is_at_work(&person)
            }
            Err(
                Fault::Denied { .. } | Fault::NeedsServer { .. } | Fault::NotNow(NotNow::PinLocked { .. }),
            ) => {
                self.count("pin_refused");
                Ok(())
            }
            Err(fault) => Err(text(Error::from(fault))),
        }
    }

    /// A PIN gives a role of its own and none above it.
    fn is_at_work(&self, person: &EmployeeId) -> Result<(), String> {
        let known = self.shop.get::<Employee>(&person.0).map_err(text)?;
        let who = self.shop.who();
        let role = known.map(|known| known.role.word().to_owned());
        if who.actor.as_ref() == Some(&person.0) && who.actor_role == role {
            Ok(())
        } else {
            Err(broken("stations", "somebody else is at work than whose PIN it was".into()))
        }
    }
}
