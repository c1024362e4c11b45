//! The facade as Swift and Kotlin call it, by its exported functions: values in buffers, objects as handles, futures that
//! are polled, and secure storage that lies on the other side.

use crate::desk::{quick, soon};
use counterpart_core::Account;
use counterpart_core::entity::{Customer, CustomerId};
use counterpart_ffi::{Reachability, ShopError, UniFfiTag};
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex};
use tokio::sync::{Notify, oneshot};
use uniffi::{
    Lift, Lower, RustBuffer, RustCallStatus, RustCallStatusCode, RustFutureContinuationCallback,
    RustFuturePoll,
};

/// The functions of secure storage, as the generated code hands them over.
#[repr(C)]
struct SecureStorage {
    free: extern "C" fn(u64),
    clone: extern "C" fn(u64) -> u64,
    get: extern "C" fn(u64, RustBuffer, &mut RustBuffer, &mut RustCallStatus),
    set: extern "C" fn(u64, RustBuffer, RustBuffer, *mut c_void, &mut RustCallStatus),
    remove: extern "C" fn(u64, RustBuffer, *mut c_void, &mut RustCallStatus),
}

unsafe extern "C" {
    fn uniffi_counterpart_ffi_fn_init_callback_vtable_securestorage(functions: &'static SecureStorage);
    fn uniffi_counterpart_ffi_fn_func_blank_customer(status: &mut RustCallStatus) -> RustBuffer;
    fn uniffi_counterpart_ffi_fn_constructor_terminal_open(
        folder: RustBuffer,
        storage: u64,
        reachability: RustBuffer,
        options: RustBuffer,
    ) -> u64;
    fn uniffi_counterpart_ffi_fn_clone_terminal(terminal: u64, status: &mut RustCallStatus) -> u64;
    fn uniffi_counterpart_ffi_fn_free_terminal(terminal: u64, status: &mut RustCallStatus);
    fn uniffi_counterpart_ffi_fn_method_terminal_enter(
        terminal: u64,
        account: RustBuffer,
        shop: RustBuffer,
    ) -> u64;
    fn uniffi_counterpart_ffi_fn_clone_shop(shop: u64, status: &mut RustCallStatus) -> u64;
    fn uniffi_counterpart_ffi_fn_free_shop(shop: u64, status: &mut RustCallStatus);
    fn uniffi_counterpart_ffi_fn_method_shop_create_customer(shop: u64, record: RustBuffer) -> u64;
    fn uniffi_counterpart_ffi_fn_method_shop_customer(shop: u64, id: RustBuffer) -> u64;
    fn ffi_counterpart_ffi_rust_future_poll_u64(future: u64, told: RustFutureContinuationCallback, data: u64);
    fn ffi_counterpart_ffi_rust_future_complete_u64(future: u64, status: &mut RustCallStatus) -> u64;
    fn ffi_counterpart_ffi_rust_future_free_u64(future: u64);
    fn ffi_counterpart_ffi_rust_future_poll_rust_buffer(
        future: u64,
        told: RustFutureContinuationCallback,
        data: u64,
    );
    fn ffi_counterpart_ffi_rust_future_cancel_rust_buffer(future: u64);
    fn ffi_counterpart_ffi_rust_future_complete_rust_buffer(
        future: u64,
        status: &mut RustCallStatus,
    ) -> RustBuffer;
    fn ffi_counterpart_ffi_rust_future_free_rust_buffer(future: u64);
}

/// What lies in the storage on the other side.
static ENTRIES: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
/// Rust has let go of it.
static FREED: Notify = Notify::const_new();
/// Handles of the other side are odd.
const STORAGE: u64 = 1;

extern "C" fn free(_: u64) {
    FREED.notify_one();
}

extern "C" fn clone(handle: u64) -> u64 {
    handle
}

extern "C" fn get(_: u64, name: RustBuffer, answer: &mut RustBuffer, status: &mut RustCallStatus) {
    let name: String = lifted(name);
    match ENTRIES.lock() {
        Ok(entries) => *answer = lowered(entries.get(&name).cloned()),
        Err(_) => *status = RustCallStatus::error("it broke"),
    }
}

extern "C" fn set(_: u64, name: RustBuffer, value: RustBuffer, _: *mut c_void, _: &mut RustCallStatus) {
    ENTRIES.lock().unwrap().insert(lifted(name), lifted(value));
}

extern "C" fn remove(_: u64, name: RustBuffer, _: *mut c_void, _: &mut RustCallStatus) {
    ENTRIES.lock().unwrap().remove(&lifted::<String>(name));
}

fn lowered<T: Lower<UniFfiTag, FfiType = RustBuffer>>(value: T) -> RustBuffer {
    T::lower(value)
}

fn lifted<T: Lift<UniFfiTag, FfiType = RustBuffer>>(buffer: RustBuffer) -> T {
    T::try_lift(buffer).unwrap()
}

/// Calls a function that says how it went.
fn called<T>(call: impl FnOnce(&mut RustCallStatus) -> T) -> Result<T, ShopError> {
    let mut status = RustCallStatus::default();
    let answer = call(&mut status);
    match status.code {
        RustCallStatusCode::Success => Ok(answer),
        RustCallStatusCode::Error => Err(lifted(ManuallyDrop::into_inner(status.error_buf))),
        code @ (RustCallStatusCode::UnexpectedError | RustCallStatusCode::Cancelled) => panic!("{code:?}"),
    }
}

/// Polls a future until it is ready.
async fn ready(future: u64, poll: unsafe extern "C" fn(u64, RustFutureContinuationCallback, u64)) {
    extern "C" fn told(data: u64, poll: RustFuturePoll) {
        // SAFETY: what was given with the poll that this answers, and it is answered once.
        let tell = unsafe { Box::from_raw(data as *mut oneshot::Sender<RustFuturePoll>) };
        drop(tell.send(poll));
    }
    loop {
        let (tell, heard) = oneshot::channel::<RustFuturePoll>();
        // SAFETY: the future lives until it is freed below.
        unsafe { poll(future, told, Box::into_raw(Box::new(tell)) as u64) };
        if soon(heard).await.unwrap() == RustFuturePoll::Ready {
            return;
        }
    }
}

/// The object that a future gives.
async fn object(future: u64) -> Result<u64, ShopError> {
    ready(future, ffi_counterpart_ffi_rust_future_poll_u64).await;
    // SAFETY: it is ready, and freed once.
    let answer = called(|status| unsafe { ffi_counterpart_ffi_rust_future_complete_u64(future, status) });
    unsafe { ffi_counterpart_ffi_rust_future_free_u64(future) };
    answer
}

/// The value that a future gives.
async fn value<T: Lift<UniFfiTag, FfiType = RustBuffer>>(future: u64) -> Result<T, ShopError> {
    ready(future, ffi_counterpart_ffi_rust_future_poll_rust_buffer).await;
    // SAFETY: it is ready, and freed once.
    let answer =
        called(|status| unsafe { ffi_counterpart_ffi_rust_future_complete_rust_buffer(future, status) });
    unsafe { ffi_counterpart_ffi_rust_future_free_rust_buffer(future) };
    answer.map(lifted)
}

#[tokio::test]
async fn what_foreign_code_calls_gives_back_all_that_it_took() {
    static FUNCTIONS: SecureStorage = SecureStorage { free, clone, get, set, remove };
    let folder = tempfile::tempdir().unwrap();
    // SAFETY: every buffer and every handle is given away once. An object's methods take a handle of their own.
    unsafe {
        uniffi_counterpart_ffi_fn_init_callback_vtable_securestorage(&FUNCTIONS);
        let terminal = object(uniffi_counterpart_ffi_fn_constructor_terminal_open(
            lowered(folder.path().to_str().unwrap().to_owned()),
            STORAGE,
            lowered(None::<Arc<dyn Reachability>>),
            lowered(quick()),
        ));
        let terminal = terminal.await.unwrap();
        let handle = called(|status| uniffi_counterpart_ffi_fn_clone_terminal(terminal, status)).unwrap();
        let account = lowered(Account::new("ada", "owner"));
        let entered =
            uniffi_counterpart_ffi_fn_method_terminal_enter(handle, account, lowered("north".to_owned()));
        let shop = object(entered).await.unwrap();
        assert!(!ENTRIES.lock().unwrap().is_empty(), "a shop's file is known on the other side too");
        let another = || called(|status| uniffi_counterpart_ffi_fn_clone_shop(shop, status)).unwrap();

        let blank = called(|status| uniffi_counterpart_ffi_fn_func_blank_customer(status)).unwrap();
        let customer = Customer { last_name: Some("Núñez".into()), ..lifted(blank) };
        let create = |customer: &Customer| {
            uniffi_counterpart_ffi_fn_method_shop_create_customer(another(), lowered(customer.clone()))
        };
        let id = value::<CustomerId>(create(&customer)).await.unwrap();
        let read = || uniffi_counterpart_ffi_fn_method_shop_customer(another(), lowered(id.clone()));
        let found = value::<Option<Customer>>(read()).await.unwrap().unwrap();
        assert_eq!(found.last_name, customer.last_name);

        let endless = Customer { last_name: Some("ñ".repeat(10_000)), ..customer };
        let refused = value::<CustomerId>(create(&endless)).await.unwrap_err();
        assert!(matches!(refused, ShopError::Invalid { field, .. } if field == "last_name"));

        // Nobody waits for these any more: one was never polled.
        let left = read();
        ffi_counterpart_ffi_rust_future_cancel_rust_buffer(left);
        ready(left, ffi_counterpart_ffi_rust_future_poll_rust_buffer).await;
        let mut status = RustCallStatus::default();
        ffi_counterpart_ffi_rust_future_complete_rust_buffer(left, &mut status).destroy();
        assert_eq!(status.code, RustCallStatusCode::Cancelled);
        for left in [left, read()] {
            ffi_counterpart_ffi_rust_future_free_rust_buffer(left);
        }

        called(|status| uniffi_counterpart_ffi_fn_free_shop(shop, status)).unwrap();
        called(|status| uniffi_counterpart_ffi_fn_free_terminal(terminal, status)).unwrap();
    }
    soon(FREED.notified()).await;
}
