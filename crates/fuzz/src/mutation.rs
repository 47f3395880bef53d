//! Damaged copies of good inputs; a seed repeats them.

use dovetail_testkit::Dice;

/// What formats give a meaning to: rarely hit on by chance.
const WORDS: &[&[u8]] = &[
    b"\r\n",
    b"\n ",
    b"\r",
    b"\t",
    b"\0",
    b"\xEF\xBB\xBF",
    b"\xFF",
    b"\xC3",
    b"\xE2\x80\xA8",
    b"\\n",
    b"\\",
    b"\"",
    b";",
    b",",
    b":",
    b"=",
    b"^n",
    b"-",
    b"P",
    b"Z",
    b"99999999999999999999",
    b"-1",
    b"0",
    b"T240000",
    b"00010101",
    b"99991231",
    b"BEGIN:VEVENT\r\n",
    b"END:VEVENT\r\n",
    b"BEGIN:VALARM\r\n",
    b"RECURRENCE-ID:20240101T100000Z\r\n",
    b"RRULE:FREQ=YEARLY;BYDAY=-53MO;COUNT=2147483648\r\n",
    b"EXDATE;VALUE=DATE:20240101\r\n",
    b";TZID=Europe/Berlin",
    b";VALUE=PERIOD",
    b";ENCODING=QUOTED-PRINTABLE",
    b";ENCODING=b",
    b";CHARSET=UTF-16",
    b"item1.",
    b"X-ABLABEL:_$!<Other>!$_\r\n",
    b"<",
    b">",
    b"&amp;",
    b"&#0;",
    b"&#x110000;",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"<!DOCTYPE a [<!ENTITY b \"c\">]>",
    b"xmlns=\"DAV:\"",
    b"</response>",
    b"HTTP/1.1 404 Not Found",
    b"null",
    b"{}",
    b"[]",
    b"1e999",
    b"\\ud800",
    b"4501-01-01",
];

/// Input after input, each made of one of the seeds.
#[derive(Debug)]
pub struct Mutations<'s> {
    seeds: &'s [Vec<u8>],
    dice: Dice,
}

impl<'s> Mutations<'s> {
    /// Equal seeds and numbers make equal inputs.
    pub fn new(seeds: &'s [Vec<u8>], number: u64) -> Self {
        Mutations { seeds, dice: Dice::new(number) }
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.dice.roll(end as u64)).unwrap_or(0)
    }

    /// A stretch of what has that length, seldom a long one.
    fn stretch(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let longest = if self.dice.once_in(4) { length } else { 24 };
        let end = start + self.below(longest.min(length - start) + 1);
        start..end
    }

    /// All of a line, with its line ending.
    fn line(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let at = self.below(bytes.len() + 1);
        let (before, after) = bytes.split_at(at);
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |feed| feed + 1);
        let end = after.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |feed| at + feed + 1);
        start..end
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() + 1);
        match self.dice.roll(8) {
            0 => {
                let bit = self.below(8);
                bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << bit);
            }
            1 => drop(bytes.drain(self.stretch(bytes.len()))),
            2 => {
                let line = self.line(bytes);
                bytes.drain(line);
            }
            3 => {
                let range = if self.dice.once_in(2) { self.line(bytes) } else { self.stretch(bytes.len()) };
                let copy = bytes.get(range).unwrap_or_default().to_vec();
                bytes.splice(at..at, copy);
            }
            4 | 5 => {
                let word = self.dice.pick(WORDS).copied().unwrap_or_default();
                let until = if self.dice.once_in(2) { at } else { (at + word.len()).min(bytes.len()) };
                bytes.splice(at..until, word.iter().copied());
            }
            6 => {
                let other = self.dice.pick(self.seeds).cloned().unwrap_or_default();
                let range = if self.dice.once_in(2) { self.line(&other) } else { self.stretch(other.len()) };
                let piece = other.get(range).unwrap_or_default().to_vec();
                let line = self.line(bytes).start;
                bytes.splice(line..line, piece);
            }
            _ => bytes.truncate(at),
        }
    }
}

impl Iterator for Mutations<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut bytes = self.dice.pick(self.seeds)?.clone();
        for _ in 0..=self.dice.roll(5) {
            self.mutate(&mut bytes);
        }
        Some(bytes)
    }
}
