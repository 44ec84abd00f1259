//! The contract of the seam, held against every driver program that needs no hardware of its own, and the skeleton.

#[path = "seam/surroundings.rs"]
mod surroundings;

use kiosk_tests::contract::{self, Subject};

use surroundings::Surroundings;

/// Holds each of them to it, all at the same time.
async fn each(check: impl AsyncFn(&Subject)) {
    let surroundings = Surroundings::new().await;
    futures_util::future::join_all(surroundings.subjects.iter().map(|subject| check(subject))).await;
}

#[tokio::test]
async fn seam_hello_comes_first_and_is_what_driver_toml_says() {
    each(contract::hello).await;
}

#[tokio::test]
async fn seam_a_wrong_configuration_or_address_is_said_and_exits_64() {
    each(contract::wrong_configuration).await;
}

#[tokio::test]
async fn seam_a_device_that_is_not_there_exits_69() {
    each(contract::absent).await;
}

#[tokio::test]
async fn seam_ready_is_followed_by_the_status_and_pings_are_answered_while_idle() {
    each(contract::ready_and_idle).await;
}

#[tokio::test]
async fn seam_pings_are_answered_while_a_request_runs_and_a_cancel_ends_it() {
    each(contract::busy_and_cancelled).await;
}

#[tokio::test]
async fn seam_a_request_that_the_kind_does_not_have_is_refused_and_a_cancel_of_nothing_ignored() {
    each(contract::unknown_requests).await;
}

#[tokio::test]
async fn seam_the_end_of_stdin_is_the_end_at_any_time() {
    each(contract::end_of_stdin).await;
}

#[tokio::test]
async fn seam_messages_of_an_unknown_type_are_passed_over_at_any_time() {
    each(contract::unknown_messages).await;
}

#[tokio::test]
async fn seam_nonsense_on_stdin_is_a_fault_and_no_hang() {
    each(contract::nonsense).await;
}

#[tokio::test]
async fn seam_a_person_who_runs_a_driver_is_told_what_it_is() {
    each(contract::by_hand).await;
}
