//! Every function there is, called by everybody through the real PostgREST: who gets an answer, and about what. A function
//! that nobody judged here fails, and so does one that is reached and should not be.

use crate::people::{PEOPLE, Person, named};
use crate::rest::{Rest, forged, service, token, token_of};
use counterpart_core::entity::REPAIR_SHOP;
use counterpart_core::schema::{Json, Row};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Whom a function answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    /// Whoever works in the shop that the request names. Everybody else is told that there is no such shop.
    Members,
    /// Of those, whoever the schema says sees who changed what. The others are told that they may not.
    Auditors,
    /// Every account, about the shops that it works in.
    Accounts,
    /// Every account, about the shops that it manages.
    Managers,
    /// Whoever works in the shops that it names, and the service.
    MembersAndService,
    /// Whoever holds the service key.
    Service,
}

/// What is judged of every function of the API.
const JUDGED: [(&str, For); 21] = [
    ("device_open(jsonb)", For::Members),
    ("lease_numbers(jsonb)", For::Members),
    ("shop_key(jsonb)", For::Members),
    ("sync_checksums(jsonb)", For::Members),
    ("sync_counts(jsonb)", For::Members),
    ("sync_pull(jsonb)", For::Members),
    ("sync_push(json)", For::Members),
    ("sync_range(jsonb)", For::Members),
    ("sync_standing(jsonb)", For::Members),
    ("sync_trail(jsonb)", For::Auditors),
    ("my_shops()", For::Accounts),
    ("shop_overview()", For::Managers),
    ("lock_shops(ids uuid[])", For::MembersAndService),
    ("found_shop(name text, time_zone text, currency text, shop uuid)", For::Service),
    (
        "take_in(shop uuid, account uuid, email text, role text, station boolean, first_name text, last_name text)",
        For::Service,
    ),
    ("station_try(jsonb)", For::Service),
    ("station_granted(jsonb)", For::Service),
    ("forget_deleted()", For::Service),
    ("look_over()", For::Service),
    ("restamp()", For::Service),
    // The last: it ends every session.
    ("begin_another_history()", For::Service),
];

fn name(signature: &str) -> &str {
    signature.split('(').next().unwrap()
}

/// A device's session.
fn session(rest: &Rest, person: &Person) -> Json {
    let device = format!("of-{}", person.name);
    let asks =
        json!({ "shop": rest.shop, "device": device, "generation": 0, "attempt": "a", "numbers_left": 50 });
    let (status, opened) = rest.call("device_open", Some(&token(person)), &asks);
    assert_eq!(status, 200, "{opened}");
    json!({ "shop": rest.shop, "device": device, "generation": opened["generation"], "epoch": opened["epoch"],
            "unsent": 0 })
}

/// A request that a function takes, of a session.
fn request(rest: &Rest, function: &str, session: &Json) -> Json {
    let shop = &rest.shop;
    let mut asks = session.clone();
    let more = match function {
        "device_open" => json!({ "attempt": "a", "numbers_left": 50, "generation": 0 }),
        "sync_push" => json!({ "ops": [] }),
        "sync_pull" => json!({ "cursor": { "epoch": "", "n": 0, "tag": "" }, "limit": 5_000 }),
        "sync_range" => json!({ "what": { "windows": {} }, "limit": 5_000 }),
        "lease_numbers" | "shop_key" | "sync_checksums" | "sync_counts" | "sync_standing" => json!({}),
        "sync_trail" => json!({ "table": "customers", "id": "x", "limit": 10 }),
        "station_try" => {
            json!({ "account": named("tablet").account(), "employee": named("technician").account() })
        }
        "station_granted" => json!({ "employee": named("technician").account() }),
        "lock_shops" => return json!({ "ids": [shop] }),
        "found_shop" => return json!({ "name": "Attacked" }),
        "take_in" => {
            let account = named("stranger").account();
            return json!({ "shop": shop, "account": account, "email": "s@shop.example", "role": "owner" });
        }
        _ => return json!({}),
    };
    asks.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    asks
}

fn names(rest: &Rest, asks: &str) -> Vec<String> {
    rest.database.admin().query(asks, &[]).unwrap().iter().map(|row| row.get(0)).collect()
}

#[test]
fn every_function_of_the_api_is_judged_and_granted_to_whom_it_is_for() {
    let rest = Rest::open();
    let mut sql = rest.database.admin();
    let asks = "select p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
          has_function_privilege('anon', p.oid, 'execute'), has_function_privilege('authenticated', p.oid, 'execute'),
          has_function_privilege('service_role', p.oid, 'execute')
        from pg_proc as p where p.pronamespace = 'public'::regnamespace";
    let judged: BTreeMap<&str, For> = JUDGED.into_iter().collect();
    let mut seen = BTreeSet::new();
    for row in sql.query(asks, &[]).unwrap() {
        let signature: String = row.get(0);
        let whom = judged.get(signature.as_str());
        let whom = whom.unwrap_or_else(|| panic!("nobody said for whom {signature} is"));
        let granted: [bool; 3] = [row.get(1), row.get(2), row.get(3)];
        let wanted = match whom {
            For::Members | For::Auditors | For::Accounts | For::Managers => [false, true, false],
            For::MembersAndService => [false, true, true],
            For::Service => [false, false, true],
        };
        assert_eq!(granted, wanted, "{signature}: nobody, an account, the service");
        seen.insert(signature);
    }
    assert_eq!(seen.len(), JUDGED.len(), "{judged:?}");
    let open = "select p.oid::regprocedure::text from pg_proc as p
        where p.pronamespace = 'counterpart'::regnamespace and has_function_privilege('anon', p.oid, 'execute')";
    assert_eq!(names(&rest, open), Vec::<String>::new());
}

/// Whether an answer is one, or a refusal to somebody who may not ask.
fn answered(status: u16, answer: &Json, told: &str) -> bool {
    if matches!(status, 200 | 204) {
        return true;
    }
    let refused = ["no_shop", "denied"].iter().any(|word| answer["details"] == json!(word))
        || answer["code"] == json!("42501");
    assert!(matches!(status, 401 | 403) && refused, "{told}: {status} {answer}");
    false
}

/// The shops that an answer names.
fn shops(answer: &Json, name: &str) -> Vec<String> {
    let shops = answer["shops"].as_array().unwrap().iter();
    shops.map(|shop| shop[name].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_function_answers_whom_it_is_for_about_what_is_theirs() {
    let rest = Rest::open();
    let owners = session(&rest, &named("owner"));
    for person in PEOPLE {
        let session = if person.is_here() { session(&rest, &person) } else { owners.clone() };
        for (signature, whom) in JUDGED {
            let function = name(signature);
            let told = format!("{} calls {function}", person.name);
            let (status, answer) =
                rest.call(function, Some(&token(&person)), &request(&rest, function, &session));
            let answered = answered(status, &answer, &told);
            match whom {
                For::Members | For::MembersAndService => assert_eq!(answered, person.is_here(), "{told}"),
                For::Auditors => {
                    let sees = person.is_here() && REPAIR_SHOP.auditors.contains(&person.reads_as());
                    assert_eq!(answered, sees, "{told}");
                }
                For::Service => assert!(!answered, "{told}"),
                For::Accounts => {
                    assert_eq!(shops(&answer, "id").contains(&rest.shop), person.is_here(), "{told}")
                }
                For::Managers => {
                    let manages = ["owner", "admin", "manager"].contains(&person.role) && !person.station;
                    assert_eq!(
                        shops(&answer, "shop").contains(&rest.shop),
                        person.is_here() && manages,
                        "{told}"
                    );
                }
            }
        }
    }
    for (signature, whom) in JUDGED {
        let function = name(signature);
        let asks = request(&rest, function, &owners);
        let (status, answer) = rest.call(function, None, &asks);
        assert!(!answered(status, &answer, &format!("nobody calls {function}")), "nobody calls {function}");
        let asks = if function.starts_with("station_") {
            request(&rest, function, &session(&rest, &named("tablet")))
        } else {
            asks
        };
        let (status, answer) = rest.call(function, Some(&service()), &asks);
        let told = format!("the service calls {function}: {answer}");
        let for_service = matches!(whom, For::Service | For::MembersAndService);
        assert_eq!(answered(status, &answer, &told), for_service, "{told}");
    }
}

#[test]
fn another_persons_device_is_nobodys_session() {
    let rest = Rest::open();
    let owners = session(&rest, &named("owner"));
    for function in ["sync_push", "sync_pull", "sync_range", "lease_numbers", "device_open"] {
        let asks = request(&rest, function, &owners);
        let (status, answer) = rest.call(function, Some(&token(&named("technician"))), &asks);
        assert_eq!((status, &answer["details"]), (409, &json!("no_session")), "{function}: {answer}");
    }
}

#[test]
fn whoever_pulls_or_loads_gets_the_rows_that_travel_to_them_and_no_others() {
    let rest = Rest::open();
    let shop = json!(rest.shop);
    for person in PEOPLE.iter().filter(|person| person.is_here()) {
        let (account, session) = (person.account(), session(&rest, person));
        let employee = (!person.station).then_some(account.as_str());
        for function in ["sync_pull", "sync_range"] {
            let asks = request(&rest, function, &session);
            let (_, answer) = rest.call(function, Some(&token(person)), &asks);
            let mut came: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
            for table in answer["rows"].as_array().unwrap() {
                let ids = table["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap());
                came.entry(table["table"].as_str().unwrap()).or_default().extend(ids);
            }
            for table in REPAIR_SHOP.all_tables() {
                let all = format!("select wire::jsonb from public.{} where shop_id::text = $1", table.name);
                let rows = rest.database.admin().query(&all, &[&shop.as_str()]).unwrap();
                let rows = rows.iter().map(|row| {
                    let row: Json = row.get(0);
                    Row::from_json(table, row.as_object().unwrap()).unwrap()
                });
                let theirs = rows.filter(|row| table.readers.include(person.reads_as(), employee, row));
                let theirs: BTreeSet<String> = theirs.map(|row| row.id).collect();
                let came = came.get(table.name).cloned().unwrap_or_default();
                let came: BTreeSet<String> = came.into_iter().map(str::to_owned).collect();
                assert_eq!(came, theirs, "{} of {} by {function}", table.name, person.name);
            }
        }
    }
}

#[test]
fn no_function_or_table_of_another_schema_is_reached() {
    let rest = Rest::open();
    let owner = token(&named("owner"));
    let schemas = "select n.nspname::text from pg_namespace as n where n.nspname not in ('public', 'information_schema')
        and n.nspname !~ '^pg_(toast|temp)'";
    let schemas = names(&rest, schemas);
    assert!(schemas.contains(&"counterpart".to_owned()), "{schemas:?}");
    for key in [&owner, &service()] {
        for schema in &schemas {
            for header in ["content-profile", "accept-profile"] {
                let header = format!("{header}: {schema}\r\n");
                let method = if header.starts_with("content") { "POST" } else { "GET" };
                for path in ["/rpc/lock_heads", "/heads", "/"] {
                    let (status, _) = rest.ask(method, path, Some(key), &header, Some(&json!({})));
                    assert!([404, 405, 406].contains(&status), "{method} {path} of {schema}: {status}");
                }
            }
        }
    }
    let private = "select distinct p.proname::text from pg_proc as p
        where p.pronamespace in ('counterpart'::regnamespace, 'extensions'::regnamespace, 'realtime'::regnamespace)
          and p.proname not in (select q.proname from pg_proc as q where q.pronamespace = 'public'::regnamespace)";
    let private = names(&rest, private);
    assert!(private.len() > 100, "{}", private.len());
    for function in private.iter().map(String::as_str).chain(["set_config", "pg_read_file", "lo_export"]) {
        let (status, answer) = rest.call(function, Some(&owner), &json!({}));
        assert_eq!((status, &answer["code"]), (404, &json!("PGRST202")), "{function}: {answer}");
    }
    let tables = "select c.relname::text from pg_class as c
        where c.relnamespace in ('counterpart'::regnamespace, 'auth'::regnamespace, 'realtime'::regnamespace) and c.relkind = 'r'";
    for table in names(&rest, tables) {
        let (status, answer) = rest.ask("GET", &format!("/{table}"), Some(&owner), "", None);
        assert_eq!((status, &answer["code"]), (404, &json!("42P01")), "{table}");
    }
}

#[test]
fn a_forged_token_opens_nothing() {
    let rest = Rest::open();
    let (owner, technician) = (named("owner"), named("technician"));
    let session = session(&rest, &owner);
    for (how, forged) in forged(&owner, &technician) {
        for (signature, _) in JUDGED {
            let function = name(signature);
            let (status, answer) = rest.call(function, Some(&forged), &request(&rest, function, &session));
            assert_eq!(status, 401, "a token {how} calls {function}: {answer}");
        }
        for table in REPAIR_SHOP.all_tables() {
            let path = format!("/{}?select=id", table.name);
            let (status, answer) = rest.ask("GET", &path, Some(&forged), "", None);
            assert_eq!(status, 401, "a token {how} reads {}: {answer}", table.name);
        }
    }
}

#[test]
fn a_claim_says_who_somebody_is_and_nothing_else() {
    let rest = Rest::open();
    let technician = named("technician");
    let mut boasts = technician.claims();
    for claim in ["app_metadata", "user_metadata", "shop", "user_role", "counterpart.keeps"] {
        boasts[claim] = json!({ "role": "owner", "shop_id": rest.shop, "station": true });
    }
    let path = "/item_costs?select=id";
    assert_eq!(rest.ask("GET", path, Some(&token(&named("manager"))), "", None).1, json!([{ "id": "r1" }]));
    let tokens = [token_of(&boasts), token(&technician)];
    for token in &tokens {
        assert_eq!(rest.ask("GET", path, Some(token), "", None), (200, json!([])));
        let raises = format!("/employees?id=eq.{}", technician.account());
        let (status, _) = rest.ask("PATCH", &raises, Some(token), "", Some(&json!({ "role": "owner" })));
        assert_eq!(status, 403);
        assert_eq!(rest.call("shop_overview", Some(token), &json!({})).1, json!({ "shops": [] }));
    }
    let owners = session(&rest, &named("owner"));
    for nobody in [
        json!({ "role": "authenticated" }),
        json!({ "role": "authenticated", "sub": "" }),
        json!({ "role": "authenticated", "sub": "00000000-0000-4000-8000-000000000000" }),
        json!({ "role": "authenticated", "sub": "owner' or true" }),
    ] {
        for (signature, _) in JUDGED {
            let function = name(signature);
            let asks = request(&rest, function, &owners);
            let (status, answer) = rest.call(function, Some(&token_of(&nobody)), &asks);
            let empty = status == 200 && answer == json!({ "shops": [] });
            assert!(empty || [400, 403].contains(&status), "{nobody} calls {function}: {status} {answer}");
        }
        let (_, seen) = rest.ask("GET", "/customers?select=id", Some(&token_of(&nobody)), "", None);
        assert!(seen == json!([]) || seen["code"].is_string(), "{nobody}: {seen}");
    }
    // A role that is none of the API's is not to be had.
    for role in ["postgres", "migrator", "counterpart_owner", "supabase_auth_admin"] {
        let claims = json!({ "role": role, "sub": named("owner").account() });
        let (status, answer) = rest.call("my_shops", Some(&token_of(&claims)), &json!({}));
        assert!([400, 401, 403].contains(&status), "{role}: {status} {answer}");
    }
}
