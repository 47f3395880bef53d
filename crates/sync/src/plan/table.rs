//! The table: what happens to an item, by what became of it on each side. `table.txt` is printed from it by a test.

use serde::{Deserialize, Serialize};

use crate::sides::{Side, Sides};

/// Which way edits go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Both ways.
    TwoWay,
    /// The server becomes what Outlook is.
    ReplicateToServer,
    /// Outlook becomes what the server is.
    ReplicateToOutlook,
    /// Outlook's items go to the server, which keeps its own.
    MergeToServer,
    /// The server's items go to Outlook, which keeps its own.
    MergeToOutlook,
}

impl Direction {
    /// Every direction.
    pub const ALL: [Direction; 5] = [
        Direction::TwoWay,
        Direction::ReplicateToServer,
        Direction::ReplicateToOutlook,
        Direction::MergeToServer,
        Direction::MergeToOutlook,
    ];

    /// The side that alone is written to; `None` where both are.
    pub fn target(self) -> Option<Side> {
        match self {
            Direction::TwoWay => None,
            Direction::ReplicateToServer | Direction::MergeToServer => Some(Side::Server),
            Direction::ReplicateToOutlook | Direction::MergeToOutlook => Some(Side::Outlook),
        }
    }

    /// The side that keeps its own, whatever comes from the other.
    pub fn merges_to(self) -> Option<Side> {
        self.target().filter(|_| matches!(self, Direction::MergeToServer | Direction::MergeToOutlook))
    }

    /// The side that becomes what the other is.
    pub fn replicates_to(self) -> Option<Side> {
        self.target().filter(|_| matches!(self, Direction::ReplicateToServer | Direction::ReplicateToOutlook))
    }

    /// That by which a side becomes what the other is.
    pub(crate) fn replicating_to(side: Side) -> Direction {
        match side {
            Side::Server => Direction::ReplicateToServer,
            Side::Outlook => Direction::ReplicateToOutlook,
        }
    }

    /// Where only one side can be written to, two-way means that this one takes what the other has, and keeps its own.
    #[must_use]
    pub fn where_writable(self, writable: Sides<bool>) -> Direction {
        match (self, writable.outlook, writable.server) {
            (Direction::TwoWay, true, false) => Direction::MergeToOutlook,
            (Direction::TwoWay, false, true) => Direction::MergeToServer,
            _ => self,
        }
    }
}

/// Who wins where both sides edited one item. Asked only two-way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Field by field; the newer side in a clash; an edit outlives a deletion.
    Merge,
    /// Outlook's item, whole: its edit or its deletion.
    OutlookWins,
    /// The server's item, whole: its edit or its deletion.
    ServerWins,
    /// The newer item, whole; a deletion wins over an edit.
    Automatic,
    /// A person: field by field, and what clashes waits.
    Ask,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Rule; 5] = [Rule::Merge, Rule::OutlookWins, Rule::ServerWins, Rule::Automatic, Rule::Ask];
}

/// A [`Change`](super::Change) without its body: what the table asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Never there.
    Never,
    /// As it was.
    Unchanged,
    /// Edited, or new.
    Edited,
    /// Gone.
    Deleted,
}

/// Whose the target's item is. Asked only by the directions that merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// It came from the source.
    Given,
    /// It came from the source and was edited on the target since.
    Edited,
    /// The target has it of its own.
    Own,
}

impl Whose {
    /// Every answer.
    pub const ALL: [Whose; 3] = [Whose::Given, Whose::Edited, Whose::Own];
}

/// What happens to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing.
    Leave,
    /// It is made on this side, from the other.
    Create(Side),
    /// The other side's edit is carried to this one.
    Carry(Side),
    /// Each side's edit is carried to the other.
    Reconcile,
    /// This side's edit gives way to the other's, whole.
    Overwrite(Side),
    /// The edit of the older item gives way to that of the newer, whole.
    OverwriteOlder,
    /// This side's edit is taken back: it was not to be edited there.
    TakeBack(Side),
    /// The other side's edit is carried to this one, except where this one has its own.
    Offer(Side),
    /// It is removed on this side.
    Delete(Side),
    /// It was removed on this side and stands on the other: it comes back.
    Revive(Side),
    /// It is gone on both sides.
    Forget,
    /// Outlook has it twice: this copy goes.
    RemoveCopy,
}

impl Verdict {
    /// What happens to an item on both sides that says more than when they agreed, as it is read now: it is not only edits
    /// that cross.
    pub(super) fn met_anew(self, direction: Direction) -> Verdict {
        let stands = matches!(
            self,
            Verdict::Leave
                | Verdict::Carry(_)
                | Verdict::Reconcile
                | Verdict::Overwrite(_)
                | Verdict::OverwriteOlder
                | Verdict::TakeBack(_)
        );
        match (direction, direction.replicates_to()) {
            _ if !stands => self,
            (Direction::TwoWay, _) => Verdict::Reconcile,
            (_, Some(target)) => Verdict::Overwrite(target),
            // A merge leaves what the target has by itself.
            _ => self,
        }
    }

    /// Whether an edit crosses, or is taken back, which may make room for more.
    pub(super) fn makes_room(self) -> bool {
        match self {
            Verdict::Carry(_)
            | Verdict::Reconcile
            | Verdict::Overwrite(_)
            | Verdict::OverwriteOlder
            | Verdict::TakeBack(_)
            | Verdict::Revive(_) => true,
            // What the target of a merge lacks may be what it removed by itself.
            Verdict::Offer(_)
            | Verdict::Leave
            | Verdict::Create(_)
            | Verdict::Delete(_)
            | Verdict::Forget
            | Verdict::RemoveCopy => false,
        }
    }
}

/// The table.
pub fn verdict(seen: Sides<Seen>, whose: Whose, rule: Rule, direction: Direction) -> Verdict {
    match (direction.replicates_to(), direction.merges_to()) {
        (Some(target), _) => replicated(*seen.of(target.other()), *seen.of(target), target),
        (_, Some(target)) => merged(*seen.of(target.other()), *seen.of(target), whose, target),
        _ => two_way(seen, rule),
    }
}

fn two_way(seen: Sides<Seen>, rule: Rule) -> Verdict {
    use Seen::{Deleted, Edited, Never, Unchanged};
    use Side::{Outlook, Server};
    match (seen.outlook, seen.server) {
        (Never | Unchanged, Never | Unchanged) => Verdict::Leave,
        (Edited, Never) => Verdict::Create(Server),
        (Never, Edited) => Verdict::Create(Outlook),
        (Edited, Unchanged) => Verdict::Carry(Server),
        (Unchanged, Edited) => Verdict::Carry(Outlook),
        (Edited, Edited) => match rule {
            Rule::Merge | Rule::Ask => Verdict::Reconcile,
            Rule::OutlookWins => Verdict::Overwrite(Server),
            Rule::ServerWins => Verdict::Overwrite(Outlook),
            Rule::Automatic => Verdict::OverwriteOlder,
        },
        (Deleted, Unchanged) => Verdict::Delete(Server),
        (Unchanged, Deleted) => Verdict::Delete(Outlook),
        (Deleted, Edited) => removed_and_edited(Outlook, rule),
        (Edited, Deleted) => removed_and_edited(Server, rule),
        (Deleted | Never, Deleted) | (Deleted, Never) => Verdict::Forget,
    }
}

/// It was removed on this side and edited on the other.
fn removed_and_edited(on: Side, rule: Rule) -> Verdict {
    let stays_removed = match rule {
        Rule::Merge | Rule::Ask => false,
        Rule::OutlookWins => on == Side::Outlook,
        Rule::ServerWins => on == Side::Server,
        Rule::Automatic => true,
    };
    if stays_removed { Verdict::Delete(on.other()) } else { Verdict::Revive(on) }
}

fn replicated(source: Seen, there: Seen, target: Side) -> Verdict {
    use Seen::{Deleted, Edited, Never, Unchanged};
    match (source, there) {
        (Never | Unchanged, Never | Unchanged) => Verdict::Leave,
        (Edited, Never) => Verdict::Create(target),
        (Edited, Unchanged) => Verdict::Carry(target),
        (Edited, Edited) => Verdict::Overwrite(target),
        (Unchanged, Edited) => Verdict::TakeBack(target),
        (Unchanged | Edited, Deleted) => Verdict::Revive(target),
        (Never, Edited) | (Deleted, Unchanged | Edited) => Verdict::Delete(target),
        (Deleted | Never, Deleted) | (Deleted, Never) => Verdict::Forget,
    }
}

fn merged(source: Seen, there: Seen, whose: Whose, target: Side) -> Verdict {
    use Seen::{Deleted, Edited, Never, Unchanged};
    match (source, there, whose) {
        (Never | Unchanged, Never | Unchanged | Edited, _) => Verdict::Leave,
        (Edited, Never, _) | (Unchanged | Edited, Deleted, Whose::Own) => Verdict::Create(target),
        (Edited, Unchanged | Edited, Whose::Own) => Verdict::Leave,
        (Edited, Unchanged, Whose::Given) => Verdict::Carry(target),
        (Edited, Edited, Whose::Given) | (Edited, Unchanged | Edited, Whose::Edited) => {
            Verdict::Offer(target)
        }
        (Unchanged | Edited, Deleted, Whose::Given | Whose::Edited) => Verdict::Revive(target),
        (Deleted, Unchanged, Whose::Given) => Verdict::Delete(target),
        (Deleted, Unchanged | Edited, _) => Verdict::Leave,
        (Deleted | Never, Deleted, _) | (Deleted, Never, _) => Verdict::Forget,
    }
}
