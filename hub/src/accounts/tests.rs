//! Accounts over a real file: invitations, sessions, refresh, members.

use super::*;
use crate::accounts::sessions::REUSE_INTERVAL_MS;
use uuid::Uuid;

const NOW: i64 = 1_790_000_000_000;

struct Desk {
    accounts: Accounts,
    shop: Uuid,
    account: Uuid,
    _data: tempfile::TempDir,
}

fn desk() -> Desk {
    let data = tempfile::tempdir().unwrap();
    let accounts = Accounts::create(data.path()).unwrap();
    let shop = Uuid::from_u128(1);
    let account = accounts
        .run(|tx| {
            add_shop(tx, shop, "Bench", NOW)?;
            invite(tx, shop, " Ada@Example.org ", (Role::Technician, false), "hash", NOW)
        })
        .unwrap();
    Desk { accounts, shop, account, _data: data }
}

impl Desk {
    fn begin(&self) -> (Uuid, String) {
        self.accounts.run(|tx| begin_session(tx, self.account, NOW)).unwrap()
    }

    fn refresh(&self, token: &str, at: i64) -> Refresh {
        self.accounts.run(|tx| refresh(tx, token, at)).unwrap()
    }

    fn granted(&self, token: &str, at: i64) -> String {
        let outcome = self.refresh(token, at);
        let Refresh::Granted { token, .. } = outcome else { panic!("not granted: {outcome:?}") };
        token
    }
}

#[test]
fn the_current_token_is_replaced_by_a_new_one() {
    let desk = desk();
    let (_, first) = desk.begin();
    let second = desk.granted(&first, NOW);
    assert_ne!(first, second);
    assert_ne!(second, desk.granted(&second, NOW));
}

#[test]
fn the_direct_predecessor_gets_the_current_token_at_any_time() {
    let desk = desk();
    let (_, first) = desk.begin();
    let second = desk.granted(&first, NOW);
    assert_eq!(second, desk.granted(&first, NOW + 365 * 86_400_000));
    assert_eq!(second, desk.granted(&first, NOW + 365 * 86_400_000));
}

#[test]
fn an_older_token_within_the_interval_gets_the_current_one() {
    let desk = desk();
    let (_, first) = desk.begin();
    let third = desk.granted(&desk.granted(&first, NOW), NOW);
    assert_eq!(third, desk.granted(&first, NOW + REUSE_INTERVAL_MS));
}

#[test]
fn an_older_token_after_the_interval_ends_the_session() {
    let desk = desk();
    let (session, first) = desk.begin();
    let third = desk.granted(&desk.granted(&first, NOW), NOW);
    assert_eq!(Refresh::AlreadyUsed, desk.refresh(&first, NOW + REUSE_INTERVAL_MS + 1));
    assert_eq!(Refresh::NotFound, desk.refresh(&third, NOW + REUSE_INTERVAL_MS + 1));
    assert!(!desk.accounts.look(|c| session_exists(c, session, desk.account)).unwrap());
}

#[test]
fn tokens_refreshed_at_once_rotate_once() {
    let desk = desk();
    let (_, first) = desk.begin();
    let answers: Vec<String> = std::thread::scope(|scope| {
        let devices: Vec<_> = (0..8).map(|_| scope.spawn(|| desk.granted(&first, NOW))).collect();
        devices.into_iter().map(|device| device.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|token| *token == answers[0]));
}

#[test]
fn a_forged_token_is_unknown_and_one_from_the_future_is_not_ours() {
    let desk = desk();
    let (session, _) = desk.begin();
    assert_eq!(Refresh::NotFound, desk.refresh(&RefreshToken::issue(session, 0, &[7; 32]), NOW));
    assert_eq!(Refresh::NotFound, desk.refresh(&RefreshToken::issue(Uuid::nil(), 0, &[7; 32]), NOW));
    let key: [u8; 32] = desk
        .accounts
        .look(|c| Ok(c.query_row("select refresh_key from sessions", [], |row| row.get(0))?))
        .unwrap();
    assert_eq!(Refresh::NotIssuedHere, desk.refresh(&RefreshToken::issue(session, 9, &key), NOW));
}

#[test]
fn sign_out_reaches_the_sessions_of_its_scope() {
    for (scope, here, there) in
        [(SignOut::Local, false, true), (SignOut::Others, true, false), (SignOut::Global, false, false)]
    {
        let desk = desk();
        let ((mine, _), (other, _)) = (desk.begin(), desk.begin());
        desk.accounts.run(|tx| sign_out(tx, desk.account, mine, scope)).unwrap();
        let exists = |session| desk.accounts.look(|c| session_exists(c, session, desk.account)).unwrap();
        assert_eq!((here, there), (exists(mine), exists(other)), "{scope:?}");
    }
}

#[test]
fn deactivating_signs_the_person_out_everywhere() {
    let desk = desk();
    let ((_, first), (_, second)) = (desk.begin(), desk.begin());
    desk.accounts.run(|tx| deactivate(tx, desk.shop, desk.account, NOW)).unwrap();
    assert_eq!(
        (Refresh::NotFound, Refresh::NotFound),
        (desk.refresh(&first, NOW), desk.refresh(&second, NOW))
    );
    assert_eq!(None, desk.accounts.look(|c| membership(c, desk.shop, desk.account)).unwrap());
}

#[test]
fn an_active_member_is_not_invited_twice_and_one_who_left_comes_back() {
    let desk = desk();
    let again = || {
        desk.accounts.run(|tx| invite(tx, desk.shop, "ADA@example.org", (Role::Manager, true), "new", NOW))
    };
    assert!(matches!(again(), Err(InviteError::AlreadyMember)));
    desk.accounts.run(|tx| deactivate(tx, desk.shop, desk.account, NOW)).unwrap();
    assert_eq!(desk.account, again().unwrap());
    let member = desk.accounts.look(|c| membership(c, desk.shop, desk.account)).unwrap().unwrap();
    assert_eq!((Role::Manager, true), (member.role, member.station));
}

#[test]
fn a_changed_password_ends_the_other_sessions() {
    let desk = desk();
    let ((mine, _), (other, _)) = (desk.begin(), desk.begin());
    desk.accounts.run(|tx| change_password(tx, desk.account, mine, "chosen", NOW)).unwrap();
    let exists = |session| desk.accounts.look(|c| session_exists(c, session, desk.account)).unwrap();
    assert_eq!((true, false), (exists(mine), exists(other)));
    assert!(!desk.accounts.look(|c| account(c, desk.account)).unwrap().unwrap().must_change);
}

#[test]
fn a_failed_change_leaves_nothing_behind() {
    let desk = desk();
    let failed: Result<(), StoreError> = desk.accounts.run(|tx| {
        begin_session(tx, desk.account, NOW)?;
        Err(StoreError::Broken("test"))
    });
    assert!(failed.is_err());
    let sessions: i64 = desk
        .accounts
        .look(|c| Ok(c.query_row("select count(*) from sessions", [], |row| row.get(0))?))
        .unwrap();
    assert_eq!(0, sessions);
}

#[test]
fn a_database_of_a_newer_hub_is_refused() {
    let desk = desk();
    desk.accounts.look(|c| Ok(c.pragma_update(None, "user_version", 99)?)).unwrap();
    assert!(matches!(Accounts::open(desk._data.path()), Err(StoreError::Newer(99))));
}

proptest::proptest! {
    #[test]
    fn every_refresh_token_comes_apart_as_it_was_made(counter in 0..i64::MAX, id: u128, key: [u8; 32]) {
        let token = RefreshToken::parse(&RefreshToken::issue(Uuid::from_u128(id), counter, &key)).unwrap();
        assert_eq!((Uuid::from_u128(id), counter), (token.session, token.counter));
        assert!(token.signed_with(&key));
    }

    #[test]
    fn no_text_upsets_the_refresh_token_parser(text in "[A-Za-z0-9_-]{0,200}|.{0,64}") {
        RefreshToken::parse(&text);
    }
}
