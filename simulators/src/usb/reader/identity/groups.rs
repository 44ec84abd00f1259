//! The files of a card (ICAO Doc 9303-10, sections 4.6 and 4.7).

use std::collections::BTreeMap;

use super::active::ActiveKey;
use super::chip::ChipKey;
use super::fault::{Faults, File, PaceFault};
use super::files::{CARD_ACCESS, Content};
use super::mrz::Mrz;
use super::pace;
use super::person::Person;
use super::portrait::Portrait;
use super::profile::{Profile, ProfileError};
use super::{details, security, tlv};

/// Bytes that a file with the fault `short_file` says it has, and has not.
const MISSING: usize = 1000;

/// The tags of the data groups 1 to 16 (ICAO Doc 9303-10, section 4.7).
const TAGS: [u8; 16] = [0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70];

/// All files by their identifiers.
pub(super) fn files(
    profile: &Profile,
    mrz: &Mrz,
    chip: Option<&ChipKey>,
    active: Option<&ActiveKey>,
) -> Result<BTreeMap<u16, Content>, ProfileError> {
    let Profile { person, chip: can, faults, .. } = profile;
    let pace = (!faults.no_pace).then(|| pace::info(can.cipher, can.curve));
    let mut groups = vec![
        (1, tlv::tlv(0x61, &tlv::tlv(0x5f1f, mrz.text.as_bytes()))),
        (2, Portrait::of(person)?.data_group(person)),
        // Fingers: the file is there, nobody gets it.
        (3, tlv::tlv(0x63, &[0; 32])),
        (13, fields(person, can.dg13_in_sequence)),
        (14, tlv::tlv(0x6e, &infos(profile, pace.as_deref(), chip, active)?)),
    ];
    groups.extend(active.map(|key| (15, tlv::tlv(0x6f, &key.public_key(can.parameters)))));
    groups.extend(details::groups(person, can.details));
    groups.sort_by_key(|(number, _)| *number);

    let mut files = BTreeMap::new();
    let offered = match faults.pace {
        PaceFault::Hidden => None,
        PaceFault::Emptied => Some(tlv::set(&[])),
        PaceFault::None | PaceFault::Refused => pace.map(|info| tlv::set(&[&info])),
    };
    files.extend(offered.map(|list| (CARD_ACCESS, Content::from(list))));
    files.insert(File::Com.id(), common(&groups).into());
    for (number, content) in &groups {
        files.insert(id(*number), content.clone().into());
    }
    let signed = before_change(groups, faults)?;
    let Faults { signer, wrong_key, .. } = *faults;
    files.insert(File::Sod.id(), security::object(&signed, signer, wrong_key, can.parameters).into());
    spoil(&mut files, faults)?;
    Ok(files)
}

/// The identifier of a data group (section 4.7.3).
fn id(number: u8) -> u16 {
    0x0100 | u16::from(number)
}

/// EF.COM (section 4.6.1): versions, and which data groups there are.
fn common(groups: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let tags: Vec<u8> = groups.iter().filter_map(|(number, _)| TAGS.get(usize::from(*number) - 1).copied()).collect();
    tlv::of(0x60, &[&tlv::tlv(0x5f01, b"0107"), &tlv::tlv(0x5f36, b"040000"), &tlv::tlv(0x5c, &tags)])
}

/// SecurityInfos of data group 14 (section 4.7.14), those of EF.CardAccess among them (Doc 9303-11, section 9.2).
fn infos(
    profile: &Profile,
    pace: Option<&[u8]>,
    chip: Option<&ChipKey>,
    active: Option<&ActiveKey>,
) -> Result<Vec<u8>, ProfileError> {
    let mut infos = Vec::new();
    infos.extend(pace.map(<[u8]>::to_vec));
    if let Some(key) = chip {
        let key =
            key.infos(profile.chip.parameters).ok_or(ProfileError::Key { what: "key for chip authentication" })?;
        infos.extend(key);
    }
    infos.extend(active.and_then(ActiveKey::info));
    let infos: Vec<&[u8]> = infos.iter().map(Vec::as_slice).collect();
    Ok(tlv::set(&infos))
}

/// Data group 13 as Vietnamese cards have it: entries of a number and a text; number 13 is the family.
fn fields(person: &Person, in_sequence: bool) -> Vec<u8> {
    let entry = |number, text: &str| tlv::sequence(&[&tlv::integer(number), &tlv::utf8(text)]);
    let name = |text: &str| tlv::sequence(&[&tlv::utf8(text)]);
    let (birth, issue, expiry) =
        (person.birth_date.to_string(), person.issue_date.to_string(), person.expiry_date.to_string());
    let texts = [
        &person.number,
        &person.full_name,
        &birth,
        person.sex.text(),
        &person.nationality,
        &person.ethnicity,
        &person.religion,
        &person.origin,
        &person.residence,
        &person.features,
        &issue,
        &expiry,
    ];
    let mut entries: Vec<u8> = (1..).zip(texts).flat_map(|(number, text)| entry(number, text)).collect();
    entries.extend(tlv::sequence(&[&tlv::integer(13), &name(&person.father), &name(&person.mother)]));
    entries.extend(entry(16, &person.old_number));
    tlv::tlv(0x6d, &if in_sequence { tlv::sequence(&[&entries]) } else { entries })
}

/// The data groups as they were when they were signed.
fn before_change(mut groups: Vec<(u8, Vec<u8>)>, faults: &Faults) -> Result<Vec<(u8, Vec<u8>)>, ProfileError> {
    if let Some(file) = faults.wrong_sod {
        let group = groups.iter_mut().find(|(number, _)| id(*number) == file.id());
        let last = group.and_then(|(_, content)| content.last_mut());
        *last.ok_or(ProfileError::NoFile { fault: "wrong_sod", file })? ^= 1;
    }
    Ok(groups)
}

/// Lengths that are not true.
fn spoil(files: &mut BTreeMap<u16, Content>, faults: &Faults) -> Result<(), ProfileError> {
    if let Some(file) = faults.endless_file {
        let content = files.get_mut(&file.id()).ok_or(ProfileError::NoFile { fault: "endless_file", file })?;
        if let Some((object, _)) = tlv::read(&content.bytes) {
            let head = [object.tag.to_be_bytes()[3], 0x84, 0x7f, 0xff, 0xff, 0xff];
            *content = Content { bytes: [&head, object.value].concat(), is_endless: true };
        }
    }
    if let Some(file) = faults.hidden {
        let hidden = files.remove(&file.id()).ok_or(ProfileError::NoFile { fault: "hidden", file })?;
        let com = files.get_mut(&File::Com.id()).ok_or(ProfileError::NoFile { fault: "hidden", file: File::Com })?;
        // Its tag in the list, which is at the end: another group's stands there twice instead.
        if let Some(tag) = com.bytes.iter_mut().rfind(|tag| Some(&**tag) == hidden.bytes.first()) {
            *tag = 0x61;
        }
    }
    if let Some(file) = faults.short_file {
        let content = files.get_mut(&file.id()).ok_or(ProfileError::NoFile { fault: "short_file", file })?;
        if let Some((object, _)) = tlv::read(&content.bytes) {
            let mut bytes = tlv::of(object.tag, &[object.value, &[0; MISSING]]);
            bytes.truncate(bytes.len() - MISSING);
            *content = bytes.into();
        }
    }
    Ok(())
}
