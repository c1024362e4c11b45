//! Secret reveals: the log of who looked at a device's passcode, and when. Managers read it; nobody changes it.

use super::TicketId;
use super::permission::MANAGERS;
use crate::schema::Readers;

crate::entity! {
    /// Somebody looked at a ticket's passcode; who and when is in its meta.
    SecretReveal(SecretRevealId) in "secret_reveals" {
        append_only: true,
        parent: Some("ticket_id"),
        readers: Readers::Roles(MANAGERS),
    }
    /// The ticket.
    ticket_id: TicketId = F;
}
