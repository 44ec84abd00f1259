//! What a QR display shows, the same on every display: the text of a code ([`content`]), the code itself ([`Code`]), and
//! a picture of all of it ([`Picture`]).
//!
//! What is not here: any display. The drivers send the text, the code or the picture, as their device wants it.

mod code;
mod payment;
mod picture;
#[cfg(test)]
mod tests;

use kiosk_protocol::blob::BlobId;
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::qr_display::{QrContent, ShowRequest};

pub use code::Code;
pub use payment::{PaymentError, payload};
pub use picture::{Font, Picture, PictureError};

/// Longest text of a code, bytes of UTF-8.
pub const TEXT_MAX: usize = 1_000;
/// Longest caption, characters.
pub const CAPTION_MAX: usize = 80;

/// A request, checked: what is to be put into a code, or the picture that is to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// A QR code of this text.
    Code(String),
    /// This picture, JPEG or PNG.
    Image(&'a BlobId),
}

/// Checks a request and says what is to be shown.
///
/// # Errors
/// `invalid_request`, naming the field.
pub fn content(request: &ShowRequest) -> Result<Content<'_>, Failure> {
    if !(1..=3_600).contains(&request.expires_s) {
        return Err(Failure::invalid("payload.expires_s", format!("{} s; use 1 to 3600", request.expires_s)));
    }
    if let Some(caption) = &request.caption {
        let caption = caption.expose();
        if caption.chars().count() > CAPTION_MAX || caption.chars().any(char::is_control) {
            let detail = format!("use one line of at most {CAPTION_MAX} characters");
            return Err(Failure::invalid("payload.caption", detail));
        }
    }
    match &request.content {
        QrContent::Text { text } => {
            let text = text.expose();
            if text.is_empty() || text.len() > TEXT_MAX {
                let detail = format!("{} bytes; use 1 to {TEXT_MAX}", text.len());
                return Err(Failure::invalid("payload.content.text", detail));
            }
            Ok(Content::Code(text.to_owned()))
        }
        QrContent::Payment(payment) => payload(payment)
            .map(Content::Code)
            .map_err(|error| Failure::invalid(format!("payload.content.{}", error.field()), error.to_string())),
        QrContent::Image { blob } => Ok(Content::Image(blob)),
    }
}

/// A picture that cannot be drawn, as a failure for the client.
impl From<PictureError> for Failure {
    fn from(error: PictureError) -> Self {
        let code = match error {
            PictureError::Unreadable(_) => ErrorCode::Unreadable,
            PictureError::TooLong => ErrorCode::TooLarge,
            PictureError::NoRoom => ErrorCode::Unsupported,
        };
        Self::new(code, error.to_string())
    }
}
