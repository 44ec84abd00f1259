//! Status bytes (ISO/IEC 7816-4:2020, section 5.6).

pub(super) type Status = [u8; 2];

pub(super) const DONE: Status = [0x90, 0x00];
/// The end of the file came before Le bytes.
pub(super) const END_OF_FILE: Status = [0x62, 0x82];
/// The other side does not know the secret.
pub(super) const AUTHENTICATION_FAILED: Status = [0x63, 0x00];
pub(super) const WRONG_LENGTH: Status = [0x67, 0x00];
pub(super) const NO_ACCESS: Status = [0x69, 0x82];
pub(super) const CONDITIONS: Status = [0x69, 0x85];
pub(super) const NO_FILE_CHOSEN: Status = [0x69, 0x86];
/// An object of secure messaging is missing.
pub(super) const OBJECT_MISSING: Status = [0x69, 0x87];
/// An object of secure messaging is wrong.
pub(super) const OBJECT_WRONG: Status = [0x69, 0x88];
pub(super) const WRONG_DATA: Status = [0x6a, 0x80];
pub(super) const NO_SUCH_FILE: Status = [0x6a, 0x82];
pub(super) const WRONG_P1_P2: Status = [0x6a, 0x86];
/// What the command speaks of is not there.
pub(super) const NO_SUCH_REFERENCE: Status = [0x6a, 0x88];
/// The offset is behind the end.
pub(super) const WRONG_OFFSET: Status = [0x6b, 0x00];
pub(super) const UNKNOWN_INSTRUCTION: Status = [0x6d, 0x00];
pub(super) const UNKNOWN_CLASS: Status = [0x6e, 0x00];
