//! Proves a certified copy, now and in decades, to who has only the paper or only the file.
//!
//! Values in, values out: nothing here opens a connection or asks for the time; who calls gives it.
//!
//! | module | what it is for |
//! |---|---|
//! | [`code`](VerificationCode) | the verification code on the paper: drawn, read forgivingly, kept by the register as an HMAC |

mod code;
pub use code::{AgencyPrefix, CodeError, CodeHash, CodeIndex, CodeKey, VerificationCode};
mod log;
pub use log::*;
