//! The Outlook dialect: items as Outlook's object model names them, and the lens between them and the model.
//!
//! The records hold Outlook's own names, types, units and special values (4501-01-01 for no date). Their JSON is the
//! original of the Outlook side; properties that we do not know survive in `other`. Zones are Windows names; what
//! depends on other properties (Start, StartUTC, Duration, ...) is kept coherent by [`AppointmentItem::settle`].

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use dovetail_model::{Item, When, Zone};
use jiff::civil::{Date, DateTime, date, datetime};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::options::{CalendarOptions, Mapped};
use crate::{Reading, Settings, Warning, bytes};

mod appointment;
mod assign;
mod characters;
mod contact;
mod custom;
pub(crate) mod dist_list;
mod global_id;
mod lean;
mod no_date;
mod people;
mod recurrence;
mod rtf_body;
mod satellite;
mod stand_in;
mod task;
#[cfg(test)]
mod tests;

pub use assign::{AssignError, assign};
pub use global_id::is_own_id;

/// What Outlook holds for "no date".
pub const NO_DATE: Date = date(4501, 1, 1);

/// An item as a folder of Outlook holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "MessageClass")]
pub enum OutlookItem {
    /// A calendar entry.
    #[serde(rename = "IPM.Appointment")]
    Appointment(Box<AppointmentItem>),
    /// A task.
    #[serde(rename = "IPM.Task")]
    Task(Box<TaskItem>),
    /// A contact.
    #[serde(rename = "IPM.Contact")]
    Contact(Box<ContactItem>),
    /// A distribution list.
    #[serde(rename = "IPM.DistList")]
    DistList(Box<DistListItem>),
}

/// Outlook's AppointmentItem. Times are wall-clock times: Start and End in the mailbox's zone, the others in theirs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(missing_docs, reason = "the properties of Outlook's object model, which documents them")]
pub struct AppointmentItem {
    pub subject: String,
    pub location: String,
    pub body: String,
    /// The text with formats: RTF in Base64, as it is or compressed; empty where nobody set it.
    #[serde(rename = "RTFBody", skip_serializing_if = "String::is_empty")]
    pub rtf_body: String,
    pub start: DateTime,
    pub end: DateTime,
    #[serde(rename = "StartUTC")]
    pub start_utc: DateTime,
    #[serde(rename = "EndUTC")]
    pub end_utc: DateTime,
    pub start_in_start_time_zone: DateTime,
    pub end_in_end_time_zone: DateTime,
    pub start_time_zone: String,
    pub end_time_zone: String,
    pub duration: i64,
    pub all_day_event: bool,
    pub busy_status: u8,
    pub importance: u8,
    pub sensitivity: u8,
    pub categories: String,
    pub reminder_set: bool,
    pub reminder_minutes_before_start: i64,
    pub is_recurring: bool,
    pub recurrence_pattern: Option<RecurrencePattern>,
    pub meeting_status: u8,
    pub response_status: u8,
    pub response_requested: bool,
    pub organizer: String,
    pub sent_representing_email_address: String,
    pub sender_email_address: String,
    pub recipients: Vec<Recipient>,
    pub user_properties: Map<String, Value>,
    pub attachments: Vec<LinkedFile>,
    #[serde(rename = "GlobalAppointmentID")]
    pub global_appointment_id: String,
    /// No property: the appointments beside this one that show further occurrences of its series, a part of it in an original.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub satellites: Vec<AppointmentItem>,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Outlook's RecurrencePattern. Interval counts the units of its type; of yearly types, years.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(missing_docs, reason = "the properties of Outlook's object model, which documents them")]
pub struct RecurrencePattern {
    pub recurrence_type: u8,
    pub interval: u32,
    pub day_of_week_mask: u8,
    pub day_of_month: i8,
    pub month_of_year: i8,
    pub instance: i8,
    pub occurrences: u32,
    pub no_end_date: bool,
    pub pattern_start_date: Date,
    pub pattern_end_date: Date,
    pub exceptions: Vec<RecurrenceException>,
    /// Of tasks alone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub regenerate: bool,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Outlook's Exception: a changed or deleted occurrence. Of a deleted one Outlook keeps the day alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the properties of Outlook's object model, which documents them")]
pub struct RecurrenceException {
    pub original_date: DateTime,
    pub deleted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment_item: Option<Box<AppointmentItem>>,
}

/// Outlook's Recipient: somebody, or something, asked to a meeting. Addresses that are no mail addresses are URIs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(missing_docs, reason = "the properties of Outlook's object model, which documents them")]
pub struct Recipient {
    pub name: String,
    pub address: String,
    #[serde(rename = "Type")]
    pub kind: u8,
    pub meeting_response_status: u8,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Outlook's Attachment, as far as it is a link (Type 4): others keep what they have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(missing_docs, reason = "the properties of Outlook's object model, which documents them")]
pub struct LinkedFile {
    pub display_name: String,
    pub path_name: String,
    #[serde(rename = "Type")]
    pub kind: u8,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Outlook's TaskItem. Dates have no time of day; ReminderTime is a wall-clock time in the mailbox's zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(missing_docs, reason = "the properties of Outlook's object model, which documents them")]
pub struct TaskItem {
    pub subject: String,
    pub body: String,
    /// The text with formats: RTF in Base64, as it is or compressed; empty where nobody set it.
    #[serde(rename = "RTFBody", skip_serializing_if = "String::is_empty")]
    pub rtf_body: String,
    pub start_date: Date,
    pub due_date: Date,
    pub date_completed: Date,
    pub complete: bool,
    pub percent_complete: u8,
    pub status: u8,
    pub importance: u8,
    pub sensitivity: u8,
    pub categories: String,
    pub reminder_set: bool,
    pub reminder_time: DateTime,
    pub is_recurring: bool,
    pub recurrence_pattern: Option<RecurrencePattern>,
    pub total_work: u32,
    pub actual_work: u32,
    pub mileage: String,
    pub billing_information: String,
    pub contact_names: String,
    pub companies: String,
    pub owner: String,
    pub user_properties: Map<String, Value>,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Outlook's ContactItem. Numbers, addresses and dates each have a property of their own. ContactPicture is the attachment
/// of that name; UserX509Certificate is PidTagUserX509Certificate, as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(missing_docs, reason = "the properties of Outlook's object model, which documents them")]
pub struct ContactItem {
    pub title: String,
    pub first_name: String,
    pub middle_name: String,
    pub last_name: String,
    pub suffix: String,
    pub full_name: String,
    pub file_as: String,
    pub initials: String,
    pub yomi_first_name: String,
    pub yomi_last_name: String,
    pub yomi_company_name: String,
    pub nick_name: String,
    pub company_name: String,
    pub department: String,
    pub job_title: String,
    pub profession: String,
    pub assistant_name: String,
    pub manager_name: String,
    pub spouse: String,
    pub children: String,
    pub gender: u8,
    pub email1_address: String,
    pub email1_display_name: String,
    pub email2_address: String,
    pub email2_display_name: String,
    pub email3_address: String,
    pub email3_display_name: String,
    #[serde(rename = "IMAddress")]
    pub im_address: String,
    pub assistant_telephone_number: String,
    pub business_telephone_number: String,
    pub business2_telephone_number: String,
    pub business_fax_number: String,
    pub callback_telephone_number: String,
    pub car_telephone_number: String,
    pub company_main_telephone_number: String,
    pub home_telephone_number: String,
    pub home2_telephone_number: String,
    pub home_fax_number: String,
    #[serde(rename = "ISDNNumber")]
    pub isdn_number: String,
    pub mobile_telephone_number: String,
    pub other_telephone_number: String,
    pub other_fax_number: String,
    pub pager_number: String,
    pub primary_telephone_number: String,
    pub radio_telephone_number: String,
    pub telex_number: String,
    #[serde(rename = "TTYTDDTelephoneNumber")]
    pub ttytdd_telephone_number: String,
    pub home_address_street: String,
    pub home_address_city: String,
    pub home_address_state: String,
    pub home_address_postal_code: String,
    pub home_address_country: String,
    pub home_address_post_office_box: String,
    pub business_address_street: String,
    pub business_address_city: String,
    pub business_address_state: String,
    pub business_address_postal_code: String,
    pub business_address_country: String,
    pub business_address_post_office_box: String,
    pub other_address_street: String,
    pub other_address_city: String,
    pub other_address_state: String,
    pub other_address_postal_code: String,
    pub other_address_country: String,
    pub other_address_post_office_box: String,
    pub selected_mailing_address: u8,
    pub office_location: String,
    pub birthday: Day,
    pub anniversary: Day,
    pub web_page: String,
    pub personal_home_page: String,
    pub business_home_page: String,
    #[serde(rename = "FTPSite")]
    pub ftp_site: String,
    pub internet_free_busy_address: String,
    pub body: String,
    pub categories: String,
    pub sensitivity: u8,
    pub account: String,
    pub billing_information: String,
    pub companies: String,
    pub computer_network_name: String,
    #[serde(rename = "CustomerID")]
    pub customer_id: String,
    #[serde(rename = "GovernmentIDNumber")]
    pub government_id_number: String,
    pub hobby: String,
    pub language: String,
    pub mileage: String,
    #[serde(rename = "OrganizationalIDNumber")]
    pub organizational_id_number: String,
    pub referred_by: String,
    pub user1: String,
    pub user2: String,
    pub user3: String,
    pub user4: String,
    pub contact_picture: Binary,
    #[serde(rename = "UserX509Certificate")]
    pub user_x509_certificate: Vec<Binary>,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A date of a contact: [`NO_DATE`] where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub Date);

impl Default for Day {
    fn default() -> Self {
        Day(NO_DATE)
    }
}

/// Bytes, in JSON as base64. Copies share them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Binary(pub Arc<[u8]>);

impl fmt::Debug for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Binary({} bytes)", self.0.len())
    }
}

impl Serialize for Binary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&bytes::to_base64(&self.0))
    }
}

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let bytes = bytes::from_base64(text.as_bytes());
        bytes.map(|bytes| Binary(bytes.into())).ok_or_else(|| D::Error::custom("not base64"))
    }
}

/// Outlook's DistListItem.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the properties of Outlook's object model, which documents them")]
pub struct DistListItem {
    #[serde(rename = "DLName")]
    pub dl_name: String,
    #[serde(rename = "Members")]
    pub members: Vec<DistListMember>,
    #[serde(rename = "Body")]
    pub body: String,
    #[serde(rename = "Categories")]
    pub categories: String,
    #[serde(rename = "Sensitivity")]
    pub sensitivity: u8,
    /// Fields of the user's own, by their names; of whatever type they are.
    #[serde(rename = "UserProperties")]
    pub user_properties: Map<String, Value>,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A member of a distribution list: a Recipient of Outlook. One that is another list has no address: its EntryID is that
/// list's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(missing_docs, reason = "the properties of Outlook's object model, which documents them")]
pub struct DistListMember {
    pub name: String,
    pub address: String,
    #[serde(rename = "EntryID", skip_serializing_if = "String::is_empty")]
    pub entry_id: String,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Default for AppointmentItem {
    fn default() -> Self {
        let none = datetime(1601, 1, 1, 0, 0, 0, 0);
        AppointmentItem {
            subject: String::new(),
            location: String::new(),
            body: String::new(),
            rtf_body: String::new(),
            start: none,
            end: none,
            start_utc: none,
            end_utc: none,
            start_in_start_time_zone: none,
            end_in_end_time_zone: none,
            start_time_zone: String::new(),
            end_time_zone: String::new(),
            duration: 0,
            all_day_event: false,
            busy_status: 2,
            importance: 1,
            sensitivity: 0,
            categories: String::new(),
            reminder_set: false,
            reminder_minutes_before_start: 15,
            is_recurring: false,
            recurrence_pattern: None,
            meeting_status: 0,
            response_status: 0,
            response_requested: true,
            organizer: String::new(),
            sent_representing_email_address: String::new(),
            sender_email_address: String::new(),
            recipients: Vec::new(),
            user_properties: Map::new(),
            attachments: Vec::new(),
            global_appointment_id: String::new(),
            satellites: Vec::new(),
            other: Map::new(),
        }
    }
}

impl Default for RecurrencePattern {
    fn default() -> Self {
        RecurrencePattern {
            recurrence_type: 0,
            interval: 1,
            day_of_week_mask: 0,
            day_of_month: 0,
            month_of_year: 0,
            instance: 0,
            occurrences: 0,
            no_end_date: true,
            pattern_start_date: NO_DATE,
            pattern_end_date: NO_DATE,
            exceptions: Vec::new(),
            regenerate: false,
            other: Map::new(),
        }
    }
}

impl Default for TaskItem {
    fn default() -> Self {
        TaskItem {
            subject: String::new(),
            body: String::new(),
            rtf_body: String::new(),
            start_date: NO_DATE,
            due_date: NO_DATE,
            date_completed: NO_DATE,
            complete: false,
            percent_complete: 0,
            status: 0,
            importance: 1,
            sensitivity: 0,
            categories: String::new(),
            reminder_set: false,
            reminder_time: NO_DATE.at(0, 0, 0, 0),
            is_recurring: false,
            recurrence_pattern: None,
            total_work: 0,
            actual_work: 0,
            mileage: String::new(),
            billing_information: String::new(),
            contact_names: String::new(),
            companies: String::new(),
            owner: String::new(),
            user_properties: Map::new(),
            other: Map::new(),
        }
    }
}

impl OutlookItem {
    /// The record of some JSON.
    ///
    /// # Errors
    /// Where it is no record of a class that is known.
    pub fn parse(json: &[u8]) -> serde_json::Result<OutlookItem> {
        // By the class first: serde, asked for any class, gathers the whole record before it looks at one property.
        match serde_json::from_slice::<Class>(json).map(|class| class.message_class).as_deref() {
            Ok("IPM.Appointment") => {
                record(json, |it: &mut AppointmentItem| &mut it.other).map(Self::Appointment)
            }
            Ok("IPM.Task") => record(json, |it: &mut TaskItem| &mut it.other).map(Self::Task),
            Ok("IPM.Contact") => record(json, |it: &mut ContactItem| &mut it.other).map(Self::Contact),
            Ok("IPM.DistList") => record(json, |it: &mut DistListItem| &mut it.other).map(Self::DistList),
            _ => serde_json::from_slice(json),
        }
    }

    /// The record as JSON, without what is empty: [`OutlookItem::parse`] gives the same record again. Of a contact's ninety
    /// properties most are.
    pub fn to_json(&self) -> String {
        lean::to_json(self, self.other())
    }

    /// The properties that we do not know.
    fn other(&self) -> &Map<String, Value> {
        match self {
            OutlookItem::Appointment(item) => &item.other,
            OutlookItem::Task(item) => &item.other,
            OutlookItem::Contact(item) => &item.other,
            OutlookItem::DistList(item) => &item.other,
        }
    }
}

/// What tells which record it is.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Class<'j> {
    #[serde(borrow)]
    message_class: Cow<'j, str>,
}

/// A record of one class; the class itself is none of its properties.
fn record<'j, T: Deserialize<'j>>(
    json: &'j [u8],
    other: fn(&mut T) -> &mut Map<String, Value>,
) -> serde_json::Result<Box<T>> {
    let mut record: Box<T> = serde_json::from_slice(json)?;
    other(&mut record).shift_remove("MessageClass");
    Ok(record)
}

/// What Outlook can keep of an item: what reading gives after writing it from nothing.
pub(crate) fn held(item: &Item, settings: &Settings) -> Option<Item> {
    // Without JSON in between: a record says the same before and after.
    read_item(&write_item(item, None, settings), settings).item
}

/// Whether a record stands for a series that Outlook has no pattern for, and other occurrences of it are to be seen by now, or
/// they are to say something else.
pub fn is_outdated(original: &[u8], settings: &Settings) -> bool {
    let mark = stand_in::MARK.as_bytes();
    // Most records stand for nothing, and need not be read to tell.
    original.windows(mark.len()).any(|window| window == mark)
        && OutlookItem::parse(original).is_ok_and(|item| match item {
            OutlookItem::Appointment(item) => appointment::is_outdated(&item, settings),
            _ => false,
        })
}

/// The start of the occurrence that an appointment shows for its series, where it is one of those that show more occurrences
/// of a day than a pattern can.
pub fn shown_occurrence(item: &OutlookItem) -> Option<DateTime> {
    match item {
        OutlookItem::Appointment(item) => satellite::shown(item),
        _ => None,
    }
}

/// A time of an item that no item of Outlook can have: it knows no days before 1601 and behind the 31st of August 4500, and one
/// of these is what it holds for no date.
pub fn beyond(item: &Item) -> Option<&When> {
    match item {
        Item::Event(event) => no_date::beyond(event),
        _ => None,
    }
}

/// Whether a property of a user's name is one of our own.
fn is_own_mark(name: &str) -> bool {
    [stand_in::MARK, satellite::MARK].contains(&name)
}

/// How long nothing can become outdated: a text that differs once it may have.
pub fn shown_in(settings: &Settings) -> String {
    stand_in::quarter(settings).map(|quarter| quarter.to_string()).unwrap_or_default()
}

/// Reads an Outlook item from its JSON.
pub fn read(original: &[u8], settings: &Settings) -> Reading {
    match OutlookItem::parse(original) {
        Ok(item) => read_item(&item, settings),
        Err(error) => Reading {
            item: None,
            warnings: vec![
                Warning::at("unreadable_outlook_item", "", Some(error.line())).with(error.to_string()),
            ],
        },
    }
}

/// Reads an Outlook item.
pub fn read_item(item: &OutlookItem, settings: &Settings) -> Reading {
    let mut warnings = Vec::new();
    characters::warn(item, &mut warnings);
    let item = match item {
        OutlookItem::Appointment(item) if !no_date::is_said(item.start_in_start_time_zone) => {
            return Reading { item: None, warnings: vec![Warning::at("no_start", "Start", None)] };
        }
        OutlookItem::Appointment(item) => {
            Item::Event(Box::new(appointment::read(item, settings, &mut warnings)))
        }
        OutlookItem::Task(item) => Item::Task(Box::new(task::read(item, settings))),
        OutlookItem::Contact(item) => {
            Item::Contact(Box::new(contact::read(item, &settings.options.contacts)))
        }
        OutlookItem::DistList(item) => Item::Group(Box::new(dist_list::read(item))),
    };
    Reading { item: Some(item), warnings }
}

/// Writes an item as JSON: the properties of differing fields are set on `from`, all others stay.
pub fn write(item: &Item, from: Option<&[u8]>, settings: &Settings) -> Vec<u8> {
    write_item(item, from, settings).to_json().into_bytes()
}

/// Writes an item as a record.
pub(crate) fn write_item(item: &Item, from: Option<&[u8]>, settings: &Settings) -> OutlookItem {
    match (item, from.and_then(|from| OutlookItem::parse(from).ok())) {
        (Item::Event(event), Some(OutlookItem::Appointment(before))) => {
            OutlookItem::Appointment(Box::new(appointment::write(event, *before, settings)))
        }
        (Item::Event(event), _) => OutlookItem::Appointment(Box::new(appointment::write(
            event,
            appointment::blank(settings),
            settings,
        ))),
        (Item::Task(item), Some(OutlookItem::Task(before))) => {
            OutlookItem::Task(Box::new(task::write(item, *before, settings)))
        }
        (Item::Task(item), _) => {
            OutlookItem::Task(Box::new(task::write(item, TaskItem::default(), settings)))
        }
        (Item::Contact(item), Some(OutlookItem::Contact(before))) => {
            OutlookItem::Contact(Box::new(contact::write(item, *before, &settings.options.contacts)))
        }
        (Item::Contact(item), _) => OutlookItem::Contact(Box::new(contact::write(
            item,
            ContactItem::default(),
            &settings.options.contacts,
        ))),
        (Item::Group(item), Some(OutlookItem::DistList(before))) => {
            OutlookItem::DistList(Box::new(dist_list::write(item, *before)))
        }
        (Item::Group(item), _) => {
            OutlookItem::DistList(Box::new(dist_list::write(item, DistListItem::default())))
        }
    }
}

/// Sets a property where the field that it stands for was changed.
fn put<T: PartialEq, P>(read: &T, wanted: &T, property: &mut P, value: impl FnOnce(&T) -> P) {
    if read != wanted {
        *property = value(wanted);
    }
}

/// Text as Outlook keeps it: lines end with CR LF.
fn body(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

fn text(body: &str) -> String {
    body.replace("\r\n", "\n")
}

/// The priority of an event or task, where it is mapped.
fn calendar_priority(importance: u8, options: &CalendarOptions) -> dovetail_model::item::Priority {
    if options.priority == Mapped::Yes { priority(importance) } else { Default::default() }
}

fn categories(joined: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in joined.split([',', ';']).map(str::trim).filter(|name| !name.is_empty()) {
        if !names.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            names.push(name.to_owned());
        }
    }
    names
}

/// A name with a separator in it would fall apart: it is kept with blanks instead.
fn joined(names: &[String]) -> String {
    let whole: Vec<String> = names.iter().map(|name| name.replace([',', ';'], " ")).collect();
    whole.join(", ")
}

/// The names as reading them back gives them.
fn held_categories(names: &[String]) -> Vec<String> {
    categories(&joined(names))
}

fn windows_zone(zone: &Zone) -> Option<&'static str> {
    match zone {
        Zone::Utc => Some("UTC"),
        Zone::Named(zone) => crate::windows_zones::windows_of_iana(&zone.id),
        Zone::Floating | Zone::Custom(_) => None,
    }
}

/// Outlook's importance of a priority (RFC 5545 section 3.8.1.9): 0 low, 1 normal, 2 high.
fn importance(priority: dovetail_model::item::Priority) -> u8 {
    match priority.0 {
        1..=4 => 2,
        6..=9 => 0,
        _ => 1,
    }
}

fn priority(importance: u8) -> dovetail_model::item::Priority {
    dovetail_model::item::Priority(match importance {
        0 => 9,
        2 => 1,
        _ => 5,
    })
}

fn sensitivity(value: u8) -> dovetail_model::item::Sensitivity {
    use dovetail_model::item::Sensitivity::{Confidential, Personal, Private, Public};
    match value {
        1 => Personal,
        2 => Private,
        3 => Confidential,
        _ => Public,
    }
}

fn sensitivity_number(value: dovetail_model::item::Sensitivity) -> u8 {
    use dovetail_model::item::Sensitivity::{Confidential, Personal, Private, Public};
    match value {
        Public => 0,
        Personal => 1,
        Private => 2,
        Confidential => 3,
    }
}
