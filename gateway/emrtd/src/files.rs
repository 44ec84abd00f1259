//! Files of a chip, read to their end with as few waits as possible: what comes is asked for before the last answer is here.
//!
//! Document: ICAO 9303-10 (8th edition), sections 3.6 (commands) and 4 (files).

#[cfg(test)]
mod tests;

use crate::apdu::{Command, Response, Status};
use crate::error::ChipError;
use crate::session::Session;
use crate::tlv::{self, TlvError};
use crate::transport::{BATCH_MAX, Transport};

/// SELECT by file identifier, without an answer.
const SELECT_FILE: [u8; 4] = [0x00, 0xA4, 0x02, 0x0C];
/// SELECT by the application's name.
const SELECT_APPLICATION: [u8; 4] = [0x00, 0xA4, 0x04, 0x0C];
/// The application of travel documents (9303-10, section 3.7).
const TRAVEL_DOCUMENT: [u8; 7] = [0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01];
const READ_BINARY: u8 = 0xB0;
/// READ BINARY with an offset of any size, in an object; so is what it gives.
const READ_BINARY_ODD: u8 = 0xB1;
const OFFSET: u32 = 0x54;
const DISCRETIONARY: u32 = 0x53;
/// Where the offset of a plain READ BINARY ends.
const PLAIN_OFFSET_MAX: usize = 0x7FFF;
/// Most data of a response to a plain command.
const PLAIN_MAX: usize = 256;
/// Bytes that the object around what is read takes.
const AROUND: usize = 4;

/// A file of a chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum File {
    /// What opens the chip; the only one before that.
    CardAccess,
    /// Which data groups there are.
    Com,
    /// The hashes of the data groups, signed.
    Sod,
    /// A data group, 1 to 16.
    Group(u8),
}

impl File {
    /// Its name, for people.
    pub fn name(self) -> &'static str {
        const GROUPS: [&str; 16] = [
            "DG1", "DG2", "DG3", "DG4", "DG5", "DG6", "DG7", "DG8", "DG9", "DG10", "DG11", "DG12", "DG13", "DG14",
            "DG15", "DG16",
        ];
        match self {
            Self::CardAccess => "EF.CardAccess",
            Self::Com => "EF.COM",
            Self::Sod => "EF.SOD",
            Self::Group(number) => GROUPS.get(usize::from(number).wrapping_sub(1)).copied().unwrap_or("a data group"),
        }
    }

    /// Its identifier (9303-10, table 36 and following).
    fn identifier(self) -> [u8; 2] {
        match self {
            Self::CardAccess => [0x01, 0x1C],
            Self::Com => [0x01, 0x1E],
            Self::Sod => [0x01, 0x1D],
            Self::Group(number) => [0x01, number],
        }
    }

    /// The most bytes that are taken: a picture of a face has 10,000 to 30,000.
    fn most(self) -> usize {
        match self {
            Self::Group(2) => 256 << 10,
            _ => 64 << 10,
        }
    }
}

/// Selects the application of travel documents.
pub(crate) fn select_application<T: Transport>(session: &mut Session<T>) -> Result<(), ChipError> {
    let select = Command::new(SELECT_APPLICATION, &TRAVEL_DOCUMENT, 0);
    session.demand(&select, "open the application of travel documents").map(|_| ())
}

/// Reads a file whole; `None` if the chip has none. `progress` hears how many of how many bytes are here.
///
/// # Errors
/// [`ChipError::Refused`] where the chip does not give it, [`ChipError::TooLong`], [`ChipError::TooShort`], and what breaks.
pub(crate) fn read<T: Transport>(
    session: &mut Session<T>,
    file: File,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Option<Vec<u8>>, ChipError> {
    let mut chunk = session.secure.as_ref().map_or(PLAIN_MAX, crate::secure::SecureMessaging::short_data_max);
    // The first bytes are asked for before the chip has said that the file is there.
    let select = Command::new(SELECT_FILE, &file.identifier(), 0);
    let begun = session.send_all(&[select, plain_read(0, chunk)])?;
    let [selected, first] = begun.as_slice() else { unreachable!("two commands have two responses") };
    let refused = |status| ChipError::Refused { step: "give a file", status };
    match selected.status {
        Status::OK => {}
        Status::NOT_FOUND => return Ok(None),
        status => return Err(refused(status)),
    }
    // Some chips give nothing where more is asked for than there is: once more with the length that they say.
    let first = match first.status.right_length() {
        Some(length) => session.send(&plain_read(0, length))?,
        None => first.clone(),
    };
    if !first.status.has_data() {
        return Err(refused(first.status));
    }
    let mut content = first.data;
    let head = tlv::head(&content).map_err(ChipError::malformed(file.name()))?;
    let (bytes, most) = (head.bytes.saturating_add(head.length), file.most());
    if bytes > most {
        return Err(ChipError::TooLong { file: file.name(), bytes, most });
    }
    content.truncate(bytes);
    progress(content.len(), bytes);
    let mut lowered = false;
    while content.len() < bytes {
        let offsets = (content.len()..bytes).step_by(chunk - AROUND).take(BATCH_MAX);
        let commands: Vec<Command> =
            offsets.map(|offset| chunk_read(offset, (bytes - offset).min(chunk - AROUND))).collect();
        for (command, response) in commands.iter().zip(session.send_all(&commands)?) {
            let length = response.status.right_length().filter(|length| *length > AROUND && *length < chunk);
            if let (false, Some(length)) = (lowered, length) {
                // Nor do they where it is more than they can. The answers behind it lack what this one would have brought.
                (lowered, chunk) = (true, length);
                break;
            }
            let wanted = (bytes - content.len()).min(chunk - AROUND);
            let data = taken(command, &response).map_err(ChipError::malformed(file.name()))?;
            // Some give what the object around it leaves room for.
            let data = data.and_then(|data| data.get(..wanted));
            let data = data.ok_or(ChipError::TooShort { file: file.name(), got: content.len(), bytes })?;
            content.extend_from_slice(data);
        }
        progress(content.len(), bytes);
    }
    Ok(Some(content))
}

fn plain_read(offset: usize, length: usize) -> Command {
    let [.., high, low] = offset.to_be_bytes();
    Command::new([0x00, READ_BINARY, high, low], &[], length)
}

fn chunk_read(offset: usize, length: usize) -> Command {
    if offset <= PLAIN_OFFSET_MAX {
        return plain_read(offset, length);
    }
    let bytes = offset.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let header = [0x00, READ_BINARY_ODD, 0x00, 0x00];
    Command::new(header, &tlv::write(OFFSET, &bytes[zeros..]), length + AROUND)
}

/// What a response brings of the file; `None` if nothing.
fn taken<'a>(command: &Command, response: &'a Response) -> Result<Option<&'a [u8]>, TlvError> {
    if !response.status.has_data() {
        return Ok(None);
    }
    if command.header[1] == READ_BINARY_ODD {
        return tlv::only(&response.data, DISCRETIONARY).map(Some);
    }
    Ok(Some(&response.data))
}
