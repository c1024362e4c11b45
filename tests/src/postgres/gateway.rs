//! What stands before the services of a Supabase project: one address, `/rest/v1` for PostgREST and everything else for
//! the hub, a connection a request. A key that is no token is nobody's: the API sees it as anonymous.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;

const REST: &str = "/rest/v1";
/// What PostgreSQL cannot do, and the hub does beside it.
const BESIDE: &str = "/rest/v1/rpc/station_grant";

/// Where requests go.
#[derive(Clone, Copy, Debug)]
pub struct Upstreams {
    /// PostgREST's port.
    pub rest: u16,
    /// The hub's.
    pub hub: u16,
}

/// A gateway. It ends with the process.
pub struct Gateway {
    address: SocketAddr,
}

impl Gateway {
    /// Opens one.
    pub fn open(upstreams: Upstreams) -> Gateway {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A connection that breaks off is the client's to notice.
                thread::spawn(move || pass(client, upstreams).ok());
            }
        });
        Gateway { address }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// The head of a request, as it goes on.
struct Head {
    text: String,
    port: u16,
    length: usize,
    upgrades: bool,
}

fn head(reader: &mut impl BufRead, upstreams: Upstreams) -> std::io::Result<Head> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let is_rest = line.split(' ').nth(1).is_some_and(|path| path.starts_with(REST) && path != BESIDE);
    let mut head = Head {
        // In the older version an answer has no chunks, which whoever reads it by hand would have to put together.
        text: if is_rest { line.replacen(REST, "", 1).replace("HTTP/1.1", "HTTP/1.0") } else { line },
        port: if is_rest { upstreams.rest } else { upstreams.hub },
        length: 0,
        upgrades: false,
    };
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        let small = line.to_ascii_lowercase();
        if let Some(length) = small.strip_prefix("content-length:") {
            head.length = length.trim().parse().unwrap_or(0);
        }
        head.upgrades |= small.starts_with("upgrade:");
        let ours = small.starts_with("connection:") && !head.upgrades && !small.contains("upgrade");
        let nobodys = is_rest && small.starts_with("authorization: bearer sb_");
        if !(ours || nobodys) {
            head.text += &line;
        }
    }
    if !head.upgrades {
        head.text += "connection: close\r\n";
    }
    head.text += "\r\n";
    Ok(head)
}

fn pass(client: TcpStream, upstreams: Upstreams) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let head = head(&mut reader, upstreams)?;
    let mut upstream = TcpStream::connect(("127.0.0.1", head.port))?;
    upstream.write_all(head.text.as_bytes())?;
    let (mut answer, mut back) = (upstream.try_clone()?, client.try_clone()?);
    if head.upgrades {
        thread::spawn(move || {
            drop(std::io::copy(&mut reader, &mut upstream));
            upstream.shutdown(Shutdown::Both)
        });
    } else {
        std::io::copy(&mut reader.take(head.length as u64), &mut upstream)?;
    }
    drop(std::io::copy(&mut answer, &mut back));
    client.shutdown(Shutdown::Both)
}
