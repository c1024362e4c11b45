//! A band: songs, setlists whose items two people move at once, shows and practices.

use super::clerk::{self, Habits};
use super::table_sql;
use crate::dice::Dice;
use crate::simulation::Scene;
use counterpart_core::schema::{Denied, Entity, Migration, Schema};
use counterpart_core::{Result, Shop};

counterpart_core::entity! {
    /// A song.
    Song(SongId) in "songs" {}
    /// What it is called.
    title: String = L [Chars(1, 200)];
    /// Whose it is.
    artist: Option<String> = L [Chars(0, 200)];
    /// How fast.
    bpm: Option<i64> = Z [Range(1, 400)];
    /// How it is played.
    tuning: Option<String> = K;
    /// What to know.
    notes: Option<String> = M [Chars(0, 4_000)];
    /// Words.
    tags: Vec<String> = S [Items(20)];
}

counterpart_core::entity! {
    /// Where they play.
    Show(ShowId) in "shows" {}
    /// Where.
    venue: String = L [Chars(1, 200)];
    /// Whether it is certain.
    confirmed: bool = T;
    /// What is agreed.
    deal: Option<String> = M [Chars(0, 400)];
}

counterpart_core::entity! {
    /// What they play, in order.
    Setlist(SetlistId) in "setlists" {}
    /// What it is called.
    name: String = L [Chars(1, 200)];
    /// For which show.
    show_id: Option<ShowId> = L;
}

counterpart_core::entity! {
    /// A song in a setlist.
    SetlistItem(SetlistItemId) in "setlist_items" { parent: Some("setlist_id") }
    /// The setlist.
    setlist_id: SetlistId = F;
    /// The song.
    song_id: SongId = L;
    /// Its place: moved by two people at once, each of them has moved it.
    rank: String = O;
    /// What to do there.
    notes: Option<String> = L [Chars(0, 400)];
}

counterpart_core::entity! {
    /// When they practise. Its id follows from the day.
    Practice(PracticeId) in "practices" {}
    /// Which day, counted.
    day: i64 = F;
    /// What they want to do.
    plan: Option<String> = M [Chars(0, 400)];
    /// Who comes.
    coming: Vec<String> = S [Items(50)];
}

/// The schema.
pub static BAND: Schema = Schema {
    name: "band",
    tables: &[Song::TABLE, Show::TABLE, Setlist::TABLE, SetlistItem::TABLE, Practice::TABLE],
    migrations: &[Migration { number: 1, sql: TABLES }],
    permit: |_, _| Ok::<(), Denied>(()),
    wipes: &[],
    actors: None,
    numbered: None,
    auditors: &[],
};

const TABLES: &str = concat!(
    table_sql!("songs", "title TEXT, artist TEXT, bpm INTEGER, tuning TEXT, notes TEXT, tags TEXT"),
    table_sql!("shows", "venue TEXT, confirmed INTEGER, deal TEXT"),
    table_sql!("setlists", "name TEXT, show_id TEXT"),
    table_sql!("setlist_items", "setlist_id TEXT, song_id TEXT, rank TEXT, notes TEXT"),
    table_sql!("practices", "day INTEGER, plan TEXT, coming TEXT"),
);

const HABITS: Habits = Habits { own: &[], keys: &[("practices", &["day"])], numbers: |_, _, _| None };

fn act(shop: &Shop, dice: &Dice) -> Result<()> {
    clerk::act(shop, dice, &HABITS)
}

/// It, in the simulation.
pub static SCENE: Scene = Scene {
    name: "band",
    schema: &BAND,
    roles: &["member"],
    staff: Vec::new,
    act,
    wrong: |_| Ok(None),
    moment: |_, _| None,
};
