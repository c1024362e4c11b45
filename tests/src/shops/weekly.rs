//! The weekly program: goals that are unique per person and week, activities that carry the id they had before they
//! were moved in, custom types merged as a set. Managers see everybody's, others their own.

use super::clerk::{self, Habits};
use super::table_sql;
use crate::dice::Dice;
use crate::simulation::Scene;
use counterpart_core::schema::{Attempt, Denied, Entity, Migration, Readers, Schema, Who};
use counterpart_core::{Result, Shop};

const MANAGERS: &[&str] = &["manager"];

counterpart_core::entity! {
    /// What a person wants to reach in a week. Its id follows from both.
    Goal(GoalId) in "goals" { readers: Readers::RolesAndOwn(MANAGERS, "person") }
    /// Who.
    person: String = F;
    /// Which week, counted.
    week: i64 = F;
    /// Calls.
    calls: i64 = L [Range(0, 500)];
    /// Meetings.
    meetings: i64 = L [Range(0, 500)];
    /// Whether a manager agreed.
    agreed: bool = Z;
    /// What to know.
    notes: Option<String> = M [Chars(0, 400)];
}

counterpart_core::entity! {
    /// Something that a person did or will do. Its id follows from the one it had before the move.
    Activity(ActivityId) in "activities" { readers: Readers::RolesAndOwn(MANAGERS, "person") }
    /// Who.
    person: String = F;
    /// The id that it had in the old app.
    local_id: i64 = F;
    /// What kind.
    kind: ActivityKind = L;
    /// What.
    title: String = L [Chars(1, 255)];
    /// Whether something has to follow.
    follow_up: bool = T;
    /// What came of it.
    outcome: Option<String> = M [Chars(0, 400)];
    /// Minutes, as the person's own device measured them.
    minutes: Option<i64> = K;
}

counterpart_core::words! {
    /// What kind of activity.
    ActivityKind { Call = "call", Meeting = "meeting", Proposal = "proposal", Custom = "custom" }
}

counterpart_core::entity! {
    /// The kinds of activity that a person added. One row a person.
    CustomTypes(CustomTypesId) in "custom_types" {}
    /// Who.
    person: String = F;
    /// Their names.
    names: Vec<String> = S [Items(50)];
}

/// Everybody writes their own, managers everything; whether a goal is agreed on is theirs alone.
fn permit(who: &Who, attempt: &Attempt<'_>) -> Result<(), Denied> {
    let denied = |rule| Err(Denied { table: attempt.table.name, rule });
    let own = who.actor.as_deref().is_some_and(|actor| attempt.after.text("person") == actor);
    match MANAGERS.contains(&who.role.as_str()) {
        true => Ok(()),
        false if !own => denied("own"),
        false if attempt.fields.contains(&"agreed") => denied("managers_only"),
        false => Ok(()),
    }
}

/// The schema.
pub static WEEKLY: Schema = Schema {
    name: "weekly",
    tables: &[Goal::TABLE, Activity::TABLE, CustomTypes::TABLE],
    migrations: &[Migration { number: 1, sql: TABLES }],
    permit,
    wipes: &[],
    actors: None,
    numbered: None,
    auditors: &[],
};

const TABLES: &str = concat!(
    table_sql!(
        "goals",
        "person TEXT, week INTEGER, calls INTEGER, meetings INTEGER, agreed INTEGER, notes TEXT"
    ),
    table_sql!(
        "activities",
        "person TEXT, local_id INTEGER, kind TEXT, title TEXT, follow_up INTEGER, outcome TEXT, minutes INTEGER"
    ),
    table_sql!("custom_types", "person TEXT, names TEXT"),
);

const HABITS: Habits = Habits {
    own: &["person"],
    keys: &[
        ("goals", &["person", "week"]),
        ("activities", &["person", "local_id"]),
        ("custom_types", &["person"]),
    ],
    numbers: |_, _, _| None,
};

fn act(shop: &Shop, dice: &Dice) -> Result<()> {
    clerk::act(shop, dice, &HABITS)
}

/// It, in the simulation.
pub static SCENE: Scene = Scene {
    name: "weekly",
    schema: &WEEKLY,
    roles: &["manager", "member"],
    staff: Vec::new,
    act,
    wrong: |_| Ok(None),
    moment: |_, _| None,
};
