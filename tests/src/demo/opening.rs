//! What the shop has before the day begins: customers, a shelf of parts, and yesterday's repairs.

use super::{Failure, Premises};
use crate::shopfloor::Shopfloor;
use counterpart_core::desk::{Bringer, Intake};
use counterpart_core::entity::{Customer, CustomerId, InventoryItem, InventoryItemId, TicketStatus};
use counterpart_core::schema::Meta;
use fastrand::Rng;

const CUSTOMERS: usize = 40;
const ITEMS: usize = 24;
const YESTERDAY: usize = 5;
/// A name that no screen was drawn for.
const LONG: (&str, &str) =
    ("Maximiliane Alexandra Theodora", "von und zu Hohenlohe-Waldenburg-Schillingsfürst");

/// What the day works with.
#[derive(Debug)]
pub struct Stock {
    /// Makes up who comes and what they bring.
    pub(super) floor: Shopfloor,
    pub(super) customers: Vec<CustomerId>,
    pub(super) items: Vec<InventoryItemId>,
    /// How often both wrote into one field since the day ended.
    pub(super) clashes: usize,
    chance: Rng,
}

impl Stock {
    /// A customer of the shop.
    pub(super) fn somebody(&mut self) -> Result<CustomerId, Failure> {
        Ok(self.chance.choice(&self.customers).ok_or("no customers")?.clone())
    }
}

/// The owner fills the shop; the other devices fetch it.
pub(super) fn stock_up(premises: &Premises, seed: u64) -> Result<Stock, Failure> {
    let Premises { office, timeline, .. } = premises;
    timeline.chapter(4, "The owner fills the shop; the other devices fetch it.");
    for device in premises.devices() {
        device.network(true)?;
    }
    let mut floor = Shopfloor::new(seed, 3_000);
    let shop = &office.shop;
    let customers = shop.together(|edits| {
        let make = |_| {
            let customer = Customer { id: CustomerId::default(), meta: Meta::default(), ..floor.customer() };
            edits.create(&customer).map(CustomerId)
        };
        let mut customers = (1..CUSTOMERS).map(make).collect::<Result<Vec<_>, _>>()?;
        let (first, last) = (Some(LONG.0.into()), Some(LONG.1.into()));
        let long = Customer { first_name: first, last_name: last, ..Customer::default() };
        customers.push(CustomerId(edits.create(&long)?));
        Ok(customers)
    })?;
    timeline.says(office.post.name, &format!("{CUSTOMERS} customers in one go, all or none of them"));
    let mut items = Vec::new();
    for _ in 0..ITEMS {
        let item = InventoryItem { id: InventoryItemId::default(), meta: Meta::default(), ..floor.item() };
        let item = InventoryItemId(shop.create(&item)?);
        shop.receive(&item, 8, Some("opening stock"))?;
        items.push(item);
    }
    timeline.says(office.post.name, &format!("{ITEMS} parts on the shelf, 8 of each"));
    // Only now: a number for a label comes from a block that the hub lends this device.
    office.sync()?;
    let reached = [TicketStatus::Diagnosing, TicketStatus::InRepair, TicketStatus::Qc, TicketStatus::Ready];
    for (at, customer) in customers.iter().rev().take(YESTERDAY).enumerate() {
        let intake =
            Intake { bringer: Bringer::Known { id: customer.clone() }, ticket: floor.intake(customer) };
        let taken = shop.intake(&intake, None)?;
        for status in reached.iter().take(at) {
            shop.transition(&taken.ticket, status.clone(), None)?;
        }
    }
    timeline.says(office.post.name, &format!("{YESTERDAY} repairs from yesterday"));
    premises.settle()?;
    let whole = |device: &super::Device| Ok::<_, Failure>(device.shop.cursor()? == office.shop.cursor()?);
    timeline.holds(
        "the iPad and the Android have all of it",
        whole(&premises.desk)? && whole(&premises.bench)?,
    )?;
    Ok(Stock { floor, customers, items, clashes: 0, chance: Rng::with_seed(seed) })
}
