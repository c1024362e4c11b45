//! Two shops with a row in every table, and everybody who may come to them: of each role, a shared tablet, somebody whose
//! place ended, the owner of the other shop.

use crate::rows::sound;
use ::postgres::Client;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::schema::{Json, Row, Table, Who};
use counterpart_tests::postgres::{Cluster, Database};
use serde_json::json;
use uuid::Uuid;

/// Where somebody works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the shop.
    Here,
    /// Here once; their token is still good.
    Left,
    /// In the other shop.
    Elsewhere,
}

/// Somebody with an account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    pub(crate) name: &'static str,
    pub(crate) role: &'static str,
    pub(crate) station: bool,
    pub(crate) place: Place,
}

const fn person(name: &'static str, role: &'static str, station: bool, place: Place) -> Person {
    Person { name, role, station, place }
}

/// All of them.
pub(crate) const PEOPLE: [Person; 8] = [
    person("owner", "owner", false, Place::Here),
    person("admin", "admin", false, Place::Here),
    person("manager", "manager", false, Place::Here),
    person("technician", "technician", false, Place::Here),
    person("front_desk", "front_desk", false, Place::Here),
    person("tablet", "front_desk", true, Place::Here),
    person("former", "owner", false, Place::Left),
    person("stranger", "owner", false, Place::Elsewhere),
];

/// Somebody of them.
pub(crate) fn named(name: &str) -> Person {
    *PEOPLE.iter().find(|person| person.name == name).unwrap()
}

impl Person {
    pub(crate) fn account(&self) -> String {
        let place = PEOPLE.iter().position(|person| person.name == self.name).unwrap();
        Uuid::from_u128(0x7000_8000_0000_0000_0001 + place as u128).to_string()
    }

    /// As whom the shop's tables are read.
    pub(crate) fn reads_as(&self) -> &'static str {
        if self.station { "station" } else { self.role }
    }

    pub(crate) fn is_here(&self) -> bool {
        self.place == Place::Here
    }

    /// Who is at work when an operation names somebody, or nobody. Nothing where they do not work here.
    pub(crate) fn at_work(&self, actor: Option<&Person>) -> Option<Who> {
        let other = actor.filter(|actor| actor.name != self.name);
        self.is_here().then(|| Who {
            account: self.account(),
            role: self.role.into(),
            station: self.station,
            actor: actor.map(Person::account),
            actor_role: other.map(|actor| actor.role.into()),
        })
    }

    /// What a token says of them.
    pub(crate) fn claims(&self) -> Json {
        json!({ "sub": self.account(), "role": "authenticated" })
    }

    /// A connection in the role that the API has, on their behalf.
    pub(crate) fn sql(&self, database: &Database) -> Client {
        database.as_account("authenticated", Some(&self.account()))
    }
}

/// Two shops with a row in every table.
pub(crate) fn two_shops() -> (Database, String) {
    let database = Cluster::shared().database();
    let mut sql = database.admin();
    let mut found = |name: &str| -> String {
        sql.query_one("select public.found_shop($1)::text", &[&name]).unwrap().get(0)
    };
    let (shop, other) = (found("Ours"), found("Elsewhere"));
    for person in PEOPLE {
        let (id, email) = (person.account(), format!("{}@shop.example", person.name));
        sql.execute("insert into auth.users (id, email) values ($1::text::uuid, $2)", &[&id, &email])
            .unwrap();
        let at = if person.place == Place::Elsewhere { &other } else { &shop };
        let takes = "select public.take_in($1::text::uuid, $2::text::uuid, $3, $4, $5)";
        sql.execute(takes, &[at, &id, &email, &person.role, &person.station]).unwrap();
    }
    let former = named("former").account();
    sql.execute("update public.members set active = false where account::text = $1", &[&former]).unwrap();
    for at in [&shop, &other] {
        fill(&mut sql, at, REPAIR_SHOP.all_tables().map(|table| sound(table, "r1", None)));
    }
    (database, shop)
}

/// Enters rows as whoever runs the database.
pub(crate) fn fill(sql: &mut Client, shop: &str, rows: impl Iterator<Item = Row>) {
    let mut transaction = sql.transaction().unwrap();
    transaction.execute("select public.lock_shops(array[$1::text::uuid])", &[&shop]).unwrap();
    for row in rows {
        let table = row.table;
        transaction
            .execute(&enters(table, &row, shop), &[&as_entered(&row, shop)])
            .unwrap_or_else(|error| panic!("{}: {error:?}", table.name));
    }
    transaction.commit().unwrap();
}

/// The statement that enters a row which is given as JSON, with the columns that say something.
pub(crate) fn enters(table: &Table, row: &Row, shop: &str) -> String {
    let body = as_entered(row, shop);
    let columns = body.as_object().unwrap().keys().map(|name| format!("\"{name}\"")).collect::<Vec<_>>();
    let columns = columns.join(", ");
    format!(
        "insert into public.{0} ({columns}) select {columns} from jsonb_populate_record(null::public.{0}, $1)",
        table.name
    )
}

/// A row as somebody enters it: what a new row does not have anyway.
pub(crate) fn as_entered(row: &Row, shop: &str) -> Json {
    let blank = Row::blank(row.table, "");
    let whole = row.to_json();
    let fields = row.table.fields.iter().filter(|field| row.get(field.name) != blank.get(field.name));
    let mut body: serde_json::Map<String, Json> =
        fields.map(|field| (field.name.into(), whole[field.name].clone())).collect();
    body.insert("shop_id".into(), json!(shop));
    body.insert("id".into(), whole["id"].clone());
    Json::Object(body)
}
