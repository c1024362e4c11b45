//! Everybody tries everything on every table: each field of each new row, each change of a row that is nobody's or their
//! own, each deletion; by a direct write and by a push. What comes of it is what the permission table says, no more and
//! no less. All of it is made from the entity files, so that a new table is attacked by itself.

use crate::people::{PEOPLE, Person, as_entered, enters, fill, named, two_shops};
use crate::rows::{ALONE, PARENT, sound, variants};
use ::postgres::Client;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::schema::{Attempt, Json, Policy, Reach, Readers, Row, Table, Verb, Who};
use counterpart_tests::postgres::Database;
use serde_json::json;

/// A write that somebody tries.
pub(crate) struct Attack {
    pub(crate) table: &'static Table,
    verb: Verb,
    before: Option<Row>,
    pub(crate) after: Row,
    changed: Vec<&'static str>,
}

/// The id of the rows that name somebody as theirs.
fn own(person: &Person) -> String {
    format!("of-{}", person.name)
}

impl Attack {
    pub(crate) fn creates(row: Row) -> Attack {
        Attack { table: row.table, verb: Verb::Create, before: None, after: row, changed: Vec::new() }
    }

    pub(crate) fn changes(before: &Row, after: Row, field: &'static str) -> Attack {
        let before = Some(before.clone());
        Attack { table: after.table, verb: Verb::Change, before, after, changed: vec![field] }
    }

    pub(crate) fn deletes(row: Row) -> Attack {
        let before = Some(row.clone());
        Attack { table: row.table, verb: Verb::Delete, before, after: row, changed: Vec::new() }
    }

    /// Whether a field that nobody writes would be written, or one again that is written once.
    fn breaks_a_field(&self) -> bool {
        let blank = Row::blank(self.table, "");
        self.table.fields.iter().any(|field| {
            let touched = match self.verb {
                Verb::Create => self.after.get(field.name) != blank.get(field.name),
                Verb::Change => self.changed.contains(&field.name),
                Verb::Delete => false,
            };
            let once = self.verb == Verb::Change && field.policy == Policy::Fixed;
            touched && (once || field.is_kept_by_events())
        })
    }

    /// Whether somebody may, as the permission table has it; nobody where the shop is not theirs.
    pub(crate) fn is_allowed(&self, who: Option<&Who>) -> bool {
        let Some(who) = who else { return false };
        let attempt = Attempt {
            table: self.table,
            verb: self.verb,
            before: self.before.as_ref(),
            after: &self.after,
            fields: &self.changed,
            now: 0,
        };
        let role = if who.station { "station" } else { &who.role };
        // What only grows may be written by whoever may not read it.
        let hidden = matches!(self.table.readers, Readers::Roles(_))
            && self.table.readers.reach(role) != Reach::Everything;
        let judged = self.table.onto.is_none_or(|onto| {
            let parent = REPAIR_SHOP.table(onto.table).unwrap();
            self.verb != Verb::Create
                || (onto.judge)(&mut self.after.clone(), &sound(parent, PARENT, None), who).is_ok()
        });
        (self.table.append_only || !hidden)
            && judged
            && !self.breaks_a_field()
            && (REPAIR_SHOP.permit)(who, &attempt).is_ok()
    }

    fn told(&self) -> String {
        format!("{:?} {} {} {:?}", self.verb, self.table.name, self.after.id, self.changed)
    }

    /// The statement that tries it, with what it is given; and what says whether a deletion came about.
    fn statement(&self, shop: &str) -> Json {
        let table = self.table.name;
        let there = format!("where t.shop_id = '{shop}' and t.id = '{}'", self.after.id);
        match (self.verb, self.changed.first()) {
            (Verb::Create, _) => {
                json!({ "sql": enters(self.table, &self.after, shop), "row": as_entered(&self.after, shop) })
            }
            (Verb::Change, Some(field)) => {
                let sets = format!(
                    "update public.{table} as t set \"{field}\" = w.\"{field}\"
                     from jsonb_populate_record(null::public.{table}, $1) as w {there}"
                );
                json!({ "sql": sets, "row": self.after.to_json() })
            }
            (Verb::Change, None) => panic!("a change of nothing"),
            (Verb::Delete, _) => json!({
                "sql": format!("delete from public.{table} as t {there}"), "row": {},
                "seen": format!("select count(t.id) from public.{table} as t {there} and t.deleted_at is not null"),
            }),
        }
    }

    /// The operation that tries it.
    fn operation(&self, who: &Person, actor: Option<&Person>, head: i64) -> Json {
        let body = self.after.to_json();
        let blank = Row::blank(self.table, "");
        let fields = self.table.fields.iter().map(|field| field.name);
        let edited: serde_json::Map<String, Json> = fields
            .filter(|name| match self.verb {
                Verb::Create => self.after.get(name) != blank.get(name),
                Verb::Change => self.changed.contains(name),
                Verb::Delete => false,
            })
            .map(|name| (name.to_owned(), json!({ "to": body[name], "on": head })))
            .collect();
        let kind = match self.verb {
            Verb::Create if self.table.append_only => "append",
            Verb::Create => "insert",
            Verb::Change => "patch",
            Verb::Delete => "delete",
        };
        json!({
            "id": "attack", "seq": 1, "at": 1, "on": head, "account": who.account(), "actor": actor.map(Person::account),
            "table": self.table.name, "row": self.after.id, "kind": kind, "fields": edited,
        })
    }
}

/// All that somebody tries.
fn attacks(me: &Person) -> Vec<Attack> {
    let account = me.account();
    let mut attacks = Vec::new();
    for table in REPAIR_SHOP.all_tables() {
        let new = sound(table, "new", None);
        let mut rows = vec![sound(table, PARENT, None), sound(table, &own(me), Some(&account))];
        // Of most tables no row is anybody's.
        rows.dedup_by(|own, nobodys| own.values == nobodys.values);
        for field in table.fields {
            let made = variants(table, &new, field, &account);
            assert!(!made.is_empty(), "nothing is known that {}.{} may become", table.name, field.name);
            attacks.extend(made.into_iter().map(Attack::creates));
            for row in &rows {
                let changed = variants(table, row, field, &account).into_iter();
                // Whatever is written there, nobody may.
                let most = if table.append_only || field.is_kept_by_events() { 1 } else { usize::MAX };
                attacks.extend(changed.take(most).map(|after| Attack::changes(row, after, field.name)));
            }
        }
        attacks.push(Attack::creates(new));
        attacks.push(Attack::deletes(sound(table, ALONE, None)));
        attacks.extend(rows.into_iter().skip(1).map(Attack::deletes));
    }
    attacks
}

/// Tries each, and undoes it: what came of it. `attack` is a direct write, `attack_by_push` an operation.
const ATTACK: &str = "
    create function public.attack(session jsonb, attacks jsonb) returns text[] language plpgsql as $$
    declare a jsonb; many bigint; told text[] := '{}'; state text; says text;
    begin
      for a in select jsonb_array_elements(attacks) loop
        begin
          execute a ->> 'sql' using a -> 'row';
          get diagnostics many = row_count;
          if a ? 'seen' then
            execute a ->> 'seen' into many;
          end if;
          raise sqlstate 'ZZ000' using message = case when many = 0 then 'nothing' else 'done' end;
        exception when others then
          get stacked diagnostics state = returned_sqlstate, says = message_text;
          told := told || case when state = 'ZZ000' then says else state || ' ' || says end;
        end;
      end loop;
      return told;
    end $$;
    create function public.attack_by_push(session jsonb, operations jsonb) returns text[] language plpgsql as $$
    declare a jsonb; told text[] := '{}'; state text; says text; receipt jsonb;
    begin
      for a in select jsonb_array_elements(operations) loop
        begin
          receipt := public.sync_push((session || jsonb_build_object('ops', jsonb_build_array(a)))::json) -> 'receipts' -> 0;
          raise sqlstate 'ZZ000' using message = case
            when receipt ->> 'outcome' in ('applied', 'merged', 'conflict') then 'done' else receipt ->> 'code' end;
        exception when others then
          get stacked diagnostics state = returned_sqlstate, says = message_text;
          told := told || case when state = 'ZZ000' then says else state || ' ' || says end;
        end;
      end loop;
      return told;
    end $$;
    grant execute on function public.attack(jsonb, jsonb), public.attack_by_push(jsonb, jsonb) to authenticated";

/// The shops, ready to be attacked.
struct Target {
    database: Database,
    shop: String,
    head: i64,
}

impl Target {
    fn new() -> Target {
        let (database, shop) = two_shops();
        let mut sql = database.admin();
        sql.batch_execute(ATTACK).unwrap();
        fill(&mut sql, &shop, REPAIR_SHOP.all_tables().map(|table| sound(table, ALONE, None)));
        for person in PEOPLE {
            let rows = REPAIR_SHOP.all_tables();
            fill(&mut sql, &shop, rows.map(|table| sound(table, &own(&person), Some(&person.account()))));
        }
        let head = "select head from counterpart.heads where shop_id = $1::text::uuid";
        let head = sql.query_one(head, &[&shop]).unwrap().get(0);
        Target { database, shop, head }
    }
}

/// Holds what came of attacks to what the permission table says. How many succeeded.
fn judge(attacks: &[Attack], who: Option<&Who>, told: &[String], refused: &[&str], label: &str) -> usize {
    assert_eq!(attacks.len(), told.len());
    let mut wrong = Vec::new();
    for (attack, told) in attacks.iter().zip(told) {
        let as_wanted = if attack.is_allowed(who) {
            told == "done"
        } else {
            refused.iter().any(|word| told.split(' ').next() == Some(*word))
        };
        if !as_wanted {
            wrong.push(format!("{label}: {}: {told}", attack.told()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), told.len(), wrong.join("\n"));
    told.iter().filter(|told| *told == "done").count()
}

/// How many attacks are one call: it has a member's time for its statement.
const A_CALL: usize = 20;

fn told(sql: &mut Client, call: &str, session: &Json, attacks: &[Json]) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for some in attacks.chunks(A_CALL) {
        told.extend(sql.query_one(call, &[session, &json!(some)]).unwrap().get::<_, Vec<String>>(0));
    }
    told
}

#[test]
fn a_direct_write_does_what_the_permission_table_allows_and_nothing_else() {
    let target = Target::new();
    for person in PEOPLE {
        let attacks = attacks(&person);
        assert!(attacks.len() > 300, "{}", attacks.len());
        let statements: Vec<Json> = attacks.iter().map(|attack| attack.statement(&target.shop)).collect();
        let mut sql = person.sql(&target.database);
        let told = told(&mut sql, "select public.attack($1, $2)", &Json::Null, &statements);
        let who = person.at_work(None);
        // Denied; not to be seen; kept by the shop.
        let refused = ["42501", "nothing", "23514"];
        let done = judge(&attacks, who.as_ref(), &told, &refused, person.name);
        assert_eq!(done > 0, person.is_here() && !person.station, "{}", person.name);
    }
}

/// Who pushes, in whose name, and whether that person's PIN was right there.
const PUSHES: [(&str, Option<&str>, bool); 13] = [
    ("owner", Some("owner"), false),
    ("admin", Some("admin"), false),
    ("manager", Some("manager"), false),
    ("technician", Some("technician"), false),
    ("front_desk", Some("front_desk"), false),
    ("technician", None, false),
    ("technician", Some("owner"), false),
    ("tablet", None, false),
    ("tablet", Some("technician"), true),
    ("tablet", Some("owner"), true),
    ("tablet", Some("manager"), false),
    ("former", Some("former"), false),
    ("stranger", Some("owner"), false),
];

#[test]
fn a_push_does_what_the_permission_table_allows_and_nothing_else() {
    let target = Target::new();
    for (name, actor, granted) in PUSHES {
        let (person, actor) = (named(name), actor.map(named));
        let actor = actor.as_ref();
        let me = actor.unwrap_or(&person);
        let session = session(&target, &person, actor.filter(|_| granted));
        let attacks = attacks(me);
        let operations: Vec<Json> =
            attacks.iter().map(|attack| attack.operation(&person, actor, target.head)).collect();
        let mut sql = person.sql(&target.database);
        let told = told(&mut sql, "select public.attack_by_push($1, $2)", &session, &operations);
        let may_name = actor.is_none_or(|actor| actor.name == person.name || granted);
        let who = person.at_work(actor).filter(|_| may_name);
        let refused: &[&str] = if !person.is_here() {
            &["PT403"]
        } else if may_name {
            &["denied", "kept", "fixed", "kind"]
        } else {
            &["no_grant"]
        };
        let done = judge(&attacks, who.as_ref(), &told, refused, &format!("{name} as {}", me.name));
        assert_eq!(done > 0, who.is_some() && (actor.is_some() || !person.station), "{name}");
    }
}

/// A device's session; whoever does not work here has got hold of the owner's.
fn session(target: &Target, person: &Person, granted: Option<&Person>) -> Json {
    let opens = if person.is_here() { *person } else { named("owner") };
    let device = format!("of-{}", opens.name);
    let asks =
        json!({ "shop": target.shop, "device": device, "generation": 0, "attempt": "a", "numbers_left": 50 });
    let opened: String = opens
        .sql(&target.database)
        .query_one("select public.device_open($1)::text", &[&asks])
        .unwrap()
        .get(0);
    let opened: Json = serde_json::from_str(&opened).unwrap();
    if let Some(granted) = granted {
        let grants = json!({ "shop": target.shop, "device": device, "employee": granted.account() });
        target.database.admin().query_one("select public.station_granted($1)::text", &[&grants]).unwrap();
    }
    json!({ "shop": target.shop, "device": device, "generation": opened["generation"], "epoch": opened["epoch"],
            "unsent": 0 })
}
