//! Where two items differ that are one thing: what the plan, the end of a step and `verify` ask alike.

use dovetail_model::Item;
use dovetail_model::carry::{Edit, Ground, Views, differences, edit};

use crate::sides::{Side, Sides};
use crate::state::Link;
use crate::storage::Collection;

/// Whether the bases of a link differ so, as they are read now. `None`: one side has none, or it cannot be read.
pub(crate) fn bases_differ(storages: Sides<&dyn Collection>, link: &Link) -> Option<bool> {
    let read = |side: Side| {
        let base = link.sides.of(side).as_ref()?;
        Some(storages.of(side).read(&base.original)?.0)
    };
    Some(!differing(storages, &read(Side::Outlook)?, &read(Side::Server)?).is_empty())
}

/// Where an item of Outlook and one of the server differ in what both sides could hold.
pub(crate) fn differing(storages: Sides<&dyn Collection>, outlook: &Item, server: &Item) -> Edit {
    let mut found = differences(Views {
        own: outlook,
        other: server,
        own_as_other: &storages.server.holds(outlook),
        other_as_own: &storages.outlook.holds(server),
    });
    if found.is_empty() {
        return found;
    }
    // A value of which each side lacks another part equals on neither side what that one could hold of the other's.
    let common = |item: &Item| storages.outlook.holds(&storages.server.holds(item));
    let in_common = edit(&Ground::from(common(outlook)), &common(server));
    found.fields.retain(|field, changes| {
        let remaining = in_common.fields.get(field);
        changes.retain(|change| remaining.is_some_and(|rest| rest.iter().any(|it| it.key == change.key)));
        !changes.is_empty()
    });
    found
}
