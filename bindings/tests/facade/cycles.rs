//! Many at once, and many one after the other.

use crate::desk::{Device, quick, soon};
use crate::shell::Storage;
use counterpart_core::Account;
use counterpart_core::desk::BoardFilter;
use counterpart_core::entity::Customer;
use counterpart_ffi::{Terminal, blank_customer};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn hundreds_of_calls_at_once_are_all_answered() {
    let ada = Device::alone().await;
    let calls: Vec<_> = (0..400)
        .map(|at| {
            let shop = ada.shop().clone();
            tokio::spawn(async move {
                let customer = Customer { last_name: Some(format!("No. {at}")), ..blank_customer() };
                let id = shop.create_customer(customer).await.unwrap();
                assert!(shop.customer(id).await.unwrap().is_some());
            })
        })
        .collect();
    for call in calls {
        soon(call).await.unwrap();
    }
    assert_eq!(ada.shop().state().await.unwrap().pending, 400);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_thousand_terminals_that_came_and_went_leave_no_file_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    let storage = Storage::new();
    for _ in 0..1_000 {
        let terminal = Terminal::open(path.clone(), storage.clone(), None, quick()).await.unwrap();
        let shop = terminal.enter(Account::new("ada", "owner"), "north".into()).await.unwrap();
        let watch = shop.watch_board(BoardFilter::default(), 50);
        soon(watch.next()).await.unwrap();
        terminal.shut_down().await.unwrap();
    }
    let here = std::fs::canonicalize(folder.path()).unwrap();
    let open = std::fs::read_dir("/proc/self/fd").unwrap();
    let ours = open.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok());
    assert_eq!(ours.filter(|file| file.starts_with(&here)).count(), 0);
}
