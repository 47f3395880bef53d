//! Every field of every kind, declared once: its name, how it is carried, and its clash unit.
//!
//! [`visit`] destructures each struct completely: a field that is added to the model does not compile until it is
//! declared here. The UID is identity and never carried.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::Edit;
use super::entries::Entry;
use super::visit::{Carry, Common, Compare, Visitor};
use crate::contact::{Contact, Name, Phonetic};
use crate::event::{Event, Occurrence};
use crate::group::Group;
use crate::item::Item;
use crate::task::Task;
use crate::when::When;

/// The name of a field, as reports show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields of the model, which documents them")]
pub enum Field {
    Summary,
    Location,
    Description,
    Html,
    Url,
    Start,
    End,
    Rule,
    Rdates,
    Exdates,
    Overrides,
    Status,
    Busy,
    Priority,
    Sensitivity,
    Categories,
    Alarms,
    Organizer,
    Attendees,
    Attachments,
    Due,
    Percent,
    Completed,
    FamilyName,
    GivenName,
    AdditionalNames,
    NamePrefix,
    NameSuffix,
    FormattedName,
    FileAs,
    Initials,
    PhoneticFamilyName,
    PhoneticGivenName,
    PhoneticCompany,
    Nicknames,
    Company,
    Department,
    JobTitle,
    Profession,
    Assistant,
    Manager,
    Spouse,
    Children,
    Emails,
    Phones,
    Addresses,
    MailingAddress,
    Ims,
    Birthday,
    Anniversary,
    Gender,
    Note,
    Urls,
    FreeBusyUrl,
    Photo,
    Certificate,
    Custom,
    Members,
    Regenerates,
    TotalWork,
    ActualWork,
    Mileage,
    Billing,
    ContactNames,
    Companies,
    Owner,
}

/// Fields that clash together. One side editing a unit is carried field by field; both editing it is one clash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// When an item is: start, end or due, rule, exceptions.
    Time,
    /// The text, plain and HTML.
    Text,
    /// How far a task is: status, percent, completion.
    Progress,
    /// Who is asked to a meeting.
    Meeting,
    /// A contact's name, its parts and how it is filed.
    Name,
    /// A field that clashes with itself alone.
    Alone(Field),
}

impl Field {
    /// Every field.
    pub const ALL: [Field; 66] = {
        use Field::*;
        [
            Summary,
            Location,
            Description,
            Html,
            Url,
            Start,
            End,
            Rule,
            Rdates,
            Exdates,
            Overrides,
            Status,
            Busy,
            Priority,
            Sensitivity,
            Categories,
            Alarms,
            Organizer,
            Attendees,
            Attachments,
            Due,
            Percent,
            Completed,
            FamilyName,
            GivenName,
            AdditionalNames,
            NamePrefix,
            NameSuffix,
            FormattedName,
            FileAs,
            Initials,
            PhoneticFamilyName,
            PhoneticGivenName,
            PhoneticCompany,
            Nicknames,
            Company,
            Department,
            JobTitle,
            Profession,
            Assistant,
            Manager,
            Spouse,
            Children,
            Emails,
            Phones,
            Addresses,
            MailingAddress,
            Ims,
            Birthday,
            Anniversary,
            Gender,
            Note,
            Urls,
            FreeBusyUrl,
            Photo,
            Certificate,
            Custom,
            Members,
            Regenerates,
            TotalWork,
            ActualWork,
            Mileage,
            Billing,
            ContactNames,
            Companies,
            Owner,
        ]
    };

    /// The clash unit. An event's status is of the unit of a task's: an item has only one of them.
    pub fn unit(self) -> Unit {
        use Field::*;
        match self {
            Start | End | Due | Rule | Regenerates | Rdates | Exdates | Overrides => Unit::Time,
            Description | Html => Unit::Text,
            Status | Percent | Completed => Unit::Progress,
            Organizer | Attendees => Unit::Meeting,
            FamilyName | GivenName | AdditionalNames | NamePrefix | NameSuffix | FormattedName | FileAs => {
                Unit::Name
            }
            Summary | Location | Url | Busy | Priority | Sensitivity | Categories | Alarms | Attachments
            | Initials | PhoneticFamilyName | PhoneticGivenName | PhoneticCompany | Nicknames | Company
            | Department | JobTitle | Profession | Assistant | Manager | Spouse | Children | Emails
            | Phones | Addresses | MailingAddress | Ims | Birthday | Anniversary | Gender | Note | Urls
            | FreeBusyUrl | Photo | Certificate | Custom | Members | TotalWork | ActualWork | Mileage
            | Billing | ContactNames | Companies | Owner => Unit::Alone(self),
        }
    }
}

/// Shows a visitor each field of three items. Items of different kinds have no fields in common.
pub(crate) fn visit(base: &Item, edited: &Item, onto: &mut Item, visitor: &mut impl Visitor) {
    match (base, edited, onto) {
        (Item::Event(base), Item::Event(edited), Item::Event(onto)) => event(base, edited, onto, visitor),
        (Item::Task(base), Item::Task(edited), Item::Task(onto)) => task(base, edited, onto, visitor),
        (Item::Contact(base), Item::Contact(edited), Item::Contact(onto)) => {
            contact(base, edited, onto, visitor)
        }
        (Item::Group(base), Item::Group(edited), Item::Group(onto)) => group(base, edited, onto, visitor),
        _ => {}
    }
}

fn event(base: &Event, edited: &Event, onto: &mut Event, v: &mut impl Visitor) {
    let series = Rc::new(base.main.clone());
    let onto_series = onto.main.clone();
    let mut list = overrides(onto, &series);
    list.iter_mut().for_each(|there| there.whence = Whence::There);
    let Event { uid: _, main, rule, rdates, exdates, overrides: changed } = onto;
    occurrence_fields(&base.main, &edited.main, main, v);
    v.value(Field::Rule, &base.rule, &edited.rule, rule);
    days(Field::Rdates, &base.rdates, &edited.rdates, rdates, v);
    days(Field::Exdates, &base.exdates, &edited.exdates, exdates, v);
    v.entries(Field::Overrides, &overrides(base, &series), &overrides(edited, &series), &mut list);
    let adopt = |Override { id, occurrence, series, whence, .. }: Override| match whence {
        Whence::There => (id, occurrence),
        Whence::Elsewhere => {
            let occurrence = v.adopted(occurrence, &id, &series, &onto_series, &main.start);
            (id, occurrence)
        }
    };
    *changed = list.into_iter().map(adopt).collect();
}

pub(crate) fn occurrence_fields(
    base: &Occurrence,
    edited: &Occurrence,
    onto: &mut Occurrence,
    v: &mut impl Visitor,
) {
    let Occurrence {
        summary,
        location,
        description,
        html,
        start,
        end,
        status,
        busy,
        priority,
        sensitivity,
        categories,
        alarms,
        url,
        organizer,
        attendees,
        attachments,
        custom,
    } = onto;
    v.value(Field::Summary, &base.summary, &edited.summary, summary);
    v.value(Field::Location, &base.location, &edited.location, location);
    v.value(Field::Description, &base.description, &edited.description, description);
    v.value(Field::Html, &base.html, &edited.html, html);
    v.value(Field::Start, &base.start, &edited.start, start);
    v.value(Field::End, &base.end, &edited.end, end);
    v.value(Field::Status, &base.status, &edited.status, status);
    v.value(Field::Busy, &base.busy, &edited.busy, busy);
    v.value(Field::Priority, &base.priority, &edited.priority, priority);
    v.value(Field::Sensitivity, &base.sensitivity, &edited.sensitivity, sensitivity);
    v.entries(Field::Categories, &base.categories, &edited.categories, categories);
    v.entries(Field::Alarms, &base.alarms, &edited.alarms, alarms);
    v.value(Field::Url, &base.url, &edited.url, url);
    v.value(Field::Organizer, &base.organizer, &edited.organizer, organizer);
    v.entries(Field::Attendees, &base.attendees, &edited.attendees, attendees);
    v.entries(Field::Attachments, &base.attachments, &edited.attachments, attachments);
    v.entries(Field::Custom, &base.custom, &edited.custom, custom);
}

fn task(base: &Task, edited: &Task, onto: &mut Task, v: &mut impl Visitor) {
    let Task {
        uid: _,
        summary,
        description,
        start,
        due,
        status,
        percent,
        completed,
        priority,
        sensitivity,
        categories,
        alarms,
        rule,
        regenerates,
        url,
        attachments,
        total_work,
        actual_work,
        mileage,
        billing,
        contacts,
        companies,
        owner,
        custom,
        relations: _,
    } = onto;
    v.value(Field::Summary, &base.summary, &edited.summary, summary);
    v.value(Field::Description, &base.description, &edited.description, description);
    v.value(Field::Start, &base.start, &edited.start, start);
    v.value(Field::Due, &base.due, &edited.due, due);
    v.value(Field::Status, &base.status, &edited.status, status);
    v.value(Field::Percent, &base.percent, &edited.percent, percent);
    v.value(Field::Completed, &base.completed, &edited.completed, completed);
    v.value(Field::Priority, &base.priority, &edited.priority, priority);
    v.value(Field::Sensitivity, &base.sensitivity, &edited.sensitivity, sensitivity);
    v.entries(Field::Categories, &base.categories, &edited.categories, categories);
    v.entries(Field::Alarms, &base.alarms, &edited.alarms, alarms);
    v.value(Field::Rule, &base.rule, &edited.rule, rule);
    v.value(Field::Regenerates, &base.regenerates, &edited.regenerates, regenerates);
    v.value(Field::Url, &base.url, &edited.url, url);
    v.entries(Field::Attachments, &base.attachments, &edited.attachments, attachments);
    v.value(Field::TotalWork, &base.total_work, &edited.total_work, total_work);
    v.value(Field::ActualWork, &base.actual_work, &edited.actual_work, actual_work);
    v.value(Field::Mileage, &base.mileage, &edited.mileage, mileage);
    v.value(Field::Billing, &base.billing, &edited.billing, billing);
    v.entries(Field::ContactNames, &base.contacts, &edited.contacts, contacts);
    v.value(Field::Companies, &base.companies, &edited.companies, companies);
    v.value(Field::Owner, &base.owner, &edited.owner, owner);
    v.entries(Field::Custom, &base.custom, &edited.custom, custom);
}

fn contact(base: &Contact, edited: &Contact, onto: &mut Contact, v: &mut impl Visitor) {
    let Contact {
        uid: _,
        name,
        formatted_name,
        file_as,
        initials,
        phonetic,
        nicknames,
        company,
        department,
        job_title,
        profession,
        assistant,
        manager,
        spouse,
        children,
        emails,
        phones,
        addresses,
        mailing_address,
        ims,
        birthday,
        anniversary,
        gender,
        note,
        categories,
        sensitivity,
        urls,
        free_busy_url,
        photo,
        certificate,
        custom,
    } = onto;
    names(&base.name, &edited.name, name, v);
    v.value(Field::FormattedName, &base.formatted_name, &edited.formatted_name, formatted_name);
    v.value(Field::FileAs, &base.file_as, &edited.file_as, file_as);
    v.value(Field::Initials, &base.initials, &edited.initials, initials);
    spoken(&base.phonetic, &edited.phonetic, phonetic, v);
    v.entries(Field::Nicknames, &base.nicknames, &edited.nicknames, nicknames);
    v.value(Field::Company, &base.company, &edited.company, company);
    v.value(Field::Department, &base.department, &edited.department, department);
    v.value(Field::JobTitle, &base.job_title, &edited.job_title, job_title);
    v.value(Field::Profession, &base.profession, &edited.profession, profession);
    v.value(Field::Assistant, &base.assistant, &edited.assistant, assistant);
    v.value(Field::Manager, &base.manager, &edited.manager, manager);
    v.value(Field::Spouse, &base.spouse, &edited.spouse, spouse);
    v.entries(Field::Children, &base.children, &edited.children, children);
    v.entries(Field::Emails, &base.emails, &edited.emails, emails);
    v.entries(Field::Phones, &base.phones, &edited.phones, phones);
    v.entries(Field::Addresses, &base.addresses, &edited.addresses, addresses);
    v.value(Field::MailingAddress, &base.mailing_address, &edited.mailing_address, mailing_address);
    v.entries(Field::Ims, &base.ims, &edited.ims, ims);
    v.value(Field::Birthday, &base.birthday, &edited.birthday, birthday);
    v.value(Field::Anniversary, &base.anniversary, &edited.anniversary, anniversary);
    v.value(Field::Gender, &base.gender, &edited.gender, gender);
    v.value(Field::Note, &base.note, &edited.note, note);
    v.entries(Field::Categories, &base.categories, &edited.categories, categories);
    v.value(Field::Sensitivity, &base.sensitivity, &edited.sensitivity, sensitivity);
    v.entries(Field::Urls, &base.urls, &edited.urls, urls);
    v.value(Field::FreeBusyUrl, &base.free_busy_url, &edited.free_busy_url, free_busy_url);
    v.value(Field::Photo, &base.photo, &edited.photo, photo);
    v.value(Field::Certificate, &base.certificate, &edited.certificate, certificate);
    v.entries(Field::Custom, &base.custom, &edited.custom, custom);
}

fn names(base: &Name, edited: &Name, onto: &mut Name, v: &mut impl Visitor) {
    let Name { family, given, additional, prefix, suffix } = onto;
    v.value(Field::FamilyName, &base.family, &edited.family, family);
    v.value(Field::GivenName, &base.given, &edited.given, given);
    v.value(Field::AdditionalNames, &base.additional, &edited.additional, additional);
    v.value(Field::NamePrefix, &base.prefix, &edited.prefix, prefix);
    v.value(Field::NameSuffix, &base.suffix, &edited.suffix, suffix);
}

fn spoken(base: &Phonetic, edited: &Phonetic, onto: &mut Phonetic, v: &mut impl Visitor) {
    let Phonetic { family, given, company } = onto;
    v.value(Field::PhoneticFamilyName, &base.family, &edited.family, family);
    v.value(Field::PhoneticGivenName, &base.given, &edited.given, given);
    v.value(Field::PhoneticCompany, &base.company, &edited.company, company);
}

fn group(base: &Group, edited: &Group, onto: &mut Group, v: &mut impl Visitor) {
    let Group { uid: _, name, nickname, members, note, categories, sensitivity } = onto;
    v.value(Field::FormattedName, &base.name, &edited.name, name);
    v.value(Field::Nicknames, &base.nickname, &edited.nickname, nickname);
    v.entries(Field::Members, &base.members, &edited.members, members);
    v.value(Field::Note, &base.note, &edited.note, note);
    v.entries(Field::Categories, &base.categories, &edited.categories, categories);
    v.value(Field::Sensitivity, &base.sensitivity, &edited.sensitivity, sensitivity);
}

fn days(
    field: Field,
    base: &BTreeSet<When>,
    edited: &BTreeSet<When>,
    onto: &mut BTreeSet<When>,
    v: &mut impl Visitor,
) {
    let list = |set: &BTreeSet<When>| set.iter().cloned().collect::<Vec<When>>();
    let mut days = list(onto);
    v.entries(field, &list(base), &list(edited), &mut days);
    *onto = days.into_iter().collect();
}

/// A changed occurrence together with the series that it was made of, which does not make it another.
#[derive(Clone)]
pub(crate) struct Override {
    id: When,
    occurrence: Occurrence,
    series: Rc<Occurrence>,
    /// The start of the series in which it is.
    begins: When,
    whence: Whence,
}

/// Whether the item that is carried to had an occurrence before.
#[derive(Clone, Copy)]
enum Whence {
    There,
    Elsewhere,
}

fn overrides(event: &Event, series: &Rc<Occurrence>) -> Vec<Override> {
    let entry = |(id, occurrence): (&When, &Occurrence)| Override {
        id: id.clone(),
        occurrence: occurrence.clone(),
        series: Rc::clone(series),
        begins: event.main.start.clone(),
        whence: Whence::Elsewhere,
    };
    event.overrides.iter().map(entry).collect()
}

impl PartialEq for Override {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.occurrence == other.occurrence
    }
}

impl Entry for Override {
    /// The wall-clock time that the rule gives. Its zone is the series', which the two sides may spell differently.
    fn key(&self) -> String {
        self.id.wall_clock_key()
    }

    /// A series that is moved takes its changed occurrences along.
    fn may_have_been(&self, gone: &Self) -> bool {
        let from_start = |one: &Override| one.begins.local().duration_until(one.id.local());
        self.begins.local() != gone.begins.local() && from_start(self) == from_start(gone)
    }

    fn carry(base: &Self, edited: &Self, onto: &mut Self) {
        if base.id.local() != edited.id.local() {
            onto.id.clone_from(&edited.id);
        }
        let mut carry = Carry { unknown: &BTreeSet::new(), contest: None, series: None };
        occurrence_fields(&base.occurrence, &edited.occurrence, &mut onto.occurrence, &mut carry);
    }

    fn common(&self, other: &Self) -> Option<Self> {
        let mut compare = Compare { unknown: &BTreeSet::new(), edit: Edit::default() };
        occurrence_fields(&self.occurrence, &other.occurrence, &mut other.occurrence.clone(), &mut compare);
        let mut common = Common { differing: &compare.edit, unknown: BTreeSet::new() };
        let mut merged = self.clone();
        occurrence_fields(&self.occurrence, &other.occurrence, &mut merged.occurrence, &mut common);
        common.unknown.is_empty().then_some(merged)
    }

    fn origin(&self) -> Option<Self> {
        Some(Override { occurrence: self.series.moved_to(&self.id), ..self.clone() })
    }

    fn shown(&self) -> String {
        let mut compare = Compare { unknown: &BTreeSet::new(), edit: Edit::default() };
        let empty = Occurrence::default();
        occurrence_fields(&empty, &self.occurrence, &mut empty.clone(), &mut compare);
        let shown = |(field, changes): (&Field, &Vec<super::Change>)| {
            let texts: Vec<&str> = changes.iter().map(|change| change.after.as_str()).collect();
            format!("{field:?} {}", texts.join(", "))
        };
        let fields: Vec<String> = compare.edit.fields.iter().map(shown).collect();
        format!("{}: {}", self.id, fields.join("; "))
    }
}
