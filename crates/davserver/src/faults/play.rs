//! Which faults a request suffers, and what they do to what would have been said.

use std::time::Duration;

use super::{BadEtags, Fault, Faults, RetryAfter, RewrittenEtag, Rule, Tokens, When, Which};

/// Faults and how often their rules fitted so far.
#[derive(Debug, Default)]
pub(crate) struct Playing {
    rules: Vec<Played>,
}

#[derive(Debug)]
struct Played {
    rule: Rule,
    fitted: u64,
    hit: u64,
}

/// What one request suffers, each with a number that is drawn for it: the same in each run with the same requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hits(Vec<(Fault, u64)>);

/// What becomes of a row of a multistatus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowFate {
    Shown,
    LeftOut,
    Failed(u16),
}

impl Playing {
    /// Begins to count.
    pub(crate) fn new(faults: Faults) -> Playing {
        let played = |rule| Played { rule, fitted: 0, hit: 0 };
        Playing { rules: faults.rules.into_iter().map(played).collect() }
    }

    /// How many requests each rule hit so far, in the order of the rules.
    pub(crate) fn counts(&self) -> Vec<u64> {
        self.rules.iter().map(|played| played.hit).collect()
    }

    /// What this request suffers; it is counted.
    pub(crate) fn hits(&mut self, method: &str, target: &str, body: &[u8]) -> Hits {
        let mut hits = Vec::new();
        for (number, Played { rule, fitted, hit }) in self.rules.iter_mut().enumerate() {
            if !rule.which.fits(method, target, body) {
                continue;
            }
            *fitted += 1;
            let seed = match rule.which.when {
                When::OneIn { seed, .. } => seed,
                _ => 0,
            };
            let drawn = mix(seed ^ mix(*fitted) ^ u64::try_from(number).unwrap_or_default());
            if rule.which.when.hits(*fitted, drawn) {
                // Mixed once more: what is drawn next must not follow from this rule having been drawn.
                hits.push((rule.fault.clone(), mix(drawn)));
                *hit += 1;
            }
        }
        Hits(hits)
    }
}

impl Which {
    fn fits(&self, method: &str, target: &str, body: &[u8]) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted == method)
            && self.path.as_deref().is_none_or(|part| target.contains(part))
            && self.body.as_deref().is_none_or(|part| contains(body, part.as_bytes()))
    }
}

impl When {
    fn hits(self, number: u64, drawn: u64) -> bool {
        match self {
            When::Always => true,
            When::Nth(wanted) => number == wanted,
            When::First(count) => number <= count,
            When::After(count) => number > count,
            When::OneIn { rate, .. } => one_in(rate, drawn),
        }
    }
}

/// What the request suffers, kind by kind.
impl Hits {
    fn find<T>(&self, pick: impl Fn(&Fault, u64) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(|(fault, drawn)| pick(fault, *drawn))
    }

    /// Whether it suffers exactly this.
    pub(crate) fn has(&self, wanted: &Fault) -> bool {
        self.0.iter().any(|(fault, _)| fault == wanted)
    }

    /// The status instead of doing it, and when to come again.
    pub(crate) fn fails(&self) -> Option<(u16, Option<RetryAfter>)> {
        self.find(|fault, _| match fault {
            Fault::Fails { status, retry_after } => Some((*status, *retry_after)),
            _ => None,
        })
    }

    /// The status after having done it.
    pub(crate) fn fails_afterwards(&self) -> Option<u16> {
        self.find(|fault, _| match fault {
            Fault::FailsAfterwards { status } => Some(*status),
            _ => None,
        })
    }

    /// The status and the address to go to.
    pub(crate) fn redirect(&self) -> Option<(u16, &str)> {
        self.0.iter().find_map(|(fault, _)| match fault {
            Fault::Redirect { status, to } => Some((*status, to.as_str())),
            _ => None,
        })
    }

    /// The compliance classes that are announced besides those of the server.
    pub(crate) fn announces(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|(fault, _)| match fault {
            Fault::Announces { classes } => Some(classes.as_str()),
            _ => None,
        })
    }

    /// How an ETag is told in a header and in a property: what it should be, and how often the object was written.
    pub(crate) fn etags(&self, etag: &str, writes: u64) -> (Option<String>, Option<String>) {
        let bad = self.find(|fault, drawn| match fault {
            Fault::Etags(bad) => Some((*bad, drawn)),
            _ => None,
        });
        let (header, property) = match bad {
            None => (etag.to_owned(), None),
            Some((BadEtags::Missing, _)) => return (None, None),
            Some((BadEtags::Weak, _)) => (format!("W/{etag}"), None),
            Some((BadEtags::Changing, drawn)) => (format!("\"{drawn:016x}\""), None),
            Some((BadEtags::Repeating, _)) => (format!("\"v{writes:08}\""), None),
            Some((BadEtags::Unquoted, _)) => (etag.to_owned(), Some(etag.trim_matches('"').to_owned())),
        };
        let property = property.unwrap_or_else(|| header.clone());
        (Some(header), Some(property))
    }

    /// How the state of collections is told.
    pub(crate) fn tokens(&self) -> Tokens {
        let tokens = self.find(|fault, _| match fault {
            Fault::Tokens(tokens) => Some(*tokens),
            _ => None,
        });
        tokens.unwrap_or_default()
    }

    /// The status for a sync token.
    pub(crate) fn token_refused(&self) -> Option<u16> {
        self.find(|fault, _| match fault {
            Fault::TokenRefused { status } => Some(*status),
            _ => None,
        })
    }

    /// The most rows of a page.
    pub(crate) fn page(&self) -> Option<usize> {
        self.find(|fault, _| match fault {
            Fault::Truncated { rows } => Some(*rows),
            _ => None,
        })
    }

    /// The number of rows after which it is over, without a word.
    pub(crate) fn cut(&self) -> Option<usize> {
        self.find(|fault, _| match fault {
            Fault::CutSilently { rows } => Some(*rows),
            _ => None,
        })
    }

    /// What becomes of the row of that name.
    pub(crate) fn row(&self, name: &str) -> RowFate {
        let fate = self.find(|fault, drawn| match fault {
            Fault::RowsLeftOut { one_in: rate } if one_in(*rate, drawn ^ hash(name)) => {
                Some(RowFate::LeftOut)
            }
            Fault::RowsFail { one_in: rate, status } if one_in(*rate, drawn ^ hash(name)) => {
                Some(RowFate::Failed(*status))
            }
            _ => None,
        });
        fate.unwrap_or(RowFate::Shown)
    }

    /// Whether hrefs are written in the other way this time.
    pub(crate) fn other_encoding(&self) -> bool {
        self.find(|fault, drawn| (*fault == Fault::HrefsEncodedDifferently).then_some(drawn % 2 == 0))
            .unwrap_or(false)
    }

    /// What is said of the ETag of what was rewritten; `None` where it is not.
    pub(crate) fn rewrites(&self) -> Option<RewrittenEtag> {
        self.find(|fault, _| match fault {
            Fault::Rewrites(told) => Some(*told),
            _ => None,
        })
    }

    /// For how long the answer is held back.
    pub(crate) fn slow(&self) -> Duration {
        self.0.iter().fold(Duration::ZERO, |sum, (fault, _)| match fault {
            Fault::Slow(duration) => sum.saturating_add(*duration),
            _ => sum,
        })
    }

    /// How long the body of the answer is at least.
    pub(crate) fn padded_to(&self) -> u64 {
        let bytes = self.find(|fault, _| match fault {
            Fault::Oversized { bytes } => Some(*bytes),
            _ => None,
        });
        bytes.unwrap_or(0)
    }

    /// By how many seconds the clock is wrong.
    pub(crate) fn clock_off(&self) -> i64 {
        let seconds = self.find(|fault, _| match fault {
            Fault::ClockOff { seconds } => Some(*seconds),
            _ => None,
        });
        seconds.unwrap_or(0)
    }
}

fn one_in(rate: u64, drawn: u64) -> bool {
    rate > 0 && mix(drawn).is_multiple_of(rate)
}

/// FNV-1a: the same on every machine and in every version.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// Spreads a number over all 64 bits (the finalizer of SplitMix64).
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn contains(whole: &[u8], part: &[u8]) -> bool {
    part.is_empty() || whole.windows(part.len()).any(|window| window == part)
}
