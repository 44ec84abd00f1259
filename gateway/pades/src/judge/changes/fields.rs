//! New fields of signatures and of time stamps.

use super::super::report::Kind;
use super::{After, Changed, Step, changed};
use crate::pdf::{Dict, Id, Object};

/// What a field of a signature, merged with its widget, has. No actions, and no other fields below it.
const FIELD: [&str; 14] = ["Type", "Subtype", "FT", "T", "TU", "V", "F", "Rect", "P", "AP", "Ff", "MK", "DA", "Lock"];
/// What only lists signatures and is not drawn.
const FORM: [&str; 2] = ["Fields", "SigFlags"];

impl Step<'_> {
    /// The form: all fields that were there, and behind them new ones of signatures.
    pub(super) fn form(&mut self, old: &Dict, new: &Dict) -> Result<(), Changed> {
        let before = self.old.dict(old, "AcroForm")?;
        let Some(now) = self.new.dict(new, "AcroForm")? else {
            return if before.is_some() { changed("the form was taken away") } else { Ok(()) };
        };
        let before = before.unwrap_or_default();
        if !before.same_but(&now, &FORM) {
            return changed("the form");
        }
        let (fields, all) = (self.old.array(&before, "Fields")?, self.new.array(&now, "Fields")?);
        if !all.starts_with(&fields) {
            return changed("the fields of the form");
        }
        for field in &all[fields.len()..] {
            match field.reference() {
                Some(id) if self.is_new(id) => self.field(id)?,
                _ => return changed("a field of the form"),
            }
        }
        self.close_list(before.get("Fields"), now.get("Fields"));
        let form = new.get("AcroForm").and_then(Object::reference);
        // It stays the form that it was, or it is new.
        let is_form = |form: &Id| old.get("AcroForm") == new.get("AcroForm") && self.has_one_role(*form);
        if let Some(form) = form.filter(|form| is_form(form) || self.is_new(*form)) {
            self.open.remove(&form.number);
        }
        Ok(())
    }

    /// A new field: it must hold the signature that covers this revision.
    fn field(&mut self, id: Id) -> Result<(), Changed> {
        let Object::Dict(field) = self.new.get(id)? else { return changed("a field of the form") };
        let is_own = field.is("FT", "Sig") && field.is("Subtype", "Widget") && field.only(&FIELD);
        let value = field.get("V").and_then(Object::reference);
        let Some(found) = self.signature.filter(|found| is_own && value.is_some() && found.id == value) else {
            return changed("a field that is no signature of its own revision");
        };
        if !value.is_some_and(|value| self.is_new(value)) {
            return changed("a signature in an object that was there before");
        }
        let shown = match shown(&field) {
            Ok(shown) => shown,
            Err(()) if found.kind == Kind::Signature => {
                return changed("a picture of a signature, whose place is none");
            }
            Err(()) => return changed("a time stamp that draws something"),
        };
        match (found.kind, shown) {
            // Where it is drawn is told when it is found on a page.
            (Kind::Signature, _) => self.has_come(After::AnotherSignature),
            (Kind::DocumentTimeStamp, None) => self.has_come(After::ValidationData),
            (Kind::DocumentTimeStamp, Some(_)) => return changed("a time stamp that draws something"),
        }
        self.widgets.push((id, shown));
        self.open.remove(&id.number);
        // Its signature and its picture, which are new or were there and are not changed. The page is not its own.
        let mut own = field;
        own.0.retain(|(name, _)| name != b"P");
        let was_there = |id: Id| !self.is_new(id);
        for number in self.new.reached(&Object::Dict(own), was_there)?.into_keys() {
            if self.is_new(self.new.id(number)) {
                self.open.remove(&number);
            }
        }
        Ok(())
    }
}

/// Where a widget may cover some of its page: one with an appearance, or with what readers make one of, unless four numbers of
/// its own say that it is empty. An error, if there are none.
fn shown(field: &Dict) -> Result<Option<[f32; 4]>, ()> {
    if field.get("AP").is_none() && field.get("MK").is_none() {
        return Ok(None);
    }
    let Some([one, two, three, four]) = field.get("Rect").and_then(Object::array) else { return Err(()) };
    let [Some(left), Some(bottom), Some(right), Some(top)] = [one, two, three, four].map(Object::float) else {
        return Err(());
    };
    let is_empty = one == three || two == four;
    Ok((!is_empty).then(|| [left.min(right), bottom.min(top), left.max(right), bottom.max(top)]))
}
