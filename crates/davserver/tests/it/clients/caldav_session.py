"""A session of the library `caldav` with the server: discovers, writes, searches, synchronises twice, and cleans up.

Called with the address of the server; the user is `sample`. Ends with an error where anything is not as it should be.
"""

import sys
from datetime import datetime, timezone

import caldav


def event(uid, summary, rule=""):
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//Sample//EN", "BEGIN:VEVENT", f"UID:{uid}",
        "DTSTAMP:20260101T000000Z", "DTSTART:20260302T090000Z", "DTEND:20260302T100000Z", f"SUMMARY:{summary}",
        *([rule] if rule else []), "END:VEVENT", "END:VCALENDAR", "",
    ]
    return "\r\n".join(lines)


def at(day, hour=0):
    return datetime(2026, 3, day, hour, tzinfo=timezone.utc)


def summaries(objects):
    return sorted(str(it.icalendar_component["SUMMARY"]) for it in objects)


def same(found, expected):
    assert found == expected, f"{found} instead of {expected}"


client = caldav.DAVClient(url=sys.argv[1], username="sample", password="sample")
principal = client.principal()
calendars = {calendar.get_display_name(): calendar for calendar in principal.calendars()}
same(sorted(calendars), ["Calendar", "Tasks"])
same(calendars["Calendar"].get_supported_components(), ["VEVENT"])

# Writing and finding.
calendar = calendars["Calendar"]
calendar.save_event(event("single", "Single"))
calendar.save_event(event("daily", "Daily", "RRULE:FREQ=DAILY;COUNT=5"))
same(summaries(calendar.events()), ["Daily", "Single"])
same(summaries([calendar.event_by_uid("single")]), ["Single"])
same(summaries(calendar.search(start=at(4), end=at(5), event=True)), ["Daily"])
expanded = calendar.search(start=at(4), end=at(6), event=True, expand=True)
same(sorted(it.icalendar_component["DTSTART"].dt for it in expanded), [at(4, 9), at(5, 9)])
same(calendar.search(start=at(20), end=at(21), event=True), [])

# Synchronising, and again.
known = calendar.objects(load_objects=True)
same(len(list(known)), 2)
same([len(changed) for changed in known.sync()], [0, 0])
single = calendar.event_by_uid("single")
single.icalendar_component["SUMMARY"] = "Changed"
single.save()
calendar.event_by_uid("daily").delete()
calendar.save_event(event("new", "New"))
updated, deleted = known.sync()
same((summaries(updated), len(deleted)), (["Changed", "New"], 1))
same([len(changed) for changed in known.sync()], [0, 0])

# Tasks.
tasks = calendars["Tasks"]
todo = tasks.save_todo(summary="Sample", due=at(3))
same(summaries(tasks.todos()), ["Sample"])
todo.complete()
same((len(tasks.todos()), len(tasks.todos(include_completed=True))), (0, 1))

# Busy times, and a calendar of one's own.
busy = calendar.freebusy_request(at(1), at(9))
assert "FREEBUSY" in busy.data and "Changed" not in busy.data, busy.data
made = principal.make_calendar(name="Made here", supported_calendar_component_set=["VTODO"])
assert "Made here" in [it.get_display_name() for it in principal.calendars()]
made.delete()
same(len(principal.calendars()), 2)
