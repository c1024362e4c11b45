//! The retry rules, pure: a state and an event give a state and effects. Nothing here reads a clock or a database.

use super::state::{Answer, Effect, Event, Link, Phase, RetryPolicy, Session, Wait};

/// What follows from an event at a moment of the clock that counts sleep.
pub fn transition(policy: &RetryPolicy, link: Link, event: Event, now: i64) -> (Link, Vec<Effect>) {
    let mut link = link;
    match event {
        Event::Network { up } => {
            let changed = link.online != up;
            link.online = up;
            if !up {
                // Being offline costs no retry, and what was on its way is answered or not: it is frozen.
                link.phase = Phase::Idle;
                link.failures = 0;
                return (link, Vec::new());
            }
            if changed { again(policy, link) } else { (link, Vec::new()) }
        }
        Event::Suspended => {
            link.awake = false;
            link.phase = Phase::Idle;
            (link, Vec::new())
        }
        Event::Resumed => {
            link.awake = true;
            // A refresh that was on its way may be lost; one too many is told apart by its refusal.
            link.session = Session::Good;
            again(policy, link)
        }
        Event::Asked => again(policy, link),
        Event::TokenRefreshed => {
            link.session = Session::Renewed;
            go(policy, link)
        }
        Event::SignedIn => {
            link.session = Session::Good;
            go(policy, link)
        }
        Event::Wrote => {
            link.work = true;
            go(policy, link)
        }
        Event::Tick => match link.phase {
            Phase::Waiting { until, .. } if until <= now => {
                link.phase = Phase::Idle;
                go(policy, link)
            }
            Phase::Waiting { until, .. } => (link, vec![Effect::WakeAt { at: until }]),
            Phase::Idle | Phase::Sending { .. } => (link, Vec::new()),
        },
        Event::NothingToSend => {
            link.work = false;
            (link, Vec::new())
        }
        Event::Sent { operations, alone } => {
            link.phase = Phase::Sending { operations, alone };
            (link, Vec::new())
        }
        Event::Answered(answer) => answered(policy, link, answer, now),
    }
}

/// At once, whatever was being waited for: a person asks, the network changed, the app is in front again.
fn again(policy: &RetryPolicy, mut link: Link) -> (Link, Vec<Effect>) {
    link.work = true;
    if let Phase::Waiting { wait: Wait::Retry | Wait::Probe, .. } = link.phase {
        link.phase = Phase::Idle;
    }
    if link.probe_ms.is_some() {
        link.probe_ms = Some(policy.probe_first_ms);
    }
    link.failures = 0;
    go(policy, link)
}

/// Sends, if anything may be sent now.
fn go(policy: &RetryPolicy, link: Link) -> (Link, Vec<Effect>) {
    let free = link.phase == Phase::Idle && matches!(link.session, Session::Good | Session::Renewed);
    if !(free && link.online && link.awake && link.work) {
        return (link, Vec::new());
    }
    // A server that could not be reached is asked with its oldest operation; the rest follow its success.
    let operations = if link.probe_ms.is_some() { 1 } else { link.batch.clamp(1, policy.batch) };
    (link, vec![Effect::Send { operations }])
}

fn answered(policy: &RetryPolicy, mut link: Link, answer: Answer, now: i64) -> (Link, Vec<Effect>) {
    let Phase::Sending { operations, alone } = link.phase else {
        // The answer to a push that is not waited for any more: offline, suspended, or already answered.
        return (link, Vec::new());
    };
    link.phase = Phase::Idle;
    if answer != Answer::NoAnswer {
        link.failures = 0;
        link.probe_ms = None;
        if answer != Answer::Unauthorised {
            link.session = Session::Good;
        }
    }
    match answer {
        Answer::Receipts => {
            link.alone = 0;
            link.batch = link.batch.saturating_mul(2).min(policy.batch);
            go(policy, link)
        }
        Answer::Busy { wait_ms } | Answer::Limited { wait_ms } => wait(link, Wait::Told, now, wait_ms),
        Answer::TooLong => {
            link.batch = halved(operations);
            wait(link, Wait::Told, now, policy.delay_ms)
        }
        Answer::Unauthorised if link.session == Session::Good => {
            link.session = Session::Refreshing;
            (link, vec![Effect::RefreshToken])
        }
        Answer::Unauthorised => {
            link.session = Session::Refused;
            (link, Vec::new())
        }
        Answer::NotTaken if !alone => {
            link.batch = halved(operations);
            link.alone = 0;
            go(policy, link)
        }
        Answer::NotTaken if link.alone < policy.retries => {
            link.alone += 1;
            wait(link, Wait::Retry, now, policy.delay_ms)
        }
        Answer::NotTaken => {
            link.alone = 0;
            link.batch = policy.batch;
            let (link, mut effects) = go(policy, link);
            effects.insert(0, Effect::ParkAlone);
            (link, effects)
        }
        Answer::NoAnswer => no_answer(policy, link, now),
    }
}

/// The connection's own retries, then probes that come ever more seldom.
fn no_answer(policy: &RetryPolicy, mut link: Link, now: i64) -> (Link, Vec<Effect>) {
    link.failures += 1;
    match link.probe_ms {
        None if link.failures <= policy.retries => wait(link, Wait::Retry, now, policy.delay_ms),
        None => {
            link.probe_ms = Some(policy.probe_first_ms);
            wait(link, Wait::Probe, now, policy.probe_first_ms)
        }
        Some(last) => {
            let next = last.saturating_mul(2).min(policy.probe_longest_ms);
            link.probe_ms = Some(next);
            wait(link, Wait::Probe, now, next)
        }
    }
}

fn wait(mut link: Link, wait: Wait, now: i64, ms: i64) -> (Link, Vec<Effect>) {
    let until = now.saturating_add(ms.max(0));
    link.phase = Phase::Waiting { until, wait };
    (link, vec![Effect::WakeAt { at: until }])
}

fn halved(operations: usize) -> usize {
    (operations / 2).max(1)
}
