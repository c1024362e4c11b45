//! Synthetic data: five years of a repair shop, the same for the same seed.
//!
//! Customers come as a Poisson stream with peaks around noon and before closing, most bring a phone with a broken
//! screen, few items are used often and many seldom, and names are spelled in every direction.

use chrono::{TimeZone, Timelike, Utc};
use counterpart_core::entity::{
    Customer, CustomerId, Emails, Employee, EmployeeId, InventoryItem, InventoryItemId, LineKind, Phone,
    Priority, Role, Ticket, TicketId, TicketLine, TicketLineId, TicketStatus,
};
use counterpart_core::schema::{Meta, time_from_ms};
use fastrand::Rng;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const FIVE_YEARS: i64 = 5 * 365 * DAY;
/// Nearly every repair is over after a month.
const OPEN_FOR: i64 = 30 * DAY;

const NAMES: &[(&str, &str)] = &[
    ("Amara", "Okafor"),
    ("Zoë", "Müller"),
    ("Łukasz", "Wiśniewski"),
    ("محمد", "الحسن"),
    ("שירה", "כהן"),
    ("李", "小龍"),
    ("Ольга", "Петрова"),
    ("José", "García Márquez"),
    ("Søren", "Kjærgård"),
    ("Nguyễn", "Thị Hương"),
    ("Aoife", "O'Brien"),
    ("प्रिया", "शर्मा"),
    ("Maria", "Rossi"),
    ("John", "Smith"),
    ("Fatima", "Zahra"),
    ("Kenji", "佐藤"),
];

/// What is brought, in a hundred: kind, brand, models.
const DEVICES: &[(u32, &str, &str, &[&str])] = &[
    (40, "phone", "Apple", &["iPhone 12", "iPhone 13", "iPhone 13 mini", "iPhone 14 Pro", "iPhone SE"]),
    (22, "phone", "Samsung", &["Galaxy S21", "Galaxy S22", "Galaxy A52", "Galaxy A14"]),
    (10, "phone", "Google", &["Pixel 6", "Pixel 7a", "Pixel 8"]),
    (8, "laptop", "Apple", &["MacBook Air M1", "MacBook Pro 14"]),
    (7, "laptop", "Lenovo", &["ThinkPad T14", "ThinkPad X1 Carbon", "IdeaPad 5"]),
    (8, "tablet", "Apple", &["iPad 9", "iPad Air 4", "iPad mini 6"]),
    (5, "console", "Nintendo", &["Switch", "Switch OLED"]),
];

/// What is wrong with it, in a hundred: in a line, as the customer tells it, as the technician finds it.
const FAULTS: &[(u32, &str, &str, &str)] = &[
    (
        45,
        "Screen broken",
        "Dropped on the pavement, glass is cracked and touch does not answer in the lower third.",
        "Display assembly cracked, digitiser dead below line 1800. Frame straight, no water inside.",
    ),
    (
        20,
        "Battery drains",
        "Empty by noon, switches off in the cold, gets warm while charging.",
        "Battery at 71 % of its capacity, 1,140 cycles. Board draws what it should at rest.",
    ),
    (
        10,
        "Charging port loose",
        "The cable only charges at an angle, sometimes not at all.",
        "Port full of lint, two pins bent. Cleaning did not help, port to be replaced.",
    ),
    (
        10,
        "Water damage",
        "Fell into the sink yesterday and was dried on the heater.",
        "Corrosion around the connectors, liquid indicator red. Cleaned in the ultrasonic bath, backlight line open.",
    ),
    (
        8,
        "Camera blurred",
        "Pictures are blurred and the camera rattles.",
        "Stabiliser of the rear camera worn out.",
    ),
    (7, "Does not start", "Shows the logo and starts again, over and over.", "Storage fails its self-test."),
];

const PARTS: &[&str] =
    &["Display", "Battery", "Charging port", "Rear camera", "Speaker", "Back glass", "Keyboard"];
const ROLES: &[Role] = &[Role::Owner, Role::Manager, Role::Technician, Role::Technician, Role::FrontDesk];
const OPEN: &[TicketStatus] = &[
    TicketStatus::Received,
    TicketStatus::Diagnosing,
    TicketStatus::AwaitingApproval,
    TicketStatus::AwaitingParts,
    TicketStatus::InRepair,
    TicketStatus::InRepair,
    TicketStatus::Qc,
    TicketStatus::Ready,
];

/// A shop that makes up its records one by one. What is made later names what was made before.
#[derive(Debug)]
pub struct Shopfloor {
    random: Rng,
    now: i64,
    today: i64,
    // Tickets in an hour, on average over day and night.
    hourly: f64,
    stamp: i64,
    number: i64,
    employees: Vec<EmployeeId>,
    customers: Vec<CustomerId>,
    last_customer: Option<Customer>,
    items: Vec<InventoryItemId>,
    // How often each item is used, summed up: Zipf with s = 1.
    uses: Vec<f64>,
}

impl Shopfloor {
    /// A shop to which about that many tickets come in five years, until the end of the year 2025.
    pub fn new(seed: u64, tickets: usize) -> Shopfloor {
        let today =
            Utc.with_ymd_and_hms(2025, 12, 31, 18, 0, 0).single().map_or(0, |time| time.timestamp_millis());
        Shopfloor {
            random: Rng::with_seed(seed),
            now: today - FIVE_YEARS,
            today,
            hourly: count(tickets) / (count(usize::try_from(FIVE_YEARS / HOUR).unwrap_or(1))),
            stamp: 0,
            number: 1_000,
            employees: Vec::new(),
            customers: Vec::new(),
            last_customer: None,
            items: Vec::new(),
            uses: Vec::new(),
        }
    }

    /// When the latest customer came, in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Somebody starts to work here.
    pub fn employee(&mut self) -> Employee {
        let (first, last) = self.name();
        let id = EmployeeId(self.id());
        let role = ROLES.get(self.employees.len() % ROLES.len()).cloned().unwrap_or_default();
        self.employees.push(id.clone());
        Employee {
            id,
            email: Some(format!("employee{}@shop.example", self.employees.len())),
            first_name: Some(first.into()),
            last_name: Some(last.into()),
            role,
            active: true,
            meta: self.meta(),
            ..Employee::default()
        }
    }

    /// Somebody comes for the first time; three in a hundred are known already and are written down again.
    pub fn customer(&mut self) -> Customer {
        let id = CustomerId(self.id());
        self.customers.push(id.clone());
        let again = self.last_customer.take().filter(|_| self.random.f64() < 0.03);
        let customer = match again {
            Some(known) => Customer { id, emails: Emails::default(), meta: self.meta(), ..known },
            None => self.new_customer(id),
        };
        self.last_customer = Some(customer.clone());
        customer
    }

    fn new_customer(&mut self, id: CustomerId) -> Customer {
        let (first, last) = self.name();
        let mobile = format!("+4917{:09}", self.random.u32(0..999_999_999));
        let mut phones = vec![Phone { number: mobile, label: "mobile".into() }];
        if self.random.f64() < 0.2 {
            let work = format!("+4930{:08}", self.random.u32(0..99_999_999));
            phones.push(Phone { number: work, label: "work".into() });
        }
        Customer {
            id,
            first_name: Some(first.into()),
            last_name: Some(last.into()),
            company: (self.random.f64() < 0.1).then(|| format!("{last} & Co.")),
            phones,
            emails: Emails(vec![format!("customer{}@mail.example", self.customers.len())]),
            notes: (self.random.f64() < 0.15).then(|| "Prefers to be called in the afternoon.".into()),
            sms_opt_out: self.random.f64() < 0.05,
            meta: self.meta(),
            ..Customer::default()
        }
    }

    /// Something is put on the shelf for the first time.
    pub fn item(&mut self) -> InventoryItem {
        let id = InventoryItemId(self.id());
        let part = self.pick(PARTS).copied().unwrap_or_default();
        let (_, _, brand, models) = self.device();
        let model = self.pick(models).copied().unwrap_or_default();
        self.items.push(id.clone());
        let rank = count(self.items.len());
        self.uses.push(self.uses.last().copied().unwrap_or_default() + 1.0 / rank);
        InventoryItem {
            id,
            sku: Some(format!("P-{:05}", self.items.len())),
            name: format!("{part} {model}"),
            category: Some(part.into()),
            brand: Some(brand.into()),
            compatible_models: vec![model.into()],
            price_cents: Some(self.random.i64(900..30_000)),
            bin: Some(format!("{}{}", self.random.char('A'..'F'), self.random.u32(1..40))),
            reorder_level: Some(2),
            meta: self.meta(),
            ..InventoryItem::default()
        }
    }

    /// The next customer comes with a device. Old repairs are over, and some of the last month's are not.
    pub fn ticket(&mut self) -> Ticket {
        self.wait_for_the_next();
        let (_, kind, brand, models) = self.device();
        let model = self.pick(models).copied().unwrap_or_default();
        let (_, subject, problem, diagnosis) = self.fault();
        self.number += 1;
        let status = self.status();
        let over = !status.is_open();
        let looked_at = status != TicketStatus::Received;
        let estimate = self.random.i64(2_000..40_000);
        Ticket {
            id: TicketId(self.id()),
            number: Some(self.number.to_string()),
            customer_id: self.somebody(),
            device_kind: Some(kind.into()),
            device_brand: Some(brand.into()),
            device_model: Some(model.into()),
            device_serial: Some(format!("SN{:010X}", self.random.u64(0..1 << 40))),
            subject: format!("{subject}: {model}"),
            problem: Some(problem.into()),
            diagnosis: looked_at.then(|| diagnosis.into()),
            priority: self.priority(),
            due_at: Some(time_from_ms(self.now + self.random.i64(1..6) * DAY)),
            assignee_id: looked_at.then(|| self.colleague()).flatten(),
            closed_at: over.then(|| time_from_ms(self.now + self.random.i64(1..10) * DAY)),
            status,
            estimate_cents: looked_at.then_some(estimate),
            approved_cents: over.then_some(estimate),
            accessories: if self.random.f64() < 0.3 {
                vec!["case".into(), "cable".into()]
            } else {
                Vec::new()
            },
            tags: if self.random.f64() < 0.1 { vec!["regular".into()] } else { Vec::new() },
            meta: self.meta(),
            ..Ticket::default()
        }
    }

    /// What the front desk writes down when the next customer comes: nobody has looked at it yet, nothing is saved.
    pub fn intake(&mut self, customer: &CustomerId) -> Ticket {
        let Ticket {
            device_kind, device_brand, device_model, device_serial, subject, problem, due_at, ..
        } = self.ticket();
        let customer_id = customer.clone();
        let ticket = Ticket { customer_id, device_kind, device_brand, device_model, ..Ticket::default() };
        Ticket { device_serial, subject, problem, due_at, ..ticket }
    }

    /// The parts of a repair: none for one in four, one for most, two or three for some.
    pub fn lines(&mut self, ticket: &TicketId) -> Vec<TicketLine> {
        let parts = match self.random.u32(0..100) {
            0..25 => 0,
            25..80 => 1,
            80..95 => 2,
            _ => 3,
        };
        (0..parts)
            .map(|_| TicketLine {
                id: TicketLineId(self.id()),
                ticket_id: ticket.clone(),
                kind: LineKind::Part,
                inventory_item_id: self.item_from_the_shelf(),
                quantity: 1,
                unit_price_cents: self.random.i64(900..30_000),
                tax_bp: 1_900,
                meta: self.meta(),
                ..TicketLine::default()
            })
            .collect()
    }

    /// An item as repairs need them: the first ones often, the last ones hardly ever.
    pub fn item_from_the_shelf(&mut self) -> Option<InventoryItemId> {
        let at = self.random.f64() * self.uses.last().copied()?;
        let place = self.uses.partition_point(|sum| *sum < at);
        self.items.get(place).cloned()
    }

    /// Poisson arrivals while the shop is open, by thinning those of its busiest hour.
    fn wait_for_the_next(&mut self) {
        loop {
            let busiest = self.hourly * BUSIEST;
            let gap = -(1.0 - self.random.f64()).ln() / busiest;
            #[allow(clippy::cast_possible_truncation, reason = "a gap is at most some weeks")]
            let gap = (gap * count(usize::try_from(HOUR).unwrap_or(1))) as i64;
            self.now += gap.max(1);
            let hour = time_from_ms(self.now).hour();
            if self.random.f64() * BUSIEST < busy(hour) {
                return;
            }
        }
    }

    fn status(&mut self) -> TicketStatus {
        let age = self.today - self.now;
        if age < OPEN_FOR && self.random.f64() < 0.8 {
            return self.pick(OPEN).cloned().unwrap_or_default();
        }
        match self.random.u32(0..100) {
            0..93 => TicketStatus::PickedUp,
            93..97 => TicketStatus::Cancelled,
            _ => TicketStatus::Abandoned,
        }
    }

    fn priority(&mut self) -> Priority {
        match self.random.u32(0..100) {
            0..80 => Priority::Normal,
            80..90 => Priority::Low,
            90..98 => Priority::High,
            _ => Priority::Urgent,
        }
    }

    fn device(&mut self) -> (u32, &'static str, &'static str, &'static [&'static str]) {
        let at = weighted(self.random.u32(0..100), DEVICES.iter().map(|device| device.0));
        DEVICES.get(at).copied().unwrap_or((0, "phone", "", &[]))
    }

    fn fault(&mut self) -> (u32, &'static str, &'static str, &'static str) {
        let at = weighted(self.random.u32(0..100), FAULTS.iter().map(|fault| fault.0));
        FAULTS.get(at).copied().unwrap_or_default()
    }

    fn name(&mut self) -> (&'static str, &'static str) {
        let first = self.pick(NAMES).map(|name| name.0).unwrap_or_default();
        (first, self.pick(NAMES).map(|name| name.1).unwrap_or_default())
    }

    fn somebody(&mut self) -> CustomerId {
        let at = self.random.usize(0..self.customers.len().max(1));
        self.customers.get(at).cloned().unwrap_or_default()
    }

    fn colleague(&mut self) -> Option<EmployeeId> {
        let at = self.random.usize(0..self.employees.len().max(1));
        self.employees.get(at).cloned()
    }

    fn pick<T>(&mut self, from: &'static [T]) -> Option<&'static T> {
        self.random.choice(from)
    }

    /// Rows as the server confirmed them, each with a version of its own.
    fn meta(&mut self) -> Meta {
        self.stamp += 1;
        let at = time_from_ms(self.now);
        Meta { created_at: at, updated_at: at, stamp: self.stamp, ..Meta::default() }
    }

    fn id(&mut self) -> String {
        let mut random = [0; 10];
        self.random.fill(&mut random);
        let ms = u64::try_from(self.now).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid().to_string()
    }
}

/// The busiest hour, beside the average over day and night.
const BUSIEST: f64 = 4.0;

/// How busy an hour is: peaks from 10 to 12 and from 16 to 18, closed at night; 24 hours average to one.
fn busy(hour: u32) -> f64 {
    match hour {
        10 | 11 | 16 | 17 => BUSIEST,
        9 | 12..=15 | 18 => 8.0 / 6.0,
        _ => 0.0,
    }
}

fn weighted(at: u32, weights: impl Iterator<Item = u32>) -> usize {
    let mut sum = 0;
    weights
        .take_while(|weight| {
            sum += weight;
            sum <= at
        })
        .count()
}

#[allow(clippy::cast_precision_loss, reason = "counts of records, far below 2^52")]
fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(seed: u64) -> Vec<Ticket> {
        let mut floor = Shopfloor::new(seed, 3_000);
        floor.employee();
        floor.customer();
        (0..500).map(|_| floor.ticket()).collect()
    }

    #[test]
    fn the_same_seed_makes_the_same_shop() {
        assert_eq!(month(7), month(7));
        assert_ne!(month(7), month(8));
    }

    #[test]
    fn customers_come_while_the_shop_is_open_and_most_bring_a_phone() {
        let tickets = month(7);
        let hours = tickets.iter().map(|ticket| ticket.meta.created_at.hour());
        assert!(hours.clone().all(|hour| (9..19).contains(&hour)));
        assert!(hours.filter(|hour| matches!(hour, 10 | 11 | 16 | 17)).count() > 250);
        let phones = tickets.iter().filter(|ticket| ticket.device_kind.as_deref() == Some("phone")).count();
        assert!((300..420).contains(&phones), "{phones} of 500");
    }

    #[test]
    fn five_years_end_today_with_some_repairs_open() {
        let mut floor = Shopfloor::new(7, 3_000);
        let tickets: Vec<Ticket> = (0..3_000).map(|_| floor.ticket()).collect();
        let open = tickets.iter().filter(|ticket| ticket.status.is_open()).count();
        assert!((10..150).contains(&open), "{open} of 3,000");
    }

    #[test]
    fn few_items_are_used_often_and_many_seldom() {
        let mut floor = Shopfloor::new(7, 100);
        let first = floor.item().id;
        (1..100).for_each(|_| drop(floor.item()));
        let uses = (0..1_000).filter(|_| floor.item_from_the_shelf().as_ref() == Some(&first)).count();
        assert!((130..260).contains(&uses), "{uses} of 1,000");
    }
}
