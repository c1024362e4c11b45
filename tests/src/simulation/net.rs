//! The network between devices and the server: what is asked may be lost, answered twice, cut off, or answered too
//! late, when nobody waits for it any more.

use super::backend::{Backend, SHOP, told};
use super::checks::broken;
use super::people::PIN;
use super::sabotage::Sabotage;
use crate::dice::Dice;
use crate::snapshots::Parcel;
use counterpart_core::sync::wire::{GrantRequest, OpenAnswer, PullAnswer, PushAnswer, RangeAnswer};
use counterpart_core::sync::{Answer, Call, Event};
use counterpart_hub::ledger::Member;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a device hears.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    Open(Result<OpenAnswer, Answer>),
    Push(Result<PushAnswer, Answer>),
    Pull(Result<PullAnswer, Answer>),
    Range(Result<RangeAnswer, Answer>),
    Snapshot(Result<Box<Parcel>, Answer>),
    Event(Event),
}

/// Who asks: an account, on a device.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) account: String,
    pub(super) at: usize,
    pub(super) shop: &'static str,
}

/// A network that can be bad.
pub(super) struct Net {
    pub(super) backend: Backend,
    dice: Arc<Dice>,
    bad: bool,
    sabotage: Option<Sabotage>,
    // Pushes that were answered or given up long ago, and may arrive once more.
    late_pushes: Vec<(Caller, String)>,
    // Answers that were given up or heard long ago, and may arrive once more.
    late_answers: Vec<(usize, Reply)>,
    expired: BTreeSet<String>,
    // Where each conflict was resolved last.
    resolved: BTreeMap<String, usize>,
    // What was ever said about pushes, for bugs that say it again.
    told: Vec<PushAnswer>,
    /// What a planted bug says besides.
    pub(super) more: Option<Reply>,
    pub(super) faults: BTreeMap<&'static str, u64>,
}

impl Net {
    pub(super) fn new(backend: Backend, dice: Arc<Dice>, sabotage: Option<Sabotage>) -> Net {
        Net {
            backend,
            dice,
            bad: true,
            sabotage,
            late_pushes: Vec::new(),
            late_answers: Vec::new(),
            expired: BTreeSet::new(),
            resolved: BTreeMap::new(),
            told: Vec::new(),
            more: None,
            faults: BTreeMap::new(),
        }
    }

    /// From now on nothing goes wrong.
    pub(super) fn heal(&mut self) {
        self.bad = false;
        self.expired.clear();
        self.late_answers.clear();
    }

    /// From now on things go wrong.
    pub(super) fn turn_bad(&mut self) {
        self.bad = true;
    }

    /// Whether things still go wrong.
    pub(super) fn is_bad(&self) -> bool {
        self.bad
    }

    /// Notes a fault.
    pub(super) fn count(&mut self, name: &'static str) {
        *self.faults.entry(name).or_default() += 1;
    }

    fn fault(&mut self, name: &'static str, percent: usize) -> bool {
        let happens = self.bad && self.dice.percent(percent);
        if happens {
            self.count(name);
        }
        happens
    }

    /// Makes a call. Nothing comes of what needs no answer.
    pub(super) fn ask(&mut self, caller: &Caller, call: &Call) -> Result<Option<Reply>, String> {
        match call {
            Call::RefreshToken => return Ok(Some(Reply::Event(self.refresh(caller)))),
            Call::TakeNewIdentity | Call::LeaveShop | Call::Join | Call::Leave | Call::WakeAt(_) => {
                return Ok(None);
            }
            Call::Open(_) | Call::Push(_) | Call::Pull(_) | Call::Range(_) | Call::Snapshot(_) => {}
        }
        if let Some(answer) = self.on_the_way(caller, call)? {
            return Ok(Some(failed(call, answer)));
        }
        let Some(member) = self.backend.member(&caller.account).cloned() else {
            return Ok(Some(failed(call, Answer::NoShop)));
        };
        let instead = |sabotage: Sabotage| sabotage.instead(call, &mut self.told, &self.backend);
        if let Some(reply) = self.sabotage.and_then(instead) {
            return Ok(Some(reply));
        }
        let mut reply = self.serve(caller, &member, call)?;
        if let Some(sabotage) = self.sabotage {
            if let Reply::Push(Ok(answer)) = &reply {
                self.told.push(answer.clone());
            }
            self.more = sabotage.on_answer(&mut reply, call, &self.backend);
        }
        Ok(Some(self.on_the_way_back(caller, call, reply)?))
    }

    /// What may happen to a request before anybody reads it.
    fn on_the_way(&mut self, caller: &Caller, call: &Call) -> Result<Option<Answer>, String> {
        if self.fault("request_lost", 8) {
            if let Call::Push(request) = call
                && self.fault("push_late", 50)
            {
                let body = serde_json::to_string(request).map_err(super::backend::text)?;
                self.late_pushes.push((caller.clone(), body));
            }
            return Ok(Some(Answer::NoAnswer));
        }
        if self.fault("session_expired", 2) {
            self.expired.insert(caller.account.clone());
        }
        if self.expired.contains(&caller.account) {
            return Ok(Some(Answer::Unauthorised));
        }
        let wait_ms = i64::try_from(self.dice.below(3_000)).unwrap_or(0);
        Ok(if self.fault("busy", 3) {
            Some(Answer::Busy { wait_ms })
        } else if self.fault("too_long", 2) {
            Some(Answer::TooLong)
        } else if self.fault("limited", 2) {
            Some(Answer::Limited { wait_ms })
        } else {
            self.poisoned(call).then_some(Answer::NotTaken)
        })
    }

    /// Some operations no server can take, whatever they come with.
    fn poisoned(&mut self, call: &Call) -> bool {
        let Call::Push(request) = call else { return false };
        let poison = |raw: &str| raw.bytes().map(usize::from).sum::<usize>() % 31 == 0;
        let found = self.bad && request.ops.iter().any(|raw| poison(raw.get()));
        if found {
            self.count("poison");
        }
        found
    }

    fn refresh(&mut self, caller: &Caller) -> Event {
        if self.fault("refresh_lost", 20) {
            Event::Answered(Answer::NoAnswer)
        } else if self.fault("refresh_refused", 20) {
            Event::TokenRefused
        } else {
            self.expired.remove(&caller.account);
            Event::TokenRefreshed
        }
    }

    /// Somebody shows their PIN at a shared tablet. Gives back whether the tablet hears that they may work there.
    pub(super) fn grant(&mut self, caller: &Caller, device: String, employee: &str) -> Result<bool, String> {
        let Some(member) = self.backend.member(&caller.account).cloned() else { return Ok(false) };
        let (shop, employee, pin) = (caller.shop.to_owned(), employee.to_owned(), PIN.to_owned());
        if self.fault("grant_lost", 10) {
            return Ok(false);
        }
        let granted = self.backend.grant(&member, &GrantRequest { shop, device, employee, pin })?;
        if granted {
            self.count("granted");
        }
        Ok(granted && !self.fault("grant_answer_lost", 10))
    }

    /// Somebody resolved a conflict on a device.
    pub(super) fn note_resolved(&mut self, at: usize, conflict: &str) {
        self.count("conflict_resolved");
        if self.resolved.insert(conflict.to_owned(), at).is_some_and(|other| other != at) {
            self.count("conflict_resolved_elsewhere_too");
        }
    }

    /// Somebody typed their password.
    pub(super) fn sign_in(&mut self, account: &str) {
        self.expired.remove(account);
    }

    fn serve(&mut self, caller: &Caller, member: &Member, call: &Call) -> Result<Reply, String> {
        Ok(match call {
            Call::Open(request) => Reply::Open(told(self.backend.ledger()?.open_device(member, request))?),
            Call::Pull(request) => Reply::Pull(told(self.backend.ledger()?.pull(member, request))?),
            Call::Range(request) => Reply::Range(told(self.backend.ledger()?.range(member, request))?),
            Call::Snapshot(request) => {
                if self.fault("snapshot_built_anew", 60) {
                    self.backend.begin()?;
                }
                let parcel = Parcel::of(self.backend.ledger()?, member, request).map(Box::new);
                Reply::Snapshot(told(parcel)?)
            }
            Call::Push(request) => {
                let body = serde_json::to_string(request).map_err(super::backend::text)?;
                if caller.shop == SHOP && self.fault("hub_restarted", 1) {
                    self.backend.begin()?;
                }
                if caller.shop == SHOP && self.fault("hub_died_in_push", 6) {
                    let writes = self.dice.below(14);
                    if self.backend.die_in_push(member, &body, writes)? {
                        self.count("hub_died_before_it_answered");
                    }
                    return Ok(Reply::Push(Err(Answer::NoAnswer)));
                }
                let answer = self.backend.push(member, &body)?;
                if self.fault("push_doubled", 10) && self.backend.push(member, &body)? != answer {
                    return Err(broken("at most once", "the same push got another answer".into()));
                }
                if self.fault("push_repeated_later", 10) {
                    self.late_pushes.push((caller.clone(), body));
                }
                Reply::Push(answer)
            }
            Call::TakeNewIdentity
            | Call::LeaveShop
            | Call::RefreshToken
            | Call::Join
            | Call::Leave
            | Call::WakeAt(_) => {
                return Err("nobody is asked for this".into());
            }
        })
    }

    /// What may happen to an answer.
    fn on_the_way_back(&mut self, caller: &Caller, call: &Call, reply: Reply) -> Result<Reply, String> {
        if self.fault("answer_lost", 8) {
            return Ok(failed(call, Answer::NoAnswer));
        }
        if self.fault("answer_truncated", 3) {
            self.truncated(&reply)?;
            return Ok(failed(call, Answer::NoAnswer));
        }
        let reply = self.damaged(reply);
        if self.fault("answer_late", 8) {
            self.late_answers.push((caller.at, reply));
            return Ok(failed(call, Answer::NoAnswer));
        }
        if self.fault("answer_doubled", 8) {
            self.late_answers.push((caller.at, reply.clone()));
        }
        Ok(reply)
    }

    /// A file may come in pieces, and not all of them.
    fn damaged(&mut self, mut reply: Reply) -> Reply {
        if let Reply::Snapshot(Ok(parcel)) = &mut reply {
            if self.fault("snapshot_cut_off", 10) {
                parcel.file.truncate(self.dice.below(parcel.file.len()));
            } else if self.fault("snapshot_damaged", 10) {
                let at = self.dice.below(parcel.file.len());
                parcel.file.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1);
            }
        }
        reply
    }

    /// What is cut off anywhere must not read as an answer.
    fn truncated(&self, reply: &Reply) -> Result<(), String> {
        let cut = |text: String| {
            let mut end = self.dice.below(text.len().max(1));
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text[..end].to_owned()
        };
        let read = match reply {
            Reply::Open(Ok(answer)) => reads(answer, cut),
            Reply::Push(Ok(answer)) => reads(answer, cut),
            Reply::Pull(Ok(answer)) => reads(answer, cut),
            Reply::Range(Ok(answer)) => reads(answer, cut),
            Reply::Snapshot(Ok(parcel)) => reads(&parcel.answer, cut),
            Reply::Open(Err(_))
            | Reply::Push(Err(_))
            | Reply::Pull(Err(_))
            | Reply::Range(Err(_))
            | Reply::Snapshot(Err(_))
            | Reply::Event(_) => false,
        };
        if read { Err(broken("the wire", "a part of an answer reads as an answer".into())) } else { Ok(()) }
    }

    /// What a device was about to hear when its network went: it may come yet.
    pub(super) fn came_too_late(&mut self, at: usize, reply: Reply) {
        if self.bad && !matches!(reply, Reply::Event(_)) {
            self.late_answers.push((at, reply));
        }
    }

    /// An old push comes out of nowhere. Nobody hears the answer.
    pub(super) fn deliver_late_push(&mut self) -> Result<(), String> {
        if !self.late_pushes.is_empty() && self.dice.percent(20) {
            let (caller, body) = self.late_pushes.swap_remove(self.dice.below(self.late_pushes.len()));
            if let Some(member) = self.backend.member(&caller.account).cloned() {
                // What is wrong about the answer is an error of the run.
                drop(self.backend.push(&member, &body)?);
            }
        }
        Ok(())
    }

    /// An old answer comes out of nowhere, for a device.
    pub(super) fn late_answer(&mut self) -> Option<(usize, Reply)> {
        if self.late_answers.is_empty() || !self.dice.percent(25) {
            return None;
        }
        self.count("late_answer_delivered");
        Some(self.late_answers.swap_remove(self.dice.below(self.late_answers.len())))
    }
}

fn reads<T: Serialize + DeserializeOwned>(answer: &T, cut: impl Fn(String) -> String) -> bool {
    serde_json::to_string(answer).is_ok_and(|text| serde_json::from_str::<T>(&cut(text)).is_ok())
}

/// A call that ended in no answer of its own.
fn failed(call: &Call, answer: Answer) -> Reply {
    match call {
        Call::Open(_) => Reply::Open(Err(answer)),
        Call::Push(_) => Reply::Push(Err(answer)),
        Call::Pull(_) => Reply::Pull(Err(answer)),
        Call::Range(_) => Reply::Range(Err(answer)),
        Call::Snapshot(_) => Reply::Snapshot(Err(answer)),
        Call::TakeNewIdentity
        | Call::LeaveShop
        | Call::RefreshToken
        | Call::Join
        | Call::Leave
        | Call::WakeAt(_) => Reply::Event(Event::Answered(answer)),
    }
}
