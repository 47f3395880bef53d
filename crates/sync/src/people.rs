//! Who is in the address book: so that a member of a list is known by whatever a side calls it. And what the tasks are
//! called, so that one that names another by its UID can tell Outlook its title.
//!
//! Outlook knows a member by its address; a card names a UID, or the resource of another card. What a list leaves open is
//! filled in from the links while the list is planned, without asking any side, and is taken out again before it is
//! written: what nobody edited keeps its bytes (docs/design/0022-members-of-lists.md).

use std::collections::{BTreeSet, HashMap};

use dovetail_model::group::Member;
use dovetail_model::task::RELATIONS;
use dovetail_model::{Contact, Group, Item, Kind, Task};
use uuid::Uuid;

use crate::cases::Case;
use crate::error::Result;
use crate::plan::{Action, Change, Step};
use crate::sides::{Side, Sides};
use crate::spool::Spool;
use crate::state::{Link, LinkId, LinkState, State};
use crate::storage::{Collection, Draft, ItemId};
use crate::{Pair, Run};

/// How many links are read at once.
const BATCH: usize = 200;

/// How the address begins that stands for a list while a list of which it is a member is planned: nobody has it, and it is
/// written nowhere.
const LIST: &str = "list:";

/// Whom members of lists can mean: somebody, or another list. Or a task to which others are related.
#[derive(Clone, Debug, Default)]
struct Person {
    uid: Option<String>,
    name: String,
    /// Of a list, the one that stands for it.
    addresses: Vec<String>,
    ids: Sides<Option<ItemId>>,
}

impl Person {
    fn of_contact(uid: Option<String>, contact: &Contact, ids: Sides<Option<ItemId>>) -> Person {
        let addresses = contact.emails.iter().map(|email| email.address.clone()).collect();
        Person { uid, name: contact.title_of_entry().to_owned(), addresses, ids }
    }

    fn of_list(uid: Option<String>, list: &Group, ids: Sides<Option<ItemId>>) -> Person {
        let id = ids.server.as_ref().or(ids.outlook.as_ref()).map(|id| id.0.as_str());
        let known_by = uid.as_deref().or(id).unwrap_or_default();
        let address = format!("{LIST}{}", Uuid::new_v5(&Uuid::NAMESPACE_OID, known_by.as_bytes()));
        Person { uid, name: list.name.clone(), addresses: vec![address], ids }
    }

    fn of_task(uid: Option<String>, task: &Task, ids: Sides<Option<ItemId>>) -> Person {
        Person { uid, name: task.summary.clone(), addresses: Vec::new(), ids }
    }

    fn is_list(&self) -> bool {
        self.addresses.first().is_some_and(|address| stands_for_a_list(address))
    }
}

fn stands_for_a_list(address: &str) -> bool {
    address.starts_with(LIST)
}

/// The contacts of a pair, or its tasks.
#[derive(Clone, Debug, Default)]
pub(crate) struct People {
    people: Vec<Person>,
    by_link: HashMap<LinkId, usize>,
    by_uid: HashMap<String, usize>,
    by_address: HashMap<String, usize>,
    by_id: Sides<HashMap<ItemId, usize>>,
    /// Lists, and tasks that are related to others: what they say depends on other items.
    dependent: Vec<LinkId>,
}

/// Whom lists meant when both sides last agreed, and whom they mean now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Familiar {
    pub(crate) then: People,
    pub(crate) now: People,
}

/// What is known for the lists and tasks of a run; `None` where there is nothing to do, or nothing depends on other items. A
/// list that nobody edited, but whose members are others now (a member has arrived, or has another address), becomes a case,
/// and so does a task where one to which it is related has another title.
///
/// # Errors
/// Where our own files fail.
pub(crate) fn familiar(run: &Run<'_>, spool: &mut Spool, cases: &mut Vec<Case>) -> Result<Option<Familiar>> {
    let lists_travel = run.pair.scope.kinds.contains(&Kind::Group);
    if cases.is_empty() || !lists_travel && !may_concern_relations(run, spool, cases)? {
        return Ok(None);
    }
    let then = People::of(run.pair, run.state)?;
    let now = then.clone().and_seen(run.pair, run.state, spool, cases)?;
    let met: BTreeSet<LinkId> = cases.iter().filter_map(|case| case.link).collect();
    for id in then.dependent.iter().filter(|id| !met.contains(id)) {
        let Some(link) = run.state.link(*id)? else { continue };
        if link.state == LinkState::Joined {
            cases.extend(case_of_dependent(run.pair, &link, spool, (&then, &now))?);
        }
    }
    Ok(Some(Familiar { then, now }))
}

/// Whether what tasks say of others may be other than it was: where a task is new, has another title, or is related to
/// others. To find that out does not take what all of the links hold.
fn may_concern_relations(run: &Run<'_>, spool: &mut Spool, cases: &[Case]) -> Result<bool> {
    if !run.pair.scope.kinds.contains(&Kind::Task) {
        return Ok(false);
    }
    for case in cases {
        let link = case.link.map(|id| run.state.link(id)).transpose()?.flatten();
        for side in Side::BOTH {
            let (Change::Edited(spooled) | Change::Restated(spooled)) = case.changes.of(side) else {
                continue;
            };
            let storage = *run.pair.storages.of(side);
            let Item::Task(task) = spool.read(*spooled, storage)?.item else { continue };
            let base = link.as_ref().and_then(|link| link.sides.of(side).as_ref());
            let before = base.and_then(|base| storage.read(&base.original)).map(|(item, _)| item);
            let is_known = before.is_some_and(|before| before.title() == task.summary);
            let is_noted = task.custom.iter().any(|own| own.name == RELATIONS);
            if is_noted || !task.relations.is_empty() || !is_known && (side == Side::Server || link.is_some())
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// A list as one that was edited, where its members are others now; or a task, where it names others otherwise.
fn case_of_dependent(
    pair: &Pair<'_>,
    link: &Link,
    spool: &mut Spool,
    (then, now): (&People, &People),
) -> Result<Option<Case>> {
    // What a side that alone is written to says is nobody's edit.
    for side in Side::BOTH.into_iter().filter(|side| pair.direction.target() != Some(*side)) {
        let Some(base) = link.sides.of(side) else { continue };
        let Some((item, _)) = pair.storages.of(side).read(&base.original) else { continue };
        if then.filled(side, item.clone()) == now.filled(side, item.clone()) {
            continue;
        }
        let mut changes = Sides { outlook: Change::Unchanged, server: Change::Unchanged };
        *changes.of_mut(side) = Change::Edited(spool.push(&base.holding(item))?);
        return Ok(Some(Case { link: Some(link.id), kind: None, changes, hold: None, copy: false }));
    }
    Ok(None)
}

impl People {
    /// As [`People::of`]; nobody, where nothing depends on other items.
    pub(crate) fn where_needed(pair: &Pair<'_>, state: &State) -> Result<People> {
        match [Kind::Group, Kind::Task].iter().any(|kind| pair.scope.kinds.contains(kind)) {
            true => People::of(pair, state),
            false => Ok(People::default()),
        }
    }

    /// Everybody who is linked, as the sides had them when they last agreed.
    pub(crate) fn of(pair: &Pair<'_>, state: &State) -> Result<People> {
        let mut people = People::default();
        let mut after = LinkId(0);
        loop {
            let links = state.links(&pair.id, after, BATCH)?;
            let Some(last) = links.last() else { return Ok(people) };
            after = last.id;
            for link in &links {
                // The server's item holds more addresses.
                let side = if link.sides.server.is_some() { Side::Server } else { Side::Outlook };
                let Some(base) = link.sides.of(side) else { continue };
                let Some((item, _)) = pair.storages.of(side).read(&base.original) else { continue };
                let ids = link.sides.as_ref().map(|_, base| base.as_ref().map(|base| base.id.clone()));
                let uid = item.uid().map(str::to_owned).or_else(|| link.uid.clone());
                match item {
                    Item::Contact(contact) => {
                        people.meet(Some(link.id), Person::of_contact(uid, &contact, ids));
                    }
                    Item::Group(list) => {
                        people.dependent.push(link.id);
                        people.meet(Some(link.id), Person::of_list(uid, &list, ids));
                    }
                    Item::Task(task) => {
                        people.dependent.extend((!task.relations.is_empty()).then_some(link.id));
                        people.meet(Some(link.id), Person::of_task(uid, &task, ids));
                    }
                    Item::Event(_) => {}
                }
            }
        }
    }

    /// With what was seen of contacts in this run.
    fn and_seen(
        mut self,
        pair: &Pair<'_>,
        state: &State,
        spool: &mut Spool,
        cases: &[Case],
    ) -> Result<People> {
        for case in cases {
            for side in [Side::Server, Side::Outlook] {
                let (Change::Edited(spooled) | Change::Restated(spooled)) = case.changes.of(side) else {
                    continue;
                };
                let snapshot = spool.read(*spooled, *pair.storages.of(side))?;
                let link = case.link.map(|id| state.link(id)).transpose()?.flatten();
                let mut ids = Sides::new(|side| Some(link.as_ref()?.sides.of(side).as_ref()?.id.clone()));
                *ids.of_mut(side) = Some(snapshot.id.clone());
                let uid = snapshot.item.uid().map(str::to_owned).or_else(|| link.and_then(|link| link.uid));
                match &snapshot.item {
                    Item::Contact(contact) => self.meet(case.link, Person::of_contact(uid, contact, ids)),
                    Item::Group(list) => self.meet(case.link, Person::of_list(uid, list, ids)),
                    Item::Task(task) => self.meet(case.link, Person::of_task(uid, task, ids)),
                    Item::Event(_) => {}
                }
                break;
            }
        }
        Ok(self)
    }

    fn meet(&mut self, link: Option<LinkId>, mut person: Person) {
        let known = link.and_then(|link| self.by_link.get(&link).copied());
        let list = known.and_then(|at| self.people.get(at)).filter(|there| there.is_list());
        if let Some(there) = list.filter(|_| person.is_list()) {
            // One link's list is the same, whichever side tells of it.
            person.addresses.clone_from(&there.addresses);
        }
        let at = known.unwrap_or(self.people.len());
        // An address that several have stays the first one's.
        for address in &person.addresses {
            if self.at_address(address).is_none() {
                self.by_address.insert(address.to_lowercase(), at);
            }
        }
        if let Some(uid) = &person.uid {
            self.by_uid.insert(uid.clone(), at);
        }
        for side in Side::BOTH {
            if let Some(id) = person.ids.of(side) {
                self.by_id.of_mut(side).insert(id.clone(), at);
            }
        }
        if let Some(link) = link {
            self.by_link.insert(link, at);
        }
        match self.people.get_mut(at) {
            Some(there) => *there = person,
            None => self.people.push(person),
        }
    }

    fn person(&self, at: Option<&usize>) -> Option<&Person> {
        self.people.get(*at?)
    }

    /// Whom a member of a list of that side names, by a UID or as that side calls its items.
    fn named(&self, side: Side, member: &Member) -> Option<&Person> {
        let by_uid = member.uid.as_ref().and_then(|uid| self.person(self.by_uid.get(uid)));
        by_uid.or_else(|| {
            let id = ItemId(member.entry.clone()?);
            self.person(self.by_id.of(side).get(&id))
        })
    }

    /// Whose address it is, without regard to case.
    fn at_address(&self, address: &str) -> Option<&Person> {
        let person = self.person(self.by_address.get(&address.to_lowercase()))?;
        // It may have been somebody's and be nobody's now.
        let is_theirs = |own: &String| own.to_lowercase() == address.to_lowercase();
        person.addresses.iter().any(is_theirs).then_some(person)
    }

    /// The list that an address stands for.
    fn list_at(&self, address: &str) -> Option<usize> {
        self.by_address.get(address).copied().filter(|_| stands_for_a_list(address))
    }

    /// The members of a list that are lists, and the list itself: how they are known here.
    fn nesting(&self, ids: Sides<Option<ItemId>>, group: &Group) -> (Option<usize>, Vec<usize>) {
        let known = |side: Side| self.by_id.of(side).get(ids.of(side).as_ref()?).copied();
        let own = Side::BOTH.into_iter().find_map(known);
        (own, group.members.iter().filter_map(|member| self.list_at(&member.address)).collect())
    }

    /// The links of lists, and of tasks that are related to others.
    pub(crate) fn dependent(&self) -> &[LinkId] {
        &self.dependent
    }

    /// How deep the lists of some actions are nested: each is to be written after those that are its members, of which it
    /// names the entries. Lists that contain each other, and what contains them, are as deep as there are actions.
    pub(crate) fn depths(&self, actions: &[Action]) -> Vec<usize> {
        let nesting: Vec<_> = actions
            .iter()
            .map(|action| {
                let ids = action.current.as_ref().map(|_, held| held.as_ref().map(|held| held.id.clone()));
                let named = Side::BOTH.into_iter().filter_map(|side| match action.item_after(side) {
                    Some(Item::Group(group)) => Some(self.nesting(ids.clone(), group)),
                    _ => None,
                });
                named.fold((None, Vec::new()), |(own, mut all), (known, inner)| {
                    all.extend(inner);
                    (own.or(known), all)
                })
            })
            .collect();
        let at: HashMap<usize, usize> =
            nesting.iter().enumerate().filter_map(|(at, (own, _))| Some(((*own)?, at))).collect();
        let inner: Vec<Vec<usize>> = nesting
            .iter()
            .map(|(_, members)| members.iter().filter_map(|list| at.get(list).copied()).collect())
            .collect();
        let mut depths = vec![0; actions.len()];
        // No chain of lists is longer than there are lists.
        for _ in 0..actions.len() {
            let next: Vec<usize> = inner
                .iter()
                .map(|lists| {
                    let deepest = lists.iter().filter_map(|list| depths.get(*list)).max();
                    deepest.map_or(0, |deepest| deepest + 1).min(actions.len())
                })
                .collect();
            if next == depths {
                break;
            }
            depths = next;
        }
        depths
    }

    /// Tells of the members of a list of that side, where it does not, who they are; of the tasks to which one is related,
    /// what they are called.
    pub(crate) fn fill(&self, side: Side, item: &mut Item) {
        match item {
            Item::Group(group) => group.members.iter_mut().for_each(|member| self.fill_member(side, member)),
            Item::Task(task) => {
                task.note_relations(|uid| Some(self.person(self.by_uid.get(uid))?.name.as_str()));
            }
            Item::Event(_) | Item::Contact(_) => {}
        }
    }

    fn fill_member(&self, side: Side, member: &mut Member) {
        if !member.address.is_empty() {
            return;
        }
        let Some(person) = self.named(side, member) else {
            if side == Side::Outlook {
                // A list that the server has not: its name alone says nothing there.
                member.entry = None;
            }
            return;
        };
        member.address = person.addresses.first().cloned().unwrap_or_default();
        if member.name.is_empty() {
            member.name.clone_from(&person.name);
        }
    }

    fn filled(&self, side: Side, mut item: Item) -> Item {
        self.fill(side, &mut item);
        item
    }

    /// Makes the drafts of an action ones that can be written.
    pub(crate) fn settle_all(&self, action: &mut Action, pair: &Pair<'_>) {
        for side in Side::BOTH {
            if let Step::Write(draft) = action.steps.of_mut(side) {
                self.settle(side, draft, *pair.storages.of(side));
            }
        }
    }

    /// Makes a draft of a list one that can be written: what was filled in goes, and new members are named as the side
    /// names its items.
    fn settle(&self, side: Side, draft: &mut Draft, storage: &dyn Collection) {
        let Item::Group(group) = &mut draft.item else { return };
        let from = draft.from.as_ref().and_then(|from| storage.read(from)).map(|(item, _)| item);
        let held = match from {
            Some(Item::Group(held)) => held.members,
            _ => Vec::new(),
        };
        let mut open: Vec<(Member, Member)> =
            held.iter().map(|member| (member.clone(), member.clone())).collect();
        open.iter_mut().for_each(|(filled, _)| self.fill_member(side, filled));
        for member in &mut group.members {
            if let Some(at) = open.iter().position(|(filled, _)| filled == member) {
                *member = open.swap_remove(at).1;
            }
        }
        if group.members == held {
            return;
        }
        group
            .members
            .retain_mut(|member| !stands_for_a_list(&member.address) || self.name_list(side, member));
        for member in group.members.iter_mut().filter(|member| member.uid.is_none() && member.entry.is_none())
        {
            let Some(person) = self.at_address(&member.address) else { continue };
            let Some(id) = person.ids.of(side) else { continue };
            (member.uid, member.entry) = (person.uid.clone(), Some(id.0.clone()));
        }
    }

    /// Names a member that is a list as that side does; `false` where that side has no such list.
    fn name_list(&self, side: Side, member: &mut Member) -> bool {
        let list = self.list_at(&member.address).and_then(|at| self.people.get(at));
        let Some((list, id)) = list.and_then(|list| Some((list, list.ids.of(side).as_ref()?))) else {
            return false;
        };
        member.address.clear();
        member.entry = Some(id.0.clone());
        // Outlook has no UIDs of lists.
        member.uid = list.uid.clone().filter(|_| side == Side::Server);
        true
    }
}
