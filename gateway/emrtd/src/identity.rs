//! A whole reading: opens a chip, reads what identifies its holder, and proves that it is genuine.
//!
//! ```text
//! open ─► chip authentication ─► files ─► active authentication ─► passive authentication
//! ```

use std::collections::BTreeMap;
use std::time::SystemTime;

use crate::access::AccessKey;
use crate::authentic::{self, AuthenticError};
use crate::chip::{Chip, Opened};
use crate::error::ChipError;
use crate::files::File;
use crate::groups::{self, DocumentDetails, GroupError, PersonToNotify, PersonalDetails, Portrait, VietnameseFields};
use crate::mrz::Mrz;
use crate::passive::{self, PassiveError, Revocations, TrustList};
use crate::security::{self, PaceInfo};
use crate::tlv::TlvError;
use crate::transport::Transport;

/// The data groups that are read if the chip has them and gives them: not the fingers (3) and eyes (4).
const GROUPS: [u8; 8] = [1, 2, 11, 12, 13, 14, 15, 16];

/// What came of one proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof<E> {
    /// It is as it should be.
    Passed,
    /// It is not.
    Failed(E),
    /// The chip does not offer it.
    NotOffered,
    /// It could not be tried.
    NotPossible(E),
}

impl<E> Proof<E> {
    /// It is as it should be.
    pub fn has_passed(&self) -> bool {
        matches!(self, Self::Passed)
    }
}

/// The three proofs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proofs {
    /// The files are those that the state signed.
    pub passive: Proof<PassiveError>,
    /// The chip signs with a key that cannot be copied.
    pub active: Proof<AuthenticError>,
    /// The chip agrees on keys with such a key.
    pub chip: Proof<AuthenticError>,
}

/// What the proofs come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Signed by the state, and no copy.
    Genuine,
    /// Signed by the state, but the chip has not shown that it is no copy.
    MayBeCopy,
    /// Signed by the state, and the chip has failed to show that it is no copy.
    Copy,
    /// It could not be shown that the state signed it.
    Unproven,
    /// Not what the state signed.
    Forged,
}

impl Proofs {
    /// What they come to. A key that the state has not signed proves nothing.
    pub fn verdict(&self) -> Verdict {
        let failed = matches!(self.active, Proof::Failed(_)) || matches!(self.chip, Proof::Failed(_));
        match &self.passive {
            Proof::Failed(error) if error.is_forgery() => Verdict::Forged,
            Proof::Passed | Proof::Failed(PassiveError::HiddenPace) if failed => Verdict::Copy,
            // Another state's card, an authority that the operator has not got yet, a wrong clock, a way in that was hidden …
            Proof::Failed(_) | Proof::NotOffered | Proof::NotPossible(_) => Verdict::Unproven,
            Proof::Passed if self.active.has_passed() || self.chip.has_passed() => Verdict::Genuine,
            Proof::Passed => Verdict::MayBeCopy,
        }
    }
}

/// What a chip says of its holder. Personal: its parts show nothing in logs.
#[derive(Clone, Debug)]
pub struct Identity {
    /// How the chip was opened.
    pub opened: Opened,
    /// Data group 1.
    pub zone: Mrz,
    /// Data group 2.
    pub portrait: Result<Portrait, GroupError>,
    /// Data group 13, of Vietnamese cards.
    pub fields: Option<VietnameseFields>,
    /// Data group 11.
    pub personal: Option<PersonalDetails>,
    /// Data group 12.
    pub document: Option<DocumentDetails>,
    /// Data group 16; none if the chip has none, or it cannot be read.
    pub to_notify: Vec<PersonToNotify>,
    /// The data groups that the chip has and does not give.
    pub refused: Vec<u8>,
    /// Whether all that is true.
    pub proofs: Proofs,
    /// What is known of the revocation of its signer; `None` if nobody who is trusted has signed it.
    pub revocations: Option<Revocations>,
}

/// How far a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The access data opens the chip.
    Opened(Opened),
    /// So much of a file is here.
    Reading {
        /// Which.
        file: File,
        /// Bytes.
        got: usize,
        /// Bytes in all.
        of: usize,
    },
}

/// Reads a chip and proves it, as of `now`.
///
/// # Errors
/// [`ChipError`], where there is no identity to speak of: a proof that fails is no error but a part of the result.
pub fn read<T: Transport>(
    transport: T,
    access: &AccessKey,
    trusted: &TrustList,
    now: SystemTime,
    progress: &mut dyn FnMut(Progress),
) -> Result<Identity, ChipError> {
    let mut chip = Chip::open(transport, access)?;
    progress(Progress::Opened(chip.opened));
    let mut files = BTreeMap::new();
    let mut refused = Vec::new();
    let missing = |file: File| ChipError::malformed(file.name())(TlvError::Truncated);
    let com = read_file(&mut chip, File::Com, progress)?.ok_or_else(|| missing(File::Com))?;
    let listed = groups::listed(&com)?;
    let offers = |group: u8| listed.contains(&File::Group(group));

    let mut proof_of_chip = Proof::NotOffered;
    if offers(14)
        && let Some(file) = read_group(&mut chip, 14, &mut refused, progress)?
    {
        proof_of_chip = authenticate(&mut chip, access, &file)?;
        files.insert(14, file);
    }
    for group in GROUPS.into_iter().filter(|group| *group != 14 && offers(*group)) {
        if let Some(file) = read_group(&mut chip, group, &mut refused, progress)? {
            files.insert(group, file);
        }
    }
    // Before active authentication: a chip that fails there may end the session.
    let sod = read_file(&mut chip, File::Sod, progress)?;
    let mut active = match files.get(&15) {
        None => Proof::NotOffered,
        Some(file) => match authentic::active(&mut chip.session, file, files.get(&14).map(Vec::as_slice)) {
            Ok(()) => Proof::Passed,
            Err(AuthenticError::Chip(ChipError::Transport(error))) => return Err(error.into()),
            Err(error @ AuthenticError::Key(_)) => Proof::NotPossible(error),
            Err(error) => Proof::Failed(error),
        },
    };
    let mut revocations = None;
    let passive = match sod {
        None => Proof::NotOffered,
        Some(_) if trusted.is_empty() => Proof::NotPossible(PassiveError::Untrusted),
        Some(sod) => {
            let read = files.iter().map(|(number, file)| (*number, file.as_slice())).collect();
            match passive::check(&sod, &read, trusted, now) {
                Ok(signed) => {
                    revocations = Some(signed.revocations);
                    // What the chip lists nobody has signed: a copy could leave out what would give it away.
                    let hidden = |group: u8| signed.groups.contains(&group) && !files.contains_key(&group);
                    if hidden(15) {
                        active = Proof::Failed(AuthenticError::Hidden(15));
                    }
                    if hidden(14) {
                        proof_of_chip = Proof::Failed(AuthenticError::Hidden(14));
                    }
                    if hides_pace(files.get(&14), &chip.offered) {
                        Proof::Failed(PassiveError::HiddenPace)
                    } else {
                        Proof::Passed
                    }
                }
                Err(error) if error.is_unknown() => Proof::NotPossible(error),
                Err(error) => Proof::Failed(error),
            }
        }
    };
    let group_1 = files.get(&1).ok_or_else(|| missing(File::Group(1)))?;
    let zone = groups::zone(group_1).map_err(ChipError::Zone)?;
    let portrait = files.get(&2).ok_or(GroupError::Portrait("is not there"));
    Ok(Identity {
        opened: chip.opened,
        zone,
        portrait: portrait.and_then(|file| Portrait::of_group(file)),
        fields: files.get(&13).and_then(|file| VietnameseFields::of_group(file).ok()),
        personal: files.get(&11).and_then(|file| PersonalDetails::of_group(file).ok()),
        document: files.get(&12).and_then(|file| DocumentDetails::of_group(file).ok()),
        to_notify: files.get(&16).and_then(|file| PersonToNotify::of_group(file).ok()).unwrap_or_default(),
        refused,
        proofs: Proofs { passive, active, chip: proof_of_chip },
        revocations,
    })
}

/// Whether data group 14, as it was signed, lists a way of PACE that the chip did not offer.
fn hides_pace(group_14: Option<&Vec<u8>>, offered: &[PaceInfo]) -> bool {
    let content = group_14.and_then(|file| groups::content(14, file).ok());
    // The state has signed one that cannot be read: there is nothing to compare.
    content.is_some_and(|content| security::hides_pace(content, offered).unwrap_or(false))
}

/// Chip authentication; if the chip has not come to the same keys, it is opened once more.
fn authenticate<T: Transport>(
    chip: &mut Chip<T>,
    access: &AccessKey,
    group_14: &[u8],
) -> Result<Proof<AuthenticError>, ChipError> {
    let outcome = authentic::chip(&mut chip.session, group_14).and_then(|offered| {
        // The first answer under the new keys shows whether they are the chip's as well.
        if offered {
            chip.read(File::Com, &mut |_, _| {})?;
        }
        Ok(offered)
    });
    let error = match outcome {
        Ok(true) => return Ok(Proof::Passed),
        Ok(false) => return Ok(Proof::NotOffered),
        Err(AuthenticError::Chip(ChipError::Transport(error))) => return Err(error.into()),
        Err(error) => error,
    };
    chip.reopen(access)?;
    Ok(match error {
        AuthenticError::Key(_) => Proof::NotPossible(error),
        error => Proof::Failed(error),
    })
}

fn read_file<T: Transport>(
    chip: &mut Chip<T>,
    file: File,
    progress: &mut dyn FnMut(Progress),
) -> Result<Option<Vec<u8>>, ChipError> {
    chip.read(file, &mut |got, of| progress(Progress::Reading { file, got, of }))
}

/// A data group; `None`, and noted, if the chip has it and does not give it.
fn read_group<T: Transport>(
    chip: &mut Chip<T>,
    group: u8,
    refused: &mut Vec<u8>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Option<Vec<u8>>, ChipError> {
    match read_file(chip, File::Group(group), progress) {
        Err(ChipError::Refused { .. }) => {
            refused.push(group);
            Ok(None)
        }
        // Of those that are not needed, one that is not as it should be is as good as none.
        Err(ChipError::TooLong { .. } | ChipError::TooShort { .. } | ChipError::Malformed { .. })
            if !matches!(group, 1 | 2 | 14 | 15) =>
        {
            refused.push(group);
            Ok(None)
        }
        outcome => outcome,
    }
}
