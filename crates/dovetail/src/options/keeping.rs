//! What is kept of the past, and when a run gives up.

use super::{Declared, Domain, YES_NO};

pub(super) const OPTIONS: &[Declared] = &[
    Declared {
        key: "journal_days",
        default: "90",
        meaning: "For how many days the journal keeps what runs did and what they replaced. What you have not decided about \
                  yet (a clash, a step that waits) is kept longer, and the last two days always.",
        domain: Domain::Number(2, 36_500),
    },
    Declared {
        key: "journal_megabytes",
        default: "0",
        meaning: "How much room the journal may take, in megabytes; 0: any. Beyond that the oldest goes first.",
        domain: Domain::Number(0, 1_000_000),
    },
    Declared {
        key: "lost_writes",
        default: "3",
        meaning: "How many writes in a row may fail to reach the server before a run gives up; what was done is kept.",
        domain: Domain::Number(1, 1_000),
    },
    Declared {
        key: "cleanup_duplicates",
        default: "no",
        meaning: "For events: whether an appointment that Outlook has twice is cleaned up, such as the tentative meeting that it \
                  makes from an invitation mail beside the synced one. The copy moves to the deleted items; where it may be \
                  another appointment, it is only named. Costs time where there is something new.",
        domain: YES_NO,
    },
];
