//! The afternoon: both devices at once, as chance has it, with spells offline. Nobody tells the devices when to sync.

use super::day::Day;
use super::people::words;
use super::{Device, Failure, Premises};
use counterpart_core::entity::{NoteKind, TicketStatus};

const STEPS: usize = 80;
const FROM: usize = 60;
const UNTIL: usize = 92;

const NOTES: &[&str] = &[
    "Called, will come by after work.",
    "Passt auf die Hülle auf, sie ist neu.",
    "العميل يطلب الاتصال قبل الإصلاح",
    "Screws in the blue tray.",
];

/// Works the afternoon.
pub(super) fn work(day: &mut Day<'_>) -> Result<(), Failure> {
    let Premises { desk, bench, timeline, .. } = day.premises;
    timeline.chapter(FROM, "Afternoon. Both work, and the wifi comes and goes.");
    let mut done = [0_usize; 2];
    for step in 0..STEPS {
        let at_desk = day.chance.bool();
        let device = if at_desk { desk } else { bench };
        if day.chance.u32(0..12) == 0 {
            toggle(day, device)?;
        } else if if at_desk { counter(day, desk)? } else { workbench(day, bench)? } {
            done[usize::from(at_desk)] += 1;
        }
        timeline.reaches(FROM + (UNTIL - FROM) * step / STEPS);
    }
    for (device, done) in [(desk, done[1]), (bench, done[0])] {
        day.says(device, &format!("{done} things done; {} operations wait", device.shop.state()?.pending));
    }
    for device in [desk, bench] {
        device.network(true)?;
        device.idle()?;
    }
    day.premises.settle()?;
    let quiet =
        [desk, bench].map(|device| device.shop.state().is_ok_and(|state| state.pending + state.failed == 0));
    day.holds("both have sent everything, and nothing was refused", quiet == [true; 2])
}

fn toggle(day: &Day<'_>, device: &Device) -> Result<(), Failure> {
    let up = !device.is_online()?;
    let waits = device.shop.state()?.pending;
    device.network(up)?;
    let what = if up { format!("is online again, with {waits} operations") } else { "is offline".to_owned() };
    day.says(device, &what);
    Ok(())
}

/// Something happens at the counter, if there is anything to do.
fn counter(day: &mut Day<'_>, desk: &Device) -> Result<bool, Failure> {
    match day.chance.u32(0..10) {
        0..3 => day.take_in(desk).map(|_| true),
        3..6 => {
            let Some(ticket) = desk.board(&[TicketStatus::Ready])?.into_iter().next() else {
                return Ok(false);
            };
            desk.move_on(&ticket)?;
            day.says(desk, &format!("hands over ticket {}", desk.label(&ticket.id)?));
            Ok(true)
        }
        6..8 => {
            let customer = day.stock.somebody()?;
            desk.book(&customer, day.chance.i64(1..72))?;
            Ok(true)
        }
        _ => note(day, desk, NoteKind::Customer),
    }
}

/// Something happens at the workbench, if there is anything to do.
fn workbench(day: &mut Day<'_>, bench: &Device) -> Result<bool, Failure> {
    let todo = [TicketStatus::Received, TicketStatus::Diagnosing, TicketStatus::InRepair, TicketStatus::Qc];
    if day.chance.u32(0..4) == 0 {
        return note(day, bench, NoteKind::Internal);
    }
    let board = bench.board(&todo)?;
    let Some(ticket) = day.chance.choice(&board) else { return Ok(false) };
    if ticket.status == TicketStatus::InRepair
        && let Some(item) = day.chance.choice(&day.stock.items)
    {
        bench.shop.use_part(&ticket.id, item, 1)?;
    }
    if let Some(reached) = bench.move_on(ticket)? {
        day.says(bench, &format!("ticket {} is {}", bench.label(&ticket.id)?, words(&reached)));
    }
    Ok(true)
}

fn note(day: &mut Day<'_>, device: &Device, kind: NoteKind) -> Result<bool, Failure> {
    let board = device.board(&[])?;
    let Some(ticket) = day.chance.choice(&board) else { return Ok(false) };
    let body = day.chance.choice(NOTES).copied().unwrap_or_default();
    device.note(&ticket.id, kind, body)?;
    Ok(true)
}
