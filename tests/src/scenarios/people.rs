//! Who may: the server decides, whatever a device or a stranger says.

use super::device::Device;
use super::stage::later;
use super::wire::Caller;
use super::{Stage, Who};
use serde_json::{Value as Json, json};

/// The id of whoever works at a device.
fn employee(device: &mut Device) -> String {
    device.ok("who", json!({}))["employee"].as_str().unwrap().to_owned()
}

/// Somebody is let go while their device is offline: nothing of it arrives and nothing is lost; taken in again, it goes.
pub(super) fn revoked_access(stage: &mut Stage) {
    let (mut owner, mut tess) = (stage.device(Who::Owner), stage.device(Who::Tess));
    let person = employee(&mut tess);
    let known = tess.customer("Petrov");
    tess.idle();
    tess.down();
    let customer = tess.customer("Okafor");
    owner.set("employees", &person, json!({ "active": false }));
    owner.idle();
    tess.up();
    let code = tess.code("sync", json!({}));
    assert!(["denied", "signed_out"].contains(&code.as_str()), "{code}");
    assert_eq!(tess.state()["pending"], json!(1));
    if code == "denied" {
        assert!(tess.get("customers", &known).is_null() && tess.get("customers", &customer).is_null());
        assert_eq!(
            tess.code("save", json!({ "table": "customers", "row": { "last_name": "Late" } })),
            "denied"
        );
    }
    owner.sync();
    assert!(owner.get("customers", &customer).is_null());
    owner.set("employees", &person, json!({ "active": true }));
    owner.idle();
    tess.sign_in(&stage.backend.address(), &stage.backend.login(Who::Tess));
    tess.back();
    stage.equal(&mut [&mut owner, &mut tess]);
    assert_eq!(owner.get("customers", &customer)["last_name"], json!("Okafor"));
}

/// Permissions are judged when an operation arrives: what the new role may not is parked, the rest goes.
pub(super) fn changed_role(stage: &mut Stage) {
    let (mut owner, mut tess) = (stage.device(Who::Owner), stage.device(Who::Tess));
    let item = owner.save("inventory_items", json!({ "name": "Display" }));
    owner.idle();
    tess.sync();
    let person = employee(&mut tess);
    tess.down();
    tess.ok("count", json!({ "item": item, "counted": 7 }));
    let customer = tess.customer("Okafor");
    owner.set("employees", &person, json!({ "role": "front_desk" }));
    owner.idle();
    tess.back();
    let parked = tess.parked();
    assert_eq!((parked.len(), &parked[0]["code"]), (1, &json!("denied")), "{parked:?}");
    assert_eq!(tess.ok("who", json!({}))["role"], json!("front_desk"), "the device knows of it");
    assert_eq!(tess.code("count", json!({ "item": item, "counted": 8 })), "denied");
    tess.ok("discard", json!({ "operation": parked[0]["operation"] }));
    stage.equal(&mut [&mut owner, &mut tess]);
    assert_eq!(owner.get("inventory_items", &item)["quantity"], json!(0));
    assert!(owner.get("customers", &customer).is_object());
}

/// A session of a device that speaks by hand.
struct Session {
    caller: Caller,
    account: String,
    shop: String,
    device: &'static str,
    answer: Json,
}

impl Session {
    fn open(stage: &Stage, who: Who, shop: &str, device: &'static str) -> Session {
        let caller = stage.caller(who);
        let asks = json!({ "shop": shop, "device": device, "generation": 0, "attempt": "first", "numbers_left": 50 });
        let (status, answer) = caller.call("device_open", &asks);
        assert_eq!(status, 200, "{answer}");
        let account = answer["standing"]["employee"].as_str().unwrap_or("tablet").to_owned();
        Session { caller, account, shop: shop.to_owned(), device, answer }
    }

    /// A customer is entered; what became of it.
    fn enters(&self, row: &str, actor: &Json) -> String {
        let operation = json!({
            "id": format!("{}-{row}", self.device), "seq": 1, "at": 1, "account": self.account, "actor": actor,
            "table": "customers", "row": row, "kind": "insert", "fields": { "last_name": { "to": "Forged" } },
        });
        let push = json!({
            "shop": self.shop, "device": self.device, "generation": self.answer["generation"],
            "epoch": self.answer["epoch"], "unsent": 1, "ops": [operation],
        });
        let (status, answer) = self.caller.call("sync_push", &push);
        assert_eq!(status, 200, "{answer}");
        let receipt = &answer["receipts"][0];
        let code = receipt["code"].as_str().unwrap_or_default();
        format!("{} {code}", receipt["outcome"].as_str().unwrap()).trim().to_owned()
    }
}

/// Whoever knows the ids of another shop gets nothing by them, and changes nothing there.
pub(super) fn another_shops_ids(stage: &mut Stage) {
    let mut owner = stage.device(Who::Owner);
    let customer = owner.customer("Okafor");
    owner.idle();
    let (shop, others) = (stage.backend.shop(), stage.backend.other_shop());
    let eve = stage.caller(Who::Stranger);
    for function in [
        "device_open",
        "sync_push",
        "sync_pull",
        "sync_range",
        "lease_numbers",
        "sync_checksums",
        "sync_counts",
    ] {
        let asks = json!({
            "shop": shop, "device": "d", "generation": 0, "attempt": "a", "numbers_left": 0, "epoch": "e", "unsent": 0,
            "ops": [], "cursor": { "epoch": "", "n": 0, "tag": "" }, "limit": 10, "what": { "windows": {} },
        });
        assert_eq!(eve.refused(function, &asks), (403, "no_shop".into()), "{function}");
    }
    let hers = Session::open(stage, Who::Stranger, &others, "eves");
    assert_eq!(hers.enters(&customer, &json!(hers.account)), "applied");
    let mut tess = stage.device(Who::Tess);
    stage.equal(&mut [&mut owner, &mut tess]);
    assert_eq!(tess.get("customers", &customer)["last_name"], json!("Okafor"));
    assert_eq!(tess.list("customers").len(), 1);
}

/// An operation says whose work it is: the server believes that only of a tablet whose person showed a PIN there.
pub(super) fn forged_actor(stage: &mut Stage) {
    let (mut owner, shop) = (stage.device(Who::Owner), stage.backend.shop());
    let boss = employee(&mut owner);
    let tablet = Session::open(stage, Who::Tablet, &shop, "forged-tablet");
    assert_eq!(tablet.enters("c1", &json!(boss)), "rejected no_grant");
    assert_eq!(tablet.enters("c2", &json!("nobody")), "rejected no_grant");
    let tess = Session::open(stage, Who::Tess, &shop, "forged-phone");
    let outcome = tess.enters("c3", &json!(boss));
    assert!(outcome.starts_with("rejected"), "somebody else's name on one's own phone: {outcome}");
    owner.sync();
    assert_eq!(owner.list("customers").len(), 0);
}

/// Who looked at a passcode is for the managers to see, whoever it was.
pub(super) fn a_technicians_reveal_is_told_to_the_managers(stage: &mut Stage) {
    let (mut owner, mut tess) = (stage.device(Who::Owner), stage.device(Who::Tess));
    let customer = owner.customer("Okafor");
    let ticket = owner.ticket(&customer);
    owner.ok("set_passcode", json!({ "ticket": ticket, "passcode": "1379" }));
    owner.idle();
    tess.sync();
    assert_eq!(tess.ok("reveal_passcode", json!({ "ticket": ticket })), json!("1379"));
    tess.idle();
    assert_eq!(tess.parked(), Vec::<Json>::new());
    owner.sync();
    let told = owner.ok("list", json!({ "table": "secret_reveals", "limit": 5, "after": null }));
    assert_eq!(told.as_array().unwrap().len(), 1);
    assert_eq!(told[0]["created_by"], json!(employee(&mut tess)));
}

/// A shared tablet: nobody works at it before their PIN was right there, and wrong PINs lock it.
pub(super) fn station_pin(stage: &mut Stage) {
    let (mut tess, mut tablet) = (stage.device(Who::Tess), stage.device(Who::Tablet));
    let person = employee(&mut tess);
    tess.ok("set_pin", json!({ "employee": person, "pin": "2468" }));
    tess.idle();
    tablet.sync();
    let nobody = json!({ "table": "customers", "row": { "last_name": "Okafor" } });
    assert_eq!(tablet.code("save", nobody), "denied");
    assert_eq!(tablet.code("switch", json!({ "employee": person, "pin": "1357" })), "denied");
    tablet.ok("switch", json!({ "employee": person, "pin": "2468" }));
    let customer = tablet.customer("Okafor");
    tablet.idle();
    assert_eq!(tablet.parked().len(), 0);
    tess.sync();
    assert_eq!(tess.get("customers", &customer)["created_by"], json!(person));
    // Known here now: the next time it needs no network.
    tablet.ok("switch_off", json!({}));
    tablet.down();
    tablet.ok("switch", json!({ "employee": person, "pin": "2468" }));
    tablet.ok("switch_off", json!({}));
    for expected in ["denied", "denied", "denied", "denied", "pin_locked"] {
        assert_eq!(tablet.code("switch", json!({ "employee": person, "pin": "1357" })), expected);
    }
    assert_eq!(tablet.code("switch", json!({ "employee": person, "pin": "2468" })), "pin_locked");
    tablet.back();
    stage.equal(&mut [&mut tess, &mut tablet]);
}

/// Who changed which field from what to what, when, on which device: told to managers, also what was merged away, page
/// by page, and to nobody else.
pub(super) fn managers_see_who_changed_what(stage: &mut Stage) {
    let (mut manager, mut tess) = (stage.device(Who::Manager), stage.device(Who::Tess));
    let (boss, technician) = (employee(&mut manager), employee(&mut tess));
    let item = manager.save("inventory_items", json!({ "name": "Display", "bin": "A1" }));
    manager.idle();
    tess.sync();
    tess.down();
    // Made earlier, and sent later: what was set after it stands.
    tess.set("inventory_items", &item, json!({ "bin": "B2" }));
    later();
    manager.set("inventory_items", &item, json!({ "bin": "C3" }));
    manager.idle();
    tess.back();
    manager.sync();
    let asked = json!({ "table": "inventory_items", "id": item, "limit": 1 });
    let newest = manager.ok("trail", asked.clone());
    let told = |page: &Json, field: &str| -> Vec<Json> {
        let of_field = |entry: &&Json| entry["field"] == json!(field);
        let brief = |entry: &Json| json!([entry["actor"], entry["was"], entry["became"], entry["kept"]]);
        page["entries"].as_array().unwrap().iter().filter(of_field).map(brief).collect()
    };
    assert_eq!(told(&newest, "bin"), [json!([technician, "C3", "B2", false])], "{newest}");
    let by = newest["entries"][0]["device"].clone();
    let mut before = newest["next"].clone();
    let mut older = Vec::new();
    while !before.is_null() {
        let mut next = asked.clone();
        next["before"] = before;
        let page = manager.ok("trail", next);
        assert!(page["entries"].as_array().unwrap().iter().all(|entry| entry["device"] != by));
        older.extend(told(&page, "bin"));
        before = page["next"].clone();
    }
    assert_eq!(older, [json!([boss, "A1", "C3", true]), json!([boss, null, "A1", true])]);
    assert_eq!(tess.code("trail", asked.clone()), "denied");
    let mut of_pins = asked;
    of_pins["table"] = json!("employee_pins");
    assert_eq!(manager.code("trail", of_pins), "denied");
}
