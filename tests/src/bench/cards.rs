//! How often the machine readable zone of an identity card is read off a picture, and how long it takes: cards of invented
//! people, drawn, then made to look as a scanner or a camera shows them. No real card was before a camera for this.

use std::time::Instant;

use kiosk_gateway::pipeline::models::ModelPaths;
use kiosk_gateway::pipeline::page::{CapturedPage, Limits};
use kiosk_gateway::pipeline::reader::Reader;
use kiosk_protocol::identity::CardAccess;
use kiosk_simulators::usb::reader::identity::{Date, Person, Profile};

use super::faces::share;
use super::{median, quantile};
use crate::cards::{Look, seen};
use crate::rig::programs;

/// Cards of each kind of picture.
const CARDS: u32 = 30;

/// The lines of the report.
///
/// # Panics
/// If the models or the font are not there.
pub fn run() -> Vec<String> {
    let models = programs::source_tree().join("models");
    let reader = Reader::load(&ModelPaths::in_folder(&models)).expect("`make setup` fetches the models");
    let mut lines = vec![format!("machine readable zones of identity cards, drawn, {CARDS} of each kind of picture:")];
    for (what, width, look) in [
        ("300 dpi, clean", 1_011, Look::Clean),
        ("300 dpi, scanned", 1_011, Look::Scanned),
        ("200 dpi, scanned", 674, Look::Scanned),
        ("camera, card 1,000 pixels wide", 1_000, Look::Photographed),
        ("camera, card 800 pixels wide", 800, Look::Photographed),
        ("camera, card 600 pixels wide", 600, Look::Photographed),
    ] {
        let (mut read, mut wrong, mut times) = (0, 0, Vec::new());
        for number in 0..CARDS {
            let profile = invented(number);
            let jpeg = seen(&profile, width, false, look, u64::from(number));
            let picture = CapturedPage::decode(&jpeg, Limits::default()).expect("a picture");
            let begin = Instant::now();
            let found = reader.card_access(&picture, &mut |_| {}, &|| false).expect("the networks run");
            times.push(begin.elapsed().as_secs_f64() * 1e3);
            match found {
                Some(CardAccess::Mrz(zone)) if zone.expose() == profile.zone() => read += 1,
                Some(_) => wrong += 1,
                None => {}
            }
        }
        let (p50, p90) = (median(&mut times), quantile(&mut times, 0.9));
        lines
            .push(format!("  {what}: read {}, wrong {wrong}, {p50:.0} ms (p90 {p90:.0})", share(read, CARDS as usize)));
    }
    lines
}

/// An invented person's card.
fn invented(number: u32) -> Profile {
    const FAMILIES: [&str; 6] = ["NGUYỄN", "TRẦN", "LÊ", "PHẠM", "HOÀNG", "ĐẶNG"];
    const GIVEN: [&str; 7] = ["VĂN AN", "THỊ BÌNH", "QUỐC CƯỜNG", "MINH ĐỨC", "THÙY DƯƠNG", "GIA HUY", "PHƯƠNG LINH"];
    let pick = |list: &[&str], at: u32| list[at as usize % list.len()].to_owned();
    let small = |base: u32, range: u32, times: u32| u8::try_from(base + number * times % range).unwrap_or(1);
    let person = Person {
        number: format!("099{:09}", u64::from(number) * 7_654_321 % 1_000_000_000),
        full_name: format!("{} {}", pick(&FAMILIES, number), pick(&GIVEN, number / 2)),
        birth_date: Date::Day {
            day: small(1, 28, 5),
            month: small(1, 12, 7),
            year: 1950 + u16::from(small(0, 60, 11)),
        },
        expiry_date: Date::Day {
            day: small(1, 28, 3),
            month: small(1, 12, 5),
            year: 2027 + u16::from(small(0, 20, 3)),
        },
        ..Person::default()
    };
    Profile { person, ..Profile::default() }
}
