//! The guides in docs/supabase.md, followed word for word in an empty folder and on a PostgreSQL that nothing was done to:
//! every command and statement that they show is taken from the page and run. Only what stands for something of the
//! reader's own (`PASSWORD`, `SHOP-ID`, a port) is put in.
//!
//! One block is not run, and is named here: pg_cron is an extension of its own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use counterpart_tests::postgres::{Cluster, Database, SupabaseCli, migrations};
use counterpart_tests::scenarios::backend::{Address, Login};
use counterpart_tests::scenarios::wire::Caller;
use serde_json::{Value as Json, json};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

/// What begins a block that needs more than this machine has.
const NOT_RUN: [&str; 1] = ["select cron.schedule("];
const HUB: &str = env!("CARGO_BIN_EXE_hub");
const PASSWORD: &str = "a-long-password";

/// The blocks of a section that are in a language, without the indentation of a list.
fn blocks(heading: &str, language: &str) -> Vec<String> {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/supabase.md")).unwrap();
    let section = page.split("\n## ").find(|section| section.lines().next() == Some(heading));
    let section = section.unwrap_or_else(|| panic!("there is no section {heading}"));
    let fence = format!("```{language}");
    let (mut found, mut open): (Vec<String>, Option<String>) = (Vec::new(), None);
    for line in section.lines() {
        match &mut open {
            None if line.trim() == fence => open = Some(String::new()),
            Some(_) if line.trim() == "```" => found.extend(open.take()),
            Some(block) => *block += &format!("{}\n", line.trim()),
            None => {}
        }
    }
    let runs = |block: &String| !NOT_RUN.iter().any(|begins| block.starts_with(begins));
    assert!(!found.is_empty(), "{heading} shows no {language}");
    found.into_iter().filter(runs).collect()
}

/// The statements that a table of a section shows in its first column.
fn calls(heading: &str) -> Vec<String> {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/supabase.md")).unwrap();
    let section = page.split("\n## ").find(|section| section.lines().next() == Some(heading)).unwrap();
    let calls = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    calls.map(str::to_owned).collect()
}

/// Runs statements as somebody, to their end.
fn run_sql(database: &Database, role: &str, statements: &str) {
    let mut psql = Command::new("psql");
    psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &database.uri_of(role), "-c", statements]);
    let output = psql.output().unwrap();
    assert!(output.status.success(), "{statements}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A shell in an empty folder, with PostgreSQL's programs, the hub's, and nobody's terminal.
struct Reader {
    folder: tempfile::TempDir,
    port: String,
    path: String,
}

impl Reader {
    fn new(database: &Database) -> Reader {
        let folder = tempfile::tempdir().unwrap();
        symlink(HUB, folder.path().join("counterpart-hub")).unwrap();
        let uri = database.uri_of("postgres");
        let port = uri.rsplit(':').next().and_then(|rest| rest.split('/').next()).unwrap().to_owned();
        let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
        Reader { folder, port, path }
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("kept")
    }

    fn shell(&self, line: &str) -> Child {
        let address = format!("127.0.0.1:{}/", self.port);
        let line = line
            .replace("127.0.0.1/", &address)
            .replace("PASSWORD", PASSWORD)
            .replace("DIR", self.data().to_str().unwrap());
        // Whoever runs the database, who is asked for the new role's password twice.
        let mut shell = Command::new("setsid");
        shell.args(["--wait", "sh", "-c", &format!("exec {line}")]).current_dir(self.folder.path());
        shell.env("PATH", &self.path).env("PGHOST", "127.0.0.1").env("PGPORT", &self.port);
        shell.env("PGUSER", "postgres").env("COUNTERPART_HUB_LISTEN", "127.0.0.1:0");
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut shell = shell.spawn().unwrap();
        let mut keys = shell.stdin.take().unwrap();
        // A command that asks nothing has gone before it was told.
        drop(keys.write_all(format!("{PASSWORD}\n{PASSWORD}\n").as_bytes()));
        shell
    }

    /// Runs a command to its end. What it told people.
    fn run(&self, line: &str) -> String {
        let output = self.shell(line).wait_with_output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{line}: {told}");
        told
    }
}

/// A command that goes on until it is dropped.
struct Serving {
    process: Child,
    _told: BufReader<ChildStderr>,
    url: String,
}

impl Serving {
    fn begin(reader: &Reader, line: &str) -> Serving {
        let mut process = reader.shell(line);
        let mut told = BufReader::new(process.stderr.take().unwrap());
        let mut all = String::new();
        while !all.contains("http://127.0.0.1:") {
            assert!(told.read_line(&mut all).unwrap() > 0, "{line}: {all}");
        }
        let port = all.split("http://127.0.0.1:").nth(1).unwrap();
        let port: String = port.chars().take_while(char::is_ascii_digit).collect();
        Serving { process, _told: told, url: format!("http://127.0.0.1:{port}") }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // One that ended already cannot be killed, which is as good.
        drop((self.process.kill(), self.process.wait()));
    }
}

/// A word that `init` told people.
fn word<'a>(told: &'a str, name: &str) -> &'a str {
    let line =
        told.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap_or_else(|| panic!("{told}"));
    line.split_whitespace().next().unwrap()
}

#[test]
fn the_guide_to_your_own_postgresql_works_as_it_is_written() {
    let before = Cluster::untouched();
    let reader = Reader::new(&before);
    let [block] = &blocks("Run it on your own PostgreSQL", "sh")[..] else { panic!("one block of commands") };
    let lines: Vec<&str> = block.lines().collect();
    let (serve, once) = lines.split_last().unwrap();
    assert!(serve.starts_with("counterpart-hub serve"), "{serve}");
    let told: String = once.iter().map(|line| reader.run(line)).collect();
    let (email, password) = (word(&told, "owner"), word(&told, "password"));
    let serving = Serving::begin(&reader, serve);

    let address = Address { url: serving.url.clone(), anon_key: word(&told, "anon key").to_owned() };
    let login = Login { email: email.to_owned(), password: password.to_owned() };
    let owner = Caller::signed_in(&address, &login);
    let (status, shops) = owner.call("my_shops", &json!({}));
    assert_eq!((status, shops["shops"].as_array().map(Vec::len)), (200, Some(1)), "{shops}");
    let shop = shops["shops"][0]["id"].as_str().unwrap();

    let database = before.named("shop");
    enters_an_item(&database, shop);
    for block in blocks("Reading and writing beside the app", "sql") {
        run_sql(&database, "shop", &block.replace("SHOP-ID", shop).replace('…', "i1"));
    }
    let bin = "select count(*) from public.inventory_items where bin = 'A3' and stamp > 0";
    assert_eq!(database.admin().query_one(bin, &[]).unwrap().get::<_, i64>(0), 1);
    let calls = calls("What has to be done now and then");
    assert_eq!(calls.len(), 3, "{calls:?}");
    for call in calls {
        run_sql(&database, "shop", &call);
    }
    let epochs = "select epoch from counterpart.heads";
    let epoch: String = database.admin().query_one(epochs, &[]).unwrap().get(0);
    for block in blocks("After a backup was put back", "sql") {
        run_sql(&database, "shop", &block);
    }
    assert_ne!(epoch, database.admin().query_one(epochs, &[]).unwrap().get::<_, String>(0));
}

fn enters_an_item(database: &Database, shop: &str) {
    let enters = format!(
        "begin; select public.lock_shops(array['{shop}']::uuid[]);
         insert into public.inventory_items (shop_id, id, name) values ('{shop}', 'i1', 'Display'); commit"
    );
    run_sql(database, "shop", &enters);
}

/// What a command of the CLI told, and whether it did what it was asked.
fn tells(cli: &SupabaseCli, words: &[&str]) -> (bool, String) {
    let output = cli.run(words);
    let told = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(told).unwrap())
}

/// Which migrations the CLI has recorded, in the order of their names.
fn recorded(database: &Database) -> Vec<String> {
    let asks = "select version from supabase_migrations.schema_migrations order by version";
    database.admin().query(asks, &[]).unwrap().iter().map(|row| row.get(0)).collect()
}

#[test]
fn the_guide_to_supabase_works_as_it_is_written() {
    let (database, cli) = (Cluster::shared().project(), SupabaseCli::get());
    let place = database.uri_of("migrator");
    let [block] = &blocks("Run it on Supabase", "sh")[..] else { panic!("one block of commands") };
    let lines: Vec<String> = block.lines().map(|line| line.replace("'DATABASE'", &place)).collect();
    let command =
        |line: &str| tells(&cli, &line.strip_prefix("supabase ").unwrap().split(' ').collect::<Vec<_>>());
    // A project lets whoever migrates make policies on that table. A plain PostgreSQL leaves them to its owner.
    let (pushed, told) = command(&lines[0]);
    assert!(!pushed && told.contains("must be owner of table messages"), "{told}");
    let mut sql = database.admin();
    sql.batch_execute("alter table realtime.messages owner to migrator").unwrap();
    let names = migrations().into_iter().map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned());
    let names: Vec<String> = names.collect();
    let done = names.iter().position(|name| name.ends_with("_realtime")).unwrap();
    // What broke off goes on, and what is done is not done again.
    let (pushed, told) = command(&lines[0]);
    assert!(pushed && told.matches("Applying migration").count() == names.len() - done, "{told}");
    let (pushed, told) = command(&lines[0]);
    assert!(pushed && told.contains("up to date"), "{told}");
    let versions: Vec<&str> = names.iter().map(|name| name.split('_').next().unwrap()).collect();
    assert_eq!(recorded(&database), versions);
    for line in &lines[1..] {
        // What it looks with is an extension, which only the installed server has.
        if line.contains("db lint") {
            if !Cluster::shared().is_installed() {
                continue;
            }
            sql.batch_execute("create extension plpgsql_check with schema extensions").unwrap();
        }
        let (worked, told) = command(line);
        assert!(worked, "{line}: {told}");
        let missing = versions.iter().find(|version| line.contains(" list ") && !told.contains(*version));
        assert_eq!(missing, None, "{told}");
    }
    founds_a_shop(&database);
}

fn founds_a_shop(database: &Database) {
    let mut sql = database.admin();
    let account = "00000000-0000-4000-8000-0000000000a1";
    sql.execute("insert into auth.users (id, email) values ($1::text::uuid, 'o@shop.example')", &[&account])
        .unwrap();
    let [block] = &blocks("Run it on Supabase", "sql")[..] else { panic!("one block of statements") };
    let (first, rest) = block.split_once('\n').unwrap();
    run_sql(database, "migrator", first);
    let shop: String = sql.query_one("select id::text from public.shops", &[]).unwrap().get(0);
    run_sql(database, "migrator", &rest.replace("SHOP-ID", &shop).replace("ACCOUNT-ID", account));
    let mut owner = database.as_account("authenticated", Some(account));
    let shops: String = owner.query_one("select public.my_shops()::text", &[]).unwrap().get(0);
    let shops: Json = serde_json::from_str(&shops).unwrap();
    assert_eq!(shops["shops"][0]["standing"]["role"], json!("owner"));
}

#[test]
fn the_supabase_cli_reads_the_configuration_and_runs_the_seed() {
    let (database, cli) = (Cluster::shared().project(), SupabaseCli::get());
    let allows = "alter table realtime.messages owner to migrator; grant insert on auth.users to migrator";
    database.admin().batch_execute(allows).unwrap();
    let remote = format!("--remote={}", database.uri_of("migrator"));
    let (pushed, told) = tells(&cli, &["db", "push", "--include-seed", &remote]);
    assert!(pushed, "{told}");
    let owners = "select count(*) from public.members as m
                  join public.employees as e on e.shop_id = m.shop_id and e.id = m.account::text
                  where m.role = 'owner' and e.active";
    assert_eq!(database.admin().query_one(owners, &[]).unwrap().get::<_, i64>(0), 1);
    let config = cli.folder().join("supabase/config.toml");
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.contains("schemas = [\"public\"]"), "another schema is exposed");
    fs::write(&config, text.replace("max_rows = 1000", "max_rows = \"many\"")).unwrap();
    let (pushed, told) = tells(&cli, &["db", "push", &remote]);
    assert!(!pushed && told.contains("max_rows"), "{told}");
}

// The API's roles are the cluster's, and somebody else's where another database came first.

#[test]
fn roles_that_somebody_else_makes_at_this_moment_are_taken_as_they_are() {
    let database = Cluster::shared().plain_of_new("newcomer");
    if database.major() >= 16 {
        // Nobody else's roles are theirs to grant: they are told, instead of racing.
        return;
    }
    let (mut granting, mut looking) = (database.admin(), database.admin());
    let mut held = granting.transaction().unwrap();
    held.execute("grant anon to newcomer", &[]).unwrap();
    let mut init = Command::new(HUB);
    init.args(["init", "--json", "--database", &database.uri_of("newcomer")]).stdout(Stdio::null());
    let mut init = init.spawn().unwrap();
    let waits = "select exists (select from pg_locks as l join pg_stat_activity as a using (pid)
                   where not l.granted and a.usename = 'newcomer')";
    while !looking.query_one(waits, &[]).unwrap().get::<_, bool>(0) {
        assert_eq!(None, init.try_wait().unwrap());
    }
    held.commit().unwrap();
    assert!(init.wait().unwrap().success());
}

#[test]
fn whoever_may_not_grant_the_roles_is_told_who_may() {
    let database = Cluster::shared().plain_of_new("second_owner");
    let init = || {
        let mut init = Command::new(HUB);
        init.args(["init", "--json", "--database", &database.uri_of("second_owner")]).output().unwrap()
    };
    if database.major() >= 16 {
        let told = init();
        assert!(!told.status.success());
        let told = String::from_utf8(told.stderr).unwrap();
        let (_, helps) = told.trim().split_once("as a superuser: ").unwrap_or_else(|| panic!("{told}"));
        database.admin().batch_execute(helps).unwrap();
    }
    assert!(init().status.success());
}

#[test]
fn what_is_not_run_is_there() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/supabase.md")).unwrap();
    for begins in NOT_RUN {
        assert!(page.contains(begins), "{begins}");
    }
}
