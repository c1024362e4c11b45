//! Ticket numbers: short, printed at once, never twice.

use super::{Stage, Who};
use std::collections::BTreeSet;

/// Three devices take in more tickets than their numbers last for, without a network.
pub(super) fn numbers_are_unique_offline(stage: &mut Stage) {
    let mut devices = [stage.device(Who::Owner), stage.device(Who::Fay), stage.device(Who::Owner)];
    let mut printed = Vec::new();
    for device in &mut devices {
        device.down();
        let customer = device.customer("Okafor");
        for _ in 0..110 {
            let ticket = device.ticket(&customer);
            let number = device.get("tickets", &ticket)["number"].as_str().unwrap().to_owned();
            printed.push((ticket, number));
        }
    }
    let different: BTreeSet<&str> = printed.iter().map(|(_, number)| number.as_str()).collect();
    assert_eq!(different.len(), printed.len());
    for device in &mut devices {
        device.back();
    }
    let [first, second, third] = &mut devices;
    stage.equal(&mut [first, second, third]);
    for device in [first, second, third] {
        assert!(
            printed.iter().all(|(ticket, number)| device.get("tickets", ticket)["number"] == number.as_str())
        );
    }
}
