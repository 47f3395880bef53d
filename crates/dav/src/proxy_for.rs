//! For whom a user may act: the delegation of CalendarServer (`calendar-proxy`), which other servers have taken over.

use url::Url;

use crate::client::Client;
use crate::error::Result;
use crate::href::Path;
use crate::multistatus::Row;
use crate::names;
use crate::propfind::hrefs;

#[cfg(test)]
mod tests;

/// The compliance class of servers that have it.
pub const CLASS: &str = "calendar-proxy";

/// The principals for whom a user may act, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProxyFor {
    /// Whose calendars may be read and written.
    pub writing: Vec<Path>,
    /// Whose calendars may be read alone.
    pub reading: Vec<Path>,
}

/// What a principal's row says.
pub fn of_row(base: &Url, row: &Row) -> ProxyFor {
    let mut writing = hrefs(base, row, &names::CALENDAR_PROXY_WRITE_FOR);
    let mut reading = hrefs(base, row, &names::CALENDAR_PROXY_READ_FOR);
    for some in [&mut writing, &mut reading] {
        let mut seen: Vec<Path> = Vec::new();
        some.retain(|path| {
            let is_new = !seen.iter().any(|known| known.is_same_collection(path));
            seen.push(path.clone());
            is_new
        });
    }
    reading.retain(|path| !writing.iter().any(|known| known.is_same_collection(path)));
    ProxyFor { writing, reading }
}

impl Client {
    /// For whom a principal may act. A server that does not announce delegation is not asked, and has none.
    pub fn proxy_for(&self, principal: &Url) -> Result<ProxyFor> {
        if !self.options(principal)?.has(CLASS) {
            return Ok(ProxyFor::default());
        }
        let wanted = [names::CALENDAR_PROXY_WRITE_FOR, names::CALENDAR_PROXY_READ_FOR];
        let (answered, row) = self.propfind_one(principal, &wanted)?;
        Ok(of_row(&answered, &row))
    }
}
