//! What a file says of itself: its information dictionary (ISO 32000-1, section 14.3.3) and its metadata (14.3.2). Who wrote it
//! last, and when, is no content; all the rest is.

use super::{Changed, Step, changed};
use crate::pdf::{Dict, Object};

/// Entries that tell who last wrote the file.
const WRITTEN_BY: [&str; 2] = ["ModDate", "Producer"];
/// The same in metadata.
const WRITTEN_BY_XMP: [&[u8]; 3] = [b":ModifyDate", b":MetadataDate", b":Producer"];
/// How a stream is packed.
const PACKING: [&str; 3] = ["Length", "Filter", "DecodeParms"];

impl Step<'_> {
    pub(super) fn information(&mut self, old: &Dict, new: &Dict) -> Result<(), Changed> {
        let (before, now) = (self.old.dict(old, "Info")?, self.new.dict(new, "Info")?);
        if said(before) != said(now) {
            return changed("the information about the document");
        }
        if let Some(id) = new.get("Info").and_then(Object::reference) {
            // As an object of its own it may only have been used as that.
            if old.get("Info") == new.get("Info") && self.has_one_role(id) || self.is_new(id) {
                self.open.remove(&id.number);
            }
        }
        Ok(())
    }

    /// The metadata of the catalog, which is the same object.
    pub(super) fn metadata(&mut self, catalog: &Dict) -> Result<(), Changed> {
        let id = catalog.get("Metadata").and_then(Object::reference);
        let Some(id) = id.filter(|id| self.open.contains(&id.number)) else { return Ok(()) };
        // It must be nothing else besides: a page could draw it.
        if !self.has_one_role(id) {
            return changed("the metadata, which is drawn or used elsewhere");
        }
        let (before, now) = (self.old.get(id)?, self.new.get(id)?);
        let (Object::Stream(old, _), Object::Stream(new, _)) = (&before, &now) else { return changed("the metadata") };
        let texts = (self.old.unpacked(&before)?, self.new.unpacked(&now)?);
        if !old.same_but(new, &PACKING) || masked(&texts.0) != masked(&texts.1) {
            return changed("the metadata");
        }
        self.open.remove(&id.number);
        Ok(())
    }
}

/// What the information dictionary says of the document: texts as they are read, as writers choose how they are written.
fn said(dict: Option<Dict>) -> Vec<(Vec<u8>, Result<String, Object>)> {
    let mut entries = dict.unwrap_or_default().0;
    entries.retain(|(name, _)| !WRITTEN_BY.iter().any(|one| one.as_bytes() == name));
    entries.sort_by(|one, two| one.0.cmp(&two.0));
    entries.into_iter().map(|(name, value)| (name, value.shown().ok_or(value))).collect()
}

/// Metadata without who wrote it: the text of those elements, or the value of those attributes.
fn masked(text: &[u8]) -> Vec<u8> {
    let mut masked = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(byte) = rest.first() {
        let name = WRITTEN_BY_XMP.iter().find(|name| rest.starts_with(name)).map_or(0, |name| name.len());
        let (name, behind) = rest.split_at(name);
        masked.extend_from_slice(name);
        let (open, end) = if behind.starts_with(b">") {
            (1, b'<')
        } else if behind.starts_with(b"=\"") {
            (2, b'"')
        } else {
            (0, 0)
        };
        if name.is_empty() || open == 0 {
            masked.extend(name.is_empty().then_some(*byte));
            rest = &rest[name.len().max(1)..];
            continue;
        }
        let length = behind[open..].iter().take_while(|byte| **byte != end).count();
        masked.extend_from_slice(&behind[..open]);
        rest = &behind[open + length..];
    }
    masked
}
