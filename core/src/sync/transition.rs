//! The rules of sync, pure: a state and an event give a state and effects. Nothing here reads a clock or a database.

use super::state::{Answer, Effect, Event, Link, Live, Phase, RetryPolicy, Session, Wait};

/// How long to wait before joining a lost channel again, in milliseconds, by how often it was lost in a row.
const REJOIN_MS: [i64; 5] = [500, 1_000, 2_000, 5_000, 10_000];

/// What follows from an event at a moment of the clock that counts sleep.
pub fn transition(policy: &RetryPolicy, link: Link, event: Event, now: i64) -> (Link, Vec<Effect>) {
    let (was, ticked) = (link.next_wake(), event == Event::Tick);
    let (mut link, mut effects) = decide(policy, link, event, now);
    keep_live(&mut link, &mut effects, now);
    if let Some(at) = link.next_wake().filter(|at| ticked || Some(*at) != was) {
        effects.push(Effect::WakeAt { at: at.max(now) });
    }
    (link, effects)
}

fn decide(policy: &RetryPolicy, mut link: Link, event: Event, now: i64) -> (Link, Vec<Effect>) {
    match event {
        Event::Network { up } => {
            let changed = link.online != up;
            link.online = up;
            if !up {
                // Being offline costs no retry, and what was on its way is answered or not: it is frozen.
                link.failures = 0;
                return (cut(link), Vec::new());
            }
            if changed { again(policy, link) } else { (link, Vec::new()) }
        }
        Event::Suspended => {
            link.awake = false;
            (cut(link), Vec::new())
        }
        Event::Resumed => {
            link.awake = true;
            // A refresh that was on its way may be lost; one too many is told apart by its refusal.
            link.session = Session::Good;
            // What was on its way before is given up, also where nobody said that the app had been away.
            again(policy, cut(link))
        }
        Event::Asked => {
            if link.session == Session::Outside {
                link.session = Session::Good;
            }
            again(policy, link)
        }
        Event::TokenRefreshed => {
            link.session = Session::Renewed;
            go(policy, refreshed(link))
        }
        Event::TokenRefused => {
            link.session = Session::Refused;
            (refreshed(link), Vec::new())
        }
        Event::Renamed => go(policy, link),
        Event::SignedIn => {
            link.session = Session::Good;
            go(policy, link)
        }
        Event::Wrote => {
            link.work = true;
            go(policy, link)
        }
        Event::RangeWanted { filling } => {
            link.ranges = true;
            link.filling = filling;
            go(policy, link)
        }
        Event::Poked => {
            link.stale = true;
            go(policy, link)
        }
        Event::Joined => {
            // Whatever was said before the channel stood was not heard.
            link.live = Live::Joined;
            link.stale = true;
            go(policy, link)
        }
        Event::Left => {
            let losses = match link.live {
                Live::Joining { losses } => losses.saturating_add(1),
                Live::Joined => 0,
                Live::Off | Live::Waiting { .. } => return (link, Vec::new()),
            };
            let at = usize::try_from(losses).unwrap_or(usize::MAX).min(REJOIN_MS.len() - 1);
            let until = now.saturating_add(REJOIN_MS.get(at).copied().unwrap_or_default());
            link.live = Live::Waiting { until, losses };
            (link, Vec::new())
        }
        Event::Tick => tick(policy, link, now),
        Event::NothingToSend => {
            link.work = false;
            link.phase = Phase::Idle;
            go(policy, link)
        }
        Event::Sent { operations, alone } => {
            link.phase = Phase::Sending { operations, alone };
            (link, Vec::new())
        }
        Event::Answered(answer) => answered(policy, link, answer, now),
    }
}

/// Nothing goes on without a network or in the background.
fn cut(mut link: Link) -> Link {
    link.phase = Phase::Idle;
    link
}

/// The token's refresh has ended.
fn refreshed(mut link: Link) -> Link {
    if link.phase == Phase::Refreshing {
        link.phase = Phase::Idle;
    }
    link
}

fn tick(policy: &RetryPolicy, mut link: Link, now: i64) -> (Link, Vec<Effect>) {
    if link.poll_at.is_some_and(|at| at <= now) {
        link.poll_at = None;
        link.stale = true;
    }
    if matches!(link.phase, Phase::Waiting { until, .. } if until <= now) {
        link.phase = Phase::Idle;
    }
    go(policy, link)
}

/// At once, whatever was being waited for: a person asks, the network changed, the app is in front again.
fn again(policy: &RetryPolicy, mut link: Link) -> (Link, Vec<Effect>) {
    link.work = true;
    link.stale = true;
    if let Phase::Waiting { wait: Wait::Retry | Wait::Probe, .. } = link.phase {
        link.phase = Phase::Idle;
    }
    if let Live::Waiting { .. } = link.live {
        link.live = Live::Off;
    }
    if link.probe_ms.is_some() {
        link.probe_ms = Some(policy.probe_first_ms);
    }
    link.failures = 0;
    go(policy, link)
}

/// Asks for the next thing, if anything may be asked now.
fn go(policy: &RetryPolicy, mut link: Link) -> (Link, Vec<Effect>) {
    let refused = matches!(link.session, Session::Refused | Session::Outside);
    if refused || !(link.phase == Phase::Idle && link.online && link.awake) {
        return (link, Vec::new());
    }
    let effect = if link.session == Session::Refreshing {
        link.phase = Phase::Refreshing;
        Effect::RefreshToken
    } else if !link.opened {
        link.phase = Phase::Opening;
        Effect::Open
    } else if link.ranges && link.filling {
        link.phase = Phase::Ranging;
        Effect::FetchRange
    } else if link.work && !(link.pushed && link.stale && !link.ranges) {
        // A server that could not be reached is asked with its oldest operation; the rest follow its success.
        let operations = if link.probe_ms.is_some() { 1 } else { link.batch.clamp(1, policy.batch) };
        link.pushed = true;
        return (link, vec![Effect::Send { operations }]);
    } else if link.ranges {
        link.phase = Phase::Ranging;
        Effect::FetchRange
    } else if link.stale {
        link.phase = Phase::Pulling;
        link.stale = false;
        link.pushed = false;
        Effect::Pull
    } else {
        return (link, Vec::new());
    };
    (link, vec![effect])
}

fn answered(policy: &RetryPolicy, mut link: Link, answer: Answer, now: i64) -> (Link, Vec<Effect>) {
    if !link.is_asking() {
        // The answer to what is not waited for any more: offline, suspended, or already answered.
        return (link, Vec::new());
    }
    let phase = std::mem::replace(&mut link.phase, Phase::Idle);
    if phase == Phase::Pulling && !matches!(answer, Answer::Page { .. } | Answer::Reset) {
        link.stale = true;
    }
    if answer != Answer::NoAnswer {
        link.failures = 0;
        link.probe_ms = None;
        if answer != Answer::Unauthorised {
            link.session = Session::Good;
        }
    }
    match answer {
        Answer::Opened => {
            link.opened = true;
            link.renamed = false;
            link.stale = true;
            go(policy, link)
        }
        Answer::Receipts => {
            link.alone = 0;
            link.batch = link.batch.saturating_mul(2).min(policy.batch);
            // What it did is fetched like anybody's: the effects leave when the cursor covers them.
            link.stale = true;
            go(policy, link)
        }
        Answer::Page { more } => page(policy, link, &phase, more, now),
        Answer::Reset => {
            link.ranges = true;
            link.filling = false;
            link.stale = true;
            go(policy, link)
        }
        Answer::Busy { wait_ms } | Answer::Limited { wait_ms } => {
            (wait(link, Wait::Told, now, wait_ms), Vec::new())
        }
        Answer::TooLong => {
            if let Phase::Sending { operations, .. } = phase {
                link.batch = halved(operations);
            }
            (wait(link, Wait::Told, now, policy.delay_ms), Vec::new())
        }
        Answer::Unauthorised if link.session == Session::Good => {
            link.session = Session::Refreshing;
            go(policy, link)
        }
        Answer::Unauthorised => {
            link.session = Session::Refused;
            (link, Vec::new())
        }
        Answer::NoShop => {
            link.session = Session::Outside;
            link.opened = false;
            (link, vec![Effect::LeaveShop])
        }
        Answer::NoSession if phase == Phase::Opening && !link.renamed => {
            link.renamed = true;
            (link, vec![Effect::NewIdentity])
        }
        Answer::NoSession | Answer::OtherEpoch if phase != Phase::Opening => {
            link.opened = false;
            go(policy, link)
        }
        Answer::NotTaken => not_taken(policy, link, &phase, now),
        Answer::NoSession | Answer::OtherEpoch | Answer::NoAnswer => {
            (no_answer(policy, link, now), Vec::new())
        }
    }
}

fn page(policy: &RetryPolicy, mut link: Link, phase: &Phase, more: bool, now: i64) -> (Link, Vec<Effect>) {
    if *phase == Phase::Ranging {
        link.ranges = more;
        // It is shown by the pull that covers it.
        link.stale |= !more;
        link.filling &= more;
    } else {
        link.stale |= more;
        let poll = if link.live == Live::Joined { policy.poll_ms } else { policy.poll_alone_ms };
        link.poll_at = poll.map(|ms| now.saturating_add(ms));
    }
    go(policy, link)
}

/// The server cannot take it. A batch is halved until the culprit stands alone; that one is tried as often as the
/// connection would be, and then waits for a person.
fn not_taken(policy: &RetryPolicy, mut link: Link, phase: &Phase, now: i64) -> (Link, Vec<Effect>) {
    let Phase::Sending { operations, alone } = *phase else {
        return (no_answer(policy, link, now), Vec::new());
    };
    if !alone {
        link.batch = halved(operations);
        link.alone = 0;
        return resend(policy, link);
    }
    if link.alone < policy.retries {
        link.alone += 1;
        return (wait(link, Wait::Retry, now, policy.delay_ms), Vec::new());
    }
    link.alone = 0;
    link.batch = policy.batch;
    let (link, mut effects) = resend(policy, link);
    effects.insert(0, Effect::ParkAlone);
    (link, effects)
}

/// Goes on sending: what could not be taken gives no pull its turn.
fn resend(policy: &RetryPolicy, mut link: Link) -> (Link, Vec<Effect>) {
    link.pushed = false;
    go(policy, link)
}

/// The connection's own retries, then probes that come ever more seldom.
fn no_answer(policy: &RetryPolicy, mut link: Link, now: i64) -> Link {
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

fn wait(mut link: Link, wait: Wait, now: i64, ms: i64) -> Link {
    // What was tried goes first when the wait is over.
    link.pushed = false;
    link.phase = Phase::Waiting { until: now.saturating_add(ms.max(0)), wait };
    link
}

fn halved(operations: usize) -> usize {
    (operations / 2).max(1)
}

/// The channel is wanted whenever a device in the foreground has a network and a session.
fn keep_live(link: &mut Link, effects: &mut Vec<Effect>, now: i64) {
    let accepted = matches!(link.session, Session::Good | Session::Renewed);
    let wanted = accepted && link.online && link.awake && link.opened && link.realtime;
    match link.live {
        Live::Joining { .. } | Live::Joined if !wanted => {
            link.live = Live::Off;
            effects.push(Effect::Leave);
        }
        Live::Waiting { .. } if !wanted => link.live = Live::Off,
        Live::Off if wanted => {
            link.live = Live::Joining { losses: 0 };
            effects.push(Effect::Join);
        }
        Live::Waiting { until, losses } if until <= now => {
            link.live = Live::Joining { losses };
            effects.push(Effect::Join);
        }
        Live::Off | Live::Joining { .. } | Live::Joined | Live::Waiting { .. } => {}
    }
}
