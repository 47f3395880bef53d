//! The end of a run: what the next one begins with, remembered as one.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::error::Result;
use crate::execute::Executed;
use crate::observe::Observed;
use crate::plan::{Notice, PlanRow};
use crate::report::{Line, LineEvent};
use crate::sides::Side;
use crate::state::{Changing, Failing, State, pause_after};
use crate::{FirstPass, Run, outside};

/// INVARIANT: a token moves on only together with everything that is still open.
pub(crate) fn remember(run: &mut Run<'_>, first: FirstPass) -> Result<()> {
    let FirstPass { plan, mut observed, met_outside, mut spool, left, .. } = first;
    let (pair, storages, done) = (&run.pair.id, &run.pair.storages, &mut run.done);
    for side in Side::BOTH {
        done.lines.append(&mut observed.of_mut(side).lines);
    }
    let notice = |notice| Line { title: String::new(), side: None, event: LineEvent::Noticed { notice } };
    let breaking = Side::BOTH.into_iter().filter(|side| storages.of(*side).breaks_off());
    let breaking = breaking.map(|side| Notice::BreaksOff { side });
    done.lines.extend(plan.notices.iter().cloned().chain(breaking).map(notice));
    let complete = done.stopped.is_none();
    let failed = failed(run.state, pair, done, run.now)?;
    let held: Vec<&PlanRow> = plan.rows.iter().filter(|row| row.hold.is_some()).collect();
    run.state.transaction(|state| {
        if complete {
            state.clear_pending(pair)?;
        }
        for side in Side::BOTH {
            let seen = observed.of(side);
            for id in seen.pending.iter().chain(done.pending.of(side)) {
                state.put_pending(pair, side, id)?;
            }
            for id in &seen.in_vain {
                state.put_asked_in_vain(pair, side, id)?;
            }
            keep_seen(state, pair, side, seen)?;
            if complete {
                // What a stopped run did not get to is asked again.
                for id in &seen.not_outside {
                    state.remove_outside(pair, side, id)?;
                }
                let next = seen.next.clone().map(|token| storages.of(side).token_to_keep(token));
                state.put_token(pair, side, next.as_ref())?;
            }
            for row in &seen.outside {
                state.put_outside(pair, side, row)?;
            }
        }
        for met in &met_outside {
            outside::join(run.pair, state, &mut spool, met)?;
        }
        for (subject, failing) in &failed {
            state.put_failing(pair, subject, failing)?;
        }
        for row in &held {
            let shown = serde_json::to_value(row).unwrap_or_default();
            state.put_held(pair, &run.id.to_string(), &row.subject, &shown, &run.now.to_string())?;
        }
        if complete {
            // What a person approved and could not be done is still approved.
            let subjects = held.iter().map(|row| &row.subject).chain(&left).chain(&done.undone);
            let subjects: Vec<&str> = subjects.map(String::as_str).collect();
            state.keep_held(pair, &subjects)?;
            let known = failed.keys().chain(&done.deferred).chain(&left).map(String::as_str).collect();
            state.keep_failing(pair, &known)?;
            state.keep_made(pair, &run.id.to_string())?;
            state.finish_scope(pair)?;
            state.settle(pair)?;
            for notice in &plan.notices {
                if let Notice::ShortRange { interval_days, .. } = notice {
                    state.put_longest_interval(pair, *interval_days)?;
                }
            }
            state.drop_unused_originals()?;
        }
        Ok(())
    })?;
    if complete {
        run.state.finish();
    }
    Ok(())
}

/// Which items of a side are not ours, and which links wait because of that.
fn keep_seen(state: &Changing<'_>, pair: &str, side: Side, seen: &Observed) -> Result<()> {
    for (id, version, why) in &seen.not_ours {
        state.put_not_ours(pair, side, id, version, why)?;
    }
    for id in &seen.ours_now {
        state.remove_not_ours(pair, side, id)?;
    }
    for id in &seen.parked {
        state.park(*id)?;
    }
    Ok(())
}

/// What failed in this run, with how often it has by now.
fn failed(state: &State, pair: &str, done: &Executed, now: Timestamp) -> Result<BTreeMap<String, Failing>> {
    if done.refused.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut known = state.failing(pair)?;
    let counted = done.refused.iter().map(|(subject, (title, what))| {
        let before = known.remove(subject);
        let times = before.as_ref().map_or(0, |before| before.times).saturating_add(1);
        let failing = Failing {
            title: title.clone(),
            what: what.clone(),
            times,
            since: before.map_or(now, |before| before.since),
            next: now.checked_add(pause_after(times)).unwrap_or(now),
        };
        (subject.clone(), failing)
    });
    Ok(counted.collect())
}
