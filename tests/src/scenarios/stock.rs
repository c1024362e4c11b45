//! The shelf: physical facts add up in any order.

use super::device::Device;
use super::stage::later;
use super::{Stage, Who};
use serde_json::json;

/// Two technicians and an item of which so many lie on the shelf.
fn two_technicians(stage: &mut Stage, quantity: i64) -> (Device, Device, String) {
    let (mut owner, mut tess, mut theo) =
        (stage.device(Who::Owner), stage.device(Who::Tess), stage.device(Who::Theo));
    let item = owner.save("inventory_items", json!({ "name": "Display" }));
    owner.ok("receive", json!({ "item": item, "quantity": quantity }));
    owner.idle();
    for device in [&mut tess, &mut theo] {
        device.sync();
        assert_eq!(device.get("inventory_items", &item)["quantity"], json!(quantity));
    }
    (tess, theo, item)
}

fn quantity(device: &mut Device, item: &str) -> i64 {
    device.get("inventory_items", item)["quantity"].as_i64().unwrap()
}

/// Whatever moves on either device counts, once, in whichever order it arrives.
pub(super) fn movements_add_up(stage: &mut Stage) {
    let (mut manager, mut owner) = (stage.device(Who::Manager), stage.device(Who::Owner));
    let item = manager.save("inventory_items", json!({ "name": "Display" }));
    manager.idle();
    owner.sync();
    manager.down();
    owner.down();
    for (device, many) in [(&mut manager, 3), (&mut owner, 40)] {
        device.ok("receive", json!({ "item": item, "quantity": many }));
        device.ok("adjust", json!({ "item": item, "by": -1 }));
        assert_eq!(quantity(device, &item), many - 1);
    }
    owner.back();
    manager.back();
    stage.equal(&mut [&mut owner, &mut manager]);
    assert_eq!((quantity(&mut owner, &item), quantity(&mut manager, &item)), (41, 41));
}

/// The last part is used twice: both repairs stand, and the shelf says that one is missing.
pub(super) fn two_technicians_use_one_part(stage: &mut Stage) {
    let (mut tess, mut theo, item) = two_technicians(stage, 1);
    tess.down();
    theo.down();
    let mut lines = Vec::new();
    for device in [&mut tess, &mut theo] {
        let customer = device.customer("Okafor");
        let ticket = device.ticket(&customer);
        let used = device.ok("use_part", json!({ "ticket": ticket, "item": item, "quantity": 1 }));
        lines.push(used["line"].as_str().unwrap().to_owned());
        assert_eq!(quantity(device, &item), 0);
    }
    tess.back();
    theo.back();
    stage.equal(&mut [&mut tess, &mut theo]);
    for device in [&mut tess, &mut theo] {
        assert_eq!(quantity(device, &item), -1);
        assert!(lines.iter().all(|line| device.get("ticket_lines", line).is_object()));
        assert_eq!(device.parked().len(), 0);
    }
}

/// Two people put one part back: it goes back once.
pub(super) fn two_cancel_one_line(stage: &mut Stage) {
    let (mut tess, mut theo, item) = two_technicians(stage, 5);
    let customer = tess.customer("Okafor");
    let ticket = tess.ticket(&customer);
    let used = tess.ok("use_part", json!({ "ticket": ticket, "item": item, "quantity": 2 }));
    tess.idle();
    theo.sync();
    assert_eq!(quantity(&mut theo, &item), 3);
    for device in [&mut tess, &mut theo] {
        device.down();
        device.ok("cancel_line", json!({ "line": used["line"] }));
    }
    tess.back();
    theo.back();
    stage.equal(&mut [&mut tess, &mut theo]);
    for device in [&mut tess, &mut theo] {
        assert_eq!(quantity(device, &item), 5);
        assert!(device.get("ticket_lines", used["line"].as_str().unwrap()).is_null());
        assert_eq!(device.parked().len(), 0);
    }
}

/// Two managers say at once what an item costs, one of them twice: it has one cost, and the later word counts.
pub(super) fn two_managers_price_one_item(stage: &mut Stage) {
    let (mut manager, mut owner) = (stage.device(Who::Manager), stage.device(Who::Owner));
    let item = owner.save("inventory_items", json!({ "name": "Display" }));
    owner.idle();
    manager.sync();
    let costs = |device: &mut Device| device.ok("list", json!({ "table": "item_costs", "limit": 10 }));
    for (device, cents) in [(&mut manager, &[900, 950][..]), (&mut owner, &[800][..])] {
        device.down();
        for cents in cents {
            device.save("item_costs", json!({ "item_id": item, "cost_cents": cents }));
            later();
        }
        assert_eq!(costs(device).as_array().unwrap().len(), 1);
    }
    manager.back();
    owner.back();
    stage.equal(&mut [&mut manager, &mut owner]);
    for device in [&mut manager, &mut owner] {
        let costs = costs(device);
        assert_eq!(costs.as_array().unwrap().len(), 1);
        assert_eq!((&costs[0]["item_id"], &costs[0]["cost_cents"]), (&json!(item), &json!(800)));
        assert_eq!(device.parked().len(), 0);
    }
}

/// Two people count one shelf, and neither knew of the other's count: somebody has to look, while work goes on.
pub(super) fn count_against_count(stage: &mut Stage) {
    for (with, left) in [(json!("mine"), 2), (json!("theirs"), 3), (json!({ "value": 7 }), 7)] {
        let (mut tess, mut theo, item) = two_technicians(stage, 5);
        tess.down();
        theo.down();
        tess.ok("count", json!({ "item": item, "counted": 4 }));
        theo.ok("count", json!({ "item": item, "counted": 3 }));
        tess.back();
        theo.back();
        stage.equal(&mut [&mut tess, &mut theo]);
        let conflict = theo.conflicts().remove(0);
        assert_eq!(tess.conflicts(), std::slice::from_ref(&conflict));
        assert_eq!((&conflict["id"], &conflict["field"]), (&json!(item), &json!("quantity")));
        assert_eq!(
            (&conflict["base"], &conflict["mine"], &conflict["theirs"]),
            (&json!(5), &json!(3), &json!(4))
        );
        let customer = tess.customer("Okafor");
        let ticket = tess.ticket(&customer);
        tess.ok("use_part", json!({ "ticket": ticket, "item": item, "quantity": 1 }));
        tess.idle();
        theo.sync();
        theo.ok("resolve", json!({ "conflict": conflict["conflict"], "with": with }));
        theo.back();
        stage.equal(&mut [&mut tess, &mut theo]);
        for device in [&mut tess, &mut theo] {
            assert_eq!((quantity(device, &item), device.conflicts().len()), (left, 0));
        }
    }
}

/// A count that knew of the other is none of that.
pub(super) fn count_after_count(stage: &mut Stage) {
    let (mut tess, mut theo, item) = two_technicians(stage, 5);
    tess.ok("count", json!({ "item": item, "counted": 4 }));
    tess.idle();
    theo.sync();
    theo.down();
    for counted in [3, 2] {
        theo.ok("count", json!({ "item": item, "counted": counted }));
    }
    theo.back();
    stage.equal(&mut [&mut tess, &mut theo]);
    assert_eq!((quantity(&mut tess, &item), tess.conflicts().len()), (2, 0));
}
