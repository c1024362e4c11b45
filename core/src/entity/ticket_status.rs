//! The way a ticket takes through the shop: its statuses, their rank, who may make which move, and which late move
//! still counts. Everything here is pure.

use super::permission::Rights;
use crate::schema::Denied;

crate::words! {
    /// How far a ticket is.
    TicketStatus {
        Received = "received",
        Diagnosing = "diagnosing",
        AwaitingApproval = "awaiting_approval",
        Approved = "approved",
        AwaitingParts = "awaiting_parts",
        InRepair = "in_repair",
        Qc = "qc",
        Ready = "ready",
        PickedUp = "picked_up",
        OnHold = "on_hold",
        Cancelled = "cancelled",
        Abandoned = "abandoned",
    }
}

use TicketStatus::{
    Abandoned, Approved, AwaitingApproval, AwaitingParts, Cancelled, Diagnosing, InRepair, OnHold, Other,
    PickedUp, Qc, Ready, Received,
};

/// A move, and who may make it. The lead may make every move of the table.
type Moves = (TicketStatus, &'static [TicketStatus], Rights);

const BENCH: Rights = Rights::BENCH;
const DESK: Rights = Rights::DESK;
const BOTH: Rights = BENCH.or(DESK);
const LEAD: Rights = Rights::LEAD;

/// What is the same from any open status (to hold and back, to cancelled) and the undo of a pick-up stand in
/// [`TicketStatus::can_become`].
static MOVES: &[Moves] = &[
    (Received, &[Diagnosing, InRepair, AwaitingParts], BOTH),
    (Diagnosing, &[AwaitingApproval, AwaitingParts, InRepair, Ready], BENCH),
    (AwaitingApproval, &[Approved, Ready], BOTH),
    (Approved, &[AwaitingParts, InRepair], BENCH),
    (AwaitingParts, &[InRepair, AwaitingApproval, Ready], BENCH),
    (InRepair, &[Qc, Ready, AwaitingParts, AwaitingApproval], BENCH),
    (Qc, &[Ready, InRepair], BENCH),
    (Ready, &[PickedUp], DESK),
    (Ready, &[InRepair], BENCH),
    (Ready, &[Abandoned], LEAD),
];

/// For so long a pick-up may be undone: a day.
pub const UNDO_MS: i64 = 24 * 3_600_000;

/// What else a move depends on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Held<'a> {
    /// The status that a ticket on hold came from.
    pub from: Option<&'a TicketStatus>,
    /// Whether work ever started.
    pub work_started: bool,
    /// How long ago the ticket ended, in milliseconds, if it did.
    pub closed_for: Option<i64>,
}

impl TicketStatus {
    /// Whether somebody with these rights may move a ticket from here to there.
    pub fn can_become(&self, to: &TicketStatus, held: Held<'_>, rights: Rights) -> Result<(), Denied> {
        let denied = |rule| Err(Denied { table: "tickets", rule });
        let movers = match (self, to) {
            (OnHold, OnHold) => None,
            (_, Cancelled) => self.is_open().then_some(if held.work_started { LEAD } else { DESK }),
            (OnHold, _) => (held.from == Some(to) && to.is_open()).then_some(BOTH),
            (_, OnHold) => self.is_open().then_some(BOTH),
            (PickedUp, Ready) => {
                held.closed_for.is_some_and(|ms| (0..=UNDO_MS).contains(&ms)).then_some(LEAD)
            }
            (from, to) => MOVES
                .iter()
                .find(|(status, nexts, _)| status == from && nexts.contains(to))
                .map(|(_, _, movers)| *movers),
        };
        match movers {
            None => denied("status_order"),
            Some(movers) if rights.any(movers.or(LEAD)) => Ok(()),
            Some(_) => denied("status_role"),
        }
    }

    /// How far along the way it is. None off the way: on hold, cancelled, abandoned, and what a newer app wrote.
    pub fn rank(&self) -> Option<u8> {
        match self {
            Received => Some(0),
            Diagnosing => Some(1),
            AwaitingApproval => Some(2),
            Approved => Some(3),
            AwaitingParts | InRepair => Some(4),
            Qc => Some(5),
            Ready => Some(6),
            PickedUp => Some(7),
            OnHold | Cancelled | Abandoned | Other { .. } => None,
        }
    }

    /// Whether there is still something to do. A status that only a newer app knows counts as open.
    pub fn is_open(&self) -> bool {
        !matches!(self, PickedUp | Cancelled | Abandoned)
    }
}

/// Whether an event still applies whose `from` is no longer the ticket's status: only forward, never to or from an
/// end or a hold. A ticket on hold stays there; what moves is the status it goes back to.
pub fn stale_event_applies(
    current: &TicketStatus,
    held_from: Option<&TicketStatus>,
    to: &TicketStatus,
) -> bool {
    let stands = if *current == OnHold { held_from.unwrap_or(current) } else { current };
    current.is_open() && to.rank().zip(stands.rank()).is_some_and(|(to, stands)| to > stands)
}
