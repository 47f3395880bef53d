//! What a measurement gives, and what it is to be.

use serde::{Deserialize, Serialize};

/// What a process used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Seconds that went by.
    pub wall_seconds: f64,
    /// Seconds of processor time, all threads together.
    pub cpu_seconds: f64,
    /// The most memory that it had at one time, in bytes; `None` where the system does not tell.
    pub peak_bytes: Option<u64>,
}

/// A measurement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// What was done.
    pub what: String,
    /// To how many items.
    pub items: u64,
    /// How long their text is, where the text is what counts.
    pub bytes: Option<u64>,
    /// How many requests were made to the server.
    pub requests: Option<u64>,
    /// What it took.
    pub cost: Cost,
    /// What it is to be.
    pub aim: Option<Aim>,
    /// Whether it is so.
    pub reached: Option<bool>,
}

/// What a measurement is to be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// At least so many megabytes of text a second of processor time.
    MegabytesPerSecond(f64),
    /// At most so many milliseconds of processor time an item.
    MillisecondsPerItem(f64),
    /// At most so many milliseconds of processor time, and so many megabytes of memory, whatever the number of items.
    MillisecondsAndMegabytes(f64, f64),
}

impl Figure {
    /// A measurement, held against its aim.
    pub fn new(what: &str, items: u64, cost: Cost) -> Figure {
        Figure { what: what.to_owned(), items, bytes: None, requests: None, cost, aim: None, reached: None }
    }

    /// With what it is to be.
    #[must_use]
    pub fn aimed(mut self, aim: Aim) -> Figure {
        self.reached = Some(match aim {
            Aim::MegabytesPerSecond(least) => self.megabytes_per_second().is_some_and(|speed| speed >= least),
            Aim::MillisecondsPerItem(most) => self.milliseconds_per_item() <= most,
            Aim::MillisecondsAndMegabytes(time, memory) => {
                self.cost.cpu_seconds * 1e3 <= time && self.peak_megabytes().is_none_or(|peak| peak <= memory)
            }
        });
        self.aim = Some(aim);
        self
    }

    fn megabytes_per_second(&self) -> Option<f64> {
        self.bytes.map(|bytes| bytes as f64 / 1e6 / self.cost.cpu_seconds)
    }

    fn milliseconds_per_item(&self) -> f64 {
        self.cost.cpu_seconds * 1e3 / self.items.max(1) as f64
    }

    fn peak_megabytes(&self) -> Option<f64> {
        self.cost.peak_bytes.map(|bytes| bytes as f64 / 1e6)
    }

    /// The line above the rows.
    pub fn heading() -> String {
        let columns = ["items/s", "MB/s", "CPU ms", "CPU ms/item", "peak MB", "requests"];
        let columns: String = columns.iter().map(|column| format!("{column:>12}")).collect();
        format!("{:<48}{:>9}{columns}  aim", "", "items")
    }

    /// The measurement as a row for people.
    pub fn row(&self) -> String {
        let number = |number: Option<f64>, decimals: usize| {
            number.map_or_else(|| "-".to_owned(), |number| format!("{number:.decimals$}"))
        };
        let columns = [
            number(Some(self.items as f64 / self.cost.wall_seconds), 0),
            number(self.megabytes_per_second(), 0),
            number(Some(self.cost.cpu_seconds * 1e3), 1),
            number(Some(self.milliseconds_per_item()), 4),
            number(self.peak_megabytes(), 1),
            number(self.requests.map(|requests| requests as f64), 0),
        ];
        let columns: String = columns.iter().map(|column| format!("{column:>12}")).collect();
        format!("{:<48}{:>9}{columns}  {}", self.what, self.items, self.verdict())
    }

    fn verdict(&self) -> String {
        let aim = match self.aim {
            None => return String::new(),
            Some(Aim::MegabytesPerSecond(least)) => format!("{least} MB/s"),
            Some(Aim::MillisecondsPerItem(most)) => format!("{most} ms an item"),
            Some(Aim::MillisecondsAndMegabytes(time, memory)) => format!("{time} ms, {memory} MB"),
        };
        format!("{aim}: {}", if self.reached == Some(true) { "reached" } else { "MISSED" })
    }

    /// The measurement as an object for programs.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
