//! The report `free-busy-query` (RFC 4791 section 7.10): when somebody has time, and nothing else.

use dovetail_mapping::component::{Component, Document};
use jiff::Timestamp;

use super::super::Reply;
use super::Report;
use crate::clock;
use crate::instances::{Range, Series, utc_text};
use crate::refusal::Refusal;
use crate::xml::Name;

/// The busy times of a calendar in a range, those that overlap in one.
pub(super) fn answer(report: &Report<'_>) -> Result<Reply, Refusal> {
    let range = report.root.child(&Name::caldav("time-range"));
    let range = Range::read(range.ok_or_else(|| Refusal::new(400, "there is no time range"))?)?;
    let mut busy: [Vec<(Timestamp, Timestamp)>; 2] = Default::default();
    for (_, stored) in report.collection.objects() {
        let document = Document::parse(&stored.bytes);
        let series = Series::new(&document, &report.home);
        let events = document.components().flat_map(|it| it.components_named("VEVENT").collect::<Vec<_>>());
        for event in events {
            let [firm, tentative] = &mut busy;
            let times = match standing(event) {
                Standing::Busy => firm,
                Standing::Tentative => tentative,
                Standing::Free => continue,
            };
            let instances = series.instances(event, range).into_iter();
            times.extend(
                instances.map(|it| range.part_of(series.instant_of(&it.start), series.instant_of(&it.end))),
            );
        }
    }
    let (from, to) = range.utc();
    let stamp = utc_text(clock::now());
    let mut body = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Dovetail//davserver//EN\r\nBEGIN:VFREEBUSY\r\n\
         DTSTAMP:{stamp}\r\nDTSTART:{from}\r\nDTEND:{to}\r\n"
    );
    for (kind, times) in ["BUSY", "BUSY-TENTATIVE"].into_iter().zip(busy) {
        for (start, end) in joined(times) {
            body.push_str(&format!("FREEBUSY;FBTYPE={kind}:{}/{}\r\n", utc_text(start), utc_text(end)));
        }
    }
    body.push_str("END:VFREEBUSY\r\nEND:VCALENDAR\r\n");
    let reply = Reply::new(200).with("content-type", "text/calendar; charset=utf-8");
    Ok(Reply { body: body.into(), ..reply })
}

enum Standing {
    Busy,
    Tentative,
    Free,
}

fn standing(event: Component<'_>) -> Standing {
    let says = |name, value: &str| {
        event.line(name).is_some_and(|line| line.value().trim().eq_ignore_ascii_case(value))
    };
    if says("TRANSP", "TRANSPARENT") || says("STATUS", "CANCELLED") {
        Standing::Free
    } else if says("STATUS", "TENTATIVE") {
        Standing::Tentative
    } else {
        Standing::Busy
    }
}

/// In order, and those that touch in one.
fn joined(mut times: Vec<(Timestamp, Timestamp)>) -> Vec<(Timestamp, Timestamp)> {
    times.sort_unstable();
    let mut joined: Vec<(Timestamp, Timestamp)> = Vec::new();
    for (start, end) in times.into_iter().filter(|(start, end)| start < end) {
        match joined.last_mut() {
            Some((_, last)) if *last >= start => *last = end.max(*last),
            _ => joined.push((start, end)),
        }
    }
    joined
}
