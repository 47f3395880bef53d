//! Bodies in the journal: each once, by its hash; those of some size compressed; large ones in parts, so that a photo that
//! many versions share lies there once.
//!
//! Nothing is known here of what a body says. A large one is cut where its own bytes say so: an edit before or behind a photo
//! moves no cut within it.

use lz4_flex::block::{compress, decompress};
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::Result;
use crate::state::hash;

/// Compressed.
const PACKED: i64 = 1;
/// Hashes of parts.
const PARTS: i64 = 2;

/// Smaller bodies stay as they are: compressing them gains less than it costs.
const WORTH_PACKING: usize = 512;
/// Larger ones are kept in parts.
const LARGE: usize = 16 * 1024;

/// The length of a hash.
const HASH: usize = 32;

/// Keeps a body once, under its hash, which is returned.
pub(super) fn put(connection: &Connection, bytes: &[u8]) -> Result<Vec<u8>> {
    let hash = hash(bytes);
    if bytes.len() < WORTH_PACKING {
        insert(connection, &hash, None, bytes)?;
        return Ok(hash);
    }
    let known: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM original WHERE hash = ?1)")?
        .query_row([&hash], |row| row.get(0))?;
    if known {
        return Ok(hash);
    }
    if bytes.len() < LARGE {
        let (coding, packed) = packed(bytes);
        insert(connection, &hash, coding, packed.as_deref().unwrap_or(bytes))?;
        return Ok(hash);
    }
    let mut list = Vec::new();
    for part in parts(bytes) {
        list.extend(put_part(connection, part)?);
    }
    insert(connection, &hash, Some(PARTS), &list)?;
    Ok(hash)
}

fn insert(connection: &Connection, hash: &[u8], coding: Option<i64>, bytes: &[u8]) -> Result<()> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO original (hash, bytes, coding) VALUES (?1, ?2, ?3)")?
        .execute(params![hash, bytes, coding])?;
    Ok(())
}

fn put_part(connection: &Connection, bytes: &[u8]) -> Result<Vec<u8>> {
    let hash = hash(bytes);
    let known: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM part WHERE hash = ?1)")?
        .query_row([&hash], |row| row.get(0))?;
    if !known {
        let (coding, packed) = packed(bytes);
        connection
            .prepare_cached("INSERT INTO part (hash, coding, bytes) VALUES (?1, ?2, ?3)")?
            .execute(params![hash, coding, packed.as_deref().unwrap_or(bytes)])?;
    }
    Ok(hash)
}

/// Bytes in less room, where that is worth it: its length in four bytes, then what LZ4 makes of them.
fn packed(bytes: &[u8]) -> (Option<i64>, Option<Vec<u8>>) {
    let Ok(length) = u32::try_from(bytes.len()) else { return (None, None) };
    let mut packed = length.to_le_bytes().to_vec();
    packed.extend(compress(bytes));
    if packed.len() * 8 > bytes.len() * 7 { (None, None) } else { (Some(PACKED), Some(packed)) }
}

/// A body may be this long when it is unpacked; what says that it is longer is damaged.
const LONGEST: usize = 1 << 30;

fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let (length, rest) = packed.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    // LZ4 makes at most 255 bytes of one.
    if length > LONGEST || length > rest.len().saturating_mul(255) + 64 {
        return None;
    }
    decompress(rest, length).ok().filter(|bytes| bytes.len() == length)
}

/// The body of a hash; `None` where there is none, or it is damaged.
pub(super) fn get(connection: &Connection, hash: &[u8]) -> rusqlite::Result<Option<Vec<u8>>> {
    let body = joined(connection, hash)?;
    Ok(body.filter(|body| self::hash(body) == hash))
}

fn joined(connection: &Connection, hash: &[u8]) -> rusqlite::Result<Option<Vec<u8>>> {
    let sql = "SELECT coding, bytes FROM original WHERE hash = ?1";
    let kept = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Vec<u8>>(1)?));
    let Some((coding, bytes)) = connection.prepare_cached(sql)?.query_row([hash], kept).optional()? else {
        return Ok(None);
    };
    if coding != Some(PARTS) {
        return Ok(plain(coding, bytes));
    }
    let mut statement = connection.prepare_cached("SELECT coding, bytes FROM part WHERE hash = ?1")?;
    let mut body = Vec::new();
    for part in bytes.chunks(HASH) {
        let found = statement.query_row([part], kept).optional()?;
        let Some(part) = found.and_then(|(coding, bytes)| plain(coding, bytes)) else { return Ok(None) };
        body.extend(part);
    }
    Ok(Some(body))
}

fn plain(coding: Option<i64>, bytes: Vec<u8>) -> Option<Vec<u8>> {
    match coding {
        None => Some(bytes),
        Some(PACKED) => unpacked(&bytes),
        Some(_) => None,
    }
}

/// Forgets bodies that nothing in the journal names any more, and parts of none.
pub(super) fn drop_unused(connection: &Connection) -> Result<()> {
    connection.execute_batch(
        "CREATE TEMP TABLE used (hash BLOB PRIMARY KEY) WITHOUT ROWID;
         INSERT OR IGNORE INTO used SELECT before_hash FROM entry WHERE before_hash IS NOT NULL;
         INSERT OR IGNORE INTO used SELECT after_hash FROM entry WHERE after_hash IS NOT NULL;
         INSERT OR IGNORE INTO used SELECT outlook_hash FROM clash WHERE outlook_hash IS NOT NULL;
         INSERT OR IGNORE INTO used SELECT server_hash FROM clash WHERE server_hash IS NOT NULL;
         DELETE FROM original WHERE hash NOT IN (SELECT hash FROM used);
         DELETE FROM used;",
    )?;
    {
        let mut lists = connection.prepare("SELECT bytes FROM original WHERE coding = ?1")?;
        let mut use_part = connection.prepare("INSERT OR IGNORE INTO used VALUES (?1)")?;
        let mut rows = lists.query([PARTS])?;
        while let Some(row) = rows.next()? {
            let list: Vec<u8> = row.get(0)?;
            for part in list.chunks(HASH) {
                use_part.execute([part])?;
            }
        }
    }
    connection.execute_batch(
        "DELETE FROM part WHERE hash NOT IN (SELECT hash FROM used);
         DROP TABLE used;",
    )?;
    Ok(())
}

/// The shortest and the longest part, but for the last.
const PART: std::ops::RangeInclusive<usize> = 2 * 1024..=32 * 1024;
/// A cut where so many bits of the rolling value are zero: every 8 KiB, on average.
const CUT: u64 = 0x1FFF << 40;

/// Cuts a body where a value that rolls over the last 64 bytes says so.
fn parts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (part, left) = rest.split_at(cut(rest));
        rest = left;
        Some(part)
    })
}

fn cut(bytes: &[u8]) -> usize {
    let (shortest, longest) = (*PART.start(), *PART.end());
    if bytes.len() <= shortest {
        return bytes.len();
    }
    let mut rolling = 0_u64;
    for (at, byte) in bytes.iter().enumerate().take(longest).skip(shortest - 64) {
        rolling = (rolling << 1).wrapping_add(scattered(*byte));
        if at >= shortest && rolling & CUT == 0 {
            return at + 1;
        }
    }
    bytes.len().min(longest)
}

/// A byte as 64 bits without a pattern (the finalizer of SplitMix64).
fn scattered(byte: u8) -> u64 {
    let mut bits = (u64::from(byte) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        for schema in [include_str!("0001.sql"), include_str!("0002.sql")] {
            connection.execute_batch(schema).unwrap();
        }
        connection
    }

    /// Bytes as a photo in base64 has them: without a pattern.
    fn photo(length: usize) -> Vec<u8> {
        let mut bits = 7_u64;
        let mut letter = || {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[(bits >> 58) as usize]
        };
        (0..length).map(|_| letter()).collect()
    }

    fn kept_bytes(connection: &Connection) -> i64 {
        let sql = "SELECT (SELECT coalesce(sum(length(bytes)), 0) FROM original)
                        + (SELECT coalesce(sum(length(bytes)), 0) FROM part)";
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn what_is_kept_comes_back_byte_for_byte() {
        let connection = journal();
        let bodies = [
            Vec::new(),
            b"short".to_vec(),
            b"the same again and again; ".repeat(100),
            photo(4_000),
            photo(70_000),
            b"the same again and again; ".repeat(10_000),
            vec![0; 200_000],
        ];
        let hashes: Vec<Vec<u8>> = bodies.iter().map(|body| put(&connection, body).unwrap()).collect();
        for (body, hash) in bodies.iter().zip(&hashes) {
            assert_eq!(get(&connection, hash).unwrap().as_ref(), Some(body));
        }
        assert_eq!(get(&connection, b"nothing has this hash").unwrap(), None);
    }

    #[test]
    fn what_repeats_itself_takes_less_room_and_what_does_not_takes_no_more() {
        for (body, at_most) in
            [(b"PROPERTY: a value\n".repeat(100), 200), (photo(2_000), 2_000), (b"x".repeat(100), 100)]
        {
            let connection = journal();
            put(&connection, &body).unwrap();
            assert!(kept_bytes(&connection) <= at_most, "{} of {}", kept_bytes(&connection), body.len());
        }
    }

    #[test]
    fn a_photo_that_many_versions_share_is_kept_once() {
        let connection = journal();
        let photo = photo(70_000);
        for version in 0..20 {
            let head = format!("TITLE:{}\n", "x".repeat(version * 3));
            put(&connection, &[head.as_bytes(), &photo, b"\nEND\n"].concat()).unwrap();
        }
        let kept = usize::try_from(kept_bytes(&connection)).unwrap();
        // The parts with the two ends differ, each at most once a version.
        assert!(kept < 6 * photo.len(), "{kept}");
        let average = kept.saturating_sub(photo.len()) / 20;
        assert!(average < photo.len() / 4, "{average} bytes a version");
    }

    #[test]
    fn damage_is_nothing_found_and_no_panic() {
        let connection = journal();
        let body = b"the same again and again; ".repeat(100);
        let hash = put(&connection, &body).unwrap();
        for (coding, bytes) in [
            (1, Vec::new()),
            (1, vec![255; 3]),
            (1, vec![255; 40]),
            (1, vec![0, 0, 0, 0, 9]),
            (2, vec![1; 31]),
            (2, vec![1; 64]),
            (7, b"x".to_vec()),
        ] {
            let sql = "UPDATE original SET coding = ?1, bytes = ?2";
            connection.execute(sql, params![coding, bytes]).unwrap();
            assert_eq!(get(&connection, &hash).unwrap(), None, "{coding}, {bytes:?}");
        }
    }

    #[test]
    fn what_nothing_names_any_more_goes_with_its_parts() {
        let connection = journal();
        for body in [b"short".to_vec(), photo(3_000), photo(70_000)] {
            put(&connection, &body).unwrap();
        }
        let shared = put(&connection, &[b"kept".as_slice(), &photo(70_000)].concat()).unwrap();
        connection
            .execute(
                "INSERT INTO clash (pair, run, at, uid, kind, title, kept, clashes, server_hash)
                 VALUES ('p', 'r', 0, '', 'event', '', 'server', '[]', ?1)",
                [&shared],
            )
            .unwrap();
        drop_unused(&connection).unwrap();
        let bodies: i64 =
            connection.query_row("SELECT count(*) FROM original", [], |row| row.get(0)).unwrap();
        assert_eq!(bodies, 1);
        assert!(get(&connection, &shared).unwrap().is_some());
        connection.execute("DELETE FROM clash", []).unwrap();
        drop_unused(&connection).unwrap();
        assert_eq!(kept_bytes(&connection), 0);
    }
}
