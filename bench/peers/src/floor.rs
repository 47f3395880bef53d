//! The simplest possible upload and download. It keeps no state, reads nothing again, and looks at nothing that it gets: nobody
//! who keeps two sides in step can be faster with as many connections.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::http::Server;
use crate::{Kind, Result};

/// Bodies are read by so many at a time, as Dovetail does.
const BATCH: usize = 100;

/// Sends every file of a folder, under its name.
pub fn put(connections: usize, url: &str, folder: &str) -> Result<usize> {
    let (server, path) = Server::of(url)?;
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let file = entry?.path();
        let name =
            file.file_name().and_then(|name| name.to_str()).ok_or("a name that is no text")?.to_owned();
        files.push((name, std::fs::read(file)?));
    }
    each(
        connections,
        &files,
        |(name, body), connection| {
            let media_type = if name.ends_with(".vcf") { "text/vcard" } else { "text/calendar" };
            let headers = format!("Content-Type: {media_type}; charset=utf-8\r\nIf-None-Match: *\r\n");
            connection.request("PUT", &format!("{path}{name}"), &headers, body).map(drop)
        },
        &server,
    )?;
    Ok(files.len())
}

/// Lists a collection and reads all of its items.
pub fn get(connections: usize, url: &str, kind: Kind) -> Result<usize> {
    let (server, path) = Server::of(url)?;
    let xml = "Content-Type: application/xml; charset=utf-8\r\nDepth: 1\r\n";
    let list = "<D:propfind xmlns:D=\"DAV:\"><D:prop><D:getetag/></D:prop></D:propfind>";
    let answer = server.connection().request("PROPFIND", &path, xml, list.as_bytes())?;
    let answer = String::from_utf8_lossy(&answer);
    let hrefs: Vec<&str> = hrefs(&answer).filter(|href| !href.ends_with('/')).collect();
    let (namespace, report, data) = match kind {
        Kind::Events => ("caldav", "calendar-multiget", "calendar-data"),
        Kind::Contacts => ("carddav", "addressbook-multiget", "address-data"),
    };
    let batches: Vec<&[&str]> = hrefs.chunks(BATCH).collect();
    let read = AtomicUsize::new(0);
    each(
        connections,
        &batches,
        |batch, connection| {
            let named: String = batch.iter().map(|href| format!("<D:href>{href}</D:href>")).collect();
            let body = format!(
                "<C:{report} xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:{namespace}\"><D:prop><D:getetag/><C:{data}/></D:prop>\
             {named}</C:{report}>"
            );
            let answer = connection.request("REPORT", &path, xml, body.as_bytes())?;
            let begin: &[u8] = if kind == Kind::Events { b"BEGIN:VCALENDAR" } else { b"BEGIN:VCARD" };
            read.fetch_add(
                answer.windows(begin.len()).filter(|window| *window == begin).count(),
                Ordering::Relaxed,
            );
            Ok(())
        },
        &server,
    )?;
    Ok(read.into_inner())
}

/// Does the work of all, on so many connections.
fn each<T: Sync>(
    connections: usize,
    work: &[T],
    job: impl Fn(&T, &mut crate::http::Connection<'_>) -> Result<()> + Sync,
    server: &Server,
) -> Result<()> {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
    thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                let mut connection = server.connection();
                while let Some(one) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = job(one, &mut connection) {
                        failed.lock().expect("nobody panics").get_or_insert(error);
                        return;
                    }
                }
            });
        }
    });
    failed.into_inner().expect("nobody panics").map_or(Ok(()), Err)
}

/// What stands in `href` elements, whatever their prefix.
fn hrefs(document: &str) -> impl Iterator<Item = &str> {
    document.split('<').filter_map(|element| {
        let (tag, text) = element.split_once('>')?;
        let name = tag.split([' ', '/']).next()?.rsplit(':').next()?;
        (name == "href" && !tag.starts_with('/') && !text.is_empty()).then_some(text)
    })
}
