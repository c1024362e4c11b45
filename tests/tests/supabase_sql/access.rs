//! Who sees what of the tables, and what a write by hand does: it is judged like any other, and reaches the devices.

use crate::people::{PEOPLE, Place, named, two_shops};
use ::postgres::Client;
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::schema::{Reach, Readers};

fn count(client: &mut Client, table: &str, shop: &str) -> i64 {
    let counts = format!("select count(id) from public.{table} where shop_id = $1::text::uuid");
    client.query_one(&counts, &[&shop]).unwrap().get(0)
}

#[test]
fn everybody_sees_what_the_schema_lets_travel_to_them() {
    let (database, shop) = two_shops();
    for person in PEOPLE {
        let (name, mut client) = (person.name, person.sql(&database));
        for table in REPAIR_SHOP.all_tables() {
            let seen = count(&mut client, table.name, &shop) > 0;
            let wanted = person.is_here()
                && match table.readers {
                    // That there is a PIN everybody of the shop sees; its verifier nobody selects.
                    Readers::RolesAndOwn(..) => true,
                    Readers::Members | Readers::Roles(_) => {
                        table.readers.reach(person.reads_as()) == Reach::Everything
                    }
                };
            assert_eq!(seen, wanted, "{name} sees {}", table.name);
        }
        let verifiers = client.query("select verifier from public.employee_pins", &[]);
        assert!(verifiers.is_err(), "{name} selects verifiers");
        assert!(client.query("select wire from public.employee_pins", &[]).is_err());
    }
}

#[test]
fn another_shops_people_and_former_ones_change_nothing() {
    let (database, shop) = two_shops();
    for person in PEOPLE.iter().filter(|person| person.place != Place::Here) {
        let name = person.name;
        for table in REPAIR_SHOP.all_tables() {
            let mut client = person.sql(&database);
            let stamp = format!("select max(stamp) from public.{}", table.name);
            let before: i64 = database.admin().query_one(&stamp, &[]).unwrap().get(0);
            for attack in [
                format!("update public.{} set deleted_at = now() where shop_id = '{shop}'", table.name),
                format!("delete from public.{} where shop_id = '{shop}'", table.name),
                format!("insert into public.{} (shop_id, id) values ('{shop}', 'forged')", table.name),
                format!("truncate public.{}", table.name),
                format!("select public.lock_shops(array['{shop}'::uuid])"),
            ] {
                let touched = client.execute(&attack, &[]).unwrap_or(0);
                assert_eq!(touched, 0, "{name}: {attack}");
            }
            let after: i64 = database.admin().query_one(&stamp, &[]).unwrap().get(0);
            assert_eq!(after, before, "{name} changed {}", table.name);
        }
    }
}

#[test]
fn a_direct_write_obeys_the_permission_table_and_reaches_the_devices() {
    let (database, shop) = two_shops();
    let mut tess = named("technician").sql(&database);
    let head = "select head from counterpart.heads where shop_id = $1::text::uuid";
    let before: i64 = database.admin().query_one(head, &[&shop]).unwrap().get(0);
    let set = |column: &str| {
        format!("update public.inventory_items set {column} where shop_id = '{shop}' and id = 'r1'")
    };
    assert_eq!(tess.execute(&set("bin = 'A3'"), &[]).unwrap(), 1);
    for refused in ["price_cents = 1", "quantity = 900", "deleted_at = now()", "shop_id = gen_random_uuid()"]
    {
        assert!(tess.execute(&set(refused), &[]).is_err(), "{refused}");
    }
    let after: i64 = database.admin().query_one(head, &[&shop]).unwrap().get(0);
    assert_eq!(after, before + 1);
    let mut admin = database.admin();
    let row = "select stamp = $2 and wire::json ->> 'bin' = 'A3' and states -> 'bin' ->> 'device' = '' and updated_by = $3
               from public.inventory_items where shop_id = $1::text::uuid and id = 'r1'";
    assert!(
        admin.query_one(row, &[&shop, &after, &named("technician").account()]).unwrap().get::<_, bool>(0)
    );
    let audited = "select count(*) from public.audit where n = $1 and field = 'bin' and became = '\"A3\"' and actor = $2";
    assert_eq!(
        admin.query_one(audited, &[&after, &named("technician").account()]).unwrap().get::<_, i64>(0),
        1
    );
    let poked = "select count(*) from realtime.messages where topic = 'shop:' || $1 and (payload ->> 'n')::bigint = $2";
    assert_eq!(admin.query_one(poked, &[&shop, &after]).unwrap().get::<_, i64>(0), 1);
}

#[test]
fn a_deletion_in_sql_leaves_a_tombstone_and_a_truncation_is_refused() {
    let (database, shop) = two_shops();
    let mut owner = named("owner").sql(&database);
    let deletes = "delete from public.appointments where shop_id = $1::text::uuid";
    owner.execute(deletes, &[&shop]).unwrap();
    let mut admin = database.admin();
    let gone =
        "select deleted_at is not null and wire::json ->> 'deleted_at' is not null from public.appointments
                where shop_id = $1::text::uuid";
    assert!(admin.query_one(gone, &[&shop]).unwrap().get::<_, bool>(0));
    assert!(admin.execute("truncate public.appointments", &[]).is_err());
    let unnamed = admin.execute("update public.customers set notes = 'x'", &[]);
    assert_eq!(unnamed.unwrap_err().as_db_error().unwrap().code().code(), "55000");
}

#[test]
fn a_deletion_by_hand_is_of_now_and_what_was_emptied_never_comes_back() {
    let (database, shop) = two_shops();
    let (mut owner, mut admin) = (named("owner").sql(&database), database.admin());
    let sets = |moment: &str| {
        format!("update public.appointments set deleted_at = {moment} where shop_id = '{shop}'")
    };
    let recent =
        "select deleted_at > now() - interval '1 hour' from public.appointments where shop_id::text = $1";
    for _ in 0..2 {
        assert_eq!(owner.execute(&sets("'2000-01-01'"), &[]).unwrap(), 1);
        assert!(admin.query_one(recent, &[&shop]).unwrap().get::<_, bool>(0));
    }
    let mut sets_as_admin = |moment: &str| {
        let mut held = admin.transaction().unwrap();
        held.execute("select public.lock_shops(array[$1::text::uuid])", &[&shop]).unwrap();
        let set = held.execute(&sets(moment), &[]);
        held.commit().unwrap();
        set
    };
    for never in ["'infinity'", "'-infinity'", "'20000-01-01'"] {
        assert_eq!(sets_as_admin(never).unwrap_err().as_db_error().unwrap().code().code(), "23514");
    }
    assert_eq!(sets_as_admin("now() - interval '181 days'").unwrap(), 1);
    admin.execute("select public.forget_deleted()", &[]).unwrap();
    for revives in
        [sets("null"), format!("update public.appointments set notes = 'x' where shop_id = '{shop}'")]
    {
        let refused = owner.execute(&revives, &[]).unwrap_err();
        assert_eq!(refused.as_db_error().unwrap().message(), "deleted", "{revives}");
    }
}

#[test]
fn whoever_works_in_a_shop_hears_its_channels_and_shows_themselves_there_and_nobody_else() {
    let (database, shop) = two_shops();
    let mut admin = database.admin();
    let others = "select id::text from public.shops where id <> $1::text::uuid";
    let other: String = admin.query_one(others, &[&shop]).unwrap().get(0);
    let extensions = ["broadcast", "presence", "postgres_changes"];
    for extension in extensions {
        let message = "insert into realtime.messages (topic, extension) values ('of anything', $1)";
        admin.execute(message, &[&extension]).unwrap();
    }
    let named = |at: &str| [format!("shop:{at}"), format!("presence:{at}")];
    let topics = [&named(&shop)[..], &named(&other), &["shop:".into(), "of anything".into()]].concat();
    for (person, topic) in
        PEOPLE.iter().map(Some).chain([None]).flat_map(|who| topics.iter().map(move |topic| (who, topic)))
    {
        let at = person.and_then(|person| match person.place {
            Place::Here => Some(&shop),
            Place::Elsewhere => Some(&other),
            Place::Left => None,
        });
        let [pokes, presence] = at.map(|at| named(at)).unwrap_or_default();
        let name = person.map_or("nobody", |person| person.name);
        let mut client = match person {
            Some(person) => person.sql(&database),
            None => database.as_account("anon", None),
        };
        // As Realtime asks: the topic as a setting, and whether a message can be read and written, which is then undone.
        client.execute("select set_config('realtime.topic', $1, false)", &[topic]).unwrap();
        for extension in extensions {
            let mut asked = client.transaction().unwrap();
            let reads = "select exists (select from realtime.messages where extension = $1)";
            let heard: bool = asked.query_one(reads, &[&extension]).unwrap().get(0);
            let hears = [&pokes, &presence].contains(&topic) && extension != "postgres_changes";
            assert_eq!(heard, hears, "{name} hears a {extension} of {topic}");
            let writes = "insert into realtime.messages (topic, extension) values ($1, $2)";
            let shown = asked.execute(writes, &[topic, &extension]).is_ok();
            assert_eq!(
                shown,
                *topic == presence && extension == "presence",
                "{name} sends a {extension} to {topic}"
            );
        }
    }
}
