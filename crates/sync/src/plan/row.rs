//! The plan as data: one row an item, without bodies. What a dry run prints is what the executor runs.

use dovetail_model::carry::{self, Clash, Edit, Field, Ground, shortened};
use dovetail_model::{Item, Kind};
use serde::{Deserialize, Serialize};

use super::{Action, Change, Notice, Step, Verdict};
use crate::cases::Case;
use crate::journal::Operation;
use crate::report::{HoldReason, Line};
use crate::sides::{Side, Sides};
use crate::spool::Spooled;
use crate::state::{Link, LinkId};
use crate::storage::{Collection, ItemId};

/// A plan: what will be done, item by item.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// In the order in which they are carried out.
    pub rows: Vec<PlanRow>,
    /// What is to be said of the run as a whole.
    #[serde(default)]
    pub notices: Vec<Notice>,
    /// What is to be said of single items, beyond what is done to them.
    #[serde(default)]
    pub lines: Vec<Line>,
}

/// What will be done to one item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanRow {
    /// Its link, where it has one.
    pub link: Option<LinkId>,
    /// Its names, as far as it has them already.
    pub items: Sides<Option<ItemId>>,
    /// What became of it on each side; bodies are in the spool.
    pub changes: Sides<Change<Spooled>>,
    /// Why something is done.
    pub verdict: Verdict,
    /// What is done on each side.
    pub operations: Sides<Option<Operation>>,
    /// The sides on which a value is destroyed: by a deletion, or by an overwrite that lost a clash.
    pub loses: Sides<bool>,
    /// Whether the side's write might make it mail attendees.
    pub mails: Sides<bool>,
    /// What a person calls it.
    pub title: String,
    /// What it is.
    pub kind: Kind,
    /// Which fields change, on each side.
    pub fields: Sides<Vec<FieldChange>>,
    /// What clashed.
    pub clashes: Vec<Clash>,
    /// Who won.
    pub kept: Side,
    /// What names this step, with the versions that it was planned from: approval is bound to it.
    pub subject: String,
    /// Why it waits for a person.
    pub hold: Option<HoldReason>,
    /// A person approved it: it does not wait again.
    pub approved: bool,
    /// A person rejected it: what each side holds becomes its base.
    pub rejected: bool,
}

/// A field that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Which.
    pub field: Field,
    /// What it was, short.
    pub before: String,
    /// What it will be, short.
    pub after: String,
}

impl PlanRow {
    /// The row of an action; the link is the one that the case names.
    pub fn new(
        case: Case,
        link: Option<&Link>,
        action: &Action,
        storages: Sides<&dyn Collection>,
    ) -> PlanRow {
        let operations = Sides::new(|side| operation(action, side));
        let item = [Side::Server, Side::Outlook].iter().find_map(|side| action.item_after(*side));
        PlanRow {
            link: case.link,
            items: action.current.as_ref().map(|_, current| current.as_ref().map(|it| it.id.clone())),
            subject: action.subject(link, &case.changes),
            changes: case.changes,
            verdict: action.verdict,
            operations,
            loses: Sides::new(|side| loses(action, side)),
            mails: Sides::new(|side| may_mail(action, side, *storages.of(side))),
            title: item.map(|item| item.title().to_owned()).unwrap_or_default(),
            kind: item.map_or(Kind::Event, Item::kind),
            fields: Sides::new(|side| field_changes(action, side)),
            clashes: action.clashes.clone(),
            kept: action.kept,
            hold: case.hold,
            approved: false,
            rejected: false,
        }
    }

    /// Whether both sides' edits, or an edit and a removal, cannot both stand.
    pub(crate) fn is_contested(&self) -> bool {
        !self.clashes.is_empty() || matches!(self.verdict, Verdict::Revive(_))
    }

    /// Whether anything is written.
    pub fn writes(&self) -> bool {
        self.operations.outlook.is_some() || self.operations.server.is_some()
    }
}

impl Action {
    /// What names what is done, with the versions that it was planned from. Where a side says what it said when both last
    /// agreed, that is the version which it had then: some servers change versions though nobody edited anything.
    pub(crate) fn subject<S>(&self, link: Option<&Link>, changes: &Sides<Change<S>>) -> String {
        let side = |side: Side| {
            let agreed =
                link.and_then(|link| link.sides.of(side).as_ref()).filter(|_| !changes.of(side).is_edit());
            let at = self.current.of(side).as_ref().map_or("-".to_owned(), |snapshot| {
                let version = agreed.map_or(&snapshot.version, |base| &base.version);
                format!("{} {}", snapshot.id.0, version.0)
            });
            format!("{at} {:?}", operation(self, side))
        };
        format!("{} | {} | {}", link.map_or(0, |link| link.id.0), side(Side::Outlook), side(Side::Server))
    }

    /// What a side is to hold once the action is done.
    pub(crate) fn item_after(&self, side: Side) -> Option<&Item> {
        match self.steps.of(side) {
            Step::Write(draft) => Some(&draft.item),
            _ => self.current.of(side).as_ref().map(|snapshot| &snapshot.item),
        }
    }
}

fn operation(action: &Action, side: Side) -> Option<Operation> {
    match (action.steps.of(side), action.current.of(side)) {
        (Step::Leave, _) => None,
        (Step::Delete, _) => Some(Operation::Delete),
        (Step::Write(_), None) => Some(Operation::Create),
        (Step::Write(_), Some(_)) => Some(Operation::Update),
    }
}

fn loses(action: &Action, side: Side) -> bool {
    match action.steps.of(side) {
        Step::Leave => false,
        Step::Delete => true,
        Step::Write(_) => !action.clashes.is_empty() && side != action.kept,
    }
}

fn may_mail(action: &Action, side: Side, storage: &dyn Collection) -> bool {
    let draft = match action.steps.of(side) {
        Step::Leave => return false,
        Step::Delete => None,
        Step::Write(draft) => Some(draft),
    };
    let known = storage.may_mail(action.current.of(side).as_ref(), draft);
    known.unwrap_or_else(|| storage.traits().mails_attendees && writes_meeting(action, side))
}

fn writes_meeting(action: &Action, side: Side) -> bool {
    let meets = |item: &Item| match item {
        Item::Event(event) => {
            event.overrides.values().chain([&event.main]).any(|occurrence| !occurrence.attendees.is_empty())
        }
        _ => false,
    };
    let before = action.current.of(side).as_ref().is_some_and(|snapshot| meets(&snapshot.item));
    match action.steps.of(side) {
        Step::Leave => false,
        Step::Delete => before,
        Step::Write(draft) => before || meets(&draft.item),
    }
}

fn field_changes(action: &Action, side: Side) -> Vec<FieldChange> {
    let (Step::Write(draft), Some(before)) = (action.steps.of(side), action.current.of(side)) else {
        return Vec::new();
    };
    let Edit { fields } = carry::edit(&Ground::from(before.item.clone()), &draft.item);
    let shown = fields
        .into_iter()
        .flat_map(|(field, changes)| changes.into_iter().map(move |change| (field, change)));
    let mut shown: Vec<FieldChange> = shown
        .map(|(field, change)| FieldChange {
            field,
            before: shortened(&change.before),
            after: shortened(&change.after),
        })
        .collect();
    // An entry that gets another key is an addition and a removal, which read alike.
    shown.dedup();
    shown
}
