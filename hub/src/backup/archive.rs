//! One file that holds a hub's files: an SQLite database of their content, piece by piece, with the hash of each.
//!
//! A file that opens here is whole: every part has the length and the hash that were written down when it was packed.

use super::BackupError;
use crate::secret;
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

/// Says in the file's head what it is.
const APPLICATION: i32 = 0x4350_4b42;
const FORMAT: i64 = 1;
/// Bytes of one piece.
const PIECE: usize = 1 << 20;

const TABLES: &str = "
    CREATE TABLE about (format INTEGER NOT NULL, made_at INTEGER NOT NULL) STRICT;
    CREATE TABLE parts (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL) STRICT;
    CREATE TABLE pieces (part TEXT NOT NULL, at INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (part, at)) STRICT;
";

/// A file being packed.
pub(super) struct Packing {
    connection: Connection,
}

impl Packing {
    /// Begins an archive in a file that is there and empty.
    pub(super) fn begin(path: &Path, now_ms: i64) -> Result<Packing, BackupError> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = FULL; BEGIN")?;
        connection.pragma_update(None, "application_id", APPLICATION)?;
        connection.execute_batch(TABLES)?;
        connection.execute("INSERT INTO about (format, made_at) VALUES (?1, ?2)", (FORMAT, now_ms))?;
        Ok(Packing { connection })
    }

    /// Takes a file in under a name.
    pub(super) fn add(&self, name: &str, path: &Path) -> Result<(), BackupError> {
        let mut file = File::open(path)?;
        let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
        let (mut piece, mut bytes, mut at) = (Vec::with_capacity(PIECE), 0, 0_i64);
        let mut insert =
            self.connection.prepare("INSERT INTO pieces (part, at, content) VALUES (?1, ?2, ?3)")?;
        loop {
            piece.clear();
            let read = (&mut file).take(PIECE as u64).read_to_end(&mut piece)?;
            if read == 0 {
                break;
            }
            hash.update(&piece);
            insert.execute((name, at, &piece))?;
            (bytes, at) = (bytes + read as u64, at + 1);
        }
        let hash = secret::hex(hash.finish().as_ref());
        let sql = "INSERT INTO parts (name, bytes, sha256) VALUES (?1, ?2, ?3)";
        self.connection.execute(sql, (name, i64::try_from(bytes).unwrap_or(i64::MAX), hash))?;
        Ok(())
    }

    /// Ends the archive: it is on disk.
    pub(super) fn finish(self) -> Result<(), BackupError> {
        self.connection.execute_batch("COMMIT")?;
        self.connection.close().map_err(|(_, error)| error)?;
        Ok(())
    }
}

/// An archive that somebody gave.
pub(super) struct Archive {
    connection: Connection,
}

impl Archive {
    /// Opens a file, if it is one of ours and sound as a database.
    pub(super) fn open(path: &Path) -> Result<Archive, BackupError> {
        File::open(path)?;
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let ours = |connection: &Connection| -> rusqlite::Result<(i32, i64)> {
            let application = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
            Ok((application, connection.query_row("SELECT format FROM about", [], |row| row.get(0))?))
        };
        match ours(&connection) {
            Ok((APPLICATION, FORMAT)) => {}
            Ok((APPLICATION, _)) => return Err(BackupError::Newer),
            Ok(_) | Err(_) => return Err(BackupError::NoBackup),
        }
        super::check_database(&connection, "the backup")?;
        Ok(Archive { connection })
    }

    /// The names of its parts.
    pub(super) fn names(&self) -> Result<Vec<String>, BackupError> {
        let mut names = self.connection.prepare("SELECT name FROM parts ORDER BY name")?;
        let names = names.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok(names)
    }

    /// Writes a part to a new file that only the hub's own user reads, on disk when this returns.
    pub(super) fn unpack(&self, name: &str, to: &Path) -> Result<(), BackupError> {
        let mut file = private_file(to)?;
        self.read(name, |piece| Ok(file.write_all(piece)?))?;
        Ok(file.sync_all()?)
    }

    /// Whether every part is as it was packed.
    pub(super) fn verify(&self) -> Result<(), BackupError> {
        self.names()?.iter().try_for_each(|name| self.read(name, |_| Ok(())))
    }

    fn read(
        &self,
        name: &str,
        mut see: impl FnMut(&[u8]) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        let sql = "SELECT bytes, sha256 FROM parts WHERE name = ?1";
        let (bytes, sha256): (i64, String) =
            self.connection.query_row(sql, [name], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
        let mut seen = 0;
        let mut pieces = self.connection.prepare("SELECT content FROM pieces WHERE part = ?1 ORDER BY at")?;
        let mut rows = pieces.query([name])?;
        while let Some(row) = rows.next()? {
            let piece = row.get_ref(0)?.as_blob().map_err(|_| BackupError::Damaged("the backup"))?;
            hash.update(piece);
            seen += piece.len();
            see(piece)?;
        }
        let whole = i64::try_from(seen) == Ok(bytes) && secret::hex(hash.finish().as_ref()) == sha256;
        if whole { Ok(()) } else { Err(BackupError::Damaged("the backup")) }
    }
}

/// A new file that only the hub's own user reads.
pub(super) fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
