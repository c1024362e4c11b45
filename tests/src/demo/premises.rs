//! The shop's premises: its hub, three devices, and the people at them.

use super::{Bell, Device, Failure, Hub, Overseer, Post, Timeline};
use std::path::Path;

const OFFICE: Post =
    Post { key: "office", name: "Laptop", place: "Office", person: "Noor van den Berg", role: "owner" };
const DESK: Post =
    Post { key: "desk", name: "iPad", place: "Front desk", person: "Amara Okafor", role: "manager" };
const BENCH: Post = Post {
    key: "bench",
    name: "Android",
    place: "Workbench",
    person: "Łukasz Wiśniewski",
    role: "technician",
};

/// People who work here too, and whose devices are at home today.
const ABSENT: &[(&str, &str, &str)] =
    &[("shira@shop.example", "שירה כהן", "technician"), ("jose@shop.example", "José García", "front_desk")];

/// Everything that runs.
#[derive(Debug)]
pub struct Premises {
    // The order matters: devices leave before the hub stops.
    /// The owner's device: it fills the shop, and looks on.
    pub office: Device,
    /// The front desk's.
    pub desk: Device,
    /// The technician's.
    pub bench: Device,
    /// What can be asked about the hub from outside.
    pub overseer: Overseer,
    /// The hub.
    pub hub: Hub,
    /// What happened so far.
    pub timeline: Timeline,
    /// Rung when something may look different.
    pub bell: Bell,
}

impl Premises {
    /// Sets up a shop in this folder, and signs its devices in.
    pub fn open(folder: &Path, timeline: Timeline, bell: Bell) -> Result<Premises, Failure> {
        timeline.chapter(0, "The hub is set up, and three devices sign in.");
        let hub = Hub::found(folder, "Okafor Repairs", OFFICE.person)?;
        timeline.says("hub", &format!("serves {}, with its books in {}", hub.url, folder.display()));
        let account = |post: &Post| hub.invite(&format!("{}@shop.example", post.key), post.person, post.role);
        let desk = Device::sign_in(folder, DESK, &hub, &account(&DESK)?)?;
        let bench = Device::sign_in(folder, BENCH, &hub, &account(&BENCH)?)?;
        let office = Device::sign_in(folder, OFFICE, &hub, &hub.owner)?;
        for (email, name, role) in ABSENT {
            hub.invite(email, name, role)?;
        }
        for device in [&office, &desk, &bench] {
            let Post { name, place, person, role, .. } = device.post;
            let role = role.replace('_', " ");
            timeline.says(name, &format!("{} signed in: {role}, {person}", place.to_lowercase()));
        }
        let overseer = Overseer::sign_in(&hub)?;
        Ok(Premises { office, desk, bench, overseer, hub, timeline, bell })
    }

    /// All devices.
    pub fn devices(&self) -> [&Device; 3] {
        [&self.office, &self.desk, &self.bench]
    }

    /// The device of that key.
    pub fn device(&self, key: &str) -> Option<&Device> {
        self.devices().into_iter().find(|device| device.post.key == key)
    }

    /// Every device sends what it has and fetches what there is.
    pub fn settle(&self) -> Result<(), Failure> {
        // Twice: what one sends, another may have fetched before.
        self.devices().into_iter().chain(self.devices()).try_for_each(Device::sync)
    }
}
