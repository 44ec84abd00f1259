//! Whatever a backend says and sends in a scan: the driver's threads do not fall, a page is one only if it is whole, and
//! everything else is a typed failure.

use kiosk_driver_sdk::protocol::scanner::{ScanRequest, ScanSource};
use kiosk_driver_sdk::testing::Bench;
use proptest::prelude::*;

use super::tests::{making, options, page, scan_with, worker};
use crate::ffi::Parameters;
use crate::ffi::scripted::{Read, Script, State};

fn parameters() -> impl Strategy<Value = Parameters> {
    let number = || prop_oneof![3 => -1..70_i32, 1 => any::<i32>()];
    let changed = (0..8_usize, number());
    prop::collection::vec(changed, 0..3).prop_map(|changes| {
        let mut parameters = page();
        for (field, value) in changes {
            match field {
                0 => parameters.format = value,
                1 => parameters.last_frame = value,
                2 => parameters.bytes_per_line = value,
                3 => parameters.pixels_per_line = value,
                4 => parameters.lines = value,
                5 => parameters.depth = value,
                6 => (parameters.format, parameters.bytes_per_line) = (1, 60),
                _ => (parameters.depth, parameters.bytes_per_line) = (16, 40),
            }
        }
        parameters
    })
}

fn read() -> impl Strategy<Value = Read> {
    prop_oneof![
        8 => prop::collection::vec(any::<u8>(), 0..300).prop_map(Read::Bytes),
        1 => prop_oneof![any::<i32>(), Just(0), Just(-1)].prop_map(Read::Length),
        // Not "good", which says that bytes came.
        2 => prop_oneof![Just(5), 1..16_i32, any::<i32>()].prop_map(|status| Read::Status(if status == 0 { 5 } else { status })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]
    #[test]
    fn no_backend_makes_a_page_of_what_is_none(
        parameters in parameters(),
        reads in prop::collection::vec(read(), 0..12),
        feeder: bool,
    ) {
        let script = Script::new(State { options: options(), parameters, reads: reads.into(), ..State::default() });
        script.state.lock().unwrap().starts = [0, 0, 0, 0, 7].into();
        let (worker, bench) = (worker(&script), Bench::new());
        let source = if feeder { ScanSource::Adf } else { ScanSource::Flatbed };
        let request = ScanRequest { source, ..ScanRequest::default() };
        let outcome = scan_with(&worker, &bench, &request, &making());
        let said = bench.said();
        let finished = said.blobs.values().filter(|blob| blob.finished).count();
        prop_assert_eq!(finished, said.events.iter().filter(|(name, _)| name == "scanner.page").count());
        match outcome {
            Ok(report) => {
                prop_assert_eq!(report.pages.len(), finished);
                for page in &report.pages {
                    let picture = image::load_from_memory(&said.blobs[&page.blob].bytes).unwrap();
                    prop_assert_eq!((picture.width(), picture.height()), (page.width_px, page.height_px));
                }
            }
            Err(failure) => prop_assert!(!failure.detail.contains("thread has ended"), "{}", failure),
        }
    }
}
