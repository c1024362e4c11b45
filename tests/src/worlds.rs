//! The worlds that histories are played in: the workbench, and the repair shop.

use crate::dice::Dice;
use crate::workbench::{Job, Move, Piece, WORKBENCH};
use crate::world::{Cell, Cells, Form, Moves, Play, World, edit_seen};
use counterpart_core::entity::{
    Customer, InventoryItem, REPAIR_SHOP, StockMovement, Ticket, TicketEvent, TicketNote,
};
use serde_json::{Value as Json, json};

const fn plain(name: &'static str, fill: fn(&mut Dice, &[String]) -> Json) -> Cell {
    Cell { name, form: Form::Plain, joint: None, refers: None, optional: true, blank: || Json::Null, fill }
}

const fn yes_no(name: &'static str) -> Cell {
    Cell { optional: false, blank: || json!(false), ..plain(name, |dice, _| json!(dice.percent(50))) }
}

const fn set(name: &'static str, same: fn(&Json) -> String, fill: fn(&mut Dice, &[String]) -> Json) -> Cell {
    Cell { form: Form::Set(same), ..plain(name, fill) }
}

const fn names(name: &'static str, table: &'static str) -> Cell {
    Cell { refers: Some(table), ..plain(name, |dice, ids| json!(dice.pick(ids))) }
}

const fn needed(cell: Cell) -> Cell {
    Cell { optional: false, ..cell }
}

const fn fixed(cell: Cell) -> Cell {
    Cell { form: Form::Fixed, ..cell }
}

const fn kept(name: &'static str, blank: fn() -> Json) -> Cell {
    Cell { form: Form::Kept, blank, ..plain(name, |_, _| Json::Null) }
}

const WORDS: &[&str] = &["oak", "ash", "elm", "yew", "fir", "été", "ليل", "木"];

fn word(dice: &mut Dice, _: &[String]) -> Json {
    json!(WORDS[dice.below(WORDS.len())])
}

fn maybe_word(dice: &mut Dice, ids: &[String]) -> Json {
    if dice.percent(20) { Json::Null } else { word(dice, ids) }
}

fn words(dice: &mut Dice, _: &[String]) -> Json {
    json!((0..dice.below(4)).map(|_| WORDS[dice.below(5)]).collect::<Vec<_>>())
}

fn mails(dice: &mut Dice, _: &[String]) -> Json {
    let all = ["a@b.example", "A@B.example", "c@d.example", "E@f.example"];
    json!((0..dice.below(3)).map(|_| all[dice.below(4)]).collect::<Vec<_>>())
}

fn phones(dice: &mut Dice, _: &[String]) -> Json {
    let all = ["+4930123456", "+15550001111", "+442071838750"];
    let labels = ["", "work", "home"];
    let phone = |dice: &mut Dice| json!({"number": (all[dice.below(3)]), "label": (labels[dice.below(3)])});
    json!((0..dice.below(3)).map(|_| phone(dice)).collect::<Vec<_>>())
}

fn number(dice: &mut Dice, _: &[String]) -> Json {
    if dice.percent(20) { Json::Null } else { json!(dice.below(1_000)) }
}

fn some(dice: &mut Dice, _: &[String]) -> Json {
    json!([-3, -2, -1, 1, 2, 5, 8][dice.below(7)])
}

fn marks(dice: &mut Dice, _: &[String]) -> Json {
    let entry = |dice: &mut Dice| (["legs", "top", "back"][dice.below(3)], ["good", "bad"][dice.below(2)]);
    json!((0..dice.below(4)).map(|_| entry(dice)).collect::<std::collections::BTreeMap<_, _>>())
}

fn same_word(element: &Json) -> String {
    element.as_str().unwrap_or_default().trim().to_owned()
}

fn same_mail(element: &Json) -> String {
    same_word(element).to_lowercase()
}

fn same_phone(element: &Json) -> String {
    element["number"].as_str().unwrap_or_default().to_owned()
}

/// The small schema.
pub const BENCH: World = World { schema: &WORKBENCH, plays: BENCH_PLAYS };

const PIECES: Play = Play {
    table: "pieces",
    append: false,
    cells: &[
        needed(plain("title", word)),
        plain("notes", maybe_word),
        set("tags", same_word, words),
        set("mails", same_mail, mails),
        set("phones", same_phone, phones),
        Cell { form: Form::Map, ..plain("marks", marks) },
        yes_no("urgent"),
        plain("price", number),
        Cell { joint: Some("span"), ..plain("starts", number) },
        Cell { joint: Some("span"), ..plain("ends", number) },
        plain("place", maybe_word),
        plain("rank", maybe_word),
        fixed(plain("code", maybe_word)),
        kept("stock", || json!(0)),
        names("part_of", "pieces"),
    ],
    moves: None,
    edit_seen: edit_seen::<Piece>,
};

const BENCH_PLAYS: &[Play] = &[
    PIECES,
    Play {
        table: "jobs",
        append: false,
        cells: &[needed(names("piece_id", "pieces")), needed(plain("what", word)), yes_no("done")],
        moves: None,
        edit_seen: edit_seen::<Job>,
    },
    Play {
        table: "moves",
        append: true,
        cells: &[
            fixed(needed(names("piece_id", "pieces"))),
            fixed(Cell { optional: false, blank: || json!(0), ..plain("by", some) }),
            fixed(plain("notes", maybe_word)),
        ],
        moves: Some(Moves {
            key: "piece_id",
            table: "pieces",
            effect: |child, _, piece| add(child, "by", piece, "stock", 1),
        }),
        edit_seen: edit_seen::<Move>,
    },
];

fn add(child: &Cells, by: &str, parent: &mut Cells, sum: &str, sign: i64) {
    let by = child[by].as_i64().unwrap_or(0) * sign;
    let sum_now = parent[sum].as_i64().unwrap_or(0);
    parent.insert(sum.into(), json!(sum_now + by));
}

/// The repair shop, those of its tables that play together.
pub const SHOP: World = World { schema: &REPAIR_SHOP, plays: SHOP_PLAYS };

const CUSTOMERS: Play = Play {
    table: "customers",
    append: false,
    cells: &[
        plain("first_name", word),
        needed(plain("last_name", word)),
        plain("company", maybe_word),
        set("phones", same_phone, phones),
        set("emails", same_mail, mails),
        plain(
            "address",
            |dice, _| json!({"street": "1 Elm St", "city": (WORDS[dice.below(4)]), "region": "", "postal_code": "", "country": "DE"}),
        ),
        plain("notes", maybe_word),
        set("tags", same_word, words),
        yes_no("sms_opt_out"),
        yes_no("email_opt_out"),
        yes_no("tax_exempt"),
        names("merged_into", "customers"),
    ],
    moves: None,
    edit_seen: edit_seen::<Customer>,
};

const ITEMS: Play = Play {
    table: "inventory_items",
    append: false,
    cells: &[
        plain("sku", maybe_word),
        plain("barcode", |dice, _| if dice.percent(50) { Json::Null } else { json!("4006381333931") }),
        needed(plain("name", word)),
        plain("category", maybe_word),
        plain("brand", maybe_word),
        set("compatible_models", same_word, words),
        plain("price_cents", number),
        plain("supplier", maybe_word),
        plain("bin", maybe_word),
        plain("reorder_level", number),
        kept("quantity", || json!(0)),
        kept("reserved", || json!(0)),
        names("merged_into", "inventory_items"),
    ],
    moves: None,
    edit_seen: edit_seen::<InventoryItem>,
};

const TICKETS: Play = Play {
    table: "tickets",
    append: false,
    cells: &[
        kept("number", || Json::Null),
        needed(names("customer_id", "customers")),
        plain("device_kind", maybe_word),
        plain("device_brand", maybe_word),
        plain("device_model", maybe_word),
        plain("device_serial", maybe_word),
        plain("imei", |dice, _| if dice.percent(50) { Json::Null } else { json!("490154203237518") }),
        plain("device_colour", maybe_word),
        needed(plain("subject", word)),
        plain("problem", maybe_word),
        plain("diagnosis", maybe_word),
        Cell {
            optional: false,
            blank: || json!("normal"),
            ..plain("priority", |dice, _| json!(["normal", "low", "high", "urgent"][dice.below(4)]))
        },
        plain("due_at", |dice, _| {
            json!(["2026-03-01T10:00:00.000Z", "2026-03-02T10:00:00.000Z"][dice.below(2)])
        }),
        plain("assignee_id", |_, _| Json::Null),
        kept("status", || json!("received")),
        kept("on_hold_from", || Json::Null),
        kept("work_started_at", || Json::Null),
        kept("closed_at", || Json::Null),
        plain("estimate_cents", number),
        plain("approved_cents", number),
        set("accessories", same_word, words),
        set("tags", same_word, words),
        Cell {
            form: Form::Map,
            ..plain("intake_checklist", |dice, _| {
                let entry = |dice: &mut Dice| {
                    (["screen", "wifi"][dice.below(2)], ["pass", "fail", "na"][dice.below(3)])
                };
                json!((0..dice.below(3)).map(|_| entry(dice)).collect::<std::collections::BTreeMap<_, _>>())
            })
        },
        plain("warranty_until", |_, _| Json::Null),
        names("warranty_of", "tickets"),
    ],
    moves: None,
    edit_seen: edit_seen::<Ticket>,
};

const SHOP_PLAYS: &[Play] = &[
    CUSTOMERS,
    ITEMS,
    TICKETS,
    Play {
        table: "ticket_notes",
        append: true,
        cells: &[
            fixed(needed(names("ticket_id", "tickets"))),
            fixed(Cell {
                optional: false,
                blank: || json!("internal"),
                ..plain("kind", |_, _| json!("internal"))
            }),
            fixed(needed(plain("body", word))),
        ],
        moves: None,
        edit_seen: edit_seen::<TicketNote>,
    },
    Play {
        table: "ticket_events",
        append: true,
        cells: &[
            fixed(needed(names("ticket_id", "tickets"))),
            fixed(Cell { optional: false, blank: || json!("received"), ..plain("from", status) }),
            fixed(Cell { optional: false, blank: || json!("received"), ..plain("to", status) }),
            fixed(plain("reason", maybe_word)),
            kept("outcome", || json!("pending")),
        ],
        moves: Some(Moves { key: "ticket_id", table: "tickets", effect: move_ticket }),
        edit_seen: edit_seen::<TicketEvent>,
    },
    Play {
        table: "stock_movements",
        append: true,
        cells: &[
            fixed(needed(names("item_id", "inventory_items"))),
            fixed(Cell { optional: false, blank: || json!(0), ..plain("quantity", some) }),
            fixed(Cell {
                optional: false,
                blank: || json!("receive"),
                ..plain("kind", |dice, _| {
                    json!(["receive", "use", "reserve", "release", "shrink"][dice.below(5)])
                })
            }),
            fixed(plain("ticket_line_id", |_, _| Json::Null)),
            fixed(plain("reason", maybe_word)),
            fixed(plain("counted", |_, _| Json::Null)),
            fixed(plain("shown", |_, _| Json::Null)),
        ],
        moves: Some(Moves { key: "item_id", table: "inventory_items", effect: move_stock }),
        edit_seen: edit_seen::<StockMovement>,
    },
];

fn status(dice: &mut Dice, _: &[String]) -> Json {
    let all = ["received", "diagnosing", "in_repair", "ready", "picked_up", "on_hold", "cancelled"];
    json!(all[dice.below(all.len())])
}

fn move_stock(child: &Cells, _: i64, item: &mut Cells) {
    match child["kind"].as_str() {
        Some("reserve") => add(child, "quantity", item, "reserved", 1),
        Some("release") => add(child, "quantity", item, "reserved", -1),
        _ => add(child, "quantity", item, "quantity", 1),
    }
}

/// The device shows the newest event; a hold that its author did not see stays.
fn move_ticket(event: &Cells, at: i64, ticket: &mut Cells) {
    let word = |cells: &Cells, name: &str| cells[name].as_str().unwrap_or_default().to_owned();
    let (from, to, now) = (word(event, "from"), word(event, "to"), word(ticket, "status"));
    let at = json!(counterpart_core::schema::time_text(counterpart_core::schema::time_from_ms(at)));
    let ends = ["picked_up", "cancelled", "abandoned"].contains(&to.as_str());
    if to == "in_repair" && ticket["work_started_at"].is_null() {
        ticket.insert("work_started_at".into(), at.clone());
    }
    if now == "on_hold" && from != "on_hold" && to != "on_hold" && !ends {
        ticket.insert("on_hold_from".into(), json!(to));
        return;
    }
    let held = if to == "on_hold" { json!(from) } else { Json::Null };
    ticket.insert("on_hold_from".into(), held);
    ticket.insert("closed_at".into(), if ends { at } else { Json::Null });
    ticket.insert("status".into(), json!(to));
}
