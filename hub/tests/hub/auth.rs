//! Sign-in, refresh, the signed-in person, sign-out.

use crate::desk::{Desk, PASSWORD, answer, signed_in};
use counterpart_hub::limits::Limits;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_member_signs_in_and_is_who_they_are() {
    let desk = Desk::open().await;
    let body = json!({"email": "ADA@example.org", "password": PASSWORD, "gotrue_meta_security": {}});
    let (status, body) = answer(desk.token("password", body).await).await;
    assert_eq!(
        (200, "bearer", 3_600),
        (status, body["token_type"].as_str().unwrap(), body["expires_in"].as_i64().unwrap())
    );
    assert_eq!(1_790_003_600, body["expires_at"]);
    assert_eq!(desk.ada.to_string(), body["user"]["id"]);
    let (status, user) = answer(desk.user(body["access_token"].as_str().unwrap()).await).await;
    assert_eq!((200, &body["user"]), (status, &user));
    assert_eq!(true, user["app_metadata"]["must_change_password"]);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_person_get_one_answer() {
    let desk = Desk::open().await;
    for email in ["ada@example.org", "nobody@example.org", "no address"] {
        let response = desk.token("password", json!({"email": email, "password": "wrong"})).await;
        assert_eq!("2024-01-01", response.headers()["x-supabase-api-version"]);
        assert_eq!("invalid_credentials", response.headers()["x-sb-error-code"]);
        let expected = json!({"code": "invalid_credentials", "message": "Invalid login credentials"});
        assert_eq!((400, expected), answer(response).await);
    }
}

#[tokio::test]
async fn an_older_client_gets_the_older_error() {
    let desk = Desk::open().await;
    let request =
        desk.bare(Method::POST, "/auth/v1/token?grant_type=password").header("apikey", &desk.keys.anon);
    let response = request.json(&json!({"email": "a@b.c", "password": "x"})).send().await.unwrap();
    assert!(!response.headers().contains_key("x-supabase-api-version"));
    let expected =
        json!({"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login credentials"});
    assert_eq!((400, expected), answer(response).await);
}

#[tokio::test]
async fn a_request_without_a_key_does_not_get_in() {
    let desk = Desk::open().await;
    let missing = desk.bare(Method::GET, "/auth/v1/settings").send().await.unwrap();
    assert_eq!("No API key found in request", answer(missing).await.1["message"]);
    let wrong = desk.bare(Method::GET, "/auth/v1/settings?apikey=sb_secret_guess").send().await.unwrap();
    assert_eq!((401, "Invalid API key".into()), {
        let (s, b) = answer(wrong).await;
        (s, b["message"].clone())
    });
    let path = format!("/auth/v1/settings?apikey={}", desk.keys.anon);
    let right = desk.bare(Method::GET, &path).send().await.unwrap();
    assert_eq!(true, answer(right).await.1["disable_signup"]);
    let open = desk.bare(Method::GET, "/auth/v1/.well-known/jwks.json").send().await.unwrap();
    assert_eq!("public, max-age=600", open.headers()["cache-control"]);
    assert_eq!("ES256", answer(open).await.1["keys"][0]["alg"]);
}

#[tokio::test]
async fn a_lost_answer_to_a_refresh_is_repeated() {
    let desk = Desk::open().await;
    let first = desk.sign_in("ada@example.org").await.refresh;
    let second = signed_in(desk.refresh(&first).await).await.refresh;
    desk.clock.advance(Duration::from_secs(86_400));
    assert_eq!(second, signed_in(desk.refresh(&first).await).await.refresh);
}

#[tokio::test]
async fn an_old_refresh_token_ends_its_session_after_ten_seconds() {
    let desk = Desk::open().await;
    let SignedIns { first, third, access } = three(&desk).await;
    desk.clock.advance(Duration::from_secs(10));
    assert_eq!(third, signed_in(desk.refresh(&first).await).await.refresh);
    desk.clock.advance(Duration::from_secs(1));
    assert_eq!("refresh_token_already_used", code(desk.refresh(&first).await, 400).await);
    assert_eq!("refresh_token_not_found", code(desk.refresh(&third).await, 400).await);
    assert_eq!("session_not_found", code(desk.user(&access).await, 403).await);
}

struct SignedIns {
    first: String,
    third: String,
    access: String,
}

async fn three(desk: &Desk) -> SignedIns {
    let begun = desk.sign_in("ada@example.org").await;
    let second = signed_in(desk.refresh(&begun.refresh).await).await;
    let third = signed_in(desk.refresh(&second.refresh).await).await;
    SignedIns { first: begun.refresh, third: third.refresh, access: third.access }
}

async fn code(response: reqwest::Response, status: u16) -> String {
    let header = response.headers()["x-sb-error-code"].to_str().unwrap().to_owned();
    let (got, body) = answer(response).await;
    assert_eq!((status, header.as_str()), (got, body["code"].as_str().unwrap()));
    header
}

#[tokio::test]
async fn refreshes_at_once_agree_on_one_token() {
    let desk = Desk::open().await;
    let token = desk.sign_in("ada@example.org").await.refresh;
    let answers = futures_util::future::join_all((0..8).map(|_| desk.refresh(&token))).await;
    let mut tokens = Vec::new();
    for response in answers {
        tokens.push(signed_in(response).await.refresh);
    }
    assert!(tokens.iter().all(|got| *got == tokens[0] && *got != token));
}

#[tokio::test]
async fn requests_that_make_no_sense_are_told_so() {
    let desk = Desk::open().await;
    let missing = desk.token("refresh_token", json!({})).await;
    let expected = json!({"error": "invalid_request", "error_description": "refresh_token required"});
    assert_eq!((400, expected), answer(missing).await);
    assert_eq!("invalid_credentials", code(desk.token("magic", json!({})).await, 400).await);
    assert_eq!("validation_failed", code(desk.token("password", json!({"email": "a@b.c"})).await, 400).await);
    assert_eq!("refresh_token_not_found", code(desk.refresh("abc").await, 400).await);
    let broken = desk.request(Method::POST, "/auth/v1/token?grant_type=password").body("{").send().await;
    assert_eq!("bad_json", code(broken.unwrap(), 400).await);
    let large =
        desk.request(Method::POST, "/auth/v1/token?grant_type=password").body(vec![b'x'; (1 << 20) + 1]);
    assert_eq!("request_entity_too_large", code(large.send().await.unwrap(), 413).await);
    let sign_up = desk.request(Method::POST, "/auth/v1/signup").json(&json!({})).send().await;
    assert_eq!("signup_disabled", code(sign_up.unwrap(), 422).await);
}

#[tokio::test]
async fn only_a_living_token_of_this_hub_shows_the_person() {
    let desk = Desk::open().await;
    let access = desk.sign_in("ada@example.org").await.access;
    let nobody = desk.request(Method::GET, "/auth/v1/user").send().await.unwrap();
    assert_eq!("no_authorization", code(nobody, 401).await);
    for token in [desk.keys.anon.as_str(), "a.b.c", "x"] {
        assert_eq!("bad_jwt", code(desk.user(token).await, 403).await);
    }
    desk.clock.advance(Duration::from_secs(3_599));
    assert_eq!(200, desk.user(&access).await.status());
    desk.clock.advance(Duration::from_secs(1));
    assert_eq!("bad_jwt", code(desk.user(&access).await, 403).await);
}

#[tokio::test]
async fn a_chosen_password_replaces_the_first_one_and_signs_out_the_others() {
    let desk = Desk::open().await;
    let (mine, other) = (desk.sign_in("ada@example.org").await, desk.sign_in("ada@example.org").await);
    let change =
        |body: Value| desk.request(Method::PUT, "/auth/v1/user").bearer_auth(&mine.access).json(&body).send();
    assert_eq!("weak_password", code(change(json!({"password": "short"})).await.unwrap(), 422).await);
    assert_eq!("same_password", code(change(json!({"password": PASSWORD})).await.unwrap(), 422).await);
    assert_eq!("validation_failed", code(change(json!({"email": "x@y.z"})).await.unwrap(), 400).await);
    let wrong = json!({"password": "another good one", "current_password": "wrong"});
    assert_eq!("invalid_credentials", code(change(wrong).await.unwrap(), 400).await);
    let body = json!({"password": "another good one", "data": {"theme": "dark"}});
    let (status, user) = answer(change(body).await.unwrap()).await;
    assert_eq!(
        (200, json!(false), json!("dark")),
        (
            status,
            user["app_metadata"]["must_change_password"].clone(),
            user["user_metadata"]["theme"].clone(),
        )
    );
    assert_eq!(200, desk.refresh(&mine.refresh).await.status());
    assert_eq!("refresh_token_not_found", code(desk.refresh(&other.refresh).await, 400).await);
    let old = desk.token("password", json!({"email": "ada@example.org", "password": PASSWORD})).await;
    assert_eq!("invalid_credentials", code(old, 400).await);
}

#[tokio::test]
async fn sign_out_ends_the_sessions_of_its_scope() {
    for (scope, mine_lives, other_lives) in
        [("?scope=local", false, true), ("?scope=others", true, false), ("", false, false)]
    {
        let desk = Desk::open().await;
        let (mine, other) = (desk.sign_in("ada@example.org").await, desk.sign_in("ada@example.org").await);
        let path = format!("/auth/v1/logout{scope}");
        let out = desk.request(Method::POST, &path).bearer_auth(&mine.access).send().await.unwrap();
        assert_eq!((204, Value::String(String::new())), answer(out).await);
        let lives =
            [desk.user(&mine.access).await.status() == 200, desk.user(&other.access).await.status() == 200];
        assert_eq!([mine_lives, other_lives], lives, "{scope}");
    }
}

#[tokio::test]
async fn a_deactivated_member_is_out_everywhere() {
    let desk = Desk::open().await;
    let ada = desk.sign_in("ada@example.org").await;
    desk.hub.deactivate(desk.shop, desk.ada).await.unwrap();
    assert_eq!("refresh_token_not_found", code(desk.refresh(&ada.refresh).await, 400).await);
    assert_eq!("session_not_found", code(desk.user(&ada.access).await, 403).await);
    let again = desk.token("password", json!({"email": "ada@example.org", "password": PASSWORD})).await;
    assert_eq!("user_banned", code(again, 400).await);
}

#[tokio::test]
async fn guessing_is_slowed_down_for_an_account_and_for_an_address() {
    let limits = Limits { password_burst: 3, token_burst: 5, ..Limits::default() };
    let desk = Desk::with(limits).await;
    for _ in 0..4 {
        desk.sign_in("ada@example.org").await;
    }
    desk.clock.advance(Duration::from_secs(300));
    let guess = |email: &str| desk.token("password", json!({"email": email, "password": "guess"}));
    for _ in 0..3 {
        assert_eq!("invalid_credentials", code(guess("ada@example.org").await, 400).await);
    }
    assert_eq!("over_request_rate_limit", code(guess("ada@example.org").await, 429).await);
    assert_eq!("invalid_credentials", code(guess("eve@example.org").await, 400).await);
    assert_eq!("over_request_rate_limit", code(guess("eve@example.org").await, 429).await);
    desk.clock.advance(Duration::from_secs(300));
    desk.sign_in("ada@example.org").await;
}
