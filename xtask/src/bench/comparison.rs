//! Servers side by side: turns, then a table in which each rival stands below the contender of ours that it is compared with.

use anyhow::Result;

use super::figures::{median, ratio};
use super::load::{CONNECTIONS, Contender, Load, ROUNDS, take_turns};
use super::report::Section;
use super::workdir::WorkDir;
use crate::process;

const COLUMNS: [&str; 6] = [
    "server",
    "requests/s",
    "mean ms",
    "server CPU µs/request",
    "throughput: protogate ÷ it",
    "CPU of protogate beyond it, µs",
];

/// Lets the contenders take turns. `groups` says how many belong together; the first of each group is ours.
pub(super) fn run(
    dir: &WorkDir,
    title: &str,
    mut contenders: Vec<Contender<'_>>,
    groups: &[usize],
    seconds: u32,
) -> Result<Section> {
    process::say(&format!("{title}: {ROUNDS} rounds, {} contenders, {seconds} s each", contenders.len()));
    take_turns(dir, &mut contenders, seconds)?;

    let mut section = Section::new(title, &COLUMNS);
    let mut rest = contenders.as_slice();
    for &count in groups {
        let (group, after) = rest.split_at(count);
        rest = after;
        let ours = rate(&group[0]);
        for (place, it) in group.iter().enumerate() {
            let cpu = cpu(it);
            let (throughput, beyond) = match place {
                0 => ("–".to_owned(), "–".to_owned()),
                _ => (ratio(&ours, &rate(it)), format!("{:.1}", self::cpu(&group[0]) - cpu)),
            };
            section.row([
                it.name.to_owned(),
                format!("{:.0}", median(rate(it))),
                format!("{:.2}", median(figures(it, |load| load.mean_ms))),
                format!("{cpu:.1}"),
                throughput,
                beyond,
            ]);
        }
    }
    section.note(format!(
        "Medians of {ROUNDS} rounds of {seconds} s; the contenders take turns; in brackets the smallest and largest ratio of one round."
    ));
    section.note(format!(
        "{CONNECTIONS} connections, load generator with one thread on the same machine: it takes its share of the cores, so the \
         CPU time of the server is the figure that depends least on it."
    ));
    Ok(section)
}

fn rate(contender: &Contender<'_>) -> Vec<f64> {
    figures(contender, |load| load.requests_per_second)
}

fn cpu(contender: &Contender<'_>) -> f64 {
    median(figures(contender, |load| load.cpu_us))
}

fn figures(contender: &Contender<'_>, figure: fn(&Load) -> f64) -> Vec<f64> {
    contender.loads.iter().map(figure).collect()
}
