//! What the person at the device does: makes, edits, deletes, groups, and now and then types nonsense.

use super::*;

impl Life {
    /// Does a person's write, on its own or in a group. Gives back whether the engine took it.
    pub(super) fn write(
        &mut self,
        group: Option<usize>,
        edits: Option<&counterpart_core::shop::Edits<'_>>,
        work: impl FnOnce(&counterpart_core::shop::Edits<'_>) -> counterpart_core::Result<()>,
    ) -> bool {
        let done = match (group, edits) {
            (Some(_), Some(edits)) => work(edits),
            _ => self.shop().alone(work),
        };
        match done.map_err(Error::into_fault) {
            Ok(()) => true,
            Err(Fault::Denied { .. } | Fault::Invalid(_)) => false,
            Err(error) => panic!("a write failed: {error}"),
        }
    }

    pub(super) fn create(
        &mut self,
        dice: &mut Dice,
        group: Option<(usize, &counterpart_core::shop::Edits<'_>)>,
        append: bool,
    ) -> bool {
        let plays: Vec<_> = self.world.plays.iter().filter(|play| play.append == append).collect();
        let Some(play) = dice.pick(&plays).copied() else { return false };
        let needs_row = |cell: &&crate::world::Cell| cell.refers.is_some() && !cell.optional;
        if play.cells.iter().filter(needs_row).any(|cell| self.ids(cell.refers.unwrap()).is_empty()) {
            return false;
        }
        self.serial += 1;
        let key: Key = (play.table, format!("row-{:04}", self.serial));
        let given = play.filled(dice, &|table| self.ids(table));
        self.insert(key, given, group)
    }

    pub(super) fn insert(
        &mut self,
        key: Key,
        given: Cells,
        group: Option<(usize, &counterpart_core::shop::Edits<'_>)>,
    ) -> bool {
        let table = self.world.schema.table(key.0).unwrap();
        let values: Vec<_> = given
            .iter()
            .map(|(name, json)| {
                let field = table.field(name).unwrap();
                (field, Value::from_json(field, json).unwrap())
            })
            .collect();
        let id = key.1.clone();
        let now = group.map_or_else(|| self.now(), |(_, edits)| edits.now());
        let took = self.write(group.map(|(group, _)| group), group.map(|(_, edits)| edits), move |edits| {
            edits.insert(table, Some(&id), &values).map(|_| ())
        });
        if took {
            self.oracle.insert(&key, &given, now, group.map(|(group, _)| group));
        }
        took
    }

    pub(super) fn create_again(&mut self, dice: &mut Dice) -> bool {
        let here = self.oracle.everything();
        let gone: Vec<Key> = here
            .into_iter()
            .filter(|(key, row)| row.deleted && !self.world.play(key.0).append)
            .map(|(key, _)| key)
            .collect();
        let Some(key) = dice.pick(&gone).cloned() else { return false };
        let given = self.world.play(key.0).filled(dice, &|table| self.ids(table));
        let empty =
            |cell: &crate::world::Cell| !cell.optional && given.get(cell.name).is_some_and(Json::is_null);
        if self.world.play(key.0).cells.iter().any(empty) {
            return false;
        }
        self.insert(key, given, None)
    }

    pub(super) fn wanted(&self, dice: &mut Dice, key: &Key) -> Cells {
        let play = self.world.play(key.0);
        let cells: Vec<_> =
            play.cells.iter().filter(|cell| !matches!(cell.form, Form::Kept | Form::Fixed)).collect();
        let mut wanted = Cells::new();
        for _ in 0..=dice.below(2) {
            let Some(cell) = dice.pick(&cells) else { continue };
            let named = cell.refers.map(|table| self.ids(table)).unwrap_or_default();
            let value = (cell.fill)(dice, &named);
            if value.is_null() && !cell.optional {
                continue;
            }
            wanted.insert(cell.name.into(), crate::world::spelled(cell.form, &value));
        }
        wanted
    }

    pub(super) fn edit_raw(
        &mut self,
        dice: &mut Dice,
        group: Option<(usize, &counterpart_core::shop::Edits<'_>)>,
    ) -> bool {
        let Some(key) = self.live(dice, true) else { return false };
        let wanted = self.wanted(dice, &key);
        let table = self.world.schema.table(key.0).unwrap();
        let changes = table.read(&wanted).unwrap();
        let id = key.1.clone();
        let now = group.map_or_else(|| self.now(), |(_, edits)| edits.now());
        let took = self.write(group.map(|(group, _)| group), group.map(|(_, edits)| edits), move |edits| {
            edits.change(table, &id, &changes)
        });
        took && {
            let seen = self.oracle.visible(&key).unwrap().cells;
            self.oracle.patch(&key, &seen, &wanted, now, group.map(|(group, _)| group))
        }
    }

    pub(super) fn look_at(&mut self, dice: &mut Dice) -> bool {
        let Some(key) = self.live(dice, true) else { return false };
        let table = self.world.schema.table(key.0).unwrap();
        self.seen.extend(self.shop().read(|reader| reader.row(table, &key.1)).unwrap());
        true
    }

    pub(super) fn edit_seen(&mut self, dice: &mut Dice) -> bool {
        if self.seen.is_empty() {
            return false;
        }
        let seen = self.seen.swap_remove(dice.below(self.seen.len()));
        let play = self.world.play(seen.table.name);
        let key: Key = (play.table, seen.id.clone());
        if self.oracle.visible(&key).is_none_or(|row| row.deleted) {
            return false;
        }
        let mut want = seen.clone();
        for (name, value) in self.wanted(dice, &key) {
            let field = seen.table.field(&name).unwrap();
            want.set(field.name, Value::from_json(field, &value).unwrap());
        }
        let now = self.now();
        let (old, new) = (Shown::of(&seen).cells, Shown::of(&want).cells);
        let took = self.write(None, None, |edits| (play.edit_seen)(edits, &seen, &want));
        took && self.oracle.patch(&key, &old, &new, now, None)
    }

    pub(super) fn delete(
        &mut self,
        dice: &mut Dice,
        group: Option<(usize, &counterpart_core::shop::Edits<'_>)>,
    ) -> bool {
        let Some(key) = self.live(dice, true) else { return false };
        let table = self.world.schema.table(key.0).unwrap();
        let id = key.1.clone();
        let now = group.map_or_else(|| self.now(), |(_, edits)| edits.now());
        let took = self.write(group.map(|(group, _)| group), group.map(|(_, edits)| edits), move |edits| {
            edits.delete(table, &id)
        });
        if took {
            self.oracle.delete(&key, now, group.map(|(group, _)| group));
        }
        took
    }

    pub(super) fn group(&mut self, dice: &mut Dice) -> bool {
        let shop = self.shop();
        let group = self.oracle.new_group();
        shop.together(|edits| {
            for _ in 0..2 + dice.below(3) {
                match dice.below(5) {
                    0 => self.create(dice, Some((group, edits)), false),
                    1 | 2 => self.create(dice, Some((group, edits)), true),
                    3 => self.delete(dice, Some((group, edits))),
                    _ => self.edit_raw(dice, Some((group, edits))),
                };
            }
            Ok(())
        })
        .unwrap();
        true
    }

    /// Bad input gets a typed error and changes nothing, whatever stood beside it in the transaction.
    pub(super) fn refused_input(&mut self, dice: &mut Dice) -> bool {
        let Some(key) = self.live(dice, true) else { return false };
        let table = self.world.schema.table(key.0).unwrap();
        let wanted = table.read(&self.wanted(dice, &key)).unwrap();
        let refused = self.shop().together(|edits| {
            // What went before it in the transaction has to go as well.
            match edits.change(table, &key.1, &wanted).map_err(Error::into_fault) {
                Ok(()) | Err(Fault::Denied { .. } | Fault::Invalid(_)) => {}
                Err(fault) => return Err(fault.into()),
            }
            edits.delete(table, "nobody")
        });
        assert!(matches!(refused.as_ref().map_err(Error::fault), Err(Fault::Missing { .. })), "{refused:?}");
        true
    }
}
