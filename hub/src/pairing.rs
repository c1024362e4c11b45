//! What a device needs to find and believe the hub: its address, the fingerprint of its root, and the key of every
//! device, as one link and as a QR code to scan.

use qrcode::QrCode;
use qrcode::render::{svg, unicode};
use std::path::Path;

/// What a device's QR code carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairing {
    /// Where the hub is.
    pub url: String,
    /// SHA-256 of the root that the hub's leaf is signed by.
    pub root_sha256: String,
    /// The key of every device; not a secret.
    pub anon_key: String,
}

/// The link is too long for a QR code.
#[derive(Debug, thiserror::Error)]
#[error("the link for devices is too long for a QR code")]
pub struct TooLong;

impl Pairing {
    /// The link.
    pub fn link(&self) -> String {
        let Pairing { url, root_sha256, anon_key } = self;
        let url = url.replace('%', "%25").replace('&', "%26").replace('#', "%23");
        format!("counterpart://hub?url={url}&root_sha256={root_sha256}&anon_key={anon_key}")
    }

    fn code(&self) -> Result<QrCode, TooLong> {
        QrCode::new(self.link()).map_err(|_| TooLong)
    }

    /// The code for a terminal.
    pub fn terminal(&self) -> Result<String, TooLong> {
        Ok(self.code()?.render::<unicode::Dense1x2>().build())
    }

    /// The code as a picture.
    pub fn svg(&self) -> Result<String, TooLong> {
        Ok(self.code()?.render::<svg::Color<'_>>().min_dimensions(320, 320).build())
    }

    /// Keeps the link and its picture in the data folder.
    pub fn save(&self, data: &Path) -> std::io::Result<()> {
        crate::files::write(&data.join("device.txt"), format!("{}\n", self.link()).as_bytes(), false)?;
        let svg = self.svg().map_err(std::io::Error::other)?;
        crate::files::write(&data.join("device.svg"), svg.as_bytes(), false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_carries_address_fingerprint_and_key() {
        let pairing = Pairing {
            url: "https://192.0.2.7:8443".into(),
            root_sha256: "ab".repeat(32),
            anon_key: "sb_publishable_x".into(),
        };
        let link = pairing.link();
        assert!(link.starts_with("counterpart://hub?url=https://192.0.2.7:8443&root_sha256=abab"));
        assert!(link.ends_with("&anon_key=sb_publishable_x"));
        assert!(pairing.svg().unwrap().contains("<svg"));
        assert!(pairing.terminal().unwrap().lines().count() > 20);
    }
}
