use kiosk_protocol::personal::PersonalText;
use kiosk_protocol::qr_display::Payment;
use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn any_request_is_a_code_that_can_be_made_or_refused_by_its_field(
        text in "\\PC{0,600}", caption in proptest::option::of(".{0,100}"), bank in ".{0,7}", account in ".{0,20}",
        purpose in proptest::option::of(".{0,30}"), amount_vnd: Option<u64>, expires_s: u16, pays: bool,
    ) {
        let content = if pays {
            QrContent::Payment(Payment { bank, account, amount_vnd, purpose })
        } else {
            QrContent::Text { text: PersonalText::new(text) }
        };
        let request = ShowRequest { content, caption: caption.map(PersonalText::new), expires_s };
        match super::content(&request) {
            Ok(Content::Code(text)) => prop_assert!(Code::new(&text).is_some(), "{} bytes", text.len()),
            Ok(Content::Image(_)) => prop_assert!(false, "there was none"),
            Err(failure) => {
                prop_assert_eq!(failure.code, ErrorCode::InvalidRequest);
                prop_assert!(failure.field.is_some_and(|field| field.starts_with("payload.")));
            }
        }
    }
}
