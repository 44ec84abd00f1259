use kiosk_driver_sdk::protocol::error::Retry;

use kiosk_driver_sdk::LinkError;

use super::*;

#[test]
fn a_field_is_named_by_its_path_in_the_message() {
    let failure = Failure::from(LayoutError::Control { field: "elements[3].text".into(), code: 7 });
    assert_eq!(failure.code, ErrorCode::InvalidRequest);
    assert_eq!(failure.field.as_deref(), Some("payload.elements[3].text"));
    assert!(failure.detail.contains("U+0007"), "{}", failure.detail);
    assert_eq!((failure.outcome, failure.retry), (Some(PrintOutcome::NotPrinted), Retry::Unsafe));
}

#[test]
fn pictures_and_lengths_have_their_own_codes() {
    let field = || "elements[0].blob".to_owned();
    let code = |error: LayoutError| Failure::from(error).code;
    assert_eq!(code(LayoutError::PictureUnreadable { field: field(), reason: String::new() }), ErrorCode::Unreadable);
    let large = LayoutError::PictureTooLarge { field: field(), reason: String::new(), max_megapixels: 20 };
    assert_eq!(code(large), ErrorCode::TooLarge);
    assert_eq!(code(LayoutError::TooMuchPaper { field: field() }), ErrorCode::TooLarge);
    assert_eq!(code(LayoutError::TooWide { field: field(), asked_mm: 90, paper_mm: 72 }), ErrorCode::Unsupported);
    assert_eq!(code(LayoutError::BlobMissing { field: field() }), ErrorCode::NotFound);
}

#[test]
fn a_stopped_receipt_says_what_became_of_it_and_whether_to_try_again() {
    let failure = |begun| Failure::from(Stopped { trouble: Trouble::Obstacle(Obstacle::PaperOut), begun });
    assert_eq!((failure(false).outcome, failure(false).retry), (Some(PrintOutcome::NotPrinted), Retry::Safe));
    assert_eq!((failure(true).outcome, failure(true).retry), (Some(PrintOutcome::Unknown), Retry::Unknown));
    assert_eq!(failure(true).code, ErrorCode::PaperOut);
}

#[test]
fn a_printer_that_is_not_there_ends_the_driver_and_a_silent_one_does_not() {
    assert_eq!(Failure::from(Trouble::Gone(LinkError::Closed { done: 0 })).code, ErrorCode::DeviceAbsent);
    assert_eq!(Failure::from(Trouble::HungUp(LinkError::Closed { done: 0 })).code, ErrorCode::DeviceFault);
    assert_eq!(Failure::from(Trouble::Silent).code, ErrorCode::DeviceSilent);
    assert!(matches!(OpenError::from(Trouble::Gone(LinkError::Closed { done: 0 })), OpenError::Absent(_)));
    assert!(matches!(OpenError::from(Trouble::Silent), OpenError::Fault(_)));
}
