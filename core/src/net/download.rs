//! Fetching a file: to a file of its own, hashed as it comes, never longer than what was announced. One that was cut off
//! goes on where it broke off, if it is the same file that is fetched next.

use super::classify::{Failure, NoAnswer, classify};
use super::http::{CutOff, Http, reason};
use crate::journal::NetworkCall;
use crate::sha256::Hashing;
use crate::sync::Landed;
use crate::sync::wire::SnapshotAnswer;
use reqwest::header::{ACCEPT, CONTENT_RANGE, RANGE};
use reqwest::{Method, Response, StatusCode};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
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
    /// Fetches a snapshot as the account that the token is of. What was at `to` before is gone, but for a part of the same
    /// file.
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
        // A disk that is full is no fault of the server's: ranges fail on it in words of their own.
        let disk_failed = || Failure::NotTaken { code: String::new() };
        let cut_off = CutOff { to: to.clone(), sha256: answer.sha256.clone() };
        let resumes = self.take_cut_off().is_some_and(|before| before == cut_off);
        let most = answer.bytes;
        let begun = spawn_blocking(move || Arriving::begin(&to, resumes, most)).await;
        let mut begun = begun.ok().and_then(Result::ok).ok_or_else(disk_failed)?;
        let response = self.ask_for(&answer.path, begun.bytes, token).await?;
        let part = response.status() == StatusCode::PARTIAL_CONTENT && continues(&response, &begun, most);
        if response.status() != StatusCode::OK && !part {
            let (status, headers) = (response.status(), response.headers().clone());
            let body = timeout(self.limits.request, self.read(response)).await;
            let body = body.map_err(|_| NoAnswer::TimedOut)??;
            return classify::<()>(status, &headers, &body).and(Err(NoAnswer::BrokenOff.into()));
        }
        let (pieces, waiting) = mpsc::channel(AHEAD);
        let left = if part { most.saturating_sub(begun.bytes) } else { most };
        let disk = spawn_blocking(move || {
            if !part {
                begun.anew()?;
            }
            begun.take(waiting)
        });
        let arrived = self.pass_on(response, left, pieces).await;
        let written = disk.await.ok().and_then(Result::ok);
        if matches!(arrived, Err(NoAnswer::BrokenOff | NoAnswer::TimedOut)) && written.is_some() {
            *self.cut_off.lock().unwrap_or_else(PoisonError::into_inner) = Some(cut_off);
        }
        arrived?;
        written.ok_or_else(disk_failed)
    }

    fn take_cut_off(&self) -> Option<CutOff> {
        self.cut_off.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn ask_for(&self, path: &str, from: u64, token: &str) -> Result<Response, NoAnswer> {
        let mut request = self.request(Method::GET, path, token).header(ACCEPT, "application/octet-stream");
        if from > 0 {
            request = request.header(RANGE, format!("bytes={from}-"));
        }
        self.over_the_network(async {
            let sent = timeout(self.limits.request, request.timeout(LONGEST).send()).await;
            sent.map_err(|_| NoAnswer::TimedOut)?.map_err(|error| reason(&error))
        })
        .await
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

/// Whether an answer goes on precisely where a part ends.
fn continues(response: &Response, begun: &Arriving, bytes: u64) -> bool {
    let says = response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
    let last = bytes.saturating_sub(1);
    begun.bytes > 0 && says == Some(format!("bytes {}-{last}/{bytes}", begun.bytes).as_str())
}

/// A file on its way, that nobody else has open.
struct Arriving {
    file: File,
    hash: Hashing,
    bytes: u64,
}

impl Arriving {
    /// Begins where a part ends, or anew.
    fn begin(to: &Path, resumes: bool, most: u64) -> io::Result<Arriving> {
        let mut begun = match fs::OpenOptions::new().read(true).append(true).open(to) {
            Ok(file) if resumes => Arriving { file, hash: Hashing::new(), bytes: 0 },
            Ok(_) => {
                fs::remove_file(to)?;
                Arriving::create(to)?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Arriving::create(to)?,
            Err(error) => return Err(error),
        };
        begun.look()?;
        // A whole file that was not told from a part is fetched again: it is the same.
        if begun.bytes >= most {
            begun.anew()?;
        }
        Ok(begun)
    }

    fn create(to: &Path) -> io::Result<Arriving> {
        let file = fs::OpenOptions::new().read(true).append(true).create_new(true).open(to)?;
        Ok(Arriving { file, hash: Hashing::new(), bytes: 0 })
    }

    /// Hashes what is there already.
    fn look(&mut self) -> io::Result<()> {
        let mut piece = vec![0; 64 * 1024];
        loop {
            let read = self.file.read(&mut piece)?;
            let Some(read) = piece.get(..read).filter(|read| !read.is_empty()) else { return Ok(()) };
            self.hash.update(read);
            self.bytes += read.len() as u64;
        }
    }

    /// What came before does not count.
    fn anew(&mut self) -> io::Result<()> {
        (self.hash, self.bytes) = (Hashing::new(), 0);
        self.file.set_len(0)
    }

    /// Takes in what comes. Says how many bytes there are now, and their hash.
    fn take(mut self, mut pieces: mpsc::Receiver<Vec<u8>>) -> io::Result<(u64, String)> {
        while let Some(piece) = pieces.blocking_recv() {
            self.hash.update(&piece);
            self.file.write_all(&piece)?;
            self.bytes += piece.len() as u64;
        }
        Ok((self.bytes, self.hash.hex()))
    }
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
