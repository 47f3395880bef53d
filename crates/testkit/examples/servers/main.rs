//! What is known of the real servers, asked of them again:
//!
//! ```text
//! cargo run -p dovetail-testkit --example servers -- record   writes fixtures/dav/<server>/tour/
//! cargo run -p dovetail-testkit --example servers -- table    writes the table in docs/servers.md
//! ```
//!
//! `DAVTEST_ONLY` and `CI` mean what they mean to tests. A table needs all servers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a program for developers, run by hand"
)]
#![allow(clippy::disallowed_macros, reason = "it tells what it does")]

mod table;
mod tour;

use std::path::{Path, PathBuf};

use dovetail_testkit::servers;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("record") => {
            for server in servers::each() {
                let folder = root().join("fixtures/dav").join(server.product.name).join("tour");
                std::fs::create_dir_all(&folder).unwrap();
                for stop in tour::take(&server) {
                    let answer = tour::anonymous(&server, &stop.answer);
                    std::fs::write(folder.join(format!("{}.http", stop.name)), answer).unwrap();
                }
                println!("{}: recorded", server.product.name);
            }
        }
        Some("table") => {
            let columns: Vec<table::Column> = servers::each().map(|server| table::probe(&server)).collect();
            assert_eq!(columns.len(), servers::ALL.len(), "a server is missing");
            table::write(&root().join("docs/servers.md"), &columns);
        }
        _ => eprintln!("usage: servers record | table"),
    }
}
