//! A private cluster: made in a temporary folder, on a port of its own, gone when the process that made it is, however
//! that ends.

use super::programs::{Programs, programs};
use super::{migrations, workspace};
use ::postgres::{Client, NoTls};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Makes the cluster and starts it, says so, and waits until nobody holds the other end of its input.
const KEEPER: &str = r#"
set -eu
folder=$(mktemp -d)
trap '"$1/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT
"$1/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale="$3" --no-sync >/dev/null
"$1/pg_ctl" -D "$folder/data" -l "$folder/log" -w \
  -o "-p $2 -k $folder -c listen_addresses=127.0.0.1 -c max_connections=200 -c log_min_messages=fatal" start >/dev/null
echo up
read -r _ || true
"#;

/// Apple's systems know the other one by no name.
const LOCALE: &str = if cfg!(target_os = "macos") { "en_US.UTF-8" } else { "C.UTF-8" };

/// A running cluster.
pub struct Cluster {
    port: u16,
    programs: Programs,
    keeper: Child,
    made: AtomicUsize,
}

impl Cluster {
    /// The cluster of this process, with a database on it that others are copied from.
    pub fn shared() -> &'static Cluster {
        static CLUSTER: OnceLock<Cluster> = OnceLock::new();
        CLUSTER.get_or_init(|| {
            let cluster = Cluster::start();
            cluster.psql("postgres", "postgres", &["-c", "create role keeper login nosuperuser createrole"]);
            cluster.make("counterpart");
            // As if it had made them: from PostgreSQL 16 on, nobody else could grant them.
            let grant = "grant anon, authenticated, service_role to keeper with admin option";
            cluster.psql("postgres", "postgres", &["-c", grant]);
            cluster
        })
    }

    /// The database that a cluster begins with, of one that nothing was done to.
    pub fn untouched() -> Database {
        let cluster = Box::leak(Box::new(Cluster::start()));
        Database { cluster, name: "postgres".into() }
    }

    /// Whether it is the one that is installed: with a pg_dump that is as new, and with extensions.
    pub fn is_installed(&self) -> bool {
        self.programs.are_installed
    }

    fn start() -> Cluster {
        let programs = programs();
        let port = free_port();
        // PostgreSQL refuses to run as root.
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--", "sh"]);
            command
        } else {
            Command::new("sh")
        };
        command.args(["-c", KEEPER, "keeper"]).arg(&programs.server).arg(port.to_string()).arg(LOCALE);
        command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "up", "PostgreSQL did not start");
        Cluster { port, programs, keeper, made: AtomicUsize::new(0) }
    }

    /// What a Supabase project has, before any migration of ours.
    pub fn project(&'static self) -> Database {
        let name = self.new_name();
        self.make_project(&name);
        Database { cluster: self, name }
    }

    fn make_project(&self, name: &str) {
        // Roles are the whole cluster's.
        static TURN: Mutex<()> = Mutex::new(());
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        self.psql("postgres", "postgres", &["-c", &format!("create database {name}")]);
        self.psql("postgres", name, &["-f", workspace("tests/src/postgres/shim.sql").to_str().unwrap()]);
    }

    /// A database with all migrations, as `migrator` applies them.
    fn make(&self, name: &str) {
        self.make_project(name);
        let file = |user: &str, path: &Path| {
            let path = path.to_str().unwrap();
            self.psql(user, name, &["--single-transaction", "-f", path]);
        };
        for migration in migrations() {
            // Policies on `realtime.messages` are the one thing that plain PostgreSQL leaves to its owner.
            let realtime = migration.to_string_lossy().ends_with("_realtime.sql");
            file(if realtime { "postgres" } else { "migrator" }, &migration);
        }
    }

    fn psql(&self, user: &str, database: &str, arguments: &[&str]) {
        let usual = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-U", user, "-d", database];
        self.run("psql", &[&usual, arguments].concat());
    }

    /// Runs one of PostgreSQL's programs against the cluster, to its end. Gives back what it printed.
    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(self.programs.clients.join(program));
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string()]).args(arguments);
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn new_name(&self) -> String {
        format!("shop_{}", self.made.fetch_add(1, Ordering::Relaxed))
    }

    /// A database of its own, with all migrations and nothing in it.
    pub fn database(&'static self) -> Database {
        let name = self.new_name();
        let mut client = self.client("postgres", "postgres");
        client.batch_execute(&format!("create database {name} template counterpart")).unwrap();
        Database { cluster: self, name }
    }

    /// An empty database, as whoever runs a plain PostgreSQL makes it for the hub: its owner may make roles, and is no
    /// superuser.
    pub fn plain(&'static self) -> Database {
        self.plain_of("keeper")
    }

    /// The same, of an owner who is new to the cluster.
    pub fn plain_of_new(&'static self, owner: &str) -> Database {
        let mut client = self.client("postgres", "postgres");
        client.batch_execute(&format!("create role {owner} login nosuperuser createrole")).unwrap();
        self.plain_of(owner)
    }

    fn plain_of(&'static self, owner: &str) -> Database {
        let name = self.new_name();
        let mut client = self.client("postgres", "postgres");
        client.batch_execute(&format!("create database {name} owner {owner} template template0")).unwrap();
        Database { cluster: self, name }
    }

    /// A database of what was written down, as it was.
    pub fn loaded(&'static self, from: &Path) -> Database {
        let database = self.plain();
        let unpacked = Command::new("gzip").arg("-dc").arg(from).output().unwrap();
        assert!(unpacked.status.success(), "{}", from.display());
        let mut script = tempfile::NamedTempFile::new().unwrap();
        script.write_all(&unpacked.stdout).unwrap();
        self.psql("postgres", &database.name, &["-f", script.path().to_str().unwrap()]);
        database
    }

    fn client(&self, user: &str, database: &str) -> Client {
        let address = format!("host=127.0.0.1 port={} user={user} dbname={database}", self.port);
        Client::connect(&address, NoTls).unwrap()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The keeper ends when its input does.
        drop(self.keeper.stdin.take().map(|mut input| input.write_all(b"\n")));
        drop(self.keeper.wait());
    }
}

/// One database of a cluster.
pub struct Database {
    cluster: &'static Cluster,
    name: String,
}

impl Database {
    /// A connection as the superuser.
    pub fn admin(&self) -> Client {
        self.cluster.client("postgres", &self.name)
    }

    /// A connection in the role that the API has, on behalf of an account or nobody.
    pub fn as_account(&self, role: &str, account: Option<&str>) -> Client {
        let mut client = self.cluster.client("authenticator", &self.name);
        let claims = match account {
            Some(account) => serde_json::json!({ "sub": account, "role": role }),
            None => serde_json::json!({ "role": role }),
        };
        let claims = claims.to_string();
        client.batch_execute(&format!("set role {role}; set statement_timeout = '60s'")).unwrap();
        client.execute("select set_config('request.jwt.claims', $1, false)", &[&claims]).unwrap();
        client
    }

    /// Runs a script as the superuser; what it answers, a row a line.
    pub fn answers(&self, script: &Path) -> String {
        let file = script.to_str().unwrap();
        let usual = ["-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", &self.name];
        self.cluster.run("psql", &[&usual[..], &["-f", file]].concat())
    }

    /// What it is made of, as SQL; nothing where no pg_dump is as new.
    pub fn schema(&self) -> Option<String> {
        if !self.cluster.is_installed() {
            return None;
        }
        let sql = self.cluster.run("pg_dump", &["-U", "postgres", "-d", &self.name, "--schema-only"]);
        // Each dump locks psql's commands with another word.
        let lines =
            sql.lines().filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
        Some(lines.flat_map(|line| [line, "\n"]).collect())
    }

    /// Writes all of it down as SQL, packed by gzip.
    pub fn write_down(&self, to: &Path) {
        let to = to.to_str().unwrap();
        self.cluster.run("pg_dump", &["-U", "postgres", "-d", &self.name, "-Z", "9", "-f", to]);
    }

    /// Starts pgbench, as whoever the API signs in as: so many clients, each of which runs the script once.
    pub fn begin_pgbench(&self, clients: usize, script: &Path) -> std::io::Result<Child> {
        let cluster = self.cluster;
        let mut command = Command::new(cluster.programs.clients.join("pgbench"));
        command.args([
            "-h",
            "127.0.0.1",
            "-p",
            &cluster.port.to_string(),
            "-U",
            "authenticator",
            "-n",
            "-t",
            "1",
        ]);
        command.args(["-c", &clients.to_string(), "-j", &clients.min(2).to_string(), "-f"]).arg(script);
        command.arg(&self.name).stdin(Stdio::null()).stdout(Stdio::null()).spawn()
    }

    /// Writes a backup, as whoever runs the database would. Whether it could: not where no pg_dump is as new.
    pub fn back_up(&self, to: &Path) -> bool {
        let to = to.to_str().unwrap();
        if self.cluster.is_installed() {
            self.cluster.run("pg_dump", &["-U", "postgres", "-d", &self.name, "-Fc", "-f", to]);
        }
        self.cluster.is_installed()
    }

    /// A database of what a backup holds, ready to answer: another history has begun in it.
    pub fn restored(&self, from: &Path) -> Database {
        let name = self.cluster.new_name();
        let mut client = self.cluster.client("postgres", "postgres");
        client.batch_execute(&format!("create database {name} template template0")).unwrap();
        self.cluster.run("pg_restore", &["-U", "postgres", "-d", &name, from.to_str().unwrap()]);
        let database = Database { cluster: self.cluster, name };
        database.admin().batch_execute("select public.begin_another_history()").unwrap();
        database
    }

    /// Another database of the same cluster.
    pub fn named(&self, name: &str) -> Database {
        Database { cluster: self.cluster, name: name.into() }
    }

    /// A copy of what it holds. Nobody may be connected to it.
    pub fn copy(&self) -> Database {
        let name = self.cluster.new_name();
        let mut client = self.cluster.client("postgres", "postgres");
        client.batch_execute(&format!("create database {name} owner keeper template {}", self.name)).unwrap();
        Database { cluster: self.cluster, name }
    }

    /// Which PostgreSQL it is on.
    pub fn major(&self) -> i32 {
        let asks = "select current_setting('server_version_num')::integer / 10000";
        self.admin().query_one(asks, &[]).unwrap().get(0)
    }

    /// The statement that sets something for a role in this database alone.
    pub fn sets(&self, role: &str, setting: &str) -> String {
        format!("alter {role} in database {} set {setting}", self.name)
    }

    /// The statement that limits how many may be connected, superusers apart; -1 for any number.
    pub fn limits_connections(&self, most: i64) -> String {
        format!("alter database {} connection limit {most}", self.name)
    }

    /// Where the hub finds a plain one.
    pub fn keepers_uri(&self) -> String {
        self.uri_of("keeper")
    }

    /// Where PostgREST finds it.
    pub fn uri(&self) -> String {
        self.uri_of("authenticator")
    }

    /// Where a role finds it.
    pub fn uri_of(&self, role: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{}", self.cluster.port, self.name)
    }
}

/// A port that nobody listens on, for a program that cannot choose one itself. It lies below those that the system
/// gives to outgoing connections, or one of them might have it before the program does.
pub fn free_port() -> u16 {
    const FIRST: u32 = 20_000;
    const MANY: u32 = 12_000;
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    // Suites that run side by side begin at different places.
    let begin = std::process::id().wrapping_mul(61);
    let ports = (0..MANY).map(|_| begin.wrapping_add(TAKEN.fetch_add(1, Ordering::Relaxed)) % MANY + FIRST);
    let mut ports = ports.map(|port| u16::try_from(port).unwrap());
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("every port is taken")
}
