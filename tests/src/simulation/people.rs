//! What people do all day, rolled with dice: take in, edit, use parts, move tickets, delete, and give up on what failed.

use super::{Scene, allowed};
use crate::dice::Dice;
use counterpart_core::entity::{
    Customer, CustomerId, Employee, EmployeeId, EmployeePin, InventoryItem, InventoryItemId, ItemCost,
    MovementKind, NoteKind, Phone, REPAIR_SHOP, Role, StockMovement, Ticket, TicketEvent, TicketNote,
    TicketStatus,
};
use counterpart_core::schema::{Entity, Row};
use counterpart_core::store::Reader;
use counterpart_core::{Result, Shop};

const NAMES: &[&str] = &["Okafor", "Núñez", "李", "עברית", "O'Brien", "Smith"];
const TAGS: &[&str] = &["vip", "school", "late", "cash"];

/// The repair shop.
pub static REPAIR: Scene = Scene {
    name: "repair",
    schema: &REPAIR_SHOP,
    roles: &["manager", "technician"],
    staff,
    act,
    wrong: stock_is_its_movements,
    moment: |_, _| None,
};

/// Whoever shows this at a shared tablet is who they say.
pub(super) const PIN: &str = "1234";
/// It, as cheap to check as can be.
const VERIFIER: &str =
    "$argon2id$v=19$m=8,t=1,p=1$c2ltdWxhdGlvbi1zYWx0IQ$l5s5nkCsJM9WkY2V1CgrpaG29WKzeruwlGCAl2M8ig0";

/// Two people who share tablets.
fn staff() -> Vec<Row> {
    [("tess", Role::Technician), ("finn", Role::FrontDesk)]
        .into_iter()
        .flat_map(|(name, role)| {
            let first_name = Some(name.to_owned());
            let mut person = Employee { first_name, role, active: true, ..Employee::default() }.to_row();
            let (employee_id, verifier) = (EmployeeId(name.to_owned()), VERIFIER.to_owned());
            let mut pin = EmployeePin { employee_id, verifier, ..EmployeePin::default() }.to_row();
            (person.id, pin.id) = (name.to_owned(), format!("{name}-pin"));
            [person, pin]
        })
        .collect()
}

fn stock_is_its_movements(reader: &Reader<'_>) -> Result<Option<String>> {
    let sql =
        "SELECT i.quantity, coalesce((SELECT sum(m.quantity) FROM stock_movements m WHERE m.item_id = i.id
                 AND m.kind NOT IN ('reserve', 'release')), 0) AS sum
               FROM inventory_items i WHERE i.quantity <> sum";
    let wrong = reader.one(sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    Ok(wrong.map(|(shown, sum)| format!("shows a stock of {shown}, its movements sum to {sum}")))
}

fn some<T: Entity>(shop: &Shop, dice: &Dice) -> Result<Option<T>> {
    let mut all = shop.list::<T>("", 500)?;
    Ok((!all.is_empty()).then(|| all.swap_remove(dice.below(all.len()))))
}

fn word(dice: &Dice, list: &[&str]) -> String {
    dice.pick(list).copied().unwrap_or_default().to_owned()
}

/// One thing that somebody does.
fn act(shop: &Shop, dice: &Dice) -> Result<()> {
    match dice.below(22) {
        0 | 1 => {
            allowed(shop.create(&Customer { last_name: Some(word(dice, NAMES)), ..Customer::default() }))
        }
        2 | 15 | 16 => intake(shop, dice),
        3 | 4 => edit_customer(shop, dice),
        5 | 6 => edit_ticket(shop, dice),
        7 => allowed(shop.create(&InventoryItem { name: word(dice, NAMES), ..InventoryItem::default() })),
        8 | 9 => move_stock(shop, dice),
        10 | 11 => move_ticket(shop, dice),
        12 => match some::<Customer>(shop, dice)? {
            Some(customer) => allowed(shop.delete("customers", &customer.id.0)),
            None => Ok(()),
        },
        13 => merge(shop, dice),
        17..20 => quarrel(shop, dice),
        20 => match some::<Ticket>(shop, dice)? {
            Some(ticket) => allowed(shop.delete("tickets", &ticket.id.0)),
            None => Ok(()),
        },
        21 => note(shop, dice),
        _ => cost(shop, dice),
    }
}

/// A customer and their ticket, together or not at all.
fn intake(shop: &Shop, dice: &Dice) -> Result<()> {
    allowed(shop.together(|edits| {
        let customer = edits.create(&Customer { company: Some(word(dice, NAMES)), ..Customer::default() })?;
        edits.create(&Ticket {
            customer_id: CustomerId(customer),
            subject: word(dice, NAMES),
            ..Ticket::default()
        })
    }))
}

fn edit_customer(shop: &Shop, dice: &Dice) -> Result<()> {
    let Some(before) = some::<Customer>(shop, dice)? else { return Ok(()) };
    let mut after = before.clone();
    match dice.below(6) {
        0 => after.first_name = Some(word(dice, NAMES)),
        1 => after.notes = Some(format!("note {}", dice.below(1_000))),
        2 => after.tags.push(word(dice, TAGS)),
        3 => drop(after.tags.pop()),
        4 => after.sms_opt_out = !after.sms_opt_out,
        _ => after
            .phones
            .push(Phone { number: format!("+4930{:06}", dice.below(50)), label: word(dice, TAGS) }),
    }
    allowed(shop.edit(&before, &after))
}

fn edit_ticket(shop: &Shop, dice: &Dice) -> Result<()> {
    let Some(before) = some::<Ticket>(shop, dice)? else { return Ok(()) };
    let mut after = before.clone();
    match dice.below(3) {
        0 => after.problem = Some(format!("problem {}", dice.below(1_000))),
        1 => after.subject = format!("subject {}", dice.below(1_000)),
        _ => {
            let mark = if dice.percent(50) { "pass" } else { "fail" };
            after.intake_checklist.0.insert(word(dice, TAGS), mark.into());
        }
    }
    allowed(shop.edit(&before, &after))
}

/// Everybody has something to say about the same ticket.
fn quarrel(shop: &Shop, dice: &Dice) -> Result<()> {
    let Some(before) = shop.list::<Ticket>("", 1)?.pop() else { return Ok(()) };
    let problem = Some(format!("problem {}", dice.below(1_000)));
    allowed(shop.edit(&before, &Ticket { problem, ..before.clone() }))
}

/// Work that is recorded on a ticket and brings nothing back.
fn note(shop: &Shop, dice: &Dice) -> Result<()> {
    let Some(ticket) = some::<Ticket>(shop, dice)? else { return Ok(()) };
    let (kind, body) = (NoteKind::Internal, word(dice, NAMES));
    allowed(shop.create(&TicketNote { ticket_id: ticket.id, kind, body, ..TicketNote::default() }))
}

fn move_stock(shop: &Shop, dice: &Dice) -> Result<()> {
    let Some(item) = some::<InventoryItem>(shop, dice)? else { return Ok(()) };
    let (kind, quantity) = match dice.below(3) {
        0 => (MovementKind::Receive, 5),
        1 => (MovementKind::Use, -1),
        _ => (MovementKind::Reserve, 1),
    };
    let movement =
        StockMovement { item_id: InventoryItemId(item.id.0), quantity, kind, ..StockMovement::default() };
    allowed(shop.create(&movement))
}

fn move_ticket(shop: &Shop, dice: &Dice) -> Result<()> {
    let Some(ticket) = some::<Ticket>(shop, dice)? else { return Ok(()) };
    let to = TicketStatus::from(
        word(dice, &["diagnosing", "in_repair", "ready", "picked_up", "on_hold"]).as_str(),
    );
    allowed(shop.create(&TicketEvent {
        ticket_id: ticket.id,
        from: ticket.status,
        to,
        ..TicketEvent::default()
    }))
}

fn merge(shop: &Shop, dice: &Dice) -> Result<()> {
    let (Some(stays), Some(gone)) = (some::<Customer>(shop, dice)?, some::<Customer>(shop, dice)?) else {
        return Ok(());
    };
    allowed(shop.merge_duplicates("customers", &stays.id.0, &gone.id.0))
}

/// What only managers see.
fn cost(shop: &Shop, dice: &Dice) -> Result<()> {
    let Some(item) = some::<InventoryItem>(shop, dice)? else { return Ok(()) };
    let cost_cents = i64::try_from(dice.below(10_000)).unwrap_or(0);
    match some::<ItemCost>(shop, dice)? {
        Some(before) if dice.percent(50) => {
            allowed(shop.edit(&before, &ItemCost { cost_cents, ..before.clone() }))
        }
        Some(_) | None => {
            let item_id = InventoryItemId(item.id.0);
            allowed(shop.create(&ItemCost { item_id, cost_cents, ..ItemCost::default() }))
        }
    }
}
