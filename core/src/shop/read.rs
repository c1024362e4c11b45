//! Reading records: one whole, or rows in windows.

use super::{Shop, lock};
use crate::error::Result;
use crate::news;
use crate::outbox::{self, Status};
use crate::schema::{Entity, Json, Row};

/// A record with where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The row.
    pub row: Row,
    /// Where it stands between this device and the server.
    pub status: Status,
    /// Whether somebody else changed it and nobody here has looked at it since.
    pub unread: bool,
}

impl Record {
    /// As scripts see it: the row's fields, its `status` and whether it is `unread`.
    pub fn to_json(&self) -> serde_json::Map<String, Json> {
        let mut object = self.row.to_json();
        object.insert("status".into(), serde_json::to_value(self.status).unwrap_or(Json::Null));
        object.insert("unread".into(), Json::Bool(self.unread));
        object
    }
}

impl Shop {
    /// A record by id, if it is here and not deleted.
    pub fn get<T: Entity>(&self, id: &str) -> Result<Option<T>> {
        let row = self.read(|reader| reader.row(T::TABLE, id))?.filter(|row| !row.is_deleted());
        Ok(row.map(|row| T::from_row(&row)).transpose()?)
    }

    /// Records by id, after one of them.
    pub fn list<T: Entity>(&self, after: &str, limit: usize) -> Result<Vec<T>> {
        let rows = self.read(|reader| reader.list(T::TABLE, after, limit))?;
        Ok(rows.iter().map(T::from_row).collect::<Result<_, _>>()?)
    }

    /// A record by table and id, with its status.
    pub fn record(&self, table: &str, id: &str) -> Result<Option<Record>> {
        let table = self.table(table)?;
        // Status is read in the row's own snapshot: the two agree.
        let engine = lock(&self.inner.engine);
        let unreachable = !engine.link().is_reachable();
        let in_flight = |operation: &str| engine.is_in_flight(operation);
        self.read(|reader| {
            let Some(row) = reader.row(table, id)?.filter(|row| !row.is_deleted()) else { return Ok(None) };
            let status = outbox::status(reader, table, id, &in_flight, unreachable)?;
            let unread = news::is_unread(reader, table, id)?;
            Ok(Some(Record { row, status, unread }))
        })
    }

    /// Records of a table by id, after one of them, each with its status.
    pub fn records(&self, table: &str, after: &str, limit: usize) -> Result<Vec<Record>> {
        let table = self.table(table)?;
        let engine = lock(&self.inner.engine);
        let unreachable = !engine.link().is_reachable();
        let in_flight = |operation: &str| engine.is_in_flight(operation);
        self.read(|reader| {
            let rows = reader.list(table, after, limit)?;
            rows.into_iter()
                .map(|row| {
                    let status = outbox::status(reader, table, &row.id, &in_flight, unreachable)?;
                    let unread = news::is_unread(reader, table, &row.id)?;
                    Ok(Record { row, status, unread })
                })
                .collect()
        })
    }
}
