//! Ticket secrets: device passcodes. Only sealed bytes are ever stored or sent, and those go 14 days after the
//! ticket's end, everywhere.

use super::TicketId;
use crate::schema::Wipe;

crate::entity! {
    /// A device's passcode, sealed with a key of its own that is wrapped by the shop's.
    TicketSecret(TicketSecretId) in "ticket_secrets" {
        parent: Some("ticket_id"),
        secret: true,
    }
    /// The ticket.
    ticket_id: TicketId = F;
    /// Nonce and ciphertext, base64; empty once wiped.
    sealed: Option<String> = L in "seal" [Chars(1, 4_096)];
    /// The key that opens it, wrapped by the shop key, base64; empty once wiped.
    wrapped_key: Option<String> = L in "seal" [Chars(1, 512)];
    /// Which shop key wrapped it.
    key_version: i64 = L in "seal" [Range(0, i64::MAX)];
}

/// Fourteen days after its ticket ended or was deleted, nothing of a passcode is left.
pub const WIPE_TICKET_SECRETS: Wipe = Wipe {
    table: "ticket_secrets",
    fields: &["sealed", "wrapped_key"],
    due: "SELECT s.id FROM ticket_secrets s JOIN tickets t ON t.id = s.ticket_id
          WHERE (s.sealed IS NOT NULL OR s.wrapped_key IS NOT NULL)
            AND ((t.status IN ('picked_up', 'cancelled', 'abandoned') AND t.closed_at <= :now - 1209600000)
              OR t.deleted_at <= :now - 1209600000
              OR s.deleted_at <= :now - 1209600000)",
};
