//! PidTagUserX509Certificate (MS-OXOCNTC section 2.2.1.11): a list of tags, one of which is the certificate.

use super::super::Binary;

/// The tag of the certificate itself.
const CERTIFICATE: u16 = 3;

/// What Outlook writes before the certificate, and behind it.
const BEFORE: [u8; 8] = [1, 0, 8, 0, 1, 0, 0, 0];
const BEHIND: [u8; 20] = [6, 0, 8, 0, 1, 0, 0, 0, 0x20, 0, 8, 0, 7, 0, 0, 0, 2, 0, 4, 0];

/// The certificate (DER) of a value. Each entry is a tag and a length, both of two bytes, the length with these four.
pub(super) fn unwrapped(value: &[u8]) -> Option<&[u8]> {
    // What some programs put there is the certificate alone.
    if value.starts_with(&[0x30, 0x82]) {
        return Some(value);
    }
    let mut rest = value;
    loop {
        let (tag, after) = rest.split_at_checked(2)?;
        let (length, _) = after.split_at_checked(2)?;
        let number = |bytes: &[u8]| Some(u16::from_le_bytes(bytes.try_into().ok()?));
        let (tag, length) = (number(tag)?, usize::from(number(length)?));
        let (entry, further) = rest.split_at_checked(length.max(4))?;
        if tag == CERTIFICATE {
            return entry.get(4..).filter(|der| !der.is_empty());
        }
        rest = further;
    }
}

/// A value with that certificate; none where it is too long for one.
pub(super) fn wrapped(der: &[u8]) -> Option<Binary> {
    let length = u16::try_from(der.len() + 4).ok()?;
    let head = [CERTIFICATE.to_le_bytes(), length.to_le_bytes()].concat();
    Some(Binary([&BEFORE[..], &head, der, &BEHIND].concat().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_found_behind_any_tags() {
        let der = [0x30, 0x03, 1, 2, 3];
        let value = wrapped(&der).unwrap();
        assert_eq!(value.0.get(..12).unwrap(), [1, 0, 8, 0, 1, 0, 0, 0, 3, 0, 9, 0]);
        assert_eq!(value.0.len(), 12 + der.len() + 20);
        assert_eq!(unwrapped(&value.0).unwrap(), der);
        assert_eq!(unwrapped(&[&[2, 0, 4, 0, 9, 0, 5, 0, 7][..], &value.0].concat()).unwrap(), der);
        assert_eq!(unwrapped(&[0x30, 0x82, 0, 0]).unwrap(), [0x30, 0x82, 0, 0]);
        for broken in [&[][..], &[3], &[3, 0, 9, 0, 1], &[3, 0, 0, 0], &[1, 0, 0, 0, 1, 0, 0, 0]] {
            assert_eq!(unwrapped(broken), None, "{broken:?}");
        }
        assert_eq!(wrapped(&vec![0; 70_000]), None);
    }
}
