//! Who may do what. Authority is the signed-in account's; the person at work only narrows it, and a shared tablet is
//! never more than technician and front desk. The device asks first, the server again, and the server decides.

use super::{MovementKind, Role};
use crate::schema::{Attempt, Denied, Field, Policy, Row, Verb, Who};

/// The roles that may see what costs and pays.
pub const MANAGERS: &[&str] = &["owner", "admin", "manager"];

/// What somebody may do, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights(u32);

impl Rights {
    /// Nothing.
    pub const NONE: Rights = Rights(0);
    /// Customers, intake, notes, lines, passcodes.
    pub const INTAKE: Rights = Rights(1);
    /// Appointments that are one's own.
    pub const OWN_APPOINTMENTS: Rights = Rights(1 << 1);
    /// Anybody's appointments.
    pub const APPOINTMENTS: Rights = Rights(1 << 2);
    /// The technician's moves of a ticket.
    pub const BENCH: Rights = Rights(1 << 3);
    /// The front desk's moves of a ticket.
    pub const DESK: Rights = Rights(1 << 4);
    /// Every move of a ticket.
    pub const LEAD: Rights = Rights(1 << 5);
    /// Use parts, give them back, reserve and release them; keep the list of items.
    pub const USE_PARTS: Rights = Rights(1 << 6);
    /// Count stock.
    pub const COUNT_STOCK: Rights = Rights(1 << 7);
    /// Receive, adjust and write off stock; delete and merge items.
    pub const MANAGE_STOCK: Rights = Rights(1 << 8);
    /// Delete and merge customers.
    pub const MANAGE_CUSTOMERS: Rights = Rights(1 << 9);
    /// Delete tickets.
    pub const DELETE_TICKETS: Rights = Rights(1 << 10);
    /// Prices, costs, pay, and whatever else only a manager decides.
    pub const MONEY: Rights = Rights(1 << 11);
    /// Employees and their roles, below one's own rank.
    pub const EMPLOYEES: Rights = Rights(1 << 12);
    /// One's own PIN.
    pub const OWN_PIN: Rights = Rights(1 << 13);
    /// Anybody's PIN.
    pub const PINS: Rights = Rights(1 << 14);
    /// The shop's settings.
    pub const SETTINGS: Rights = Rights(1 << 15);
    /// Resolve one's own conflicts.
    pub const RESOLVE_OWN: Rights = Rights(1 << 16);
    /// Resolve anybody's conflicts.
    pub const RESOLVE: Rights = Rights(1 << 17);
    /// See the audit trail and how sync is doing.
    pub const AUDIT: Rights = Rights(1 << 18);

    /// What everybody may.
    const EVERYBODY: Rights =
        Rights::INTAKE.or(Rights::OWN_APPOINTMENTS).or(Rights::OWN_PIN).or(Rights::RESOLVE_OWN);
    /// What technicians may.
    const TECHNICIAN: Rights =
        Rights::EVERYBODY.or(Rights::BENCH).or(Rights::USE_PARTS).or(Rights::COUNT_STOCK);
    /// What the front desk may.
    const FRONT_DESK: Rights = Rights::EVERYBODY.or(Rights::DESK).or(Rights::APPOINTMENTS);
    /// What a shared tablet may at most.
    const STATION: Rights = Rights::TECHNICIAN.or(Rights::FRONT_DESK);
    /// What managers may.
    const MANAGER: Rights = Rights::STATION
        .or(Rights::LEAD)
        .or(Rights::MANAGE_STOCK)
        .or(Rights::MANAGE_CUSTOMERS)
        .or(Rights::DELETE_TICKETS)
        .or(Rights::MONEY)
        .or(Rights::EMPLOYEES)
        .or(Rights::SETTINGS)
        .or(Rights::RESOLVE)
        .or(Rights::AUDIT);
    /// What admins and owners may.
    const ADMIN: Rights = Rights::MANAGER.or(Rights::PINS);

    /// Both together.
    #[must_use]
    pub const fn or(self, other: Rights) -> Rights {
        Rights(self.0 | other.0)
    }

    /// What both have.
    #[must_use]
    pub const fn and(self, other: Rights) -> Rights {
        Rights(self.0 & other.0)
    }

    /// Whether at least one of these is among them.
    pub const fn any(self, wanted: Rights) -> bool {
        self.0 & wanted.0 != 0
    }

    /// What a role may; nothing where this version does not know it.
    pub fn of_role(role: &Role) -> Rights {
        match role {
            Role::FrontDesk => Rights::FRONT_DESK,
            Role::Technician => Rights::TECHNICIAN,
            Role::Manager => Rights::MANAGER,
            Role::Admin | Role::Owner => Rights::ADMIN,
            Role::Other { .. } => Rights::NONE,
        }
    }

    /// What somebody at work may: the account's rights, narrowed to the person's. A shared tablet at which nobody
    /// entered a PIN may nothing.
    pub fn of(who: &Who) -> Rights {
        let account = if who.station { Rights::STATION } else { Rights::of_role(&role(&who.role)) };
        match &who.actor_role {
            Some(actor) => account.and(Rights::of_role(&role(actor))),
            None if who.station => Rights::NONE,
            None => account,
        }
    }
}

fn role(word: &str) -> Role {
    Role::from(word)
}

/// Judges a write to any table of the shop.
///
/// It sees one row. What hangs on others is the caller's: that a ticket event is a possible move
/// ([`TicketStatus::can_become`](super::TicketStatus::can_become), here only that the person may move tickets at
/// all), that a deleted customer has no open ticket, that `who.actor` is who the account says.
pub fn permit(who: &Who, attempt: &Attempt<'_>) -> Result<(), Denied> {
    let rights = Rights::of(who);
    let missing = if rights == Rights::NONE {
        Some("no_rights")
    } else if attempt.table.append_only && attempt.verb != Verb::Create {
        Some("append_only")
    } else {
        missing(who, rights, attempt)
    };
    missing.map_or(Ok(()), |rule| Err(Denied { table: attempt.table.name, rule }))
}

/// What somebody with these rights lacks for a write, if anything.
fn missing(who: &Who, rights: Rights, attempt: &Attempt<'_>) -> Option<&'static str> {
    let deletes = attempt.verb == Verb::Delete;
    let merges = touches(attempt, "merged_into");
    let (needed, word) = match attempt.table.name {
        "customers" if deletes || merges => (Rights::MANAGE_CUSTOMERS, "manage_customers"),
        "tickets" if deletes => (Rights::DELETE_TICKETS, "delete_tickets"),
        "customers" | "tickets" | "ticket_notes" | "ticket_lines" | "ticket_secrets" | "secret_reveals" => {
            (Rights::INTAKE, "intake")
        }
        "ticket_events" => (Rights::BENCH.or(Rights::DESK).or(Rights::LEAD), "move_tickets"),
        "inventory_items" if deletes || merges => (Rights::MANAGE_STOCK, "manage_stock"),
        "inventory_items" => (Rights::USE_PARTS, "use_parts"),
        "stock_movements" => movement_needs(&MovementKind::from(attempt.after.text("kind"))),
        "item_costs" | "employee_pay" => (Rights::MONEY, "money"),
        "employees" if !rows(attempt).all(|row| outranks(who, row)) => (Rights::NONE, "outrank"),
        "employees" => (Rights::EMPLOYEES, "employees"),
        "employee_pins" if rows(attempt).all(|row| is_own(who, row, "employee_id")) => {
            (Rights::OWN_PIN, "own_pin")
        }
        "employee_pins" => (Rights::PINS, "own_pin"),
        "appointments" if rows(attempt).all(|row| is_own(who, row, "assignee_id")) => {
            (Rights::OWN_APPOINTMENTS, "own_appointments")
        }
        "appointments" => (Rights::APPOINTMENTS, "own_appointments"),
        "shop_settings" => (Rights::SETTINGS, "settings"),
        "conflicts"
            if rows(attempt).any(|row| is_own(who, row, "mine_by") || is_own(who, row, "theirs_by")) =>
        {
            (Rights::RESOLVE_OWN, "resolve")
        }
        "conflicts" => (Rights::RESOLVE, "resolve"),
        _ => (Rights::NONE, "unknown_table"),
    };
    let decided = |field: &&Field| field.policy == Policy::Server;
    if !rights.any(needed) {
        Some(word)
    } else if attempt.table.fields.iter().filter(decided).any(|field| touches(attempt, field.name)) {
        (!rights.any(Rights::MONEY)).then_some("managers_only")
    } else {
        None
    }
}

fn movement_needs(kind: &MovementKind) -> (Rights, &'static str) {
    match kind {
        MovementKind::Use | MovementKind::Return | MovementKind::Reserve | MovementKind::Release => {
            (Rights::USE_PARTS, "use_parts")
        }
        MovementKind::Count => (Rights::COUNT_STOCK, "count_stock"),
        MovementKind::Receive | MovementKind::Adjust | MovementKind::Shrink | MovementKind::Other { .. } => {
            (Rights::MANAGE_STOCK, "manage_stock")
        }
    }
}

/// The row as it is and as it would be.
fn rows<'a>(attempt: &Attempt<'a>) -> impl Iterator<Item = &'a Row> {
    attempt.before.into_iter().chain([attempt.after])
}

/// Whether a field would be set: at creation, to anything but what a new row has anyway.
fn touches(attempt: &Attempt<'_>, field: &str) -> bool {
    match attempt.verb {
        Verb::Create => {
            let value = attempt.after.get(field);
            !value.is_null() && value != Row::blank(attempt.table, "").get(field)
        }
        Verb::Change => attempt.fields.contains(&field),
        Verb::Delete => false,
    }
}

/// Whether a row names, in that field, the person at work.
fn is_own(who: &Who, row: &Row, field: &str) -> bool {
    let me = who.actor.as_deref().unwrap_or(&who.account);
    !me.is_empty() && row.text(field) == me
}

/// Whether the person at work stands above an employee; owners stand above owners too.
fn outranks(who: &Who, employee: &Row) -> bool {
    let account = role(&who.role).rank();
    let mine = who.actor_role.as_deref().map_or(account, |actor| account.min(role(actor).rank()));
    let theirs = role(employee.text("role")).rank();
    mine.zip(theirs).is_some_and(|(mine, theirs)| mine > theirs || mine == Role::Owner.rank().unwrap_or(mine))
}
