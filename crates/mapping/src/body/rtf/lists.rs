//! The tables of lists in RTF: which paragraphs have bullets and which have numbers.

use std::collections::BTreeMap;

use super::super::rich::ListKind;

/// What `\listtable` and `\listoverridetable` say.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// The kinds of the levels of lists.
    lists: Vec<(i32, Vec<Option<ListKind>>)>,
    overrides: BTreeMap<i32, i32>,
    list_of_override: i32,
}

/// More levels of a list are passed over.
const MOST_LEVELS: usize = 16;

impl Lists {
    /// A control word of `\listtable`.
    pub(super) fn define(&mut self, word: &str, number: i32) {
        match word {
            "list" => self.lists.push((0, Vec::new())),
            "listlevel" => {
                if let Some((_, levels)) = self.lists.last_mut().filter(|list| list.1.len() < MOST_LEVELS) {
                    levels.push(Some(ListKind::Numbers));
                }
            }
            "levelnfc" | "levelnfcn" => {
                if let Some(level) = self.lists.last_mut().and_then(|list| list.1.last_mut()) {
                    *level = match number {
                        23 => Some(ListKind::Bullets),
                        255 => None,
                        _ => Some(ListKind::Numbers),
                    };
                }
            }
            "listid" => {
                if let Some(list) = self.lists.last_mut() {
                    list.0 = number;
                }
            }
            _ => {}
        }
    }

    /// A control word of `\listoverridetable`.
    pub(super) fn override_list(&mut self, word: &str, number: i32) {
        match word {
            "listid" => self.list_of_override = number,
            "ls" => drop(self.overrides.insert(number, self.list_of_override)),
            _ => {}
        }
    }

    /// What stands before paragraphs of a list on a level.
    pub(super) fn kind(&self, list: i32, level: u8) -> Option<ListKind> {
        let id = self.overrides.get(&list)?;
        let levels = self.lists.iter().find(|list| list.0 == *id).map(|list| list.1.as_slice());
        match levels.and_then(|levels| levels.get(usize::from(level))) {
            Some(kind) => *kind,
            None => Some(ListKind::Bullets),
        }
    }
}
