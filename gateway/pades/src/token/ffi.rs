//! The one call that `cryptoki` has no safe form of: to sign in one part after something else was done since the signature was
//! begun. Keys that ask for the PIN before each signature need it there.
#![allow(unsafe_code, reason = "a C library; each block says why it is sound")]

use std::path::Path;

use cryptoki::context::Function;
use cryptoki::error::Rv;
use cryptoki::session::Session;
use cryptoki_sys::{CK_FUNCTION_LIST, CK_FUNCTION_LIST_PTR, CK_RV, CK_ULONG, CKR_OK};
use libloading::Library;

use crate::signer::SignerError;

/// The longest signature, bytes: that of an RSA key of 8192 bits.
const LONGEST: usize = 1024;

/// The library once more, as it is loaded already.
pub(super) struct Direct(Library);

impl Direct {
    pub(super) fn open(module: &Path) -> Result<Self, SignerError> {
        // SAFETY: `cryptoki` has loaded this library before, so nothing of it runs now that did not run then.
        let library = unsafe { Library::new(module) };
        library.map(Self).map_err(|error| SignerError::Other(error.to_string()))
    }

    /// Ends a signature of this session that was begun with this library (`C_Sign`).
    pub(super) fn sign(&self, session: &Session, data: &[u8]) -> Result<Vec<u8>, SignerError> {
        let missing = || SignerError::Other("the token's library has no function to sign with".to_owned());
        type GetFunctionList = unsafe extern "C" fn(*mut CK_FUNCTION_LIST_PTR) -> CK_RV;
        // SAFETY: every library of PKCS #11 has this function of this type (version 2.40, section 5.4).
        let list = unsafe { self.0.get::<GetFunctionList>(b"C_GetFunctionList") }.map_err(|_| missing())?;
        let mut functions: *mut CK_FUNCTION_LIST = std::ptr::null_mut();
        // SAFETY: it writes one pointer to where it is told, which lives here.
        let result = unsafe { list(&raw mut functions) };
        // SAFETY: when it succeeds, the pointer is to a list that lives as long as the library, or null.
        let functions = unsafe { functions.as_ref() }.filter(|_| result == CKR_OK).ok_or_else(missing)?;
        let sign = functions.C_Sign.ok_or_else(missing)?;
        let mut signature = vec![0_u8; LONGEST];
        let long = |length: usize| CK_ULONG::try_from(length).unwrap_or_default();
        let mut length = long(LONGEST);
        // SAFETY: the data is only read, whatever its type says, and both lengths are those of what they belong to.
        let result = unsafe {
            sign(session.handle(), data.as_ptr().cast_mut(), long(data.len()), signature.as_mut_ptr(), &raw mut length)
        };
        Rv::from(result).into_result(Function::Sign)?;
        signature.truncate(usize::try_from(length).unwrap_or(LONGEST));
        Ok(signature)
    }
}
