//! `dovetail check`: what is in a file of iCalendar or vCard, what is wrong with it, and whether it survives rewriting.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use dovetail_mapping::inspect::{Report, Summary};
use serde_json::{Value, json};

use super::screen::{Screen, count};
use super::{Outcome, words};
use crate::app;
use crate::error::{Error, Result};

/// Tell what is in iCalendar and vCard files, and whether rewriting gives the same bytes
#[derive(Args)]
#[command(after_help = "\
Examples:
  dovetail check calendar.ics contacts.vcf
  curl -s https://example.org/holidays.ics | dovetail check -

The exit code is 1 where rewriting would change a byte.")]
pub(crate) struct Check {
    /// The files; - for the standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Check {
    /// Does it.
    pub(crate) fn run(&self, screen: &Screen) -> Result<Outcome> {
        let mut checked = Vec::new();
        for file in &self.files {
            checked.push((file, app::inspect(&read(file)?)));
        }
        let answer: Value = checked.iter().map(|(file, report)| described(file, report)).collect();
        screen.answer(&answer, || {
            let told: Vec<_> = checked.iter().map(|(file, report)| told(file, report)).collect();
            told.join("\n")
        });
        Ok(Outcome::fine_if(checked.iter().all(|(_, report)| report.is_rewritten_alike)))
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let read = match file.to_str() {
        Some("-") => {
            let mut bytes = Vec::new();
            std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
        }
        _ => std::fs::read(file),
    };
    read.map_err(|cause| Error::file(file, "read", &cause))
}

fn described(file: &Path, report: &Report) -> Value {
    let warnings: Value = report.warnings.iter().map(words::described_warning).collect();
    json!({
        "file": file,
        "same": report.is_rewritten_alike,
        "components": report.components,
        "items": report.items,
        "warnings": warnings,
    })
}

fn told(file: &Path, report: &Report) -> String {
    let components: Vec<_> = report
        .components
        .iter()
        .map(|(name, number)| format!("{number} {}", words::plain_text(name)))
        .collect();
    let what = if components.is_empty() { "no component".to_owned() } else { components.join(", ") };
    let mut lines = vec![format!("{}: {what}", file.display())];
    lines.extend(report.items.iter().map(|item| format!("  {}", told_of(item))));
    let warnings = report.warnings.iter().map(words::placed_warning);
    lines.extend(warnings.map(|warning| format!("  warning: {warning}")));
    let same = match report.is_rewritten_alike {
        true => "rewriting gives the same bytes",
        false => "REWRITING WOULD CHANGE IT",
    };
    lines.push(format!("  {}; {same}", count(report.warnings.len(), "warning")));
    lines.join("\n")
}

fn told_of(item: &Summary) -> String {
    let kind = item.kind.map_or("not an item", words::kind);
    let line = item.line.map(|line| format!(" (line {line})")).unwrap_or_default();
    format!("{kind} {}{line}", words::quoted(&item.title))
}
