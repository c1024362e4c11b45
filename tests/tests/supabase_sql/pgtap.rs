//! The suites in `supabase/tests`, which are for whoever has the Supabase CLI alone (`supabase test db`), pass here too.

use counterpart_tests::postgres::{Cluster, suites};

/// What a suite said: how many tests it planned, how many passed, and those that did not.
fn told(tap: &str) -> (usize, usize, Vec<&str>) {
    let planned = tap.lines().find_map(|line| line.strip_prefix("1..")).and_then(|many| many.parse().ok());
    let passed = tap.lines().filter(|line| line.starts_with("ok ")).count();
    (planned.unwrap_or(0), passed, tap.lines().filter(|line| line.starts_with("not ok ")).collect())
}

#[test]
fn every_pgtap_suite_passes() {
    let database = Cluster::shared().database();
    let pgtap = database.admin().execute("create extension pgtap with schema extensions", &[]);
    pgtap.expect(
        "pgTAP is not installed: on Debian it is the package `postgresql-15-pgtap`, for that version",
    );
    let suites = suites();
    assert!(suites.len() >= 3);
    for suite in suites {
        let tap = database.answers(&suite);
        let (planned, passed, failed) = told(&tap);
        assert_eq!(failed, Vec::<&str>::new(), "{}", suite.display());
        assert!(planned > 0 && planned == passed, "{}: {passed} of {planned}", suite.display());
    }
}

#[test]
fn a_suite_that_fails_is_told() {
    assert_eq!(told("1..3\nok 1 - a\nnot ok 2 - b\n"), (3, 1, vec!["not ok 2 - b"]));
}
