//! Interview assessments: projects with owners, editors and viewers; answers keep both versions for a person to
//! choose; how far a project has come is the server's figure, the sum of what was reported.

use super::clerk::{self, Habits};
use super::table_sql;
use crate::dice::Dice;
use crate::simulation::Scene;
use counterpart_core::schema::{Attempt, Denied, Entity, Migration, Onto, Row, Schema, Value, Who};
use counterpart_core::store::Reader;
use counterpart_core::{Result, Shop};

counterpart_core::entity! {
    /// A series of interviews.
    Project(ProjectId) in "projects" {}
    /// What it is called.
    name: String = L [Chars(1, 80)];
    /// How far it has come: the sum of its reports.
    completion: i64 = C;
    /// Where it stands, by the last report.
    stage: String = E;
    /// What it is graded with.
    weight: Option<i64> = Z [Range(0, 1_000)];
    /// What it is about.
    topics: Vec<String> = S [Items(20)];
}

counterpart_core::entity! {
    /// Who may do what in a project. Its id follows from both.
    Seat(SeatId) in "seats" { parent: Some("project_id") }
    /// The project.
    project_id: ProjectId = F;
    /// Who.
    person: String = F;
    /// As what.
    role: SeatRole = L;
}

counterpart_core::words! {
    /// What somebody may in a project.
    SeatRole { Viewer = "viewer", Editor = "editor", Owner = "owner" }
}

counterpart_core::entity! {
    /// What was answered to a question. Its id follows from project and question.
    Answer(AnswerId) in "answers" { parent: Some("project_id") }
    /// The project.
    project_id: ProjectId = F;
    /// The question.
    question: i64 = F;
    /// What was said.
    words: Option<String> = M [Chars(0, 4_000)];
    /// How it was judged.
    score: Option<i64> = M [Range(0, 100)];
    /// Whether somebody wants to come back to it.
    flagged: bool = T;
    /// Where the cursor was: each device's own word.
    draft: Option<String> = K;
}

counterpart_core::entity! {
    /// So much further, or back.
    Report(ReportId) in "reports" {
        append_only: true,
        parent: Some("project_id"),
        onto: Some(Onto { table: "projects", key: "project_id", apply: further, judge: |_, _, _| Ok(()), counts: None }),
    }
    /// The project.
    project_id: ProjectId = F;
    /// How much.
    by: i64 = F [NotZero];
    /// Where that leaves it.
    stage: String = F [Chars(1, 80)];
}

fn further(report: &Row, project: &mut Row) {
    let sum = project.int("completion").unwrap_or(0) + report.int("by").unwrap_or(0);
    project.set("completion", Value::Int(sum));
    project.set("stage", report.get("stage").clone());
}

/// Viewers look on.
fn permit(who: &Who, attempt: &Attempt<'_>) -> Result<(), Denied> {
    match who.role.as_str() {
        "owner" | "editor" => Ok(()),
        _ => Err(Denied { table: attempt.table.name, rule: "viewer" }),
    }
}

/// The schema.
pub static ASSESSMENTS: Schema = Schema {
    name: "assessments",
    tables: &[Project::TABLE, Seat::TABLE, Answer::TABLE, Report::TABLE],
    migrations: &[Migration { number: 1, sql: TABLES }],
    permit,
    wipes: &[],
    actors: None,
    numbered: None,
    auditors: &[],
};

const TABLES: &str = concat!(
    table_sql!("projects", "name TEXT, completion INTEGER, stage TEXT, weight INTEGER, topics TEXT"),
    table_sql!("seats", "project_id TEXT, person TEXT, role TEXT"),
    table_sql!(
        "answers",
        "project_id TEXT, question INTEGER, words TEXT, score INTEGER, flagged INTEGER, draft TEXT"
    ),
    table_sql!("reports", "project_id TEXT, \"by\" INTEGER, stage TEXT"),
);

const HABITS: Habits = Habits {
    own: &["person"],
    keys: &[("seats", &["project_id", "person"]), ("answers", &["project_id", "question"])],
    numbers: |_, _, _| None,
};

fn act(shop: &Shop, dice: &Dice) -> Result<()> {
    clerk::act(shop, dice, &HABITS)
}

fn completion_is_its_reports(reader: &Reader<'_>) -> Result<Option<String>> {
    let sql = "SELECT p.completion, coalesce((SELECT sum(r.\"by\") FROM reports r WHERE r.project_id = p.id), 0) AS sum
               FROM projects p WHERE p.completion <> sum";
    let wrong = reader.one(sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    Ok(wrong.map(|(shown, sum)| format!("shows a completion of {shown}, its reports sum to {sum}")))
}

/// It, in the simulation.
pub static SCENE: Scene = Scene {
    name: "assessments",
    schema: &ASSESSMENTS,
    roles: &["owner", "editor", "viewer"],
    staff: Vec::new,
    act,
    wrong: completion_is_its_reports,
    moment: |_, _| None,
};
