//! The library has the target; this hands it to libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| actix_socketio_fuzz::binary::run(data));
