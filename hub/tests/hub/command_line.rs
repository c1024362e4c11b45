//! The program itself, as an operator and a script use it.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

fn hub(arguments: &[&str], data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_counterpart-hub"));
    command.args(arguments).arg("--data").arg(data).arg("--json");
    command
}

fn run(arguments: &[&str], data: &Path) -> Output {
    hub(arguments, data).output().unwrap()
}

fn line(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(1, text.lines().count(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&text).unwrap()
}

struct Serving {
    process: Child,
    url: String,
}

impl Serving {
    fn start(data: &Path, arguments: &[&str]) -> Serving {
        let mut command = hub(&["serve"], data);
        let mut process =
            command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut text = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut text).unwrap();
        let line: Value = serde_json::from_str(&text).unwrap();
        Serving { process, url: line["url"].as_str().unwrap().to_owned() }
    }

    /// Ends it as an operator does, and gives what it logged.
    fn stop(mut self) -> String {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let mut log = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert!(self.process.wait().unwrap().success());
        log
    }
}

#[test]
fn init_sets_up_a_shop_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("hub");
    let made = line(&run(&["init", "--email", "Owner@Shop.example", "--shop-name", "Fix It"], &data));
    assert_eq!("owner@shop.example", made["owner"]["email"]);
    assert!(made["anon_key"].as_str().unwrap().starts_with("sb_publishable_"));
    assert!(made["service_key"].as_str().unwrap().starts_with("sb_secret_"));
    let before: Vec<_> = ["hub.db", "tls/root.pem", "tls/leaf.pem", "device.txt", "device.svg"]
        .map(|name| counterpart_hub::secret::sha256_hex(&std::fs::read(data.join(name)).unwrap()))
        .into();
    let again = run(&["init"], &data);
    assert!(!again.status.success() && again.stdout.is_empty());
    assert!(String::from_utf8_lossy(&again.stderr).contains("there is a shop already"));
    let after: Vec<_> = ["hub.db", "tls/root.pem", "tls/leaf.pem", "device.txt", "device.svg"]
        .map(|name| counterpart_hub::secret::sha256_hex(&std::fs::read(data.join(name)).unwrap()))
        .into();
    assert_eq!(before, after);
    let healthy = run(&["doctor"], &data);
    assert_eq!(serde_json::json!({"problems": []}), line(&healthy));
    assert!(healthy.status.success());
}

#[test]
fn commands_before_init_and_with_nonsense_are_told_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [vec!["serve"], vec!["doctor"], vec!["invite", "--email", "a@b.c", "--role", "owner"]] {
        let refused = run(&arguments, folder.path());
        assert!(!refused.status.success());
        assert!(String::from_utf8_lossy(&refused.stderr).contains("counterpart-hub init"), "{arguments:?}");
    }
    run(&["init"], folder.path());
    let role = run(&["invite", "--email", "a@b.c", "--role", "king"], folder.path());
    assert!(String::from_utf8_lossy(&role.stderr).contains("role: must be one of owner, admin"));
    let half = run(&["serve", "--cert", "x.pem"], folder.path());
    assert!(String::from_utf8_lossy(&half.stderr).contains("give both or neither"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_and_the_invited_sign_in_while_it_serves_and_the_log_names_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let made = line(&run(&["init"], folder.path()));
    let serving = Serving::start(folder.path(), &["--listen", "127.0.0.1:0"]);
    let invited =
        line(&run(&["invite", "--email", "tech@shop.example", "--role", "technician"], folder.path()));
    let key = made["anon_key"].as_str().unwrap();
    for person in [&made["owner"], &invited] {
        let url = format!("{}/auth/v1/token?grant_type=password&apikey={key}", serving.url);
        let answer = crate::desk::client().post(url).json(person).send().await.unwrap();
        assert_eq!(200, answer.status());
    }
    let log = tokio::task::spawn_blocking(|| serving.stop()).await.unwrap();
    assert!(log.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{log}");
    assert!(log.contains("\"route\":\"/auth/v1/token\""));
    for secret in ["shop.example", key, invited["password"].as_str().unwrap()] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn owner_and_invited_stand_in_the_shops_books_and_a_tablet_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let made = line(&run(&["init", "--email", "ada@shop.example", "--shop-name", "Fix It"], folder.path()));
    let invite = |email: &str, more: &[&str]| {
        let arguments = [&["invite", "--email", email, "--role", "technician"], more].concat();
        assert!(run(&arguments, folder.path()).status.success());
    };
    invite("tess@shop.example", &["--name", "Tess Miller"]);
    invite("tablet@shop.example", &["--station"]);
    let unnamed = run(&["invite", "--email", "x@y.z", "--role", "owner", "--name", " "], folder.path());
    assert!(String::from_utf8_lossy(&unnamed.stderr).contains("--name: must have"));
    let database = rusqlite::Connection::open(folder.path().join("ledger.db")).unwrap();
    let rows = |table: &str| -> Vec<Value> {
        let sql = "select body from ledger_rows where tbl = ?1 and shop = ?2 order by stamp";
        let mut statement = database.prepare(sql).unwrap();
        let found =
            statement.query_map([table, made["shop"].as_str().unwrap()], |row| row.get::<_, String>(0));
        found.unwrap().map(|body| serde_json::from_str(&body.unwrap()).unwrap()).collect()
    };
    let people: Vec<_> = rows("employees")
        .iter()
        .map(|row| serde_json::json!([row["first_name"], row["last_name"], row["role"], row["active"]]))
        .collect();
    assert_eq!(
        serde_json::json!([["ada", null, "owner", true], ["Tess", "Miller", "technician", true]]),
        serde_json::json!(people)
    );
    assert_eq!("Fix It", rows("shop_settings")[0]["name"]);
}

#[test]
fn a_listener_beyond_loopback_speaks_tls_with_the_pinned_root() {
    let folder = tempfile::tempdir().unwrap();
    let made = line(&run(&["init"], folder.path()));
    let serving = Serving::start(folder.path(), &["--listen", "0.0.0.0:0"]);
    assert!(serving.url.starts_with("https://"));
    let port: u16 = serving.url.rsplit(':').next().unwrap().parse().unwrap();
    let link = std::fs::read_to_string(folder.path().join("device.txt")).unwrap();
    assert!(link.contains(&serving.url) && link.contains(made["anon_key"].as_str().unwrap()));
    let root = rustls_root(folder.path());
    let fingerprint = counterpart_hub::secret::sha256_hex(&root);
    assert!(link.contains(&fingerprint));

    let mut roots = rustls::RootCertStore::empty();
    roots.add(root.into()).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "127.0.0.1".try_into().unwrap();
    let mut session = rustls::ClientConnection::new(std::sync::Arc::new(config), name).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let mut tls = rustls::Stream::new(&mut session, &mut stream);
    tls.write_all(b"GET /healthz HTTP/1.1\r\nhost: hub\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = [0; 15];
    tls.read_exact(&mut answer).unwrap();
    assert_eq!(b"HTTP/1.1 200 OK", &answer);
    let presented = session.peer_certificates().unwrap();
    assert_eq!(fingerprint, counterpart_hub::secret::sha256_hex(presented.last().unwrap()));
    serving.stop();
}

fn rustls_root(data: &Path) -> Vec<u8> {
    use rustls::pki_types::pem::PemObject;
    let pem = std::fs::read(data.join("tls/root.pem")).unwrap();
    rustls::pki_types::CertificateDer::from_pem_slice(&pem).unwrap().to_vec()
}

#[test]
fn a_ca_given_as_the_servers_own_certificate_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    run(&["init"], folder.path());
    let tls = folder.path().join("tls");
    let (root, key) = (tls.join("root.pem"), tls.join("root-key.pem"));
    let given = ["--cert", root.to_str().unwrap(), "--key", key.to_str().unwrap(), "--listen", "127.0.0.1:0"];
    let refused = run(&[&["serve"], &given[..]].concat(), folder.path());
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("CA:TRUE"));
    let told = run(&[&["doctor"], &given[..]].concat(), folder.path());
    assert_eq!("certificate_unusable", line(&told)["problems"][0]["code"]);
    assert!(!told.status.success());
}

#[test]
fn the_doctor_finds_a_missing_owner_a_broken_key_and_a_readable_secret() {
    let folder = tempfile::tempdir().unwrap();
    run(&["init"], folder.path());
    let database = rusqlite::Connection::open(folder.path().join("hub.db")).unwrap();
    database
        .execute_batch(
            "update memberships set active = 0; update keys set value = x'00' where name like 'sign%'",
        )
        .unwrap();
    drop(database);
    #[cfg(unix)]
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let found = line(&run(&["doctor"], folder.path()));
    let codes: Vec<_> =
        found["problems"].as_array().unwrap().iter().map(|p| p["code"].as_str().unwrap()).collect();
    assert!(codes.starts_with(&["no_owner", "keys_broken"]), "{codes:?}");
    assert!(codes.contains(&"secret_readable"));
}

#[test]
fn file_environment_and_flags_configure_it_in_that_order() {
    let folder = tempfile::tempdir().unwrap();
    run(&["init"], folder.path());
    std::fs::write(folder.path().join("hub.toml"), "listen = \"127.0.0.1:1\"\n[limits]\nsocketz = 1\n")
        .unwrap();
    let broken = run(&["serve"], folder.path());
    assert!(String::from_utf8_lossy(&broken.stderr).contains("socketz"));
    std::fs::write(folder.path().join("hub.toml"), "listen = \"127.0.0.1:1\"\n").unwrap();
    let mut process = hub(&["serve"], folder.path())
        .env("COUNTERPART_HUB_LISTEN", "127.0.0.1:0")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut text = String::new();
    BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut text).unwrap();
    assert!(text.contains("http://127.0.0.1:") && !text.contains("127.0.0.1:1\""), "{text}");
    process.kill().unwrap();
    process.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_hub_comes_back_from_its_backup() {
    let folder = tempfile::tempdir().unwrap();
    let (data, backup) = (folder.path().join("hub"), folder.path().join("shop.backup"));
    let made = line(&run(&["init"], &data));
    let mut serving = Serving::start(&data, &["--listen", "127.0.0.1:0", "--backup-hours", "0"]);
    let to = ["backup", "--to", backup.to_str().unwrap()];
    assert!(line(&run(&to, &data))["bytes"].as_u64().unwrap() > 0);
    #[cfg(unix)]
    {
        let mode = std::fs::metadata(&backup).unwrap().permissions();
        assert_eq!(0o600, std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777);
    }
    let again = run(&to, &data);
    assert!(!again.status.success());
    assert!(String::from_utf8_lossy(&again.stderr).contains("is there already"));
    let from = ["restore", "--from", backup.to_str().unwrap()];
    let replacing = [&from[..], &["--replace"]].concat();
    let told = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told(&run(&replacing, &data)).contains("a hub serves this folder"));
    assert!(told(&run(&["serve", "--listen", "127.0.0.1:0"], &data)).contains("a hub serves this folder"));
    serving.process.kill().unwrap();
    serving.process.wait().unwrap();
    assert!(told(&run(&from, &data)).contains("--replace"));
    let aside = line(&run(&replacing, &data))["aside"].as_str().unwrap().to_owned();
    assert!(Path::new(&aside).join("hub.db").is_file());
    let elsewhere = folder.path().join("other");
    assert_eq!(Value::Null, line(&run(&from, &elsewhere))["aside"]);
    for place in [&data, &elsewhere] {
        let serving = Serving::start(place, &["--listen", "127.0.0.1:0"]);
        let key = made["anon_key"].as_str().unwrap();
        let url = format!("{}/auth/v1/token?grant_type=password&apikey={key}", serving.url);
        let answer = reqwest::Client::new().post(url).json(&made["owner"]).send().await.unwrap();
        assert_eq!(200, answer.status());
        tokio::task::spawn_blocking(|| serving.stop()).await.unwrap();
        assert_eq!(1, std::fs::read_dir(place.join("backups")).unwrap().count());
    }
}

#[test]
fn the_doctor_finds_books_that_are_old_gone_or_without_a_person_and_restamps() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("hub");
    run(&["init"], &data);
    let books = data.join("ledger.db");
    let codes = |arguments: &[&str]| -> Vec<String> {
        let found = line(&run(arguments, &data));
        let problems = found["problems"].as_array().unwrap();
        problems.iter().map(|problem| problem["code"].as_str().unwrap().to_owned()).collect()
    };
    let change = |sql: &str| rusqlite::Connection::open(&books).unwrap().execute_batch(sql).unwrap();
    change("update ledger_rows set body = json_set(body, '$.name', 'Other') where tbl = 'shop_settings'");
    assert_eq!(["rows_without_stamp"], *codes(&["doctor"]));
    assert!(codes(&["doctor", "--restamp"]).is_empty());
    change("update commits set at = 1");
    assert_eq!(["backup_too_old"], *codes(&["doctor"]));
    let backup = folder.path().join("one.backup");
    assert!(run(&["backup", "--to", backup.to_str().unwrap()], &data).status.success());
    assert!(codes(&["doctor"]).is_empty());
    change("delete from ledger_rows where tbl = 'employees'");
    assert_eq!(["account_without_employee"], *codes(&["doctor"]));
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        std::fs::write(data.join(name), "").unwrap();
    }
    std::fs::write(&books, [7; 9_000]).unwrap();
    assert_eq!(["books_damaged"], *codes(&["doctor"]));
    std::fs::remove_file(&books).unwrap();
    assert_eq!(["books_missing"], *codes(&["doctor"]));
}
