//! The rows of an appointment that shows more occurrences of its series than a pattern can: beside its own one for each
//! further occurrence.
//!
//! A person sees and edits each as an appointment. To a synchroniser all of them are one item, whose version is that of the
//! appointment itself: whatever becomes of a further one counts as a change of it. They are written and removed together,
//! so that one which is missing was removed by somebody.

use std::collections::BTreeMap;

use dovetail_mapping::outlook::{AppointmentItem, OutlookItem, shown_occurrence};
use jiff::Timestamp;
use jiff::civil::DateTime;
use rusqlite::{Connection, Row, params};

use super::{new_id, put, remove};

/// Keeps a record with its satellites; all of it as it is kept.
pub(super) fn put_whole(
    connection: &Connection,
    id: &str,
    folder: &str,
    item: &OutlookItem,
    key: Option<&str>,
    now: Timestamp,
    change: i64,
) -> rusqlite::Result<String> {
    let OutlookItem::Appointment(appointment) = item else {
        return put(connection, id, folder, item, key, now, change);
    };
    let mut before = by_occurrence(connection, id)?;
    if appointment.satellites.is_empty() && before.is_empty() {
        return put(connection, id, folder, item, key, now, change);
    }
    let bare = AppointmentItem { satellites: Vec::new(), ..(**appointment).clone() };
    put(connection, id, folder, &OutlookItem::Appointment(Box::new(bare)), key, now, change)?;
    for satellite in &appointment.satellites {
        let satellite = OutlookItem::Appointment(Box::new(satellite.clone()));
        let old = before.remove(&shown_occurrence(&satellite));
        if old.as_ref().is_some_and(|old| old.properties == satellite.to_json()) {
            continue;
        }
        let own = old.map_or_else(new_id, |old| old.entry_id);
        put(connection, &own, folder, &satellite, None, now, change)?;
        let sql = "UPDATE item SET master = ?2 WHERE entry_id = ?1";
        connection.prepare_cached(sql)?.execute([own.as_str(), id])?;
    }
    for gone in before.into_values() {
        remove(connection, &gone.entry_id, now, change)?;
    }
    Ok(item.to_json())
}

/// The properties of an appointment with those of its satellites.
pub(super) fn whole(connection: &Connection, id: &str, properties: String) -> rusqlite::Result<String> {
    let rows = rows(connection, id)?;
    if rows.is_empty() {
        return Ok(properties);
    }
    let Ok(OutlookItem::Appointment(mut item)) = OutlookItem::parse(properties.as_bytes()) else {
        return Ok(properties);
    };
    let mut satellites: Vec<AppointmentItem> = rows
        .iter()
        .filter_map(|row| match OutlookItem::parse(row.properties.as_bytes()) {
            Ok(OutlookItem::Appointment(item)) => Some(*item),
            _ => None,
        })
        .collect();
    satellites.sort_by_cached_key(|it| shown_occurrence(&OutlookItem::Appointment(Box::new(it.clone()))));
    item.satellites = satellites;
    Ok(OutlookItem::Appointment(item).to_json())
}

/// Notes that a row was changed or is to be removed: where it is a satellite, its appointment is another than before.
pub(super) fn touch_master(
    connection: &Connection,
    id: &str,
    now: Timestamp,
    change: i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE item SET modified = ?2, change = ?3
               WHERE entry_id = (SELECT master FROM item WHERE entry_id = ?1 AND master IS NOT NULL)";
    connection.prepare_cached(sql)?.execute(params![id, now.to_string(), change])?;
    Ok(())
}

/// The appointment of the satellite whose EntryID begins so; `None` where none does, or those of several.
pub(super) fn master_of(connection: &Connection, id_begins: &str) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT DISTINCT master FROM item
               WHERE substr(entry_id, 1, length(?1)) = upper(?1) AND master IS NOT NULL LIMIT 2";
    let masters: Vec<String> = connection
        .prepare_cached(sql)?
        .query_map([id_begins], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(<[String; 1]>::try_from(masters).ok().map(|[master]| master))
}

struct Satellite {
    entry_id: String,
    properties: String,
}

fn rows(connection: &Connection, id: &str) -> rusqlite::Result<Vec<Satellite>> {
    let sql = "SELECT entry_id, properties FROM item WHERE master = ?1";
    let satellite = |row: &Row<'_>| Ok(Satellite { entry_id: row.get(0)?, properties: row.get(1)? });
    connection.prepare_cached(sql)?.query_map([id], satellite)?.collect()
}

/// The satellites that are there, by the occurrence that each shows.
fn by_occurrence(
    connection: &Connection,
    id: &str,
) -> rusqlite::Result<BTreeMap<Option<DateTime>, Satellite>> {
    let rows = rows(connection, id)?.into_iter();
    let shown = |row: &Satellite| shown_occurrence(&OutlookItem::parse(row.properties.as_bytes()).ok()?);
    Ok(rows.map(|row| (shown(&row), row)).collect())
}
