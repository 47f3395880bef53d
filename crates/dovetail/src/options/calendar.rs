//! The options of the mapping of what events and tasks share.

use std::collections::BTreeSet;

use dovetail_mapping::options::{
    AllCustom, CalendarOptions, ConfidentialAs, CustomProperties, FormatsFrom, FormatsTo, Mapped, PrivateAs,
    PublicAs, PublicClass, Reminders,
};
use dovetail_model::CategoryFilter;
use dovetail_model::filter::Admits;

use super::{Declared, Domain, YES_NO};
use crate::config::Profile;

pub(super) const OPTIONS: &[Declared] = &[
    Declared {
        key: "category",
        default: "",
        meaning: "For events and tasks: the category whose items belong to the profile, so that several profiles share a \
                  folder. What comes from the server gets it in Outlook, and it is never carried to the server. Empty: all \
                  items belong.",
        domain: Domain::Category,
    },
    Declared {
        key: "category_include_uncategorized",
        default: "no",
        meaning: "Whether items without any category belong to the profile as well, where category is set.",
        domain: YES_NO,
    },
    Declared {
        key: "category_negate",
        default: "no",
        meaning: "Whether all items but those of the category belong to the profile. It is then not given to what comes from \
                  the server.",
        domain: YES_NO,
    },
    Declared {
        key: "map_body",
        default: "yes",
        meaning: "For events and tasks: whether the text travels. no: each side keeps its own.",
        domain: YES_NO,
    },
    Declared {
        key: "formats_to_server",
        default: "no",
        meaning: "For events: whether the formats of Outlook's text (fonts, colours, lists, links) go to the server, as HTML, \
                  and where: x-alt-desc, which Outlook itself reads; styled, the STYLED-DESCRIPTION of the standard; or \
                  both. Where an event has formats already, these are changed.",
        domain: Domain::Choice(&["no", "x-alt-desc", "styled", "both"]),
    },
    Declared {
        key: "formats_to_outlook",
        default: "no",
        meaning: "For events: whether formats that the server has beside the text go to Outlook. A description that is HTML \
                  itself, as Google's are, always shows its formats in Outlook.",
        domain: YES_NO,
    },
    Declared {
        key: "map_color",
        default: "no",
        meaning: "For events: whether the colour of an event on the server stands for a category of about that colour in \
                  Outlook, and the other way round.",
        domain: YES_NO,
    },
    Declared {
        key: "category_color",
        default: "unchanged",
        meaning: "The colour that the profile's category has in Outlook. unchanged: what it is there.",
        domain: Domain::Choice(&COLORS),
    },
    Declared {
        key: "category_shortcut",
        default: "unchanged",
        meaning: "The key that gives an item the profile's category in Outlook; another category loses it.",
        domain: Domain::Choice(&SHORTCUTS),
    },
    Declared {
        key: "fetch_color",
        default: "no",
        meaning: "Whether each run gives the profile's category the colour that is nearest to that of the calendar on the \
                  server, as `dovetail profile color fetch` does once.",
        domain: YES_NO,
    },
    Declared {
        key: "map_priority",
        default: "yes",
        meaning: "For events and tasks: whether the priority travels. no: each side keeps its own.",
        domain: YES_NO,
    },
    Declared {
        key: "private_to_confidential",
        default: "no",
        meaning: "For events and tasks: whether what is private in Outlook becomes CLASS:CONFIDENTIAL on the server instead \
                  of PRIVATE, which some servers do not show to those they share the calendar with.",
        domain: YES_NO,
    },
    Declared {
        key: "confidential_to_private",
        default: "no",
        meaning: "For events and tasks: whether what is CLASS:CONFIDENTIAL on the server becomes private in Outlook.",
        domain: YES_NO,
    },
    Declared {
        key: "public_to_private",
        default: "no",
        meaning: "For events and tasks: whether what is CLASS:PUBLIC on the server, or has no class, becomes private in \
                  Outlook.",
        domain: YES_NO,
    },
    Declared {
        key: "public_to_default",
        default: "no",
        meaning: "For events and tasks: whether what is normal in Outlook gets no CLASS on the server instead of PUBLIC, so \
                  that the calendar's own visibility holds.",
        domain: YES_NO,
    },
    Declared {
        key: "reminders",
        default: "upcoming",
        meaning: "For events and tasks: which reminders travel; upcoming: those that are still to come when they do.",
        domain: Domain::Choice(&["none", "all", "upcoming"]),
    },
    Declared {
        key: "map_custom_properties",
        default: "no",
        meaning: "For events and tasks: whether your own text properties of Outlook travel, as \
                  X-CALDAVSYNCHRONIZER- and their name.",
        domain: YES_NO,
    },
    Declared {
        key: "custom_properties",
        default: "",
        meaning: "For events and tasks: own text properties of Outlook that have another name on the server, such as \
                  Project=X-PROJECT, Customer=X-CUSTOMER; they travel whatever map_custom_properties says.",
        domain: Domain::Pairs,
    },
];

/// What the lenses themselves read and write: a pair of one of these would be a second meaning of it.
const TAKEN: [&str; 6] = [
    "X-ALT-DESC",
    "X-DOVETAIL-",
    "X-MICROSOFT-CDO-BUSYSTATUS",
    "X-MOZ-LASTACK",
    "X-MOZ-SNOOZE-TIME",
    "X-SOGO-SEND-APPOINTMENT-NOTIFICATIONS",
];

/// The pairs of a text such as `Project=X-PROJECT, Customer=X-CUSTOMER`; `None` where a name is missing or the server's
/// does not begin with `X-`, where a name is in two pairs, or has a meaning already.
pub(super) fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let is_name = |name: &str| name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    let pair = |pair: &str| {
        let (outlook, server) = pair.split_once('=')?;
        let (outlook, server) = (outlook.trim(), server.trim());
        let is_own =
            server.len() > 2 && server.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("X-"));
        (!outlook.is_empty() && is_own && is_name(server)).then(|| (outlook.to_owned(), server.to_owned()))
    };
    let pairs: Vec<(String, String)> =
        text.split(',').filter(|text| !text.trim().is_empty()).map(pair).collect::<Option<_>>()?;
    let upper = |name: &String| name.to_ascii_uppercase();
    let is_taken = |name: &String| {
        TAKEN
            .iter()
            .any(|taken| upper(name) == *taken || taken.ends_with('-') && upper(name).starts_with(taken))
    };
    let names_once = |name: fn(&(String, String)) -> &String| {
        let names: BTreeSet<String> = pairs.iter().map(|pair| upper(name(pair))).collect();
        names.len() == pairs.len()
    };
    let is_clear = names_once(|pair| &pair.0) && names_once(|pair| &pair.1);
    (is_clear && !pairs.iter().any(|(_, server)| is_taken(server))).then_some(pairs)
}

/// The colours of categories, as they are typed.
pub(crate) const COLORS: [&str; 27] = [
    "unchanged",
    "none",
    "red",
    "orange",
    "peach",
    "yellow",
    "green",
    "teal",
    "olive",
    "blue",
    "purple",
    "maroon",
    "steel",
    "darksteel",
    "gray",
    "darkgray",
    "black",
    "darkred",
    "darkorange",
    "darkpeach",
    "darkyellow",
    "darkgreen",
    "darkteal",
    "darkolive",
    "darkblue",
    "darkpurple",
    "darkmaroon",
];

/// The keys of categories, as they are typed: from the second, in the order of OlCategoryShortcutKey.
pub(crate) const SHORTCUTS: [&str; 13] = [
    "unchanged",
    "none",
    "ctrl+f2",
    "ctrl+f3",
    "ctrl+f4",
    "ctrl+f5",
    "ctrl+f6",
    "ctrl+f7",
    "ctrl+f8",
    "ctrl+f9",
    "ctrl+f10",
    "ctrl+f11",
    "ctrl+f12",
];

/// What a profile chooses of them.
pub(super) fn chosen(profile: &Profile) -> CalendarOptions {
    let mapped = |key| if profile.is_on(key) { Mapped::Yes } else { Mapped::No };
    let mut options =
        CalendarOptions { body: mapped("map_body"), priority: mapped("map_priority"), ..Default::default() };
    options.formats_to_server = match profile.text("formats_to_server").as_str() {
        "x-alt-desc" => FormatsTo::AltDesc,
        "styled" => FormatsTo::Styled,
        "both" => FormatsTo::Both,
        _ => FormatsTo::Nowhere,
    };
    if profile.is_on("formats_to_outlook") {
        options.formats_to_outlook = FormatsFrom::Anywhere;
    }
    options.color = mapped("map_color");
    options.filter = filter(profile);
    if profile.is_on("private_to_confidential") {
        options.private_as = PrivateAs::Confidential;
    }
    if profile.is_on("confidential_to_private") {
        options.confidential_as = ConfidentialAs::Private;
    }
    if profile.is_on("public_to_private") {
        options.public_as = PublicAs::Private;
    }
    if profile.is_on("public_to_default") {
        options.public_class = PublicClass::Omitted;
    }
    options.reminders = match profile.text("reminders").as_str() {
        "none" => Reminders::None,
        "all" => Reminders::All,
        _ => Reminders::Upcoming,
    };
    options.custom = CustomProperties {
        all: if profile.is_on("map_custom_properties") { AllCustom::Mapped } else { AllCustom::Left },
        pairs: pairs(&profile.text("custom_properties")).unwrap_or_default(),
    };
    options
}

/// The category by which items belong to a profile.
fn filter(profile: &Profile) -> Option<CategoryFilter> {
    let admits = if profile.is_on("category_negate") {
        Admits::AllOthers
    } else if profile.is_on("category_include_uncategorized") {
        Admits::CategoryOrNone
    } else {
        Admits::Category
    };
    let name = profile.text("category").trim().to_owned();
    (!name.is_empty()).then_some(CategoryFilter { name, admits })
}
