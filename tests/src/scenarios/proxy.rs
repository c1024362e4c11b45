//! A bad network on loopback: a proxy that loses, cuts, repeats, replaces and holds what passes, exactly when a
//! scenario says so. Without a fault everything passes as it is.
//!
//! It speaks as much HTTP as that needs: one request a connection, its answer to the end. A websocket passes as bytes.

use serde_json::Value as Json;
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// Longer than any answer takes, so that what hangs ends.
const PATIENCE: Duration = Duration::from_secs(60);

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It never arrives.
    Dropped,
    /// It arrives, and its answer is lost.
    AnswerLost,
    /// It arrives, and only the answer's first bytes come back.
    AnswerCut(usize),
    /// It arrives twice. The second answer comes back.
    Twice,
    /// Only its first bytes arrive; the rest hangs until the proxy lets go, and is lost then.
    Hangs(usize),
    /// It arrives, and its answer is held until the proxy lets go.
    AnswerHeld,
    /// It never arrives: somebody else answers with these bytes.
    Instead(String),
    /// It arrives, and these bytes come back in its answer's place.
    Misanswered(String),
}

/// Which requests a fault strikes.
struct Rule {
    function: String,
    containing: String,
    left: usize,
    fault: Fault,
}

#[derive(Default)]
struct State {
    rules: VecDeque<Rule>,
    portal: Option<Fault>,
    piece: Option<usize>,
    struck: usize,
    waited_for: usize,
    let_go: usize,
    ended: bool,
    passed: Vec<(String, Vec<u8>)>,
    tunnels: Vec<TcpStream>,
}

struct Line {
    hub: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
}

/// The proxy. Dropping it closes it.
pub struct Proxy {
    address: SocketAddr,
    line: Arc<Line>,
}

impl Proxy {
    /// A proxy in front of a server, by its URL.
    pub fn before(url: &str) -> Proxy {
        let hub = url.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let line = Arc::new(Line { hub, state: Mutex::default(), changed: Condvar::new() });
        let shared = Arc::clone(&line);
        std::thread::spawn(move || {
            while let Ok((device, _)) = listener.accept() {
                if shared.state().ended {
                    return;
                }
                let line = Arc::clone(&shared);
                std::thread::spawn(move || line.carry(device));
            }
        });
        Proxy { address, line }
    }

    /// Where devices find the server now.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next call of a function has a fault.
    pub fn next(&self, function: &str, fault: Fault) {
        self.next_few(1, function, "", fault);
    }

    /// So many calls of a function that contain a text have a fault; of any, where none is named.
    pub fn next_few(&self, calls: usize, function: &str, containing: &str, fault: Fault) {
        let (function, containing) = (function.to_owned(), containing.to_owned());
        self.line.state().rules.push_back(Rule { function, containing, left: calls, fault });
    }

    /// Every request whatsoever has a fault, until it is taken away; what stood open is cut.
    pub fn all(&self, fault: Option<Fault>) {
        let mut state = self.line.state();
        if fault.is_some() {
            for tunnel in state.tunnels.drain(..) {
                // It may have ended by itself.
                tunnel.shutdown(Shutdown::Both).ok();
            }
        }
        state.portal = fault;
    }

    /// A line so thin that bytes pass in pieces of that many.
    pub fn thin(&self, piece: Option<usize>) {
        self.line.state().piece = piece;
    }

    /// Waits until one more fault has struck: what it lets through has passed.
    pub fn struck(&self) {
        let mut state = self.line.state();
        state.waited_for += 1;
        let wanted = state.waited_for;
        let wait = self.line.changed.wait_timeout_while(state, PATIENCE, |state| state.struck < wanted);
        assert!(!wait.unwrap().1.timed_out(), "no fault struck");
    }

    /// Lets go of what is held.
    pub fn let_go(&self) {
        let mut state = self.line.state();
        state.let_go += 1;
        self.line.changed.notify_all();
    }

    /// How often a function was called.
    pub fn calls(&self, function: &str) -> usize {
        self.line.state().passed.iter().filter(|(called, _)| called == function).count()
    }

    /// How many requests contained a text.
    pub fn requests(&self, containing: &str) -> usize {
        self.line.state().passed.iter().filter(|(_, request)| holds(request, containing)).count()
    }

    /// Sends the last call of a function whose body contains a text once more. Nobody hears the answer.
    pub fn again(&self, function: &str, containing: &str) {
        self.line.exchange(&self.request(function, containing)).expect("the server answers");
    }

    /// The body of the last call of a function that contains a text.
    pub fn last(&self, function: &str, containing: &str) -> Json {
        let request = self.request(function, containing);
        let body = request.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
        serde_json::from_slice(&request[body..]).unwrap()
    }

    fn request(&self, function: &str, containing: &str) -> Vec<u8> {
        let state = self.line.state();
        let fits = |(called, request): &&(String, Vec<u8>)| called == function && holds(request, containing);
        state.passed.iter().rev().find(fits).expect("no such call").1.clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.line.state().ended = true;
        self.line.changed.notify_all();
        // Wakes the thread that accepts. If nobody accepts any more, that is as good.
        TcpStream::connect(self.address).ok();
    }
}

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The fault that strikes a call, if any.
    fn fault_of(&self, function: &str, request: &[u8]) -> Option<Fault> {
        let mut state = self.state();
        state.passed.push((function.to_owned(), request.to_vec()));
        if state.portal.is_some() {
            return state.portal.clone();
        }
        let named = |rule: &Rule| rule.function.is_empty() || rule.function == function;
        let fits = |rule: &Rule| named(rule) && holds(request, &rule.containing);
        let at = state.rules.iter().position(fits)?;
        let rule = state.rules.get_mut(at)?;
        let fault = rule.fault.clone();
        rule.left -= 1;
        if rule.left == 0 {
            state.rules.remove(at);
        }
        Some(fault)
    }

    fn carry(&self, mut device: TcpStream) {
        let Some(request) = read_request(&mut device) else { return };
        let function = function_of(&request);
        let fault = self.fault_of(&function, &request);
        if fault.is_none() && String::from_utf8_lossy(&request).to_lowercase().contains("\r\nupgrade: ") {
            self.tunnel(device, &request);
            return;
        }
        let faulty = fault.is_some();
        let answer = match fault {
            None => self.exchange(&request),
            Some(Fault::Dropped) => None,
            Some(Fault::AnswerLost) => self.exchange(&request).and(None),
            Some(Fault::AnswerCut(bytes)) => self.exchange(&request).map(|mut answer| {
                answer.truncate(bytes);
                answer
            }),
            Some(Fault::Twice) => self.exchange(&request).and_then(|_| self.exchange(&request)),
            Some(Fault::Instead(text)) => Some(text.into_bytes()),
            Some(Fault::Misanswered(text)) => self.exchange(&request).map(|_| text.into_bytes()),
            Some(Fault::AnswerHeld) => {
                let answer = self.exchange(&request);
                self.strike();
                self.held();
                self.say(&mut device, answer);
                return;
            }
            Some(Fault::Hangs(bytes)) => {
                let hub = TcpStream::connect(self.hub).and_then(|mut hub| {
                    hub.write_all(&request[..bytes.min(request.len())])?;
                    Ok(hub)
                });
                self.strike();
                self.held();
                drop(hub);
                return;
            }
        };
        if faulty {
            self.strike();
        }
        self.say(&mut device, answer);
    }

    fn strike(&self) {
        self.state().struck += 1;
        self.changed.notify_all();
    }

    fn held(&self) {
        let state = self.state();
        let before = state.let_go;
        let held = |state: &mut State| state.let_go == before && !state.ended;
        drop(self.changed.wait_timeout_while(state, PATIENCE, held));
    }

    /// Gives an answer to a device, which may have gone. No answer is a connection that closes.
    fn say(&self, device: &mut TcpStream, answer: Option<Vec<u8>>) {
        let piece = self.state().piece;
        let answer = answer.unwrap_or_default();
        if write(device, &answer, piece).is_ok() && !answer.is_empty() {
            device.shutdown(Shutdown::Write).ok();
            // Closing before everything was read would take back what was said.
            device.set_read_timeout(Some(Duration::from_secs(5))).ok();
            while matches!(device.read(&mut [0; 1024]), Ok(1..)) {}
        }
    }

    /// Sends a request on, and gives back the whole answer.
    fn exchange(&self, request: &[u8]) -> Option<Vec<u8>> {
        let piece = self.state().piece;
        let mut hub = TcpStream::connect(self.hub).ok()?;
        hub.set_read_timeout(Some(PATIENCE)).ok()?;
        let line = request.windows(2).position(|pair| pair == b"\r\n")? + 2;
        let (first, rest) = request.split_at(line);
        write(&mut hub, &[first, b"connection: close\r\n", rest].concat(), piece).ok()?;
        let mut answer = Vec::new();
        hub.read_to_end(&mut answer).ok()?;
        Some(answer).filter(|answer| !answer.is_empty())
    }

    fn tunnel(&self, device: TcpStream, request: &[u8]) {
        let Ok(mut hub) = TcpStream::connect(self.hub) else { return };
        let both = [device.try_clone(), hub.try_clone()];
        self.state().tunnels.extend(both.into_iter().flatten());
        if hub.write_all(request).is_err() {
            return;
        }
        let (Ok(mut from_hub), Ok(mut to_device)) = (hub.try_clone(), device.try_clone()) else { return };
        std::thread::spawn(move || {
            // A tunnel ends in whichever way: both ends are closed then.
            std::io::copy(&mut from_hub, &mut to_device).ok();
            to_device.shutdown(Shutdown::Both).ok();
        });
        let mut device = device;
        std::io::copy(&mut device, &mut hub).ok();
        hub.shutdown(Shutdown::Both).ok();
    }
}

/// An answer in HTTP, for [`Fault::Instead`] and [`Fault::Misanswered`].
pub fn page(status: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// An error in the protocol's own shape.
pub fn error(status: &str, code: &str) -> String {
    let body = serde_json::json!({ "code": code, "message": "no", "details": null, "hint": null });
    page(status, "application/json; charset=utf-8", &body.to_string())
}

fn write(to: &mut TcpStream, bytes: &[u8], piece: Option<usize>) -> std::io::Result<()> {
    to.set_nodelay(true)?;
    for part in bytes.chunks(piece.unwrap_or(bytes.len()).max(1)) {
        to.write_all(part)?;
    }
    to.flush()
}

fn holds(request: &[u8], text: &str) -> bool {
    text.is_empty() || request.windows(text.len()).any(|part| part == text.as_bytes())
}

/// The last part of a request's path: an rpc function's name.
fn function_of(request: &[u8]) -> String {
    let line = String::from_utf8_lossy(request.split(|byte| *byte == b'\r').next().unwrap_or_default());
    let path = line.split(' ').nth(1).unwrap_or_default();
    path.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned()
}

/// A request, head and body; nothing where none came.
fn read_request(from: &mut TcpStream) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some(head) = request.windows(4).position(|end| end == b"\r\n\r\n") {
            let length = String::from_utf8_lossy(&request[..head]).lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if request.len() >= head + 4 + length.unwrap_or(0) {
                return Some(request);
            }
        }
        match from.read(&mut buffer) {
            Ok(bytes @ 1..) => request.extend_from_slice(&buffer[..bytes]),
            Ok(0) | Err(_) => return None,
        }
    }
}
