//! GlobalAppointmentID against UID: a UID of another program travels inside of it (its `vCal-Uid` form).

use jiff::civil::Date;

/// The class of all global object ids.
const CLASS: [u8; 16] = [0x04, 0, 0, 0, 0x82, 0, 0xE0, 0, 0x74, 0xC5, 0xB7, 0x10, 0x1A, 0x82, 0xE0, 0x08];
/// What announces a UID in the data.
const WRAPPED: &[u8; 12] = b"vCal-Uid\x01\0\0\0";
/// Instance date, creation time and reserved bytes between the class and the length.
const BETWEEN: usize = 20;

/// The UID of an appointment: the wrapped one, else the id itself.
pub(super) fn uid(id: &str) -> Option<String> {
    if id.is_empty() {
        return None;
    }
    let wrapped = bytes(id).and_then(|bytes| {
        let data = bytes.strip_prefix(&CLASS)?.get(BETWEEN + 4..)?;
        let text = data.strip_prefix(WRAPPED.as_slice())?;
        let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
        String::from_utf8(text.get(..end)?.to_vec()).ok()
    });
    Some(wrapped.unwrap_or_else(|| id.to_owned()))
}

/// Whether a UID is an id that Outlook made by itself.
pub fn is_own_id(uid: &str) -> bool {
    bytes(uid).is_some_and(|bytes| bytes.starts_with(&CLASS)) && self::uid(uid).as_deref() == Some(uid)
}

/// The GlobalAppointmentID that carries a UID. One that is such an id already is used as it is.
pub(super) fn global_id(uid: &str) -> String {
    if bytes(uid).is_some_and(|bytes| bytes.starts_with(&CLASS)) {
        return uid.to_owned();
    }
    let mut data = WRAPPED.to_vec();
    data.extend_from_slice(uid.as_bytes());
    data.push(0);
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    let mut id = CLASS.to_vec();
    id.extend_from_slice(&[0; BETWEEN]);
    id.extend_from_slice(&length.to_le_bytes());
    id.extend_from_slice(&data);
    let mut hex = String::with_capacity(2 * id.len());
    for byte in id {
        let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase();
        hex.extend([digit(byte >> 4), digit(byte & 15)]);
    }
    hex
}

/// The id of one occurrence of a series: that of the series, with the day in it.
pub(super) fn of_occurrence(uid: &str, day: Date) -> String {
    let id = global_id(uid);
    let year = u16::try_from(day.year()).unwrap_or_default();
    let instance = format!("{year:04X}{:02X}{:02X}", day.month(), day.day());
    let (start, end) = (2 * CLASS.len(), 2 * CLASS.len() + instance.len());
    match (id.get(..start), id.get(end..)) {
        (Some(class), Some(rest)) => format!("{class}{instance}{rest}"),
        _ => id,
    }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes();
    if !digits.len().is_multiple_of(2) || !hex.is_ascii() {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?);
    digits.chunks(2).map(pair).collect()
}
