//! Rows of any table, by its name.

use crate::device_line::argument::Limit;
use crate::device_line::call::{calls, done};
use crate::device_line::show;
use serde_json::{Map, Value as Json, json};

calls! {
    /// Saves a row: without `id` a new one, with `id` only the fields named change.
    save(device, table: String, row: Map<String, Json>) {
        Ok(json!({ "id": device.shop()?.save(&table, &row)? }))
    }

    /// A row with its `status` and whether it is `unread`, or null.
    get(device, table: String, id: String) {
        Ok(show::one(device.shop()?.record(&table, &id)?, show::record))
    }

    /// Rows by id, after an id, each as `get` gives it.
    list(device, table: String, limit: Limit, after: Option<String>) {
        let rows = device.shop()?.records(&table, &after.unwrap_or_default(), limit.0)?;
        Ok(show::list(&rows, show::record))
    }

    /// Deletes a row.
    delete(device, table: String, id: String) {
        device.shop()?.delete(&table, &id)?;
        done()
    }

    /// Who changed which field of a row from what to what, as far as this device knows.
    history(device, table: String, id: String) {
        Ok(show::list(&device.shop()?.history(&table, &id)?, show::trace))
    }

    /// Who changed which field of a row from what to what, when, on which device, as the server has it: the newest first,
    /// those before a commit where one is named. `next` is where more begins.
    trail(device, table: String, id: String, limit: Limit, before: Option<i64>) {
        let terminal = device.terminal()?;
        Ok(json!(terminal.wait(terminal.trail(&table, &id, before, limit.0))?))
    }

    /// Ids of a table's rows that contain every word, the best first.
    search(device, table: String, words: String, limit: Limit) {
        Ok(json!(device.shop()?.search(&table, &words, limit.0)?))
    }

    /// Ids of a table's rows with a search key of this kind ("name", "phone", "number" …) that begins so.
    find_by_key(device, table: String, kind: String, prefix: String, limit: Limit) {
        Ok(json!(device.shop()?.find_by_key(&table, &kind, &prefix, limit.0)?))
    }

    /// Takes rows that changed into the search index, at most so many.
    index(device, limit: Limit) {
        let indexed = device.shop()?.index(limit.0)?;
        Ok(json!({ "rows": indexed.rows, "complete": indexed.complete }))
    }

    /// Takes rows off this device that lie outside the window, of `days` or of the schema's. Answers how many.
    evict(device, days: Option<i64>) {
        Ok(json!(device.shop()?.evict(days)?))
    }

    /// Wipes the secrets whose time has come. Answers how many rows were emptied.
    wipe_due(device) {
        Ok(json!(device.shop()?.wipe_due()?))
    }

    /// One hash over what every member sees, and the commit that it is of. An error while operations are unsettled.
    checksum(device) {
        Ok(json!(device.shop()?.checksum()?))
    }

    /// Keeps what a screen has not saved yet, under a name.
    save_draft(device, name: String, body: String) {
        device.shop()?.save_draft(&name, &body)?;
        done()
    }

    /// A draft, or null.
    draft(device, name: String) {
        Ok(show::one(device.shop()?.draft(&name)?, show::draft))
    }

    /// All drafts, the newest first.
    drafts(device) {
        Ok(show::list(&device.shop()?.drafts()?, show::draft))
    }

    /// Throws a draft away.
    drop_draft(device, name: String) {
        device.shop()?.drop_draft(&name)?;
        done()
    }
}
