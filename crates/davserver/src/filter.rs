//! The filters of queries: which objects somebody looks for.
//!
//! Pure: from the element in a request to a filter, from a filter and an object to yes or no. When an object takes place
//! is for [`crate::instances`].

use dovetail_mapping::component::{Component, Line};

use crate::instances::{Range, Series};
use crate::refusal::Refusal;
use crate::xml::names::CALDAV;
use crate::xml::{Element, Name};

mod card;
mod text_match;

pub(crate) use card::CardFilter;
use text_match::TextMatch;

/// A `comp-filter` (RFC 4791 section 9.7.1).
#[derive(Clone, Debug)]
pub(crate) struct ComponentFilter {
    name: String,
    absent: bool,
    range: Option<Range>,
    properties: Vec<PropertyFilter>,
    components: Vec<ComponentFilter>,
}

/// A `prop-filter` (RFC 4791 section 9.7.2).
#[derive(Clone, Debug)]
struct PropertyFilter {
    name: String,
    absent: bool,
    range: Option<Range>,
    text: Option<TextMatch>,
    parameters: Vec<ParameterFilter>,
}

/// A `param-filter` (RFC 4791 section 9.7.3, RFC 6352 section 10.5.2).
#[derive(Clone, Debug)]
struct ParameterFilter {
    name: String,
    absent: bool,
    text: Option<TextMatch>,
}

impl ComponentFilter {
    /// Reads the `filter` of a `calendar-query`.
    ///
    /// # Errors
    /// `valid-filter` where it makes no sense, `supported-filter` where it asks for more than is done here.
    pub(crate) fn read_filter(filter: &Element) -> Result<ComponentFilter, Refusal> {
        let outermost =
            filter.child(&Name::caldav("comp-filter")).ok_or_else(|| invalid("it has no comp-filter"))?;
        let read = ComponentFilter::read(outermost)?;
        match read.name.eq_ignore_ascii_case("VCALENDAR") {
            true => Ok(read),
            false => Err(invalid("the outermost component is VCALENDAR")),
        }
    }

    fn read(element: &Element) -> Result<ComponentFilter, Refusal> {
        let name = name_of(element)?;
        let range = element.child(&Name::caldav("time-range")).map(Range::read).transpose()?;
        let has_times = ["VEVENT", "VTODO"].iter().any(|known| name.eq_ignore_ascii_case(known));
        if range.is_some() && !has_times {
            let reason = format!("there is no time range for {name} here");
            return Err(Refusal::condition(403, Name::caldav("supported-filter"), reason));
        }
        let of =
            |local: &'static str| element.elements().filter(move |inner| inner.name == Name::caldav(local));
        Ok(ComponentFilter {
            name,
            absent: element.child(&Name::caldav("is-not-defined")).is_some(),
            range,
            properties: of("prop-filter").map(PropertyFilter::read).collect::<Result<_, _>>()?,
            components: of("comp-filter").map(ComponentFilter::read).collect::<Result<_, _>>()?,
        })
    }

    /// Whether an object matches. The filter is that of its outermost component.
    pub(crate) fn matches(&self, series: &Series<'_>) -> bool {
        self.holds_in(series.document().root(), series)
    }

    fn holds_in(&self, parent: Component<'_>, series: &Series<'_>) -> bool {
        let mut named = parent.components_named(&self.name);
        match self.absent {
            true => named.next().is_none(),
            false => named.any(|component| self.holds(component, series)),
        }
    }

    fn holds(&self, component: Component<'_>, series: &Series<'_>) -> bool {
        self.properties.iter().all(|filter| filter.holds_in(component, series))
            && self.components.iter().all(|filter| filter.holds_in(component, series))
            // Last, for it takes the longest.
            && self.range.is_none_or(|range| series.overlaps(component, range))
    }
}

impl PropertyFilter {
    fn read(element: &Element) -> Result<PropertyFilter, Refusal> {
        let parameters = element.elements().filter(|inner| inner.name == Name::caldav("param-filter"));
        Ok(PropertyFilter {
            name: name_of(element)?,
            absent: element.child(&Name::caldav("is-not-defined")).is_some(),
            range: element.child(&Name::caldav("time-range")).map(Range::read).transpose()?,
            text: text(element, CALDAV)?,
            parameters: parameters.map(|it| ParameterFilter::read(it, CALDAV)).collect::<Result<_, _>>()?,
        })
    }

    fn holds_in(&self, component: Component<'_>, series: &Series<'_>) -> bool {
        let mut lines = component.lines_named(&self.name);
        if self.absent {
            return lines.next().is_none();
        }
        lines.any(|line| {
            self.text.as_ref().is_none_or(|text| text.matches(&line.text()))
                && self.parameters.iter().all(|parameter| parameter.holds_in(line))
                && self.range.is_none_or(|range| series.instant(line).is_some_and(|at| range.has(at)))
        })
    }
}

impl ParameterFilter {
    fn read(element: &Element, namespace: &'static str) -> Result<ParameterFilter, Refusal> {
        Ok(ParameterFilter {
            name: name_of(element)?,
            absent: element.child(&Name::new(namespace, "is-not-defined")).is_some(),
            text: text(element, namespace)?,
        })
    }

    fn holds_in(&self, line: Line<'_>) -> bool {
        let values = line.param_values(&self.name);
        if self.absent {
            return line.param(&self.name).is_none();
        }
        match &self.text {
            Some(text) => values.iter().any(|value| text.matches(value)),
            None => line.param(&self.name).is_some(),
        }
    }
}

fn text(element: &Element, namespace: &'static str) -> Result<Option<TextMatch>, Refusal> {
    element.child(&Name::new(namespace, "text-match")).map(TextMatch::read).transpose()
}

fn name_of(element: &Element) -> Result<String, Refusal> {
    let name = element.attribute("name").filter(|name| !name.is_empty());
    name.map(str::to_owned).ok_or_else(|| invalid("it does not say of what"))
}

/// The filter makes no sense (RFC 4791 section 7.8).
fn invalid(reason: &str) -> Refusal {
    Refusal::condition(403, Name::caldav("valid-filter"), reason)
}
