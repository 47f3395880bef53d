//! `cargo bench -p dovetail-bench [-- --json] [NAME...]`: see `docs/performance.md`.

fn main() -> std::process::ExitCode {
    dovetail_bench::main()
}
