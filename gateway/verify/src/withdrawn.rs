//! What the signed list of revocations says.

use kiosk_proof::{Status, StatusError, StatusList};

use crate::finding::{WithdrawnFinding, WithdrawnState};
use crate::name::chain;
use crate::time::Time;
use crate::trust::Trust;

/// Looks a place up. A list that is too old no more says that a copy is valid, but still that it was revoked: that is for ever.
pub(crate) fn judge(signed: &[u8], index: Option<u64>, at: Time, trust: &Trust) -> WithdrawnFinding {
    let finding =
        |issued_at: Option<u64>, state| WithdrawnFinding { issued_at: issued_at.map(Time::of_seconds), index, state };
    let (Some(url), [_, ..]) = (&trust.revocations_url, &trust.claims_keys[..]) else {
        return finding(None, WithdrawnState::NoKey);
    };
    let open = |now| StatusList::open(signed, url, now, &trust.claims_keys);
    let (opened, good_until) = match open(at.seconds()) {
        Err(StatusError::Old(until)) => (open(until), Some(until)),
        other => (other, None),
    };
    let (list, issued_at) = match opened {
        Ok(opened) => opened,
        Err(error) => return finding(None, WithdrawnState::NotBelieved { detail: chain(&error) }),
    };
    let status = index.map(|index| list.get(index));
    let state = match (status, good_until) {
        (Some(Ok(Status::Revoked)), _) => WithdrawnState::Revoked,
        (_, Some(until)) => WithdrawnState::TooOld { good_until: Time::of_seconds(until) },
        (None, None) => WithdrawnState::PlaceUnknown,
        (Some(Err(_)), None) => WithdrawnState::NoPlace,
        (Some(Ok(Status::Valid)), None) => WithdrawnState::Valid,
        (Some(Ok(Status::Suspended | Status::Other)), None) => WithdrawnState::Suspended,
    };
    finding(Some(issued_at), state)
}
