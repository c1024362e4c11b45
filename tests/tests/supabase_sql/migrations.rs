//! What the migrations may name, and what every object of theirs has to be.

use counterpart_tests::postgres::{Cluster, migrations};
use std::fs;

/// Statements without comments.
fn statements(text: &str) -> String {
    text.lines().map(|line| line.split("--").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// What a migration says of a schema that is not ours, however it is written: all but keys to and triggers on `auth.users`
/// and calls of `realtime.send`.
fn strays(sql: &str) -> Vec<String> {
    let sql = sql.to_lowercase().replace('"', "");
    let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ").replace(" .", ".").replace(". ", ".");
    let is_of_a_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut found = Vec::new();
    for schema in ["realtime", "auth", "storage"] {
        for (at, _) in sql.match_indices(schema) {
            let (before, after) = (&sql[..at], &sql[at..]);
            let inside = before.ends_with(is_of_a_word) || after[schema.len()..].starts_with(is_of_a_word);
            let key = after.starts_with("auth.users (id)") && before.trim_end().ends_with("references");
            let trigger = after.starts_with("auth.users ")
                && before.ends_with(" on ")
                && before.rfind("create trigger").is_some_and(|began| !before[began..].contains(';'));
            let send = after.starts_with("realtime.send(") && before.trim_end().ends_with("perform");
            if !(inside || key || trigger || send) {
                found.push(after.chars().take(40).collect());
            }
        }
    }
    found
}

#[test]
fn nothing_of_a_managed_schema_is_touched() {
    for file in migrations() {
        let sql = statements(&fs::read_to_string(&file).unwrap());
        if file.to_string_lossy().ends_with("_realtime.sql") {
            // The policy stands alone: it is the one thing that may be said about that table.
            for statement in sql.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
                let first = statement.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
                assert!(
                    ["create policy", "alter policy", "drop policy"].contains(&first.as_str()),
                    "{statement}"
                );
                assert!(statement.contains(" on realtime.messages "), "{statement}");
                let rest =
                    statement.replace(" on realtime.messages ", " ").replace(" realtime.topic() ", " ");
                assert_eq!(strays(&rest), Vec::<String>::new(), "{statement}");
            }
        } else {
            assert_eq!(strays(&sql), Vec::<String>::new(), "{}", file.display());
        }
    }
}

#[test]
fn the_lint_bites() {
    for bad in [
        "select * from auth.users",
        "create table realtime.ours ()",
        "alter table auth.users add column x int",
        "grant select on storage.objects to anon",
        "select auth.uid()",
        r#"select * from "auth"."users""#,
        "select * from auth . users",
        "update postgres.auth.users set email = null",
        "create trigger t after insert on auth.users_of_ours for each row execute function f()",
        "set search_path = storage, public",
        "alter default privileges in schema auth grant select on tables to anon",
        "create policy p on realtime.messages for select using (true)",
    ] {
        assert_eq!(strays(bad).len(), 1, "{bad}");
    }
    for good in [
        "account uuid references auth.users (id) on delete cascade",
        "create trigger t after insert on auth.users for each row execute function f()",
        "perform realtime.send(a, b, c, true)",
    ] {
        assert_eq!(strays(good), Vec::<String>::new(), "{good}");
    }
}

/// A NOTIFY would make all writers of the database take turns.
#[test]
fn no_function_notifies_in_a_writers_commit() {
    let notifies = "select p.proname::text from pg_proc as p
        where p.pronamespace in ('public'::regnamespace, 'counterpart'::regnamespace) and p.prosrc ~* '\\mnotify\\M|pg_notify'";
    assert_eq!(ask(notifies), Vec::<String>::new());
}

fn ask(sql: &str) -> Vec<String> {
    let mut client = Cluster::shared().database().admin();
    client.query(sql, &[]).unwrap().iter().map(|row| row.get(0)).collect()
}

#[test]
fn functions_that_read_are_stable() {
    let volatile = "select p.proname::text from pg_proc as p where p.pronamespace = 'public'::regnamespace
        and p.proname in ('sync_pull', 'sync_range', 'sync_checksums', 'sync_counts', 'sync_standing', 'sync_trail', 'my_shops',
        'shop_overview', 'shop_key')
        and p.provolatile <> 's'";
    assert_eq!(ask(volatile), Vec::<String>::new());
    let all = "select p.proname::text from pg_proc as p where p.pronamespace = 'public'::regnamespace and p.provolatile = 's'";
    // Those, and what looks the books over for the doctor.
    assert_eq!(ask(all).len(), 10);
}

#[test]
fn functions_with_their_owners_rights_look_nowhere_by_themselves() {
    let open = "select p.proname::text from pg_proc as p
        where p.pronamespace in ('public'::regnamespace, 'counterpart'::regnamespace) and p.prosecdef
          and not coalesce('search_path=\"\"' = any (p.proconfig), false)";
    assert_eq!(ask(open), Vec::<String>::new());
}

#[test]
fn every_table_has_row_level_security_and_a_key_that_begins_with_the_shop() {
    let open = "select c.relname::text from pg_class as c
        where c.relnamespace in ('public'::regnamespace, 'counterpart'::regnamespace) and c.relkind = 'r' and not c.relrowsecurity";
    assert_eq!(ask(open), Vec::<String>::new());
    let without = "select c.relname::text from pg_class as c
        where c.relnamespace in ('public'::regnamespace, 'counterpart'::regnamespace) and c.relkind = 'r'
          and not exists (select from pg_index as i where i.indrelid = c.oid and i.indisprimary)";
    assert_eq!(ask(without), Vec::<String>::new());
    let elsewhere = "select c.relname::text from pg_class as c join pg_index as i on i.indrelid = c.oid and i.indisprimary
        join pg_attribute as a on a.attrelid = c.oid and a.attnum = i.indkey[0]
        where c.relnamespace in ('public'::regnamespace, 'counterpart'::regnamespace)
          and a.attname <> 'shop_id' order by 1";
    assert_eq!(ask(elsewhere), ["fields", "shops", "tables"]);
}

#[test]
fn every_policy_looks_the_shops_up_once_a_statement() {
    let forms = "select p.tablename::text || ': ' || coalesce(p.qual, p.with_check) from pg_policies as p
        where p.schemaname = 'public' and coalesce(p.qual, p.with_check) !~
          '^\\((shop_id|id) = ANY \\(\\( SELECT counterpart\\.(my|managed)_shops\\(\\) AS (my|managed)_shops\\)::uuid\\[\\]\\)\\)$'
          and not (p.tablename = 'members' and p.policyname = 'own_read')";
    assert_eq!(ask(forms), Vec::<String>::new());
}

/// What is asked by account, across all shops: at sign-in, by managers, by policies once a statement, or by whoever runs
/// the database.
const ACROSS_SHOPS: [&str; 8] = [
    "begin_another_history",
    "forget_deleted",
    "look_over",
    "managed_shops",
    "my_shops",
    "restamp",
    "shop_overview",
    "station_shops",
];

/// Statements of a function that read or change rows of the shops and do not say of which shop, for each table that they
/// name. A new row says so itself.
fn statements_without_a_shop(source: &str) -> Vec<String> {
    let touches = |statement: &str| {
        let words: Vec<&str> = statement.split_whitespace().collect();
        let tables = words.windows(2).filter(|pair| {
            let table = pair[1].trim_start_matches('(');
            let of_shops = table.starts_with("public.") || table.starts_with("counterpart.");
            let elsewhere =
                ["counterpart.tables", "counterpart.fields"].iter().any(|name| table.starts_with(name));
            // A bracket after the name makes it a function.
            let is_table = of_shops && !elsewhere && !table.contains('(');
            ["from", "join", "update"].contains(&pair[0].trim_start_matches(['(', '\'', '"'])) && is_table
        });
        tables.count()
    };
    let source = statements(source).to_lowercase();
    let bare = source.split(';').filter(|says| touches(says) > says.matches("shop_id").count());
    bare.map(|statement| statement.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn every_statement_on_a_shops_tables_names_the_shop() {
    let mut client = Cluster::shared().database().admin();
    let functions = "select p.proname::text, p.prosrc from pg_proc as p
        where p.pronamespace in ('public'::regnamespace, 'counterpart'::regnamespace)";
    let mut bare = Vec::new();
    for row in client.query(functions, &[]).unwrap() {
        let (name, source): (String, String) = (row.get(0), row.get(1));
        if !ACROSS_SHOPS.contains(&name.as_str()) {
            bare.extend(statements_without_a_shop(&source).into_iter().map(|says| format!("{name}: {says}")));
        }
    }
    assert_eq!(bare, Vec::<String>::new());
    assert_eq!(statements_without_a_shop("update public.customers set company = 'x'; select 1").len(), 1);
    let half = "select from public.tickets as t join public.customers as c on c.id = t.customer_id where t.shop_id = shop";
    assert_eq!(statements_without_a_shop(half).len(), 1);
    assert_eq!(statements_without_a_shop("select from public.customers where shop_id = shop").len(), 0);
}
