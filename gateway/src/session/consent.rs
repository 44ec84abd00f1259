//! What a session's citizen has consented to. The record is a line of the log: purpose, text, language, session and the
//! log's own time, and nothing of the citizen.

use std::collections::BTreeMap;
use std::sync::Mutex;

use kiosk_protocol::calls::Call;
use kiosk_protocol::consent::{ConsentRecord, Purpose};
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::message;

use super::{Session, lock};

/// The last answer for each purpose.
pub(super) type Consents = Mutex<BTreeMap<Purpose, bool>>;

impl Session {
    /// Refuses a call whose consent was not given in this session.
    pub(super) fn check_consent(&self, call: &Call) -> Result<(), Failure> {
        let Some(purpose) = call.consent else { return Ok(()) };
        if lock(&self.consents).get(&purpose) == Some(&true) {
            return Ok(());
        }
        let purpose = purpose.as_str();
        let detail =
            format!("the citizen's consent to `{purpose}` is not recorded in this session: use consent.record");
        Err(Failure::new(ErrorCode::NotPermitted, detail))
    }

    /// `consent.record`; whether it was given.
    pub(super) fn record_consent(&self, payload: &str) -> Result<bool, Failure> {
        let record: ConsentRecord = message::read(payload)
            .map_err(|error| Failure::invalid(format!("payload.{}", error.field), error.problem))?;
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
        if !(1..=64).contains(&record.text_version.len()) || !plain(&record.text_version) {
            return Err(Failure::invalid("payload.text_version", "use 1 to 64 letters, digits, `.`, `-` and `_`"));
        }
        if !(2..=8).contains(&record.language.len()) || !plain(&record.language) {
            return Err(Failure::invalid("payload.language", "use 2 to 8 letters and `-`, for example `vi`"));
        }
        lock(&self.consents).insert(record.purpose, record.given);
        if !record.given && record.purpose == Purpose::FaceMatch {
            // At once; the worker forgets them when it is replaced, a moment later.
            lock(&self.captures).clear();
            self.forget_face();
        }
        tracing::info!(
            session = %self.id,
            purpose = record.purpose.as_str(),
            given = record.given,
            text_version = record.text_version,
            language = record.language,
            "consent was recorded"
        );
        Ok(record.given)
    }
}
