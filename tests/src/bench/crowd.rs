//! Many devices on one hub, and one hub for many days.

use super::Failure;
use super::online::{Hub, PATIENCE, online};
use super::pairs::{interleave, timed};
use super::report::Row;
use crate::shopfloor::Shopfloor;
use counterpart_core::Terminal;
use counterpart_core::entity::{Customer, CustomerId, NoteKind, Ticket, TicketId, TicketNote};
use counterpart_core::env::Env;
use counterpart_core::keys::MemoryKeys;
use counterpart_core::net::{
    Heard, Http, Limits, Listener, Server, Session, Showing, Subscription, Trust, listen,
};
use futures_util::future::try_join_all;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::time::timeout;

/// Devices that are connected at once.
const CROWD: usize = 1_000;
/// Bytes of a poke on the wire.
const POKE: usize = 220;

/// From a save on one device until each of 1,000 others has heard that there is a commit. Floor: one durable commit, and
/// as many bytes written to 1,000 bare sockets and read from them.
pub(super) fn connected() -> Result<Vec<Row>, Failure> {
    room_for_sockets()?;
    let hub = Hub::with(100)?;
    let device = hub.caught_up()?;
    let shop = device.shop().ok_or("no shop")?;
    let runtime = Runtime::new()?;
    let before = hub.megabytes()?;
    let mut crowd = runtime.block_on(join(&hub, shop.id()))?;
    let each = (hub.megabytes()? - before) * 1_024.0 / CROWD as f64;
    let mut bare = runtime.block_on(sockets())?;
    let durable = rusqlite::Connection::open(hub.folder.path().join("bare.db"))?;
    durable.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    durable
        .execute_batch("PRAGMA synchronous = FULL; CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT)")?;
    let mut floor = Shopfloor::new(5, 100);
    let medians = interleave(
        33,
        |_| {
            let customer = Customer { meta: Default::default(), ..floor.customer() };
            let ((), took) = timed(|| {
                shop.create(&Customer { id: CustomerId::default(), ..customer.clone() })?;
                runtime.block_on(poked(&mut crowd))
            })?;
            device.wait(device.idle(PATIENCE))?;
            Ok(took)
        },
        |_| {
            let ((), took) = timed(|| {
                durable.execute("INSERT INTO rows (body) VALUES (?1)", ["x".repeat(500)])?;
                runtime.block_on(spread(&mut bare))
            })?;
            Ok(took)
        },
    )?;
    device.close()?;
    Ok(vec![
        Row::millis("connected_1000", medians),
        // A bare socket has its two buffers in the kernel, and no memory of the process.
        Row::new("connected_1000_memory", "KB", each, 4.0, CROWD),
    ])
}

/// Three sockets for each of the crowd are more than a process is commonly given; what it may have is mostly enough.
fn room_for_sockets() -> Result<(), Failure> {
    let limit = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })?)
}

/// As many devices as there are in the crowd, each with a socket of its own on the shop's channel.
async fn join(hub: &Hub, shop: &str) -> Result<Vec<Listener>, Failure> {
    let server = Server::new(&hub.address.url, &hub.address.anon_key)?;
    let http = Http::new(server, &Trust { own: None }, Env::system(), Limits::default())?;
    let keys = Arc::new(MemoryKeys::default());
    let (session, _) = Session::sign_in(http.clone(), keys, &hub.email, &hub.password).await?;
    let token = session.token().await?;
    let mut crowd = Vec::with_capacity(CROWD);
    for at in 0..CROWD {
        let (device, showing) = (format!("device-{at}"), Showing::default());
        let (shop, token) = (shop.to_owned(), token.clone());
        let (mut listener, running) = listen(&http, Subscription { shop, device, token, showing });
        tokio::spawn(running);
        hear(&mut listener, |heard| *heard == Heard::Joined).await?;
        crowd.push(listener);
    }
    Ok(crowd)
}

/// Waits for one thing to be heard.
async fn hear(listener: &mut Listener, wanted: impl Fn(&Heard) -> bool) -> Result<(), Failure> {
    loop {
        match timeout(PATIENCE, listener.next()).await? {
            Some(Heard::Lost(why)) => return Err(why.into()),
            Some(heard) if wanted(&heard) => return Ok(()),
            Some(_) => {}
            None => return Err("the channel ended".into()),
        }
    }
}

async fn poked(crowd: &mut [Listener]) -> Result<(), Failure> {
    let hearing = crowd.iter_mut().map(|listener| hear(listener, |heard| matches!(heard, Heard::Poked(_))));
    try_join_all(hearing).await.map(drop)
}

/// Both ends of as many sockets.
async fn sockets() -> Result<Vec<(TcpStream, TcpStream)>, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut pairs = Vec::with_capacity(CROWD);
    for _ in 0..CROWD {
        let (near, far) = tokio::join!(TcpStream::connect(listener.local_addr()?), listener.accept());
        pairs.push((near?, far?.0));
    }
    Ok(pairs)
}

async fn spread(pairs: &mut [(TcpStream, TcpStream)]) -> Result<(), Failure> {
    for (_, far) in pairs.iter_mut() {
        far.write_all(&[7; POKE]).await?;
    }
    let reading = pairs.iter_mut().map(|(near, _)| async { near.read_exact(&mut [0; POKE]).await });
    Ok(try_join_all(reading).await.map(drop)?)
}

/// A week of a shop with six devices, as fast as it goes: what the hub holds in memory at its end. Floor: the same at the
/// end of the first day. Every night all devices are held against each other.
pub(super) fn soak() -> Result<Vec<Row>, Failure> {
    const DAYS: usize = 7;
    let hub = Hub::with(1_000)?;
    let mut devices = (0..6).map(|_| hub.caught_up()).collect::<Result<Vec<_>, _>>()?;
    let mut nights = Vec::with_capacity(DAYS);
    for day in 0..DAYS {
        work(&devices, day)?;
        equal(&devices)?;
        nights.push(hub.megabytes()?);
        // One is put away for good, and a new one comes in its place.
        if let Some(old) = devices.get_mut(day % 6) {
            old.close()?;
            *old = hub.caught_up()?;
        }
    }
    for device in &devices {
        device.close()?;
    }
    let at = |night: usize| nights.get(night).copied().unwrap_or_default();
    Ok(vec![Row::new("soak_7d", "MB", at(DAYS - 1), at(0), DAYS)])
}

/// A day: ten spells in which half of the devices lose the network, each does ten things, and all come back.
fn work(devices: &[Terminal], day: usize) -> Result<(), Failure> {
    for spell in 0..10 {
        let away = |at: usize| (at + spell).is_multiple_of(2);
        for device in devices.iter().enumerate().filter(|(at, _)| away(*at)).map(|(_, device)| device) {
            device.wait(device.network(false))?;
        }
        for (at, device) in devices.iter().enumerate() {
            let mut floor = Shopfloor::new((day * 1_000 + spell * 10 + at) as u64, 100);
            intakes(device, &mut floor)?;
        }
        for (at, device) in devices.iter().enumerate() {
            if away(at) {
                device.wait(device.network(true))?;
            }
            device.wait(device.idle(PATIENCE))?;
        }
    }
    Ok(())
}

/// Two customers with a ticket each, three notes on each ticket.
fn intakes(device: &Terminal, floor: &mut Shopfloor) -> Result<(), Failure> {
    let shop = device.shop().ok_or("no shop")?;
    for _ in 0..2 {
        let customer = Customer { meta: Default::default(), ..floor.customer() };
        let customer_id = CustomerId(shop.create(&Customer { id: CustomerId::default(), ..customer })?);
        let ticket = Ticket { customer_id, subject: "Screen".into(), ..Ticket::default() };
        let ticket_id = TicketId(shop.create(&ticket)?);
        for body in ["Opened", "Part ordered", "Closed"] {
            let (ticket_id, body) = (ticket_id.clone(), body.to_owned());
            shop.create(&TicketNote { ticket_id, kind: NoteKind::Internal, body, ..TicketNote::default() })?;
        }
    }
    Ok(())
}

fn equal(devices: &[Terminal]) -> Result<(), Failure> {
    let mut sums = Vec::new();
    for device in devices {
        online(device)?;
        device.wait(device.sync())?;
        sums.push(device.shop().ok_or("no shop")?.checksum()?);
    }
    let differs = sums.windows(2).any(|pair| pair.first() != pair.last());
    if differs { Err("the devices are not equal in the evening".into()) } else { Ok(()) }
}
