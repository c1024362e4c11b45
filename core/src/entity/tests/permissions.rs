//! Who may do what, for every table, verb and role.

use super::{row, table};
use crate::entity::permit;
use crate::entity::{REPAIR_SHOP, Rights, Role};
use crate::schema::{Attempt, Json, Verb, Who};
use serde_json::json;

const ROLES: [&str; 5] = ["owner", "admin", "manager", "technician", "front_desk"];
const ME: &str = "me";

fn who(role: &str) -> Who {
    Who {
        account: "account".into(),
        role: role.into(),
        station: false,
        actor: Some(ME.into()),
        actor_role: Some(role.into()),
    }
}

fn station(actor_role: Option<&str>) -> Who {
    Who {
        account: "tablet".into(),
        role: "owner".into(),
        station: true,
        actor: actor_role.map(|_| ME.into()),
        actor_role: actor_role.map(Into::into),
    }
}

/// The word for what is missing, if anything is.
fn denied(who: &Who, verb: Verb, name: &str, before: Json, after: Json) -> Option<&'static str> {
    let fields: Vec<&'static str> = table(name)
        .fields
        .iter()
        .map(|field| field.name)
        .filter(|field| after.get(field) != before.get(field))
        .collect();
    let old = row(name, before);
    let new = row(name, after);
    let before = (verb != Verb::Create).then_some(&old);
    let attempt = Attempt { table: table(name), verb, before, after: &new, fields: &fields, now: 0 };
    permit(who, &attempt).err().map(|denied| denied.rule)
}

/// One line of the matrix: what is done, and which roles may, in the order of `ROLES`.
type Line = (Verb, &'static str, Json, Json, [bool; 5]);

const ALL: [bool; 5] = [true; 5];
const NOBODY: [bool; 5] = [false; 5];
const MANAGERS: [bool; 5] = [true, true, true, false, false];
const BENCH: [bool; 5] = [true, true, true, true, false];
const NOT_BENCH: [bool; 5] = [true, true, true, false, true];
const ADMINS: [bool; 5] = [true, true, false, false, false];

fn hold(lines: Vec<Line>) {
    for (verb, name, before, after, expected) in lines {
        for (role, allowed) in ROLES.into_iter().zip(expected) {
            let missing = denied(&who(role), verb, name, before.clone(), after.clone());
            assert_eq!(missing.is_none(), allowed, "{role} {verb:?} {name} {before} → {after}: {missing:?}");
        }
    }
}

#[test]
fn customers_intake_and_notes_are_everybodys_and_what_destroys_is_the_managers() {
    use Verb::{Change, Create, Delete};
    let no = || json!({});
    hold(vec![
        (Create, "customers", no(), no(), ALL),
        (Change, "customers", no(), json!({"notes": "rings back"}), ALL),
        (Create, "customers", no(), json!({"tax_exempt": true}), MANAGERS),
        (Change, "customers", no(), json!({"tax_exempt": true}), MANAGERS),
        (Create, "customers", no(), json!({"merged_into": "c2"}), MANAGERS),
        (Change, "customers", no(), json!({"merged_into": "c2"}), MANAGERS),
        (Change, "customers", json!({"merged_into": "c2"}), no(), MANAGERS),
        (Delete, "customers", no(), no(), MANAGERS),
        (Create, "tickets", no(), no(), ALL),
        (Change, "tickets", no(), json!({"approved_cents": 100}), ALL),
        (Delete, "tickets", no(), no(), MANAGERS),
        (Create, "ticket_notes", no(), no(), ALL),
        (Create, "ticket_events", no(), no(), ALL),
        (Create, "ticket_lines", no(), no(), ALL),
        (Change, "ticket_lines", no(), json!({"approval": "approved"}), ALL),
        (Delete, "ticket_lines", no(), no(), ALL),
        (Create, "ticket_secrets", no(), no(), ALL),
        (Change, "ticket_secrets", no(), json!({"sealed": "z"}), ALL),
        (Delete, "ticket_secrets", no(), no(), ALL),
        (Create, "secret_reveals", no(), no(), ALL),
        (Create, "shop_settings", no(), no(), MANAGERS),
        (Change, "shop_settings", no(), json!({"name": "Menders"}), MANAGERS),
        (Delete, "shop_settings", no(), no(), MANAGERS),
    ]);
}

#[test]
fn parts_are_the_technicians_and_stock_and_prices_the_managers() {
    use Verb::{Change, Create, Delete};
    let no = || json!({});
    hold(vec![
        (Create, "inventory_items", no(), no(), BENCH),
        (Change, "inventory_items", no(), json!({"bin": "A3"}), BENCH),
        (Create, "inventory_items", no(), json!({"price_cents": 100}), MANAGERS),
        (Change, "inventory_items", no(), json!({"price_cents": 100}), MANAGERS),
        (Change, "inventory_items", no(), json!({"merged_into": "i2"}), MANAGERS),
        (Delete, "inventory_items", no(), no(), MANAGERS),
    ]);
    for kind in ["use", "return", "reserve", "release", "count"] {
        hold(vec![(Create, "stock_movements", no(), json!({ "kind": kind }), BENCH)]);
    }
    for kind in ["receive", "adjust", "shrink", "kind_of_tomorrow"] {
        hold(vec![(Create, "stock_movements", no(), json!({ "kind": kind }), MANAGERS)]);
    }
    for (name, field) in [("item_costs", "cost_cents"), ("employee_pay", "hourly_rate_cents")] {
        hold(vec![
            (Create, name, no(), no(), MANAGERS),
            (Change, name, no(), json!({ field: 5 }), MANAGERS),
            (Delete, name, no(), no(), MANAGERS),
        ]);
    }
}

#[test]
fn a_technician_has_only_the_own_appointments() {
    use Verb::{Change, Create, Delete};
    let (mine, theirs, nobodys) = (json!({"assignee_id": ME}), json!({"assignee_id": "you"}), json!({}));
    for verb in [Create, Delete] {
        hold(vec![
            (verb, "appointments", mine.clone(), mine.clone(), ALL),
            (verb, "appointments", theirs.clone(), theirs.clone(), NOT_BENCH),
            (verb, "appointments", nobodys.clone(), nobodys.clone(), NOT_BENCH),
        ]);
    }
    let done = json!({"assignee_id": ME, "state": "done"});
    hold(vec![
        (Change, "appointments", mine.clone(), done, ALL),
        (Change, "appointments", theirs.clone(), mine.clone(), NOT_BENCH),
        (Change, "appointments", mine, theirs, NOT_BENCH),
    ]);
}

#[test]
fn employees_are_written_only_from_above() {
    let ranks = [("owner", 3), ("admin", 2), ("manager", 1), ("technician", 0), ("front_desk", 0)];
    for (writer, mine) in ranks {
        for (was, before) in ranks {
            for (becomes, after) in ranks {
                let above = mine > 0 && (mine == 3 || (mine > before && mine > after));
                let missing = denied(
                    &who(writer),
                    Verb::Change,
                    "employees",
                    json!({"role": was}),
                    json!({"role": becomes}),
                );
                assert_eq!(missing.is_none(), above, "{writer} makes {was} {becomes}: {missing:?}");
            }
            for verb in [Verb::Create, Verb::Delete] {
                let missing =
                    denied(&who(writer), verb, "employees", json!({"role": was}), json!({"role": was}));
                assert_eq!(
                    missing.is_none(),
                    mine > 0 && (mine == 3 || mine > before),
                    "{writer} {verb:?} {was}"
                );
            }
        }
        let tomorrow = json!({"role": "role_of_tomorrow"});
        assert_eq!(denied(&who(writer), Verb::Create, "employees", json!({}), tomorrow), Some("outrank"));
    }
}

#[test]
fn a_pin_is_ones_own() {
    use Verb::{Change, Create, Delete};
    let (mine, theirs) = (json!({"employee_id": ME}), json!({"employee_id": "you"}));
    for verb in [Create, Change, Delete] {
        hold(vec![
            (verb, "employee_pins", mine.clone(), mine.clone(), ALL),
            (verb, "employee_pins", theirs.clone(), theirs.clone(), ADMINS),
        ]);
    }
    hold(vec![(Change, "employee_pins", theirs, mine, ADMINS)]);
}

#[test]
fn what_was_appended_is_never_changed_or_deleted() {
    let appended: Vec<_> = REPAIR_SHOP.tables.iter().filter(|table| table.append_only).collect();
    assert_eq!(appended.len(), 4);
    for table in appended {
        hold(vec![
            (Verb::Change, table.name, json!({}), json!({}), NOBODY),
            (Verb::Delete, table.name, json!({}), json!({}), NOBODY),
        ]);
    }
}

#[test]
fn a_person_narrows_what_the_account_may_and_never_widens_it() {
    let delete = |account: &str, actor: Option<&str>| {
        let who = Who { role: account.into(), actor_role: actor.map(Into::into), ..who("owner") };
        denied(&who, Verb::Delete, "customers", json!({}), json!({}))
    };
    assert_eq!(delete("owner", Some("manager")), None);
    assert_eq!(delete("owner", Some("technician")), Some("manage_customers"));
    assert_eq!(delete("technician", Some("owner")), Some("manage_customers"));
    assert_eq!(delete("manager", None), None);
    assert_eq!(delete("role_of_tomorrow", None), Some("no_rights"));
    assert_eq!(delete("owner", Some("role_of_tomorrow")), Some("no_rights"));
    let forged = Who { role: "manager".into(), ..who("owner") };
    let promote = denied(&forged, Verb::Create, "employees", json!({}), json!({"role": "admin"}));
    assert_eq!(promote, Some("outrank"));
}

#[test]
fn a_shared_tablet_is_never_more_than_technician_and_front_desk() {
    for role in [Role::Owner, Role::Admin, Role::Manager] {
        let rights = Rights::of(&station(Some(role.word())));
        assert_eq!(rights, Rights::of_role(&Role::Technician).or(Rights::of_role(&Role::FrontDesk)));
        assert!(!rights.any(Rights::MONEY.or(Rights::EMPLOYEES).or(Rights::LEAD).or(Rights::MANAGE_STOCK)));
    }
    for role in [Role::Technician, Role::FrontDesk] {
        assert_eq!(Rights::of(&station(Some(role.word()))), Rights::of_role(&role));
    }
    assert_eq!(Rights::of(&station(None)), Rights::NONE);
    let intake = denied(&station(None), Verb::Create, "tickets", json!({}), json!({}));
    assert_eq!(intake, Some("no_rights"));
    let hire = denied(&station(Some("owner")), Verb::Create, "employees", json!({}), json!({}));
    assert_eq!(hire, Some("employees"));
}

#[test]
fn conflicts_and_the_audit_trail_are_seen_by_whom_the_table_says() {
    for (role, manages) in ROLES.into_iter().zip(MANAGERS) {
        let rights = Rights::of(&who(role));
        assert!(rights.any(Rights::RESOLVE_OWN));
        assert_eq!(rights.any(Rights::RESOLVE), manages);
        assert_eq!(rights.any(Rights::AUDIT), manages);
        assert_eq!(REPAIR_SHOP.auditors.contains(&role), manages);
    }
}
