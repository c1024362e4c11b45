//! What every operation of a push has in common, and what they all ask of the books, asked once.

use super::access::Member;
use super::books::Books;
use super::{Result, grants};
use counterpart_core::schema::Who;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// The commit that a push would become.
pub(super) struct Commit<'a> {
    pub(super) shop: &'a str,
    pub(super) device: &'a str,
    pub(super) member: &'a Member,
    pub(super) n: i64,
    pub(super) now: i64,
    people: RefCell<HashMap<Option<String>, Rc<Who>>>,
    grants: RefCell<HashMap<String, bool>>,
    times: RefCell<HashMap<i64, i64>>,
    known: RefCell<HashMap<i64, bool>>,
    parts: Cell<i64>,
}

impl<'a> Commit<'a> {
    pub(super) fn new(
        (shop, device): (&'a str, &'a str),
        member: &'a Member,
        (n, now): (i64, i64),
    ) -> Commit<'a> {
        Commit {
            shop,
            device,
            member,
            n,
            now,
            people: RefCell::default(),
            grants: RefCell::default(),
            times: RefCell::default(),
            known: RefCell::default(),
            parts: Cell::default(),
        }
    }

    /// The number of one more entry in this commit's part of the audit trail.
    pub(super) fn next_part(&self) -> i64 {
        let next = self.parts.get();
        self.parts.set(next + 1);
        next
    }

    /// Who is at work, for the person that an operation names.
    pub(super) fn who(&self, books: &Books<'_>, actor: Option<&str>) -> Result<Rc<Who>> {
        let actor = actor.map(str::to_owned);
        if let Some(known) = self.people.borrow().get(&actor) {
            return Ok(known.clone());
        }
        let who = Rc::new(self.member.at_work(books, self.shop, actor.as_deref())?);
        self.people.borrow_mut().insert(actor, who.clone());
        Ok(who)
    }

    /// What people are may have changed.
    pub(super) fn ask_again_who(&self) {
        self.people.borrow_mut().clear();
    }

    /// Whether the device may name a person.
    pub(super) fn granted(&self, books: &Books<'_>, actor: &str) -> Result<bool> {
        if let Some(known) = self.grants.borrow().get(actor) {
            return Ok(*known);
        }
        let granted = grants::granted(books, self.shop, self.device, actor)?;
        self.grants.borrow_mut().insert(actor.to_owned(), granted);
        Ok(granted)
    }

    /// The version that somebody began on, as far as these books know it. One of a commit that is not in them, of a
    /// history that was lost or made up, says nothing of what the person saw: everything is concurrent.
    pub(super) fn base(&self, books: &Books<'_>, on: i64) -> Result<i64> {
        let known = self.known.borrow().get(&on).copied();
        let known = match known {
            Some(known) => known,
            None => books.has_commit(self.shop, on)?,
        };
        self.known.borrow_mut().insert(on, known);
        Ok(if known { on } else { 0 })
    }

    /// When a commit arrived; the beginning of time for none.
    pub(super) fn time_of(&self, books: &Books<'_>, n: i64) -> Result<i64> {
        if let Some(known) = self.times.borrow().get(&n) {
            return Ok(*known);
        }
        let at = books.commit_time(self.shop, n)?;
        self.times.borrow_mut().insert(n, at);
        Ok(at)
    }
}
