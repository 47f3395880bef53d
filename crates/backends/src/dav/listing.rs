//! What changed: one `sync-collection` where the server has it, else one look at the ctag and, if that moved or has just
//! moved, a listing.
//!
//! A token that the server no longer knows leads to a listing, never to an error. An answer that is not whole is an error,
//! never a listing: whether it breaks off, or says itself that there is more.

use dovetail_dav::href::Path;
use dovetail_dav::propfind::Depth;
use dovetail_dav::query::Of;
use dovetail_dav::{Client, Error as DavError, ErrorKind as DavKind, names, sync_collection};
use dovetail_sync::error::{Error, ErrorKind, Result};
use dovetail_sync::storage::{Call, Changes, Collection, Row, Standing, SyncToken, Version};

use super::facts::{Bookmark, Ctag, Facts};
use super::lessons::Versions;
use super::{Contents, DavCollection, failure};

type Sink<'s> = &'s mut dyn FnMut(Row) -> Result<()>;

/// Tells the sink what changed.
pub(super) fn changes(
    collection: &DavCollection,
    since: Option<&SyncToken>,
    sink: Sink<'_>,
    call: &Call,
) -> Result<Changes> {
    call.check()?;
    let client = collection.client(call);
    let bookmark = since.and_then(|token| Bookmark::read(token, &collection.path));
    let remembered = bookmark.as_ref().map(|bookmark| bookmark.facts.clone());
    collection.recall(remembered);
    let facts = collection.facts(call)?;
    let mut job = Listing { collection, client, facts, sink, call, versions: Versions::listed() };
    let answer = job.answer(bookmark);
    collection.learn(|lessons| lessons.saw(&job.versions));
    answer
}

struct Listing<'a> {
    collection: &'a DavCollection,
    client: Client,
    facts: Facts,
    sink: Sink<'a>,
    call: &'a Call,
    versions: Versions,
}

/// Whether rows of what is gone mean something: in a listing they are of the distant past.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Removals {
    Told,
    Old,
}

impl Listing<'_> {
    fn answer(&mut self, bookmark: Option<Bookmark>) -> Result<Changes> {
        let Some(Bookmark { sync_token, ctag, .. }) = bookmark else { return self.list(None) };
        let changes = match (sync_token, &ctag) {
            (Some(token), _) => self.since(&token)?,
            (None, Some(ctag)) if ctag.settled => self.unless_moved(ctag)?,
            _ => None,
        };
        match changes {
            Some(changes) => Ok(changes),
            None => self.list(ctag),
        }
    }

    /// What changed since a token; `None` where the server no longer knows it.
    fn since(&mut self, token: &str) -> Result<Option<Changes>> {
        match self.sync(Some(token), Removals::Told)? {
            Ok(next) => Ok(Some(Changes::Since { next: self.token(Some(next), None)? })),
            Err(error) if sync_collection::is_token_refused(&error) || error.kind == DavKind::Gone => {
                tracing::info!(%error, "the sync token is no longer known");
                Ok(None)
            }
            Err(error) => Err(failure(error)),
        }
    }

    /// Nothing changed, if the ctag is still the same.
    fn unless_moved(&mut self, ctag: &Ctag) -> Result<Option<Changes>> {
        let (_, row) = self.client.propfind_one(&self.collection.url, &[names::GETCTAG]).map_err(failure)?;
        if row.text(&names::GETCTAG) != Some(&ctag.value) {
            return Ok(None);
        }
        Ok(Some(Changes::Since { next: self.token(None, Some(ctag.clone()))? }))
    }

    /// Everything, after a ctag that was known before.
    fn list(&mut self, before: Option<Ctag>) -> Result<Changes> {
        let began = (self.collection.now)();
        if self.facts.syncs {
            match self.sync(None, Removals::Old)? {
                Ok(next) => return Ok(Changes::Listing { next: Some(self.token(Some(next), None)?) }),
                Err(error) if sync_collection::is_token_refused(&error) => {
                    tracing::info!(%error, "the server does not answer the report that it announces");
                    // Of a token it speaks only between two pages: then it answers the report, just not to its end.
                    self.facts.syncs = error.names_precondition("valid-sync-token");
                }
                Err(error) => return Err(failure(error)),
            }
        }
        let ctag = match self.propfind()? {
            Ok(ctag) => ctag,
            Err(error) if is_not_listed(&error) => match self.query()? {
                Ok(()) => None,
                Err(again) if again.kind == DavKind::Gone && error.kind == DavKind::Gone => {
                    return self.nothing(error);
                }
                // That it lists but a part says more than how it refuses what it was asked instead.
                Err(DavError { kind: DavKind::Gone | DavKind::Refused, .. }) if is_partial(&error) => {
                    return Err(failure(error));
                }
                Err(error) => return Err(failure(error)),
            },
            Err(error) => return Err(failure(error)),
        };
        let ctag = ctag.filter(|_| !self.facts.syncs).map(|value| Ctag::listed(value, began, before));
        Ok(Changes::Listing { next: Some(self.token(None, ctag)?) })
    }

    /// QUIRK(empty-listings: synology): a listing of nothing is "not found", in whatever way it is asked for. It is one only if the collection
    /// itself is there.
    fn nothing(&self, error: DavError) -> Result<Changes> {
        match self.collection.standing(self.call)? {
            Standing::Answers => Ok(Changes::Listing { next: None }),
            Standing::Missing(_) => Err(failure(error)),
        }
    }

    fn sync(&mut self, token: Option<&str>, removals: Removals) -> Result<dovetail_dav::Result<String>> {
        let (client, url) = (self.client.clone(), self.collection.url.clone());
        self.through(removals, |rows| client.sync_collection(&url, token, rows))
    }

    fn propfind(&mut self) -> Result<dovetail_dav::Result<Option<String>>> {
        let (client, url, own) =
            (self.client.clone(), self.collection.url.clone(), self.collection.path.clone());
        let mut ctag = None;
        let wanted = [names::GETETAG, names::RESOURCETYPE, names::GETCTAG];
        let answer = self.through(Removals::Old, |rows| {
            client.propfind(&url, Depth::One, &wanted, &mut |row| {
                if Path::resolve(&url, &row.href).is_ok_and(|path| path.is_same_collection(&own)) {
                    ctag = row.text(&names::GETCTAG).map(str::to_owned);
                }
                rows(row)
            })
        })?;
        Ok(answer.map(|_| ctag))
    }

    /// Whoever does not list by PROPFIND may still answer the reports.
    fn query(&mut self) -> Result<dovetail_dav::Result<()>> {
        let (client, url) = (self.client.clone(), self.collection.url.clone());
        let kinds: &[Of] = match self.collection.contents {
            Contents::Calendar => &[Of::Events, Of::Tasks],
            Contents::AddressBook { .. } => &[Of::Cards],
        };
        for kind in kinds {
            if let Err(error) = self.through(Removals::Old, |rows| client.query(&url, *kind, rows))? {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }

    /// Runs a request whose rows go to the sink. The outer failure is the sink's, the inner one the server's.
    fn through<T>(
        &mut self,
        removals: Removals,
        request: impl FnOnce(
            &mut dyn FnMut(dovetail_dav::Row) -> dovetail_dav::Result<()>,
        ) -> dovetail_dav::Result<T>,
    ) -> Result<dovetail_dav::Result<T>> {
        let mut stopped = None;
        let mut count = 0;
        let answer = request(&mut |row| {
            self.check_whole(&row)?;
            let mut pass = || -> Result<()> {
                self.call.check()?;
                if let Some(row) = self.row(&row, removals) {
                    if let Row::Present(_, Version(etag)) = &row {
                        self.versions.add(etag);
                    }
                    (self.sink)(row)?;
                    count += 1;
                    self.call.tell("listing", count, None);
                }
                Ok(())
            };
            pass().map_err(|error| {
                let what = error.what.clone();
                stopped = Some(error);
                DavError::new(DavKind::Refused, what)
            })
        });
        match stopped {
            Some(error) => Err(error),
            None => Ok(answer),
        }
    }

    /// Fails on a row by which the server says that it lists not all: what is missing there would be taken for gone.
    ///
    /// It is a row of the collection itself (RFC 6578 section 3.6, RFC 6352 section 8.6.2), by whatever address the server knows it:
    /// 507 is the status of no item.
    fn check_whole(&self, row: &dovetail_dav::Row) -> dovetail_dav::Result<()> {
        let Some(status) = row.status.filter(|status| !(200..300).contains(status)) else { return Ok(()) };
        let own = &self.collection.path;
        let is_own =
            Path::resolve(&self.collection.url, &row.href).is_ok_and(|path| path.is_same_collection(own));
        match status {
            507 => Err(row.error(status, &format!("the server lists only a part of {own} (507)"))),
            _ if is_own => Err(row.error(status, &format!("the server answers for {own} with {status}"))),
            _ => Ok(()),
        }
    }

    /// What a row says to the engine; `None` for what is no item.
    fn row(&self, row: &dovetail_dav::Row, removals: Removals) -> Option<Row> {
        let path = match Path::resolve(&self.collection.url, &row.href) {
            Ok(path) => path,
            Err(error) => {
                tracing::warn!(%error, "a row was passed over");
                return None;
            }
        };
        let is_item = !path.is_same_collection(&self.collection.path)
            && !row.is_collection()
            && !path.as_str().ends_with('/');
        if !is_item {
            return None;
        }
        let id = self.collection.id(&path);
        match (row.is_gone(), row.failure(), row.etag()) {
            // QUIRK(tokens: radicale): the first report also lists what was deleted long ago.
            (true, _, _) => (removals == Removals::Told).then_some(Row::Removed(id)),
            (false, None, Some(etag)) => Some(Row::Present(id, Version(etag))),
            _ => Some(Row::Unclear(id)),
        }
    }

    fn token(&self, sync_token: Option<String>, ctag: Option<Ctag>) -> Result<SyncToken> {
        let collection = self.collection.path.as_str().to_owned();
        let bookmark = Bookmark { collection, sync_token, ctag, facts: self.facts.clone() };
        bookmark.token().ok_or_else(|| Error::new(ErrorKind::Local, "The sync token cannot be written down."))
    }
}

/// Whether a collection may list nothing by PROPFIND, and still answer the reports.
fn is_not_listed(error: &DavError) -> bool {
    error.kind == DavKind::Gone
        || (error.kind == DavKind::Refused && matches!(error.status, Some(403 | 405 | 501 | 507)))
}

/// Whether the server says that it does not list all.
fn is_partial(error: &DavError) -> bool {
    error.status == Some(507)
}
