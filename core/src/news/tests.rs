//! What is noticed, how it is grouped, and when a storm is over.

use super::*;
use crate::schema::{Denied, Schema};
use crate::store::{Store, StoreOptions};

static EMPTY: Schema = Schema {
    name: "empty",
    tables: &[],
    migrations: &[],
    permit: |_, _| Ok::<(), Denied>(()),
    wipes: &[],
    actors: None,
    numbered: None,
    auditors: &[],
};

const NOON: i64 = 1_770_000_000_000;

struct Desk {
    store: Store,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(StoreOptions::new(folder.path().join("shop.db"), &EMPTY)).unwrap().store;
        Desk { store, _folder: folder }
    }

    fn work(&self, author: &str, after_ms: i64, deed: Deed, row: &str) {
        self.tell(NoticeKind::Work, Some(author), after_ms, Part::one(deed, "tickets", row));
    }

    fn tell(&self, kind: NoticeKind, author: Option<&str>, after_ms: i64, part: Part) {
        let noticed = Noticed { kind, author: author.map(str::to_owned), you: false, at: NOON + after_ms };
        self.store.write(|tx| record(tx, noticed, vec![part])).unwrap();
    }

    fn shown(&self, after_ms: i64) -> Vec<Notice> {
        self.store.read(|reader| newest(reader, NOON + after_ms, 500)).unwrap()
    }

    fn unseen(&self, after_ms: i64) -> u64 {
        self.store.read(|reader| unseen(reader, NOON + after_ms)).unwrap()
    }
}

fn counts(notice: &Notice) -> Vec<(Deed, u64)> {
    notice.parts.iter().map(|part| (part.deed, part.count)).collect()
}

#[test]
fn what_one_author_does_within_five_seconds_is_one_notice() {
    let desk = Desk::new();
    desk.work("sarah", 0, Deed::Added, "a");
    desk.work("sarah", 2_000, Deed::Added, "b");
    desk.work("tom", 2_500, Deed::Added, "c");
    desk.work("sarah", 4_999, Deed::Deleted, "a");
    desk.work("sarah", 5_000, Deed::Added, "d");
    let shown = desk.shown(5_000);
    let authors: Vec<_> = shown.iter().map(|notice| notice.author.as_deref().unwrap()).collect();
    assert_eq!(authors, ["sarah", "tom", "sarah"], "the newest first");
    assert_eq!(counts(&shown[2]), [(Deed::Added, 2), (Deed::Deleted, 1)]);
    assert_eq!(shown[2].parts[0].rows, ["a", "b"]);
    assert_eq!(shown[2].last_at.timestamp_millis(), NOON + 4_999);
    assert_eq!(counts(&shown[0]), [(Deed::Added, 1)]);
}

#[test]
fn a_notice_names_a_few_rows_and_counts_them_all() {
    let desk = Desk::new();
    for row in 0..40 {
        desk.work("sarah", 0, Deed::Changed, &format!("row-{row}"));
    }
    let shown = desk.shown(0);
    assert_eq!((shown.len(), counts(&shown[0])), (1, vec![(Deed::Changed, 40)]));
    assert_eq!(shown[0].parts[0].rows.len(), NAMED);
}

#[test]
fn a_storm_is_one_notice_that_comes_when_it_has_calmed_down() {
    let desk = Desk::new();
    for (at, author) in ["a", "b", "c", "d", "e", "f", "g", "h"].iter().enumerate() {
        desk.work(author, at as i64 * 100, Deed::Added, author);
    }
    assert_eq!(desk.shown(700).len(), 5, "no more than five in ten seconds");
    assert_eq!(desk.unseen(700), 5);
    desk.work("i", 10_000, Deed::Added, "i");
    assert_eq!(desk.shown(19_999).len(), 5, "it still blew at ten seconds");
    let calm = desk.store.read(|reader| is_calm_at(reader, NOON + 15_000)).unwrap();
    assert_eq!(calm, Some(NOON + 20_000));
    let shown = desk.shown(20_000);
    assert_eq!((shown.len(), shown[0].kind, shown[0].author.as_deref()), (6, NoticeKind::Storm, None));
    assert_eq!(counts(&shown[0]), [(Deed::Added, 4)], "of the four that were not told one by one");
    assert_eq!(desk.unseen(20_000), 6);
    desk.work("a", 21_000, Deed::Added, "z");
    assert_eq!(desk.shown(21_000)[0].kind, NoticeKind::Work, "afterwards each is told again");
}

#[test]
fn what_needs_this_person_is_told_in_a_storm_too() {
    let desk = Desk::new();
    for author in ["a", "b", "c", "d", "e", "f"] {
        desk.work(author, 0, Deed::Added, author);
    }
    let part = Part::one(Deed::Parked, "tickets", "t").coded(Some("denied"));
    desk.tell(NoticeKind::Attention, None, 1, part);
    let shown = desk.shown(1);
    assert_eq!((shown[0].kind, shown[0].parts[0].code.as_deref()), (NoticeKind::Attention, Some("denied")));
}

#[test]
fn two_hundred_notices_are_kept() {
    let desk = Desk::new();
    for at in 0..230 {
        desk.work("sarah", at * 20_000, Deed::Added, &format!("row-{at}"));
    }
    let shown = desk.shown(230 * 20_000);
    assert_eq!(shown.len(), 200);
    assert_eq!(shown[0].parts[0].rows, ["row-229"]);
}

#[test]
fn a_seen_notice_that_grows_is_unseen_again_and_a_hidden_storm_is_not_marked() {
    let desk = Desk::new();
    for author in ["a", "b", "c", "d", "e", "f"] {
        desk.work(author, 0, Deed::Added, author);
    }
    desk.store.write(|tx| mark_seen(tx, NOON, i64::MAX)).unwrap();
    assert_eq!((desk.unseen(0), desk.unseen(10_000)), (0, 1), "nobody has seen the storm");
    desk.work("a", 4_000, Deed::Deleted, "a");
    assert_eq!(desk.unseen(4_000), 1);
}

#[test]
fn a_clock_that_is_set_back_neither_hides_a_storm_for_ever_nor_groups_across_days() {
    let desk = Desk::new();
    for author in ["a", "b", "c", "d", "e", "f"] {
        desk.work(author, 0, Deed::Added, author);
    }
    assert_eq!(desk.shown(-86_400_000).len(), 6);
    desk.work("a", -86_400_000, Deed::Added, "y");
    assert_eq!(counts(&desk.shown(-86_400_000)[0]), [(Deed::Added, 1)]);
}
