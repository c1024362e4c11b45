//! Calls to a server's functions: within their time, bounded while they are read, and never led elsewhere.

use super::classify::{Failure, NoAnswer, classify};
use super::server::Server;
use super::tls::{TlsFault, Trust};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::journal::NetworkCall;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use rustls::ClientConfig;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

const USER_AGENT: &str = concat!("counterpart/", env!("CARGO_PKG_VERSION"));

/// How long and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest that connecting may take.
    pub connect: Duration,
    /// The longest that a whole request may take, its answer included.
    pub request: Duration,
    /// The largest answer, in bytes, once it is unpacked.
    pub answer: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { connect: Duration::from_secs(5), request: Duration::from_secs(30), answer: 64 * 1024 * 1024 }
    }
}

/// A server and the way to it. Clones share their connections.
#[derive(Clone)]
pub struct Http {
    client: Arc<RwLock<Client>>,
    pub(super) server: Arc<Server>,
    pub(super) tls: Arc<ClientConfig>,
    pub(super) env: Env,
    pub(super) limits: Limits,
    /// Calls that ended and that nobody has taken down yet.
    ended: Arc<Mutex<VecDeque<NetworkCall>>>,
    /// The file whose fetching was cut off, if its part lies where it was put.
    pub(super) cut_off: Arc<Mutex<Option<CutOff>>>,
    #[cfg(feature = "inspector")]
    pub(super) simulator: super::trouble::Simulator,
}

/// A file that was cut off: where its part lies, and the hash of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CutOff {
    pub(super) to: PathBuf,
    pub(super) sha256: String,
}

/// How many ended calls wait to be taken down, at most.
const ENDED: usize = 100;

impl fmt::Debug for Http {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Http").field("server", &self.server).finish_non_exhaustive()
    }
}

/// A reply, read to its end.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Http {
    /// A way to a server, which is believed as `trust` says.
    pub fn new(server: Server, trust: &Trust, env: Env, limits: Limits) -> Result<Http> {
        let tls = trust.config(&env)?;
        let client = Arc::new(RwLock::new(client(&server, &tls, limits)?));
        Ok(Http {
            client,
            server: Arc::new(server),
            tls: Arc::new(tls),
            env,
            limits,
            ended: Arc::default(),
            cut_off: Arc::default(),
            #[cfg(feature = "inspector")]
            simulator: super::trouble::Simulator::default(),
        })
    }

    /// The calls that ended since this was asked last.
    pub fn take_ended(&self) -> Vec<NetworkCall> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }

    /// Makes the network bad, or well again.
    #[cfg(feature = "inspector")]
    pub fn simulate(&self, trouble: super::Trouble) {
        self.simulator.set(trouble);
    }

    /// What becomes of a call: what the network makes of it, and before that whoever simulates a worse one.
    pub(super) async fn over_the_network<T>(
        &self,
        call: impl Future<Output = Result<T, NoAnswer>>,
    ) -> Result<T, NoAnswer> {
        #[cfg(feature = "inspector")]
        let call = self.simulator.call(call);
        call.await
    }

    /// Uses no connection from before any more, as after a sleep in which the other end may have gone.
    pub fn drop_connections(&self) -> Result<()> {
        let new = client(&self.server, &self.tls, self.limits)?;
        *self.client.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// Calls a function with one JSON value, as the account that the token is of.
    pub async fn call<Q: Serialize + ?Sized, T: DeserializeOwned>(
        &self,
        function: &'static str,
        request: &Q,
        token: &str,
    ) -> Result<T, Failure> {
        // Every request of the protocol has a form in JSON; one without would not be taken by any server either.
        let body = serde_json::to_vec(request).map_err(|_| Failure::NotTaken { code: String::new() })?;
        let reply = self.post(function, body, token).await?;
        classify(reply.status, &reply.headers, &reply.body).map_err(|failure| failure.spread(&self.env))
    }

    // What does not hang on what is asked and answered: it is in the library once, and not for each function.
    async fn post(&self, function: &'static str, body: Vec<u8>, token: &str) -> Result<Reply, NoAnswer> {
        let path = format!("/rest/v1/rpc/{function}");
        let up = body.len();
        let request = self.request(Method::POST, &path, token).header("content-profile", "public").body(body);
        self.send(function, up, request).await
    }

    /// A request with JSON, as whoever the token is of.
    pub(super) fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let client = self.client.read().unwrap_or_else(PoisonError::into_inner).clone();
        let request = client
            .request(method, self.server.at(path))
            .header("apikey", self.server.anon_key())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // Marked as sensitive, so that no log of the libraries below shows it.
        request.bearer_auth(token)
    }

    /// Sends a request and reads its reply to the end. How it ended is noted: what was called, how it went, how many
    /// bytes, and nothing of what they say.
    pub(super) async fn send(
        &self,
        call: &'static str,
        up: usize,
        request: RequestBuilder,
    ) -> Result<Reply, NoAnswer> {
        let began = self.env.clock.awake_and_asleep();
        let reply = self.over_the_network(self.exchange(request)).await;
        let (status, down) = match &reply {
            Ok(reply) => (reply.status.as_str().to_owned(), reply.body.len()),
            Err(failure) => (failure.word().to_owned(), 0),
        };
        let ended = NetworkCall {
            at: self.env.now(),
            call: call.to_owned(),
            status,
            up: up as u64,
            down: down as u64,
            ms: self.env.clock.awake_and_asleep().saturating_sub(began),
        };
        self.note(ended);
        reply
    }

    pub(super) fn note(&self, ended: NetworkCall) {
        let mut waiting = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= ENDED {
            waiting.pop_front();
        }
        waiting.push_back(ended);
    }

    async fn exchange(&self, request: RequestBuilder) -> Result<Reply, NoAnswer> {
        let mut response = request.send().await.map_err(|error| reason(&error))?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        Ok(Reply { status, headers, body: self.read(response).await? })
    }

    /// Reads a body to its end, unless that is too long.
    pub(super) async fn read(&self, mut response: Response) -> Result<Vec<u8>, NoAnswer> {
        let most = u64::try_from(self.limits.answer).unwrap_or(u64::MAX);
        if response.content_length().is_some_and(|length| length > most) {
            return Err(NoAnswer::TooLarge);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| reason(&error))? {
            if body.len() + chunk.len() > self.limits.answer {
                return Err(NoAnswer::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

fn client(server: &Server, tls: &ClientConfig, limits: Limits) -> Result<Client> {
    let mut headers = HeaderMap::new();
    if server.is_loopback() {
        // Packing what never leaves this machine costs more than it saves.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    }
    Client::builder()
        .default_headers(headers)
        .tls_backend_preconfigured(tls.clone())
        .redirect(Policy::none())
        // What stands in an environment variable has no say in where a shop's data goes.
        .no_proxy()
        .connect_timeout(limits.connect)
        .timeout(limits.request)
        .tcp_nodelay(true)
        .user_agent(USER_AGENT)
        .build()
        .map_err(|error| Error::defect(error.to_string()))
}

pub(super) fn reason(error: &reqwest::Error) -> NoAnswer {
    if let Some(fault) = TlsFault::behind(error) {
        NoAnswer::Tls(fault)
    } else if error.is_timeout() {
        NoAnswer::TimedOut
    } else if error.is_connect() {
        NoAnswer::Unreachable
    } else {
        NoAnswer::BrokenOff
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_that_nobody_answers_is_noted_without_what_it_said() {
        // Port 0 is nobody's.
        let server = Server::new("http://127.0.0.1:0", "anon").unwrap();
        let http = Http::new(server, &Trust { own: None }, Env::system(), Limits::default()).unwrap();
        let said = serde_json::json!({ "secret": "passcode" });
        let answer = http.call::<_, serde_json::Value>("sync_pull", &said, "token").await;
        assert!(matches!(answer, Err(Failure::Network(_))));
        let ended = http.clone().take_ended();
        let [call] = ended.as_slice() else { panic!("{ended:?}") };
        assert_eq!((call.call.as_str(), call.down, call.is_answered()), ("sync_pull", 0, false));
        assert_eq!(call.up, said.to_string().len() as u64);
        assert!(!format!("{call:?}").contains("passcode") && !format!("{call:?}").contains("token"));
        assert_eq!(http.take_ended(), [], "each is taken down once");
    }
}
