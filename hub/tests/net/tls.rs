//! TLS with the hub's own root, as `counterpart-hub init` makes it, and everything that can be wrong with it.

use crate::desk::{Desk, DeviceClock, NOW, NoFunctions, PASSWORD, PATIENCE, env};
use counterpart_core::keys::MemoryKeys;
use counterpart_core::net::{
    Failure, Heard, Http, Limits, Lost, NoAnswer, OwnRoot, Server, Session, Showing, Subscription, TlsFault,
    Trust, listen,
};
use counterpart_core::sync::wire::{OfShop, StandingAnswer};
use counterpart_hub::tls::{self, Files};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;

const DAY: i64 = 86_400_000;

/// A hub with certificates for these names.
struct Secured {
    desk: Desk,
    files: Files,
    _folder: tempfile::TempDir,
}

async fn secured(names: &[&str]) -> Secured {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::of(folder.path());
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    tls::create(&files, &names, NOW).unwrap();
    let config = tls::server_config(&files.leaf(), &files.leaf_key()).unwrap();
    let desk = Desk::with(Arc::new(NoFunctions), Some(config)).await;
    Secured { desk, files, _folder: folder }
}

impl Secured {
    fn fingerprint(&self) -> OwnRoot {
        OwnRoot::fingerprint(&tls::root_fingerprint(&self.files.leaf()).unwrap()).unwrap()
    }

    fn http(&self, own: Option<OwnRoot>) -> Http {
        way_to(&self.desk, own, &self.desk.clock)
    }
}

fn way_to(desk: &Desk, own: Option<OwnRoot>, clock: &Arc<DeviceClock>) -> Http {
    let server = Server::new(&format!("https://{}", desk.address), &desk.anon_key).unwrap();
    Http::new(server, &Trust { own }, env(clock), Limits::default()).unwrap()
}

async fn fault(http: &Http) -> TlsFault {
    let question = OfShop { shop: "s".into() };
    let failure = http.call::<_, StandingAnswer>("sync_standing", &question, "a.b.c").await.unwrap_err();
    let Failure::Network(NoAnswer::Tls(fault)) = failure else { panic!("{failure}") };
    assert_eq!(Heard::Lost(Lost::Network(NoAnswer::Tls(fault))), first_heard(http, "s", "a.b.c").await);
    fault
}

async fn first_heard(http: &Http, shop: &str, token: &str) -> Heard {
    let (shop, token) = (shop.to_owned(), token.to_owned());
    let (mut listener, running) =
        listen(http, Subscription { shop, device: "d".into(), token, showing: Showing::default() });
    let running = tokio::spawn(running);
    let heard = tokio::time::timeout(PATIENCE, listener.next()).await.unwrap().unwrap();
    drop(listener);
    tokio::time::timeout(PATIENCE, running).await.unwrap().unwrap();
    heard
}

#[tokio::test]
async fn the_hubs_own_root_is_believed_by_fingerprint_and_by_certificate() {
    let secured = secured(&["127.0.0.1"]).await;
    let pem = std::fs::read(secured.files.root()).unwrap();
    let der = CertificateDer::from_pem_slice(&pem).unwrap();
    for own in
        [secured.fingerprint(), OwnRoot::certificate(&pem).unwrap(), OwnRoot::certificate(&der).unwrap()]
    {
        let http = secured.http(Some(own));
        let keys = Arc::new(MemoryKeys::default());
        let (session, _) = Session::sign_in(http.clone(), keys, "ada@example.org", PASSWORD).await.unwrap();
        let token = session.token().await.unwrap();
        assert_eq!(Heard::Joined, first_heard(&http, &secured.desk.shop.to_string(), &token).await);
    }
}

#[tokio::test]
async fn another_root_is_not_believed() {
    let (here, elsewhere) = (secured(&["127.0.0.1"]).await, secured(&["127.0.0.1"]).await);
    let other = std::fs::read(elsewhere.files.root()).unwrap();
    for own in [None, Some(elsewhere.fingerprint()), Some(OwnRoot::certificate(&other).unwrap())] {
        assert_eq!(TlsFault::UnknownIssuer, fault(&here.http(own)).await);
    }
}

#[tokio::test]
async fn a_certificate_holds_for_its_time_and_its_names() {
    let secured = secured(&["127.0.0.1"]).await;
    for (now, expected) in [(NOW + 830 * DAY, TlsFault::Expired), (NOW - 3 * DAY, TlsFault::NotYetValid)] {
        let http = way_to(&secured.desk, Some(secured.fingerprint()), &DeviceClock::at(now));
        assert_eq!(expected, fault(&http).await);
    }
    let named = self::secured(&["hub.example", "192.0.2.7"]).await;
    assert_eq!(TlsFault::WrongHost, fault(&named.http(Some(named.fingerprint()))).await);
}

#[tokio::test]
async fn a_root_served_as_a_leaf_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::of(folder.path());
    tls::create(&files, &["127.0.0.1".to_owned()], NOW).unwrap();
    let pem = std::fs::read(files.root()).unwrap();
    let root = CertificateDer::from_pem_slice(&pem).unwrap();
    let key = PrivateKeyDer::from_pem_file(files.root_key()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![root], key)
        .unwrap();
    let desk = Desk::with(Arc::new(NoFunctions), Some(Arc::new(config))).await;
    let fingerprint = OwnRoot::fingerprint(&tls::root_fingerprint(&files.root()).unwrap()).unwrap();
    for own in [None, Some(fingerprint), Some(OwnRoot::certificate(&pem).unwrap())] {
        assert_eq!(TlsFault::RootAsLeaf, fault(&way_to(&desk, own, &desk.clock)).await);
    }
}
