//! A shop that was set up.

use super::{CliError, say};
use crate::accounts::GatewayKeys;
use crate::config::DEFAULT_LISTEN;
use crate::pairing::Pairing;
use crate::tls::{self, Files};
use std::net::SocketAddr;
use std::path::Path;
use uuid::Uuid;

/// What its owner, its devices and its scripts come in with.
pub(super) struct Made {
    pub(super) shop: Uuid,
    pub(super) keys: GatewayKeys,
    pub(super) email: String,
    pub(super) password: String,
}

/// What devices scan, as long as `serve` is told nothing else.
pub(super) fn pairing(data: &Path, anon_key: &str, hosts: &[String]) -> Result<Pairing, CliError> {
    let named = hosts.first().cloned();
    let host = named.or_else(|| {
        let address = tls::lan_addresses().into_iter().next()?;
        Some(SocketAddr::new(address, 0).to_string().trim_end_matches(":0").to_owned())
    });
    let host = host.unwrap_or_else(|| "localhost".to_owned());
    Ok(Pairing {
        url: format!("https://{host}:{}", DEFAULT_LISTEN.port()),
        root_sha256: tls::root_fingerprint(&Files::of(data).root())?,
        anon_key: anon_key.to_owned(),
    })
}

/// Says what was made, and how to go on.
pub(super) fn tell(data: Option<&Path>, made: &Made, pairing: Option<&Pairing>) -> Result<(), CliError> {
    say("The shop is set up.");
    say(&format!("  owner     {}", made.email));
    say(&format!("  password  {}  (shown only now; change it after signing in)", made.password));
    say(&format!("  anon key  {}  (for devices)", made.keys.anon));
    say(&format!(
        "  service   {}  (for your own scripts; shown only now, keep it secret)",
        made.keys.service
    ));
    let (Some(data), Some(pairing)) = (data, pairing) else { return Ok(()) };
    let data = data.display();
    say(&format!("  folder    {data}  (keep it private, and back it up)"));
    say(&format!("  address   {}", pairing.url));
    say(&format!("  root      SHA-256 {}", pairing.root_sha256));
    say(&format!("Devices scan this code (also in {data}/device.svg, as text in {data}/device.txt):"));
    say(&pairing.terminal()?);
    say("Next: counterpart-hub serve, with the same --data and --database");
    Ok(())
}
