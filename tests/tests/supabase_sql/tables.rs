//! Every table through the real PostgREST: everybody reads, enters, changes, replaces and deletes, and what is there
//! afterwards is what the permission table allows.

use crate::attacks::Attack;
use crate::people::{PEOPLE, Person, as_entered, fill};
use crate::rest::{Rest, token};
use crate::rows::{sound, variants};
use ::postgres::Client;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::schema::{Field, Json, Policy, Reach, Readers, Table};
use serde_json::json;

/// A field that whoever may write the row may write.
fn everyday(table: &Table) -> Option<&Field> {
    table.fields.iter().find(|field| field.policy != Policy::Fixed && !field.is_kept_by_events())
}

/// Somebody, or nobody, who attacks a table. They have rows of their own to do it to.
struct Attacker<'a> {
    rest: &'a Rest,
    sql: &'a mut Client,
    person: Option<&'a Person>,
    table: &'static Table,
}

impl Attacker<'_> {
    fn told(&self, verb: &str) -> String {
        format!("{} {verb} {}", self.name(), self.table.name)
    }

    fn name(&self) -> &'static str {
        self.person.map_or("nobody", |person| person.name)
    }

    fn target(&self, verb: &str) -> String {
        format!("{}-{verb}", self.name())
    }

    /// The path of one row, or of all of the shop.
    fn path(&self, id: Option<&str>) -> String {
        let row = id.map_or_else(|| "&select=id".into(), |id| format!("&id=eq.{id}"));
        format!("/{}?shop_id=eq.{}{row}", self.table.name, self.rest.shop)
    }

    fn ask(&self, method: &str, path: &str, headers: &str, body: Option<&Json>) -> Json {
        let token = self.person.map(token);
        let (status, answer) = self.rest.ask(method, path, token.as_deref(), headers, body);
        assert!(status < 500, "{}: {status} {answer}", self.told(method));
        answer
    }

    /// A row's version and whether it is deleted; nothing where there is none.
    fn state(&mut self, id: &str) -> Option<(i64, bool)> {
        let asks = format!(
            "select stamp, deleted_at is not null from public.{} where shop_id::text = $1 and id = $2",
            self.table.name
        );
        let found = self.sql.query_opt(&asks, &[&self.rest.shop, &id]).unwrap();
        found.map(|row| (row.get(0), row.get(1)))
    }

    fn may(&self, attack: &Attack) -> bool {
        attack.is_allowed(self.person.and_then(|person| person.at_work(None)).as_ref())
    }

    fn reads(&self) {
        let readers = self.table.readers;
        let wanted = self.person.is_some_and(|person| {
            // That there is a PIN everybody of the shop sees.
            let travels = matches!(readers, Readers::RolesAndOwn(..))
                || readers.reach(person.reads_as()) == Reach::Everything;
            person.is_here() && travels
        });
        let seen = self.ask("GET", &self.path(None), "", None);
        assert_eq!(seen.as_array().is_some_and(|rows| !rows.is_empty()), wanted, "{}", self.told("reads"));
    }

    fn enters(&mut self) {
        let new = sound(self.table, &self.target("new"), None);
        let body = as_entered(&new, &self.rest.shop);
        let answer = self.ask("POST", &format!("/{}", self.table.name), "", Some(&body));
        let may = self.may(&Attack::creates(new));
        let there = self.state(&self.target("new")).is_some();
        assert_eq!(there, may, "{}: {answer}", self.told("enters"));
    }

    fn changes(&mut self, field: &'static Field) {
        for verb in ["changes", "replaces"] {
            let id = self.target(verb);
            let row = sound(self.table, &id, None);
            let after = variants(self.table, &row, field, "").remove(0);
            let change = json!({ field.name: after.to_json()[field.name] });
            let mut may = self.may(&Attack::changes(&row, after, field.name));
            let before = self.state(&id);
            let answer = if verb == "changes" {
                self.ask("PATCH", &self.path(Some(&id)), "", Some(&change))
            } else {
                // Whoever replaces a row reads all of it; verifiers nobody does.
                may &= !matches!(self.table.readers, Readers::RolesAndOwn(..));
                let mut whole = as_entered(&row, &self.rest.shop);
                whole[field.name] = change[field.name].clone();
                let merges = "prefer: resolution=merge-duplicates\r\n";
                self.ask("POST", &format!("/{}", self.table.name), merges, Some(&whole))
            };
            assert_eq!(self.state(&id) != before, may, "{}: {answer}", self.told(verb));
        }
    }

    fn deletes(&mut self) {
        let id = self.target("deletes");
        let may = self.may(&Attack::deletes(sound(self.table, &id, None)));
        let answer = self.ask("DELETE", &self.path(Some(&id)), "", None);
        let deleted = self.state(&id).is_none_or(|(_, deleted)| deleted);
        assert_eq!(deleted, may, "{}: {answer}", self.told("deletes"));
    }
}

#[test]
fn every_table_obeys_the_permission_table_through_postgrest() {
    let rest = Rest::open();
    let mut sql = rest.database.admin();
    for person in PEOPLE.iter().map(Some).chain([None]) {
        for verb in ["changes", "replaces", "deletes"] {
            let id = format!("{}-{verb}", person.map_or("nobody", |person| person.name));
            fill(&mut sql, &rest.shop, REPAIR_SHOP.all_tables().map(|table| sound(table, &id, None)));
        }
        for table in REPAIR_SHOP.all_tables() {
            let mut attacker = Attacker { rest: &rest, sql: &mut sql, person, table };
            attacker.reads();
            attacker.enters();
            if let Some(field) = everyday(table) {
                attacker.changes(field);
            }
            attacker.deletes();
        }
    }
}
