//! Every target is built from this file: which law it tries is the name of its binary.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for target in dovetail_fuzz::TARGETS.iter().filter(|target| target.name == env!("CARGO_BIN_NAME")) {
        (target.check)(data);
    }
});
