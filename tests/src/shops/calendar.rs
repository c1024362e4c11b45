//! A calendar: personas, profiles, calendars and categories; events in a window of sixty days either way; a person's
//! own overlay on a shared event, whose id follows from both; delegated roles.

use super::clerk::{self, Habits};
use super::table_sql;
use crate::dice::Dice;
use crate::simulation::Scene;
use counterpart_core::env::DAY_MS;
use counterpart_core::schema::{Attempt, Denied, Entity, Migration, Readers, Schema, Who, Window};
use counterpart_core::{Result, Shop};

const OWNERS: &[&str] = &["owner"];

counterpart_core::entity! {
    /// A persona that answers for somebody.
    Persona(PersonaId) in "personas" {}
    /// Its name.
    name: String = L [Chars(1, 80)];
    /// What it is told.
    prompt: Option<String> = M [Chars(0, 4_000)];
}

counterpart_core::entity! {
    /// A person, as they want to be seen. One row a person.
    Profile(ProfileId) in "profiles" {}
    /// Who.
    person: String = F;
    /// What they are called.
    display_name: Option<String> = L [Chars(0, 80)];
    /// Where they are: the device knows best.
    timezone: Option<String> = K;
    /// Their addresses.
    words: Vec<String> = S [Items(20)];
}

counterpart_core::entity! {
    /// A calendar.
    Calendar(CalendarId) in "calendars" {}
    /// Its name.
    name: String = L [Chars(1, 80)];
    /// Whether it is shown: each device's own word.
    visible: bool = K;
    /// Whether new events go there.
    preferred: bool = T;
    /// Its place among the others.
    rank: Option<String> = O;
}

counterpart_core::entity! {
    /// A category.
    Category(CategoryId) in "categories" {}
    /// Its name.
    name: String = L [Chars(1, 80)];
    /// Its colour.
    colour: Option<String> = L [Chars(0, 80)];
}

counterpart_core::entity! {
    /// Something that takes place.
    Event(EventId) in "events" {
        window: Some(Window {
            outside: "starts IS NOT NULL AND (starts < :edge OR starts > :edge + 10368000000)",
            days: 60,
            length: Some(120),
        }),
    }
    /// What.
    title: String = L [Chars(1, 200)];
    /// When, in milliseconds since 1970 …
    starts: i64 = L in "span";
    /// … and for how many minutes: one value with the former.
    minutes: i64 = L in "span";
    /// Whether others see only that it is there.
    private: bool = T;
}

counterpart_core::entity! {
    /// What somebody made of a shared event for themselves. Its id follows from event and person.
    Overlay(OverlayId) in "overlays" { readers: Readers::RolesAndOwn(OWNERS, "person") }
    /// The event.
    event_id: EventId = F;
    /// Who.
    person: String = F;
    /// In which category they put it.
    category_id: Option<CategoryId> = L;
    /// As what it shows.
    show_as: ShowAs = L;
    /// What the persona is told about it.
    instructions: Option<String> = M [Chars(0, 400)];
}

counterpart_core::words! {
    /// As what a time shows.
    ShowAs { Busy = "busy", Free = "free", Tentative = "tentative", Away = "away" }
}

counterpart_core::entity! {
    /// What somebody may do with an event. Its id follows from event and person.
    EventRole(EventRoleId) in "event_roles" {}
    /// The event.
    event_id: EventId = F;
    /// Who.
    person: String = F;
    /// As what, by whoever delegates.
    role: DelegatedRole = Z;
    /// Whether they come.
    rsvp: Option<String> = L [Chars(0, 80)];
}

counterpart_core::words! {
    /// What somebody may do with an event.
    DelegatedRole { Viewer = "viewer", Contributor = "contributor", Delegate = "delegate_full" }
}

/// Overlays are one's own; guests change nothing else.
fn permit(who: &Who, attempt: &Attempt<'_>) -> Result<(), Denied> {
    let own = who.actor.as_deref().is_some_and(|actor| attempt.after.text("person") == actor);
    match (who.role.as_str(), attempt.table.name) {
        ("owner", _) => Ok(()),
        ("delegate", "overlays" | "profiles") | ("guest", "overlays" | "profiles" | "event_roles") if own => {
            Ok(())
        }
        ("delegate", name) if name != "overlays" && name != "profiles" => Ok(()),
        (_, table) => Err(Denied { table, rule: "own" }),
    }
}

/// The schema.
pub static CALENDAR: Schema = Schema {
    name: "calendar",
    tables: &[
        Persona::TABLE,
        Profile::TABLE,
        Calendar::TABLE,
        Category::TABLE,
        Event::TABLE,
        Overlay::TABLE,
        EventRole::TABLE,
    ],
    migrations: &[Migration { number: 1, sql: TABLES }],
    permit,
    wipes: &[],
    actors: None,
    numbered: None,
    auditors: &[],
};

const TABLES: &str = concat!(
    table_sql!("personas", "name TEXT, prompt TEXT"),
    table_sql!("profiles", "person TEXT, display_name TEXT, timezone TEXT, words TEXT"),
    table_sql!("calendars", "name TEXT, visible INTEGER, preferred INTEGER, rank TEXT"),
    table_sql!("categories", "name TEXT, colour TEXT"),
    table_sql!("events", "title TEXT, starts INTEGER, minutes INTEGER, private INTEGER"),
    table_sql!("overlays", "event_id TEXT, person TEXT, category_id TEXT, show_as TEXT, instructions TEXT"),
    table_sql!("event_roles", "event_id TEXT, person TEXT, role TEXT, rsvp TEXT"),
);

const HABITS: Habits = Habits {
    own: &["person"],
    keys: &[
        ("profiles", &["person"]),
        ("overlays", &["event_id", "person"]),
        ("event_roles", &["event_id", "person"]),
    ],
    // Most events are near, some so far that a device may leave them where they are.
    numbers: |field, shop, dice| {
        let days = [-200, -20, -1, 0, 3, 30, 200];
        let day = dice.pick(&days).copied().unwrap_or_default();
        (field == "starts").then(|| (shop.env().now() / DAY_MS + day) * DAY_MS)
    },
};

fn act(shop: &Shop, dice: &Dice) -> Result<()> {
    clerk::act(shop, dice, &HABITS)
}

/// It, in the simulation.
pub static SCENE: Scene = Scene {
    name: "calendar",
    schema: &CALENDAR,
    roles: &["owner", "delegate", "guest"],
    staff: Vec::new,
    act,
    wrong: |_| Ok(None),
    moment: |table, row| row["starts"].as_i64().filter(|_| table == "events"),
};
