//! Where a scenario is played: a server, and devices that come and go.

use super::backend::{Address, Backend, Who};
use super::device::Device;
use super::proxy::Proxy;
use super::wire::Caller;
use counterpart_core::env::Env;
use serde_json::json;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The programs that a stage runs.
#[derive(Clone, Debug)]
pub struct Programs {
    /// `device`.
    pub device: PathBuf,
    /// `hub`.
    pub hub: PathBuf,
}

impl Programs {
    /// Those that were built beside the running one.
    pub fn beside_this_one() -> std::io::Result<Programs> {
        let here = std::env::current_exe()?;
        let program = |name: &str| here.with_file_name(name).with_extension(std::env::consts::EXE_EXTENSION);
        Ok(Programs { device: program("device"), hub: program("hub") })
    }
}

/// A server and what stands around it.
pub struct Stage {
    /// The server.
    pub backend: Box<dyn Backend>,
    programs: Programs,
    folder: TempDir,
    devices: usize,
}

impl Stage {
    /// A stage with nothing on it but a server.
    pub fn new(backend: Box<dyn Backend>, programs: &Programs) -> Stage {
        Stage { backend, programs: programs.clone(), folder: tempfile::tempdir().unwrap(), devices: 0 }
    }

    /// Somebody's device: signed in, online, in sync.
    pub fn device(&mut self, who: Who) -> Device {
        let address = self.backend.address();
        self.device_at(&address, who)
    }

    /// The same behind a proxy.
    pub fn device_behind(&mut self, proxy: &Proxy, who: Who) -> Device {
        let address = Address { url: proxy.url(), ..self.backend.address() };
        self.device_at(&address, who)
    }

    fn device_at(&mut self, address: &Address, who: Who) -> Device {
        let mut device = self.blank_device();
        device.sign_in(address, &self.backend.login(who));
        device.back();
        device
    }

    /// A device that nobody has signed in at.
    pub fn blank_device(&mut self) -> Device {
        self.devices += 1;
        self.device_in(&self.path(&format!("device-{}", self.devices)))
    }

    /// A device in a folder that was a device's before. The network is down.
    pub fn device_in(&self, folder: &Path) -> Device {
        Device::start(&self.programs.device, folder)
    }

    /// A place for a file.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A proxy in front of the server.
    pub fn proxy(&self) -> Proxy {
        Proxy::before(&self.backend.address().url)
    }

    /// Somebody who writes requests by hand.
    pub fn caller(&self, who: Who) -> Caller {
        Caller::signed_in(&self.backend.address(), &self.backend.login(who))
    }

    /// Whatever these devices did has settled: their replicas and the server are equal.
    pub fn equal(&self, devices: &mut [&mut Device]) {
        for device in devices.iter_mut() {
            device.idle();
        }
        let mut hashes = Vec::new();
        for device in devices.iter_mut() {
            device.sync();
            hashes.push(device.checksum());
        }
        let asks = json!({ "shop": self.backend.shop() });
        let (status, server) = self.caller(Who::Owner).call_patiently("sync_checksums", &asks);
        assert_eq!(status, 200, "{server}");
        let server = (server["hash"].as_str().unwrap(), server["cursor"]["n"].as_i64().unwrap());
        for (hash, n) in &hashes {
            assert_eq!((hash.as_str(), *n), server, "{hashes:?}");
        }
        for device in devices.iter_mut() {
            let (here, there) = device.counts();
            assert_eq!(here, there, "rows within the windows, here and on the server");
        }
    }
}

/// Waits until the clock shows another millisecond, so that what is done now is later than what was.
pub(super) fn later() {
    let clock = Env::system();
    let before = clock.now();
    while clock.now() == before {
        std::hint::spin_loop();
    }
}
