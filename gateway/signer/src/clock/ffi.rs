//! Asks the kernel whether something keeps its clock right.
#![expect(unsafe_code, reason = "adjtimex(2) is in no safe crate")]

/// Whether the kernel's clock is kept right by somebody (adjtimex(2): its state is not `TIME_ERROR`).
pub(crate) fn is_synchronised() -> bool {
    // SAFETY: all fields of the structure are numbers, for which zero is a value; `modes` 0 changes nothing.
    let mut state: libc::timex = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a structure that is ours for the time of the call.
    let said = unsafe { libc::adjtimex(&raw mut state) };
    (0..libc::TIME_ERROR).contains(&said)
}
