//! Speed and size of Lightkeep in one table: `cargo bench`. See `benches/README.md` for how to read it.
//!
//! `cargo bench -- import search` measures only these sections; `LIGHTKEEP_BENCH_QUICK=1` takes small sizes, to see
//! that everything runs. What has to be measured alone (memory, starts) runs in a child: this same program again.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is its job")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on stops")]

mod account;
mod data;
mod first;
mod import;
mod jpegs;
mod machine;
mod measure;
mod pilot;
mod print;
mod quality;
mod reimport;
mod search;
mod simulator;
mod sql;
mod store;
mod table;
mod tagger;
mod tags;
mod window;

use data::Data;
use table::Row;

/// A section: its name, and what measures it.
type Section = (&'static str, fn(&Data) -> Vec<Row>);

const SECTIONS: &[Section] = &[
    ("import", import::rows),
    ("quality", quality::rows),
    ("first", first::rows),
    ("window", window::rows),
    ("account", account::rows),
    ("search", search::rows),
    ("tags", tags::rows),
    ("print", print::rows),
    ("reimport", reimport::rows),
    ("store", store::rows),
    ("store-small", store::small),
    ("tagger", tagger::rows),
    ("simulator", simulator::rows),
];

fn main() {
    // Cargo says `--bench` to every bench.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if let Some((child, words)) = words.split_first().filter(|(first, _)| *first == window::CHILD) {
        debug_assert_eq!(child, window::CHILD);
        return window::child(words);
    }
    let unknown = words.iter().find(|word| SECTIONS.iter().all(|(name, _)| name != word));
    if let Some(unknown) = unknown {
        let names: Vec<_> = SECTIONS.iter().map(|(name, _)| *name).collect();
        eprintln!("no such section: {unknown}; there are {}", names.join(", "));
        std::process::exit(2);
    }
    let data = Data::here();
    let mut rows = Vec::new();
    for (name, measure) in SECTIONS {
        // A part of another section is measured when it is asked for.
        let is_part = *name == "store-small";
        if (words.is_empty() && !is_part) || words.iter().any(|word| word == name) {
            eprintln!("{name} …");
            rows.extend(measure(&data));
        }
    }
    println!("\n{}\n", machine::describe(&data));
    table::print(&rows);
}
