//! A shop that was set up.

use super::{CliError, say};
use crate::accounts::GatewayKeys;
use crate::pairing::Pairing;
use std::path::Path;
use uuid::Uuid;

/// What its owner, its devices and its scripts come in with.
pub(super) struct Made {
    pub(super) shop: Uuid,
    pub(super) keys: GatewayKeys,
    pub(super) email: String,
    pub(super) password: String,
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
