//! Somebody who works in two shops: each by its own role, both in one statement, and one of them no more when their place
//! there ends.

use crate::people::{Person, named, two_shops};
use ::postgres::{Client, Error};
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::schema::{Json, Readers};
use counterpart_tests::postgres::Database;
use serde_json::json;

/// Two shops, and one of the people here who works in the other too.
struct Both {
    database: Database,
    here: String,
    there: String,
    person: Person,
}

impl Both {
    fn of(name: &str, role_there: &str) -> Both {
        let (database, here) = two_shops();
        let others = "select id::text from public.shops where id <> $1::text::uuid";
        let there: String = database.admin().query_one(others, &[&here]).unwrap().get(0);
        let both = Both { database, here, there, person: named(name) };
        both.takes_in(role_there);
        both
    }

    fn takes_in(&self, role: &str) {
        let takes = "select public.take_in($1::text::uuid, $2::text::uuid, 'both@shop.example', $3)";
        self.database.admin().execute(takes, &[&self.there, &self.person.account(), &role]).unwrap();
    }

    fn leaves(&self) {
        let leaves =
            "update public.members set active = false where shop_id::text = $1 and account::text = $2";
        self.database.admin().execute(leaves, &[&self.there, &self.person.account()]).unwrap();
    }

    fn sql(&self) -> Client {
        self.person.sql(&self.database)
    }

    fn heads(&self) -> [i64; 2] {
        let head = "select head from counterpart.heads where shop_id::text = $1";
        [&self.here, &self.there].map(|shop| self.database.admin().query_one(head, &[shop]).unwrap().get(0))
    }
}

/// The shops that an overview shows, in order.
fn overview(sql: &mut Client) -> Vec<String> {
    let text: String = sql.query_one("select public.shop_overview()::text", &[]).unwrap().get(0);
    let told: Json = serde_json::from_str(&text).unwrap();
    told["shops"].as_array().unwrap().iter().map(|shop| shop["shop"].as_str().unwrap().to_owned()).collect()
}

fn sorted(shops: &[&String]) -> Vec<String> {
    let mut shops: Vec<String> = shops.iter().copied().cloned().collect();
    shops.sort();
    shops
}

/// The shops whose rows of a table are seen.
fn seen(sql: &mut Client, table: &str) -> Vec<String> {
    let asks = format!("select distinct shop_id::text from public.{table} order by 1");
    sql.query(&asks, &[]).unwrap().iter().map(|row| row.get(0)).collect()
}

/// Sets a column of the item in one shop, or in all that there are.
fn sets(sql: &mut Client, shop: Option<&str>, column: &str) -> Result<u64, Error> {
    let at = shop.map(|shop| format!(" and shop_id = '{shop}'")).unwrap_or_default();
    sql.execute(&format!("update public.inventory_items set {column} where id = 'r1'{at}"), &[])
}

fn code(refused: Result<u64, Error>) -> String {
    refused.unwrap_err().code().unwrap().code().to_owned()
}

#[test]
fn who_manages_two_shops_reads_both_in_the_overview_and_in_every_table() {
    let both = Both::of("manager", "admin");
    let mut sql = both.sql();
    let shops = sorted(&[&both.here, &both.there]);
    assert_eq!(overview(&mut sql), shops);
    for table in REPAIR_SHOP.all_tables() {
        let readers =
            matches!(table.readers, Readers::RolesAndOwn(..) | Readers::Members | Readers::Roles(_));
        assert!(readers && seen(&mut sql, table.name) == shops, "{}", table.name);
    }
    assert_eq!(seen(&mut sql, "audit"), shops);
}

#[test]
fn each_shop_judges_by_the_role_there() {
    let both = Both::of("owner", "technician");
    let mut sql = both.sql();
    assert_eq!(overview(&mut sql), std::slice::from_ref(&both.here));
    assert_eq!(seen(&mut sql, "item_costs"), std::slice::from_ref(&both.here));
    let [here, there] = both.heads();
    assert_eq!(sets(&mut sql, Some(&both.here), "price_cents = 4200").unwrap(), 1);
    assert_eq!(code(sets(&mut sql, Some(&both.there), "price_cents = 1")), "42501");
    // One statement on both is refused for both.
    assert_eq!(code(sets(&mut sql, None, "price_cents = 2")), "42501");
    assert_eq!(both.heads(), [here + 1, there]);
    assert_eq!(sets(&mut sql, None, "bin = 'A3'").unwrap(), 2);
    assert_eq!(both.heads(), [here + 2, there + 1]);
    let moves = format!("shop_id = '{}'", both.here);
    assert!(sets(&mut sql, Some(&both.there), &moves).is_err());
    let raises = "update public.employees set role = 'owner' where shop_id::text = $1 and id = $2";
    let raised = sql.execute(raises, &[&both.there, &both.person.account()]);
    assert_eq!(code(raised), "42501");
    let trail = json!({ "shop": both.there, "table": "inventory_items", "id": "r1", "limit": 10 });
    assert!(sql.query_one("select public.sync_trail($1)::text", &[&trail]).is_err());
}

#[test]
fn who_leaves_one_of_two_shops_keeps_the_other_alone() {
    let both = Both::of("manager", "manager");
    let mut sql = both.sql();
    assert_eq!(sets(&mut sql, None, "price_cents = 4200").unwrap(), 2);
    both.leaves();
    let here = [both.here.clone()];
    assert_eq!(overview(&mut sql), here);
    for table in REPAIR_SHOP.all_tables() {
        assert_eq!(seen(&mut sql, table.name), here, "{}", table.name);
    }
    let before = both.heads();
    assert_eq!(sets(&mut sql, Some(&both.there), "price_cents = 1").unwrap(), 0);
    assert_eq!(sets(&mut sql, None, "price_cents = 2").unwrap(), 1);
    assert_eq!(both.heads(), [before[0] + 1, before[1]]);
    let locks = sql.execute("select public.lock_shops(array[$1::text::uuid])", &[&both.there]);
    assert_eq!(code(locks), "PT403");
    let asks =
        json!({ "shop": both.there, "device": "d", "generation": 0, "attempt": "a", "numbers_left": 50 });
    assert_eq!(code(sql.query_one("select public.device_open($1)::text", &[&asks]).map(|_| 0)), "PT403");
    both.takes_in("front_desk");
    assert_eq!(seen(&mut sql, "tickets"), sorted(&[&both.here, &both.there]));
    assert_eq!(code(sets(&mut sql, Some(&both.there), "price_cents = 1")), "42501");
}
