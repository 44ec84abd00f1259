//! What the tests of the whole share: the rig, which starts real processes, and the score of a reading.
//! The tests themselves are in `tests/`.

pub mod bench;
pub mod browser;
pub mod camera;
pub mod cards;
pub mod contract;
pub mod copies;
pub mod faces;
pub mod lab;
pub mod ocr_score;
pub mod peers;
pub mod receipts;
pub mod rig;
