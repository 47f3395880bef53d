//! How a thread waits for an answer: each request in flight has a lane, whose connection is driven by the thread itself.
//!
//! A thread that drives the connections of all others costs two hand-overs a request
//! (`docs/design/0025-who-drives-a-connection.md`).

use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::error::{Error, ErrorKind, Result};
use crate::response::innermost;

/// How long is waited for an answer: so long for its beginning and for each piece of it, but not beyond its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    piece: Duration,
    end: Instant,
}

impl Patience {
    /// An answer that never ends, in pieces that are never late, is not read forever.
    const MOST_PIECES: u32 = 20;

    pub(crate) fn new(piece: Duration, deadline: Option<Instant>) -> Patience {
        let end = Instant::now() + Self::MOST_PIECES * piece;
        Patience { piece, end: deadline.map_or(end, |deadline| deadline.min(end)) }
    }

    /// How long from now on.
    pub(crate) fn left(self) -> Duration {
        self.piece.min(self.end.saturating_duration_since(Instant::now()))
    }
}

/// Why there was no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// None came in time.
    Late,
    /// The way there failed.
    Failed(reqwest::Error),
}

/// Lanes that behave alike. There are as many as were ever needed at once.
pub(crate) struct Lanes {
    make: Box<dyn Fn() -> reqwest::Result<reqwest::Client> + Send + Sync>,
    /// The one used last is taken first: who sends one request at a time has one connection.
    idle: Mutex<Vec<Arc<Driver>>>,
}

struct Driver {
    runtime: Runtime,
    http: reqwest::Client,
}

impl Lanes {
    /// Lanes with the clients that `make` makes; one is made at once.
    ///
    /// # Errors
    /// `Refused`, where a connection can never be set up so; `Offline`, where there is no room for one.
    pub(crate) fn new(
        make: impl Fn() -> reqwest::Result<reqwest::Client> + Send + Sync + 'static,
    ) -> Result<Arc<Lanes>> {
        let lanes = Arc::new(Lanes { make: Box::new(make), idle: Mutex::new(Vec::new()) });
        lanes.free().map(|_| lanes.clone())
    }

    /// A lane that nobody else is on.
    pub(crate) fn free(self: &Arc<Self>) -> Result<Lane> {
        let idle = self.idle().pop();
        let driver = match idle {
            Some(driver) => driver,
            None => Arc::new(self.driver()?),
        };
        Ok(Lane { driver, lanes: self.clone() })
    }

    fn driver(&self) -> Result<Driver> {
        let unusable =
            |kind, cause: String| Error::new(kind, format!("the connection cannot be set up: {cause}"));
        // The system has no room for it now: nothing was sent.
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| unusable(ErrorKind::Offline, error.to_string()))?;
        let http = (self.make)().map_err(|error| unusable(ErrorKind::Refused, innermost(&error)))?;
        Ok(Driver { runtime, http })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Arc<Driver>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection, or the way to one; free for others when it is dropped.
pub(crate) struct Lane {
    driver: Arc<Driver>,
    lanes: Arc<Lanes>,
}

impl Lane {
    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.driver.http
    }

    /// Sends a request and waits for an answer to begin; its body is to be read from [`Lane::body`].
    pub(crate) fn send(
        &self,
        request: reqwest::Request,
        patience: Patience,
    ) -> std::result::Result<reqwest::Response, NoAnswer> {
        let answer = self.driver.runtime.block_on(async {
            // Nobody has looked at the connection since it was used. The first look lets in what has come, such as its end; the
            // second lets that be dealt with.
            yield_now().await;
            yield_now().await;
            timeout(patience.left(), self.driver.http.execute(request)).await
        });
        answer.map_or(Err(NoAnswer::Late), |answer| answer.map_err(NoAnswer::Failed))
    }

    /// The body of an answer that came by this lane.
    pub(crate) fn body(self, response: reqwest::Response, patience: Patience) -> impl Read + Send {
        Body { response, lane: self, patience, piece: Box::new(io::empty()) }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.lanes.idle().push(self.driver.clone());
    }
}

/// What is left of a body.
struct Body {
    // Goes before its lane does.
    response: reqwest::Response,
    lane: Lane,
    patience: Patience,
    /// What has come and was not asked for yet.
    piece: Box<dyn Read + Send>,
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.piece.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let next = async { timeout(self.patience.left(), self.response.chunk()).await };
            match self.lane.driver.runtime.block_on(next) {
                Ok(Ok(Some(bytes))) => self.piece = Box::new(io::Cursor::new(bytes)),
                Ok(Ok(None)) => return Ok(0),
                Ok(Err(error)) => return Err(io::Error::other(error)),
                Err(_) => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
    }
}
