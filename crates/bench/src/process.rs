//! The parts that processes play, and what a process used.

use std::process::{Command, Stdio};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::figure::Cost;
use crate::{Result, formats, runs, say, server};

/// What a process is there for. The arguments are what stands behind its name on the command line.
type Role = fn(&[String]) -> Result<()>;

const ROLES: [(&str, Role); 4] =
    [("--serve", server::serve), ("--fill", runs::fill), ("--run", runs::run), ("--format", formats::run)];

/// The part that the command line gives to this process, if it is not the first one.
pub(crate) fn role(arguments: &[String]) -> Option<Role> {
    let first = arguments.first()?;
    ROLES.into_iter().find(|(name, _)| name == first).map(|(_, role)| role)
}

/// What a measuring process tells the first one.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) cost: Cost,
    pub(crate) items: u64,
    pub(crate) bytes: Option<u64>,
    pub(crate) requests: Option<u64>,
}

/// Another process of this program, in a part.
pub(crate) fn another(role: &str, arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(role).args(arguments).stderr(Stdio::inherit());
    Ok(command)
}

/// Runs another process to its end; what it told, if it was there to measure.
pub(crate) fn finished(role: &str, arguments: &[&str]) -> Result<String> {
    let output = another(role, arguments)?.output()?;
    let said = String::from_utf8(output.stdout)?.trim().to_owned();
    if output.status.success() { Ok(said) } else { Err(format!("{role} {arguments:?}: {said}").into()) }
}

/// Runs a measuring process.
pub(crate) fn told(role: &str, arguments: &[&str]) -> Result<Told> {
    let said = finished(role, arguments)?;
    let last = said.lines().last().unwrap_or_default();
    Ok(serde_json::from_str(last).map_err(|error| format!("{error}: {said}"))?)
}

/// Tells the first process what was measured.
pub(crate) fn tell(told: &Told) -> Result<()> {
    say(&serde_json::to_string(told)?);
    Ok(())
}

/// Runs while something is measured.
pub(crate) struct Meter {
    begun: Instant,
    cpu_before: f64,
}

impl Meter {
    /// Measures from now on.
    pub(crate) fn start() -> Meter {
        Meter { begun: Instant::now(), cpu_before: cpu_seconds() }
    }

    /// What was used since. The peak of memory is that of the process.
    pub(crate) fn stop(&self) -> Cost {
        Cost {
            wall_seconds: self.begun.elapsed().as_secs_f64(),
            cpu_seconds: cpu_seconds() - self.cpu_before,
            peak_bytes: peak_bytes(),
        }
    }

    /// What the process used from its beginning on.
    pub(crate) fn stop_whole(&self) -> Cost {
        Cost { cpu_seconds: cpu_seconds(), ..self.stop() }
    }
}

#[cfg(unix)]
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Where the system does not tell: nothing else of ours runs in this process, so that its time is what went by.
#[cfg(not(unix))]
fn cpu_seconds() -> f64 {
    static BEGUN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    BEGUN.get_or_init(Instant::now).elapsed().as_secs_f64()
}

fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
