use std::fs;

use super::file::{Seal, Trust};
use super::*;
use crate::error::ErrorKind;
use crate::scope::Place;
use crate::state::listing::Coverage;
use crate::storage::Traits;

const PAIR: &str = "pair";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("state.db")
    }

    fn state(&self) -> State {
        State::open(&self.path()).unwrap()
    }
}

fn base(id: &str, version: &str) -> Base {
    Base {
        id: ItemId(id.into()),
        version: Version(version.into()),
        modified: Some("2026-03-02T08:00:00Z".parse().unwrap()),
        original: Original { capture: 2, bytes: Arc::from(format!("what {id} says").as_bytes()) },
    }
}

fn link(uid: &str, outlook: Option<Base>, server: Option<Base>) -> Link {
    Link::new(LinkId(0), Sides { outlook, server }, Sides { outlook: None, server: Some(uid) }, None)
}

fn put(state: &mut State, link: &Link) -> LinkId {
    state.transaction(|state| state.put_link(PAIR, link)).unwrap()
}

fn ids(of: &[&str]) -> Vec<ItemId> {
    of.iter().map(|id| ItemId((*id).into())).collect()
}

/// What is asked after the server listed these rows.
fn questions(state: &mut State, coverage: Coverage, traits: Traits, rows: &[Row]) -> Questions {
    state.begin_listing().unwrap();
    for row in rows {
        state.list(row).unwrap();
    }
    state.questions(PAIR, Side::Server, coverage, traits).unwrap()
}

fn present(id: &str, version: &str) -> Row {
    Row::Present(ItemId(id.into()), Version(version.into()))
}

#[test]
fn a_link_is_found_by_its_items_and_its_uid_after_the_program_has_ended() {
    let folder = Folder::new();
    let stored = {
        let mut state = folder.state();
        let mut stored = link("u1", Some(base("o1", "1")), Some(base("s1", "7")));
        stored.id = put(&mut state, &stored);
        stored
    };
    let state = folder.state();
    for found in [
        state.link_of(PAIR, Side::Outlook, &ItemId("o1".into())),
        state.link_of(PAIR, Side::Server, &ItemId("s1".into())),
        state.link_by_uid(PAIR, "u1"),
        state.link(stored.id),
    ] {
        assert_eq!(found.unwrap(), Some(stored.clone()));
    }
    assert_eq!(state.link_of("another pair", Side::Outlook, &ItemId("o1".into())).unwrap(), None);
    assert_eq!(state.linked(PAIR, Side::Server).unwrap(), 1);
}

#[test]
fn a_link_is_known_by_both_uids_where_the_server_gives_its_own() {
    let folder = Folder::new();
    let mut state = folder.state();
    let sides = || Sides { outlook: Some(base("o1", "1")), server: Some(base("s1", "1")) };
    let uids = Sides { outlook: Some("ours"), server: Some("theirs") };
    let id = put(&mut state, &Link::new(LinkId(0), sides(), uids, None));
    for uid in ["ours", "theirs"] {
        assert_eq!(state.link_by_uid(PAIR, uid).unwrap().map(|link| link.id), Some(id));
    }
    let given = Link::new(LinkId(0), sides(), Sides::default(), Some("given".into()));
    assert_eq!((given.uid.as_deref(), given.other_uid), (Some("given"), None));
}

#[test]
fn a_listing_asks_for_what_is_new_changed_or_missing_and_nothing_else() {
    let folder = Folder::new();
    let mut state = folder.state();
    for (uid, outlook, server) in [("u1", "o1", "s1"), ("u2", "o2", "s2"), ("u3", "o3", "s3")] {
        put(&mut state, &link(uid, Some(base(outlook, "1")), Some(base(server, "1"))));
    }
    let rows = [present("s1", "1"), present("s2", "2"), present("s9", "1")];
    let asked = questions(&mut state, Coverage::Whole, Traits::default(), &rows);
    assert_eq!(asked.changed, ids(&["s2", "s9"]));
    assert_eq!(asked.absent, ids(&["s3"]));
    assert!(asked.linked_seen);
    assert_eq!(asked.named, 3);

    let nothing = questions(&mut state, Coverage::Since, Traits::default(), &[]);
    assert_eq!(nothing, Questions::default());
}

#[test]
fn a_report_of_removals_is_a_question_for_linked_and_unlinked_items() {
    let folder = Folder::new();
    let mut state = folder.state();
    put(&mut state, &link("u1", Some(base("o1", "1")), Some(base("s1", "1"))));
    for coverage in [Coverage::Whole, Coverage::Since] {
        let rows = [Row::Removed(ItemId("s1".into())), Row::Removed(ItemId("s9".into()))];
        let asked = questions(&mut state, coverage, Traits::default(), &rows);
        assert_eq!(asked.absent, ids(&["s1", "s9"]), "{coverage:?}");
    }
}

#[test]
fn what_a_run_made_and_no_report_tells_of_is_a_question() {
    let folder = Folder::new();
    let mut state = folder.state();
    put(&mut state, &link("u1", Some(base("o1", "1")), Some(base("s1", "1"))));
    put(&mut state, &link("u2", Some(base("o2", "1")), Some(base("s2", "1"))));
    for made in ["s1", "s2"] {
        state
            .transaction(|state| state.put_made(PAIR, Side::Server, &ItemId(made.into()), Some("run 1")))
            .unwrap();
    }
    state.transaction(|state| state.keep_made(PAIR, "run 1")).unwrap();
    let told = [present("s1", "1")];
    let asked = questions(&mut state, Coverage::Since, Traits::default(), &told);
    assert_eq!((asked.changed, asked.absent), (ids(&[]), ids(&["s2"])));

    state.transaction(|state| state.keep_made(PAIR, "run 2")).unwrap();
    let asked = questions(&mut state, Coverage::Since, Traits::default(), &told);
    assert_eq!(asked.absent, ids(&[]));
}

#[test]
fn an_unclear_row_is_neither_changed_nor_missing() {
    let folder = Folder::new();
    let mut state = folder.state();
    put(&mut state, &link("u1", Some(base("o1", "1")), Some(base("s1", "1"))));
    let asked =
        questions(&mut state, Coverage::Whole, Traits::default(), &[Row::Unclear(ItemId("s1".into()))]);
    assert_eq!((asked.changed, asked.absent, asked.unclear), (ids(&[]), ids(&[]), ids(&["s1"])));
}

#[test]
fn a_reported_row_is_asked_again_where_versions_repeat() {
    let folder = Folder::new();
    let mut state = folder.state();
    put(&mut state, &link("u1", Some(base("o1", "1")), Some(base("s1", "1"))));
    let repeat = Traits { versions_repeat: true, ..Traits::default() };
    for coverage in [Coverage::Since, Coverage::Whole] {
        let asked = questions(&mut state, coverage, repeat, &[present("s1", "1")]);
        assert_eq!(asked.changed, ids(&["s1"]), "{coverage:?}");
    }
}

#[test]
fn what_is_not_ours_is_asked_again_only_when_it_changes() {
    let folder = Folder::new();
    let mut state = folder.state();
    let (id, version) = (ItemId("s1".into()), Version("1".into()));
    state.transaction(|state| state.put_not_ours(PAIR, Side::Server, &id, &version, "a task")).unwrap();
    assert!(state.is_not_ours(PAIR, Side::Server, &id).unwrap());
    let unchanged = questions(&mut state, Coverage::Whole, Traits::default(), &[present("s1", "1")]);
    assert_eq!(unchanged.changed, ids(&[]));
    let changed = questions(&mut state, Coverage::Whole, Traits::default(), &[present("s1", "2")]);
    assert_eq!(changed.changed, ids(&["s1"]));
}

#[test]
fn another_scope_begins_anew_and_asks_for_what_was_outside() {
    let folder = Folder::new();
    let mut state = folder.state();
    state.enter_scope(PAIR, "events", false).unwrap();
    let parked = put(&mut state, &link("u1", Some(base("o1", "1")), Some(base("s1", "1"))));
    state
        .transaction(|state| {
            state.park(parked)?;
            state.put_token(PAIR, Side::Server, Some(&SyncToken("7".into())))?;
            state.put_not_ours(PAIR, Side::Server, &ItemId("s9".into()), &Version("1".into()), "a task")
        })
        .unwrap();

    state.enter_scope(PAIR, "events", false).unwrap();
    assert!(state.token(PAIR, Side::Server).unwrap().is_some());
    state.enter_scope(PAIR, "events and tasks", false).unwrap();
    assert_eq!(state.token(PAIR, Side::Server).unwrap(), None);
    assert!(!state.is_not_ours(PAIR, Side::Server, &ItemId("s9".into())).unwrap());
    assert!(state.pending(PAIR, Side::Server).unwrap().contains(&ItemId("s1".into())));
    assert!(state.pending(PAIR, Side::Outlook).unwrap().contains(&ItemId("o1".into())));
}

#[test]
fn an_intent_keeps_what_it_was_planned_from() {
    let folder = Folder::new();
    let mut state = folder.state();
    let group = dovetail_model::Item::Group(Box::default());
    let mut intent = Intent {
        id: 0,
        link: Some(LinkId(3)),
        uid: Some("u1".into()),
        planned: Sides { outlook: Some(base("o1", "1")), server: None },
        wanted: Sides { outlook: Wanted::Same, server: Wanted::Item(Box::new(group)) },
        entries: Sides { outlook: None, server: Some(5) },
        apart: true,
        superseded: false,
    };
    intent.id = state.transaction(|state| state.put_intent(PAIR, "run", &intent)).unwrap();
    state.transaction(|state| state.drop_unused_originals()).unwrap();
    assert!(intent.creates(Side::Server) && !intent.creates(Side::Outlook));
    assert_eq!(state.intents(PAIR).unwrap(), [intent.clone()]);
    state.transaction(|state| state.remove_intent(intent.id)).unwrap();
    assert_eq!(state.intents(PAIR).unwrap(), []);
}

#[test]
fn originals_are_kept_as_long_as_a_link_needs_them() {
    let folder = Folder::new();
    let mut state = folder.state();
    let kept = put(&mut state, &link("u1", Some(base("o1", "1")), Some(base("s1", "1"))));
    let dropped = put(&mut state, &link("u2", Some(base("o2", "1")), None));
    let count = |state: &State| -> i64 {
        state.connection.query_row("SELECT count(*) FROM original", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(count(&state), 3);
    state
        .transaction(|state| {
            state.remove_link(dropped)?;
            state.drop_unused_originals()
        })
        .unwrap();
    assert_eq!(count(&state), 2);
    assert!(state.link(kept).unwrap().is_some());
}

#[test]
fn half_of_a_transaction_is_nothing() {
    let folder = Folder::new();
    let mut state = folder.state();
    let failed: Result<()> = state.transaction(|state| {
        state.put_link(PAIR, &link("u1", Some(base("o1", "1")), None))?;
        Err(crate::Error::new(ErrorKind::Local, "The disk is full."))
    });
    assert!(failed.is_err());
    assert_eq!(state.linked(PAIR, Side::Outlook).unwrap(), 0);
}

#[test]
fn a_damaged_state_is_moved_aside_and_told() {
    let whole = {
        let folder = Folder::new();
        put(&mut folder.state(), &link("u1", Some(base("o1", "1")), None));
        fs::read(folder.path()).unwrap()
    };
    let mut torn = whole.clone();
    torn.iter_mut().skip(4_000).step_by(3).for_each(|byte| *byte = 0xA5);
    for (what, bytes) in [("no database", b"this never was a database at all".to_vec()), ("torn", torn)] {
        let folder = Folder::new();
        fs::write(folder.path(), &bytes).unwrap();
        let state = folder.state();
        let aside = folder.0.path().join("state.db.damaged-1");
        assert_eq!(state.damaged.as_deref(), Some(aside.as_path()), "{what}");
        assert_eq!(fs::read(aside).unwrap(), bytes, "{what}");
        assert_eq!(state.linked(PAIR, Side::Outlook).unwrap(), 0, "{what}");
        drop(state);
        assert_eq!(folder.state().damaged, None, "{what}");
    }
}

#[test]
fn a_state_whose_links_lack_their_originals_is_damaged() {
    let folder = Folder::new();
    {
        let mut state = folder.state();
        put(&mut state, &link("u1", Some(base("o1", "1")), None));
        state.connection.execute("DELETE FROM original", []).unwrap();
    }
    assert!(folder.state().damaged.is_some());
}

/// Links without originals stand for any damage.
fn lose_originals(folder: &Folder) {
    Connection::open(folder.path()).unwrap().execute("DELETE FROM original", []).unwrap();
}

#[test]
fn a_state_is_checked_again_unless_a_run_ended_well_and_nobody_wrote_to_it_since() {
    let run = |folder: &Folder, ends_well: bool| {
        let mut state = folder.state();
        state.begin();
        put(&mut state, &link("u1", Some(base("o1", "1")), None));
        if ends_well {
            state.finish();
        }
    };
    let note = |folder: &Folder| folder.0.path().join("state.db.seal").exists();

    let folder = Folder::new();
    run(&folder, true);
    assert!(note(&folder));
    assert_eq!(Seal::of(&folder.path()).trust(), Trust::Untouched);
    folder.state();
    assert_eq!(Seal::of(&folder.path()).trust(), Trust::Untouched, "it was looked at");
    lose_originals(&folder);
    assert!(folder.state().damaged.is_some(), "somebody wrote to it at once");

    let folder = Folder::new();
    run(&folder, true);
    run(&folder, false);
    assert!(!note(&folder), "a run that does not end well takes the note away");
    lose_originals(&folder);
    assert!(folder.state().damaged.is_some());
}

#[test]
fn a_log_that_a_kill_left_makes_the_state_be_checked() {
    let folder = Folder::new();
    {
        let mut state = folder.state();
        state.begin();
        state.finish();
    }
    fs::write(folder.0.path().join("state.db-wal"), b"").unwrap();
    assert_eq!(Seal::of(&folder.path()).trust(), Trust::Unknown);
}

#[test]
fn a_run_that_changes_nothing_leaves_the_file_as_it_is() {
    let folder = Folder::new();
    let run = || {
        let mut state = folder.state();
        state.enter_scope(PAIR, "events", false).unwrap();
        let token = SyncToken("7".into());
        state
            .transaction(|state| {
                state.clear_pending(PAIR)?;
                state.put_token(PAIR, Side::Server, Some(&token))?;
                state.keep_held(PAIR, &[])?;
                state.drop_unused_originals()
            })
            .unwrap();
        drop(state);
        fs::read(folder.path()).unwrap()
    };
    assert_eq!(run(), run());
}

#[test]
fn a_state_of_a_newer_program_is_refused_and_left_alone() {
    let folder = Folder::new();
    folder.state().connection.pragma_update(None, "user_version", 1_000).unwrap();
    let refused = State::open(&folder.path()).unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Outdated);
    assert!(refused.what.contains("newer version"), "{}", refused.what);
    assert!(folder.path().exists() && !folder.0.path().join("state.db.damaged-1").exists());
}

#[test]
fn two_runs_never_overlap() {
    let folder = Folder::new();
    let first = folder.state();
    let second = State::open(&folder.path()).unwrap_err();
    assert_eq!(second.kind, ErrorKind::Locked);
    assert!(second.what.starts_with("another run is at work on this profile"), "{}", second.what);
    #[cfg(unix)]
    assert!(second.what.contains(&std::process::id().to_string()), "{}", second.what);
    drop(first);
    folder.state();
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_state() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    folder.state();
    assert_eq!(fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_an_item_outside_is_found_by_is_forgotten_with_it() {
    let folder = Folder::new();
    let mut state = folder.state();
    let row = |keys: &[&str]| OutsideRow {
        id: ItemId("7".into()),
        version: Some(Version("1".into())),
        uid: Some("u".into()),
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        place: Place::OtherCategory,
    };
    let found = |state: &State, key| state.outside_by_key(PAIR, Side::Outlook, key).unwrap().len();
    let put = |state: &mut State, keys: &[&str]| {
        state.transaction(|state| state.put_outside(PAIR, Side::Outlook, &row(keys))).unwrap();
    };
    put(&mut state, &["plan", "pay"]);
    assert_eq!((found(&state, "plan"), found(&state, "pay"), found(&state, "lunch")), (1, 1, 0));
    assert_eq!(state.outside_by_key(PAIR, Side::Server, "plan").unwrap(), []);
    put(&mut state, &["pay"]);
    assert_eq!((found(&state, "plan"), found(&state, "pay")), (0, 1));
    assert!(state.has_outside_keys(PAIR, Side::Outlook).unwrap());
    state.transaction(|state| state.remove_outside(PAIR, Side::Outlook, &row(&[]).id)).unwrap();
    assert!(!state.has_outside_keys(PAIR, Side::Outlook).unwrap());
}
