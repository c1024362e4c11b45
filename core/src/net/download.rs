//! Fetching a file: to a new file of its own, hashed as it comes, never longer than what was announced.

use super::classify::{Failure, NoAnswer, classify};
use super::http::{Http, reason};
use crate::journal::NetworkCall;
use crate::sync::Landed;
use crate::sync::wire::SnapshotAnswer;
use reqwest::header::ACCEPT;
use reqwest::{Method, Response, StatusCode};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// Where the files of shops lie below a server's address. Nothing else is fetched.
const FOLDER: &str = "/rest/v1/snapshots/";
/// The largest file that is fetched.
const MOST: u64 = 4 * 1024 * 1024 * 1024;
/// The longest that fetching one may take.
const LONGEST: Duration = Duration::from_secs(1_800);
/// Pieces that may wait for the disk.
const AHEAD: usize = 16;

impl Http {
    /// Fetches a snapshot as the account that the token is of. What was at `to` before is gone.
    pub async fn fetch(&self, answer: SnapshotAnswer, to: PathBuf, token: &str) -> Result<Landed, Failure> {
        if !is_below(&answer.path) || answer.bytes > MOST {
            return Err(Failure::NotTaken { code: String::new() });
        }
        let began = self.env.clock.awake_and_asleep();
        let landed = self.land(&answer, to, token).await;
        let (status, down) = match &landed {
            Ok((bytes, _)) => (StatusCode::OK.as_str().to_owned(), *bytes),
            Err(Failure::Network(failure)) => (failure.word().to_owned(), 0),
            Err(_) => ("refused".to_owned(), 0),
        };
        self.note(NetworkCall {
            at: self.env.now(),
            call: "snapshot".to_owned(),
            status,
            up: 0,
            down,
            ms: self.env.clock.awake_and_asleep().saturating_sub(began),
        });
        let (bytes, sha256) = landed.map_err(|failure| failure.spread(&self.env))?;
        Ok(Landed { answer, bytes, sha256 })
    }

    async fn land(
        &self,
        answer: &SnapshotAnswer,
        to: PathBuf,
        token: &str,
    ) -> Result<(u64, String), Failure> {
        let request =
            self.request(Method::GET, &answer.path, token).header(ACCEPT, "application/octet-stream");
        let sent = async {
            let sent = timeout(self.limits.request, request.timeout(LONGEST).send()).await;
            sent.map_err(|_| NoAnswer::TimedOut)?.map_err(|error| reason(&error))
        };
        let response = self.over_the_network(sent).await?;
        if response.status() != StatusCode::OK {
            let (status, headers) = (response.status(), response.headers().clone());
            let body = timeout(self.limits.request, self.read(response)).await;
            let body = body.map_err(|_| NoAnswer::TimedOut)??;
            return classify::<()>(status, &headers, &body).and(Err(NoAnswer::BrokenOff.into()));
        }
        let (pieces, waiting) = mpsc::channel(AHEAD);
        let disk = spawn_blocking(move || write(&to, waiting));
        let arrived = self.pass_on(response, answer.bytes, pieces).await;
        let written = disk.await;
        arrived?;
        // A disk that is full is no fault of the server's: ranges fail on it in words of their own.
        written.ok().and_then(Result::ok).ok_or(Failure::NotTaken { code: String::new() })
    }

    /// Hands on what comes, piece by piece, while the disk keeps up.
    async fn pass_on(
        &self,
        mut response: Response,
        most: u64,
        pieces: mpsc::Sender<Vec<u8>>,
    ) -> Result<(), NoAnswer> {
        let mut bytes = 0;
        loop {
            let piece =
                timeout(self.limits.request, response.chunk()).await.map_err(|_| NoAnswer::TimedOut)?;
            let Some(piece) = piece.map_err(|error| reason(&error))? else { return Ok(()) };
            bytes += piece.len() as u64;
            if bytes > most {
                return Err(NoAnswer::TooLarge);
            }
            if pieces.send(piece.into()).await.is_err() {
                // The disk has given up, and says so itself.
                return Ok(());
            }
        }
    }
}

/// Whether a path is that of a file of a shop, and leads nowhere else.
fn is_below(path: &str) -> bool {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    path.strip_prefix(FOLDER).is_some_and(|rest| {
        rest.split('/').count() == 2
            && rest.split('/').all(|part| !part.is_empty() && part.bytes().all(harmless))
    })
}

/// Writes what comes to a file that nobody else has open. Says how many bytes came, and their hash.
fn write(to: &Path, mut pieces: mpsc::Receiver<Vec<u8>>) -> io::Result<(u64, String)> {
    match fs::remove_file(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = File::create_new(to)?;
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    while let Some(piece) = pieces.blocking_recv() {
        hash.update(&piece);
        file.write_all(&piece)?;
        bytes += piece.len() as u64;
    }
    Ok((bytes, hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_of_a_shop_is_fetched() {
        assert!(is_below("/rest/v1/snapshots/shop-1/0199aa"));
        for wrong in [
            "",
            "@example.org/rest/v1/snapshots/a/b",
            "/rest/v1/snapshots/",
            "/rest/v1/snapshots/a",
            "/rest/v1/snapshots/a/",
            "/rest/v1/snapshots/../b",
            "/rest/v1/snapshots/a/b?c=d",
            "/rest/v1/snapshots/a/b/c",
            "/auth/v1/user",
        ] {
            assert!(!is_below(wrong), "{wrong:?}");
        }
    }
}
