//! A stream in which everything is a character that XML 1.0 allows, and which ends when it grows too long.

use std::io::{self, BufRead, Read};

/// Reads from a source and replaces what XML forbids, and what is not UTF-8, by U+FFFD.
pub(crate) struct Clean<R> {
    source: R,
    /// Cleaned, from `taken` on not yet read.
    ready: Vec<u8>,
    taken: usize,
    /// The beginning of a character whose end is still to come.
    partial: Vec<u8>,
    budget: u64,
    left: u64,
    /// What may still come at all.
    whole_left: u64,
}

impl<R: BufRead> Clean<R> {
    /// No more than about `budget` bytes are handed out between two renewals, and `whole` bytes in all.
    pub(crate) fn new(source: R, budget: u64, whole: u64) -> Self {
        let (ready, partial) = (Vec::new(), Vec::new());
        Clean { source, ready, taken: 0, partial, budget, left: budget, whole_left: whole }
    }

    /// Begins to count anew.
    pub(crate) fn renew_budget(&mut self) {
        self.left = self.budget;
    }

    fn refill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.taken = 0;
        while self.ready.is_empty() {
            let chunk = self.source.fill_buf()?;
            let length = chunk.len();
            if length == 0 {
                if !self.partial.is_empty() {
                    self.partial.clear();
                    self.ready.extend_from_slice("\u{fffd}".as_bytes());
                }
                return Ok(());
            }
            let spend =
                |left: u64, what: &str| left.checked_sub(length as u64).ok_or_else(|| too_large(what));
            self.whole_left = spend(self.whole_left, "the answer is longer than any that is read")?;
            self.left = spend(self.left, "one resource of the answer is too large")?;
            self.partial.extend_from_slice(chunk);
            self.source.consume(length);
            clean(&mut self.partial, &mut self.ready);
        }
        Ok(())
    }
}

fn too_large(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, what)
}

/// Moves all whole characters of `from` to `to`.
fn clean(from: &mut Vec<u8>, to: &mut Vec<u8>) {
    let mut rest = from.as_slice();
    let left = loop {
        match std::str::from_utf8(rest) {
            Ok(text) => {
                clean_text(text, to);
                break 0;
            }
            Err(error) => {
                let (good, bad) = rest.split_at(error.valid_up_to());
                clean_text(std::str::from_utf8(good).unwrap_or_default(), to);
                let Some(length) = error.error_len() else { break bad.len() };
                to.extend_from_slice("\u{fffd}".as_bytes());
                rest = bad.get(length..).unwrap_or_default();
            }
        }
    };
    from.drain(..from.len() - left);
}

fn clean_text(text: &str, to: &mut Vec<u8>) {
    let mut copied = 0;
    for (at, character) in text.char_indices() {
        if !super::is_allowed(character) {
            // QUIRK(characters: synology, zimbra): control characters of a description go into the answer as they are.
            to.extend_from_slice(text.get(copied..at).unwrap_or_default().as_bytes());
            to.extend_from_slice("\u{fffd}".as_bytes());
            copied = at + character.len_utf8();
        }
    }
    to.extend_from_slice(text.get(copied..).unwrap_or_default().as_bytes());
}

impl<R: BufRead> Read for Clean<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        let (Some(to), Some(from)) = (buffer.get_mut(..length), available.get(..length)) else {
            return Ok(0);
        };
        to.copy_from_slice(from);
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Clean<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken >= self.ready.len() {
            self.refill()?;
        }
        Ok(self.ready.get(self.taken..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.taken += amount;
    }
}
