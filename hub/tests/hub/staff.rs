//! People in the books and their accounts: what a manager sets for one holds for the other in the same request.

use crate::desk::Desk;
use crate::device::{Device, refused};
use crate::socket::Socket;
use serde_json::{Value, json};

/// Sets a field of somebody, knowing of all that came before.
async fn change(desk: &Desk, device: &mut Device, person: &str, field: &str, to: Value) -> Value {
    let on = device.pull(desk).await.head.n;
    let edit = json!({field: {"to": to, "on": on}});
    device.operation(json!({"table": "employees", "row": person, "kind": "patch", "fields": edit}))
}

#[tokio::test]
async fn an_account_has_its_own_page_and_a_tablet_has_none() {
    let desk = Desk::open().await;
    let ada = Device::ada(&desk).await;
    assert_eq!(Some(desk.ada.to_string()), ada.session.standing.employee);
    let tablet = Device::tablet(&desk).await;
    assert_eq!((None, true), (tablet.session.standing.employee.clone(), tablet.session.standing.station));
    let people = ada.rows(&desk, "employees").await;
    let mut names: Vec<_> = people.iter().map(|row| row["first_name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(["ada", "bo"], *names);
}

#[tokio::test]
async fn a_new_role_holds_from_the_push_that_gave_it() {
    let desk = Desk::open().await;
    let (ada, mut bo) = (Device::ada(&desk).await, Device::bo(&desk).await);
    let promoted = change(&desk, &mut bo, &ada.account, "role", json!("front_desk")).await;
    assert_eq!(["applied"], *bo.outcomes(&desk, &[promoted]).await);
    assert_eq!("front_desk", ada.pull(&desk).await.standing.role);
}

#[tokio::test]
async fn whoever_is_deactivated_is_out_at_once_and_may_come_back() {
    let mut desk = Desk::open().await;
    let (ada, mut bo) = (Device::ada(&desk).await, Device::bo(&desk).await);
    let refresh = desk.sign_in("ada@example.org").await.refresh;
    let mut socket = Socket::open(&desk).await;
    let topic = format!("realtime:shop:{}", desk.shop);
    socket.join(&topic, &ada.access, json!({"presence": {"enabled": false}})).await;
    let left = change(&desk, &mut bo, &ada.account, "active", json!(false)).await;
    assert_eq!(["applied"], *bo.outcomes(&desk, &[left]).await);
    assert_eq!(Some(1008), socket.closed().await);
    drop(socket);
    assert_eq!(400, desk.refresh(&refresh).await.status());
    let no_shop = (403, "no_shop".to_owned());
    assert_eq!(no_shop, refused(&desk, &ada.access, "sync_pull", &ada.pulls()).await);
    desk.restart().await;
    assert_eq!(no_shop, refused(&desk, &ada.access, "sync_pull", &ada.pulls()).await);
    let back = change(&desk, &mut bo, &ada.account, "active", json!(true)).await;
    assert_eq!(["applied"], *bo.outcomes(&desk, &[back]).await);
    let again = desk.sign_in("ada@example.org").await;
    assert_ne!(no_shop, refused(&desk, &again.access, "sync_pull", &ada.pulls()).await);
}

#[tokio::test]
async fn nobody_raises_themselves_or_touches_who_stands_above() {
    let desk = Desk::open().await;
    let (mut ada, bo) = (Device::ada(&desk).await, Device::bo(&desk).await);
    for (person, role) in [(ada.account.clone(), "owner"), (bo.account.clone(), "front_desk")] {
        let operation = change(&desk, &mut ada, &person, "role", json!(role)).await;
        assert_eq!(["rejected denied"], *ada.outcomes(&desk, &[operation]).await);
    }
    assert_eq!("technician", ada.pull(&desk).await.standing.role);
    assert_eq!("manager", bo.pull(&desk).await.standing.role);
}

#[tokio::test]
async fn nobody_works_under_another_name_on_their_own_account() {
    let desk = Desk::open().await;
    let (mut ada, bo) = (Device::ada(&desk).await, Device::bo(&desk).await);
    let fields = json!({"employee_id": {"to": bo.account}, "verifier": {"to": "$argon2id$x"}});
    let pin = json!({"table": "employee_pins", "row": "p", "kind": "insert", "actor": bo.account, "fields": fields});
    let pin = ada.operation(pin);
    assert_eq!(["rejected no_grant"], *ada.outcomes(&desk, &[pin]).await);
    assert!(bo.rows(&desk, "employee_pins").await.is_empty());
}
