use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::super::fault::{Fault, Word};
use super::super::job::{JOB_IDLE, JobState};
use super::super::page::{Sheet, Side};
use super::super::settings::{ColorMode, Format, Settings, Source, WHOLE};
use super::super::state::{Refusal, State};

fn sheet() -> Sheet {
    Sheet { front: Side::Blank, back: Side::Blank }
}

fn settings(source: Source) -> Settings {
    Settings { source, x_dpi: 300, y_dpi: 300, color: ColorMode::RGB24, region: WHOLE, format: Format::Jpeg }
}

#[test]
fn a_forgotten_job_gives_way_after_its_time() {
    let (mut state, now) = (State::new(sheet(), vec![], vec![]), Instant::now());
    state.start_job("a".into(), settings(Source::Platen), now).unwrap();
    assert_eq!(state.start_job("b".into(), settings(Source::Platen), now + JOB_IDLE), Err(Refusal::Busy));
    let later = now + JOB_IDLE + Duration::from_secs(1);
    state.start_job("b".into(), settings(Source::Platen), later).unwrap();
    assert_eq!(state.jobs[0].state, JobState::Aborted);
}

#[test]
fn a_page_on_the_wire_holds_the_next_one_back() {
    let (mut state, now) = (State::new(sheet(), vec![sheet(); 2], vec![]), Instant::now());
    state.start_job("a".into(), settings(Source::Feeder), now).unwrap();
    state.take_page("a", now).unwrap();
    assert_eq!(state.take_page("a", now).unwrap_err(), Refusal::Busy);
    state.page_done("a", true, now);
    state.take_page("a", now).unwrap();
}

#[test]
fn a_feeder_that_refills_has_paper_after_each_job() {
    let (mut state, now) = (State::new(sheet(), vec![sheet()], vec![sheet()]), Instant::now());
    for job in ["a", "b", "c"] {
        state.start_job(job.into(), settings(Source::Feeder), now).unwrap();
        state.take_page(job, now).unwrap();
        state.page_done(job, true, now);
        assert_eq!(state.take_page(job, now).unwrap_err(), Refusal::Gone);
    }
}

proptest! {
    #[test]
    fn whatever_happens_at_most_one_job_runs_and_the_list_stays_short(
        steps in prop::collection::vec((0u8..9, 0usize..4), 0..200)
    ) {
        let (mut state, start) = (State::new(sheet(), vec![sheet(); 3], vec![sheet(); 3]), Instant::now());
        let mut names = 0;
        for (tick, (what, which)) in (0u64..).zip(steps) {
            let now = start + Duration::from_secs(tick);
            let job = state.jobs.iter().rev().nth(which).map_or(String::new(), |job| job.uuid.clone());
            match what {
                0 | 1 => {
                    names += 1;
                    let source = [Source::Platen, Source::Feeder, Source::FeederDuplex, Source::Automatic][which];
                    let _ = state.start_job(format!("job{names}"), settings(source), now);
                }
                2 | 3 => drop(state.take_page(&job, now)),
                4 => state.page_done(&job, true, now),
                5 => state.page_done(&job, false, now),
                6 => drop(state.cancel(&job)),
                7 => state.faults.add(
                    [Fault::AdfEmpty {}, Fault::Busy { times: None }, Fault::CoverOpen { word: Word::Hatch },
                     Fault::Jam { page: std::num::NonZeroU32::MIN }][which].clone()),
                _ => {
                    state.faults.clear(None);
                    state.jammed = false;
                }
            }
            prop_assert!(state.jobs.iter().filter(|job| job.state == JobState::Processing).count() <= 1);
            prop_assert!(state.jobs.len() <= 8 && state.feeder.len() <= 6);
        }
    }
}
