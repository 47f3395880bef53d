//! Characters in Outlook's texts that no calendar or card can carry: a server gets U+FFFD in their place, of which is told here
//! with the property and the line of its text.

use super::{AppointmentItem, ContactItem, OutlookItem, TaskItem};
use crate::Warning;
use crate::content_line::is_refused;

/// Warns of such characters.
pub(super) fn warn(item: &OutlookItem, warnings: &mut Vec<Warning>) {
    match item {
        OutlookItem::Appointment(item) => of_appointment(item, warnings),
        OutlookItem::Task(item) => of(&task_texts(item), warnings),
        OutlookItem::Contact(item) => of(&contact_texts(item), warnings),
        OutlookItem::DistList(item) => {
            of(
                &[("DLName", &item.dl_name), ("Body", &item.body), ("Categories", &item.categories)],
                warnings,
            );
        }
    }
}

/// The same of the occurrences that say something of their own.
fn of_appointment(item: &AppointmentItem, warnings: &mut Vec<Warning>) {
    let exceptions = item.recurrence_pattern.iter().flat_map(|pattern| &pattern.exceptions);
    let changed = exceptions.filter_map(|exception| exception.appointment_item.as_deref());
    for one in [item].into_iter().chain(changed).chain(&item.satellites) {
        let texts = [
            ("Subject", &one.subject),
            ("Location", &one.location),
            ("Body", &one.body),
            ("Categories", &one.categories),
        ];
        of(&texts, warnings);
    }
}

fn task_texts(item: &TaskItem) -> [(&'static str, &String); 8] {
    [
        ("Subject", &item.subject),
        ("Body", &item.body),
        ("Categories", &item.categories),
        ("Mileage", &item.mileage),
        ("BillingInformation", &item.billing_information),
        ("ContactNames", &item.contact_names),
        ("Companies", &item.companies),
        ("Owner", &item.owner),
    ]
}

fn contact_texts(item: &ContactItem) -> [(&'static str, &String); 14] {
    [
        ("Title", &item.title),
        ("FirstName", &item.first_name),
        ("MiddleName", &item.middle_name),
        ("LastName", &item.last_name),
        ("Suffix", &item.suffix),
        ("FullName", &item.full_name),
        ("NickName", &item.nick_name),
        ("CompanyName", &item.company_name),
        ("Department", &item.department),
        ("JobTitle", &item.job_title),
        ("HomeAddressStreet", &item.home_address_street),
        ("BusinessAddressStreet", &item.business_address_street),
        ("Categories", &item.categories),
        ("Body", &item.body),
    ]
}

fn of(texts: &[(&str, &String)], warnings: &mut Vec<Warning>) {
    for (property, text) in texts {
        // Most texts have none, and need not be taken apart to tell.
        if !text.contains(is_refused) {
            continue;
        }
        for (number, _) in text.lines().enumerate().filter(|(_, line)| line.contains(is_refused)) {
            warnings.push(Warning::at("refused_character", property, Some(number + 1)));
        }
    }
}
