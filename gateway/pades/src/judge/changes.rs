//! What a revision has changed in the one before it.
//!
//! Only three things may come behind a signature: validation data, time stamps of the whole file, and other signatures in
//! fields of their own. Everything that a revision lists must be explained by one of them; what is left is a change, however
//! harmless it looks.

mod fields;
mod information;
mod validation;

use std::collections::{BTreeMap, BTreeSet};

use super::found::Found;
use super::report::After;
use crate::pdf::{Dict, Entry, Id, Object, Pdf, PdfError, View};

/// A change that nothing explains.
pub(super) struct Changed(String);

impl From<PdfError> for Changed {
    fn from(error: PdfError) -> Self {
        Self(error.to_string())
    }
}

fn changed<T>(what: impl Into<String>) -> Result<T, Changed> {
    Err(Changed(what.into()))
}

/// What each section has changed, in the order of the sections; the oldest has changed nothing.
pub(super) fn all(pdf: &Pdf<'_>, found: &[(&Found, bool)]) -> Vec<After> {
    // Nobody asks what came before the first signature.
    let signed = found.iter().filter_map(|(found, _)| found.covered.as_ref().ok()).map(|covered| covered.section).max();
    let step = |section| match Step::new(pdf, section, found).and_then(Step::judge) {
        Ok(after) => after,
        Err(Changed(what)) => After::ContentChanged(what),
    };
    (0..signed.unwrap_or_default()).map(step).collect()
}

/// From one revision to the next.
struct Step<'p> {
    old: View<'p>,
    new: View<'p>,
    /// Numbers that the new revision lists, and that are not explained yet.
    open: BTreeSet<u32>,
    /// Numbers that the old revision refers to from elsewhere than from its validation data, also where nothing is there.
    used: BTreeSet<u32>,
    /// The signature that covers the new revision, if it is intact.
    signature: Option<&'p Found>,
    /// Objects of signatures that the new revision has.
    widgets: Vec<Id>,
    result: After,
}

impl<'p> Step<'p> {
    fn new(pdf: &'p Pdf<'p>, section: usize, found: &[(&'p Found, bool)]) -> Result<Self, Changed> {
        let covering = |section: usize| {
            found.iter().find(|(found, _)| found.covered.as_ref().is_ok_and(|covered| covered.section == section))
        };
        let view = |section: usize| {
            let covered = covering(section).and_then(|(found, _)| found.covered.as_ref().ok());
            pdf.revision(section, covered.map_or(pdf.bytes.len(), |covered| covered.end))
        };
        let (old, new) = (view(section + 1), view(section));
        let (_, mut catalog) = old.catalog()?;
        catalog.0.retain(|(name, _)| name != b"DSS");
        let mut from = vec![Object::Dict(catalog)];
        from.extend(old.trailer().get("Info").cloned());
        let root = old.trailer().get("Root").and_then(Object::reference);
        let mut used = old.reached(&Object::Array(from), |id| Some(id) == root)?;
        used.extend(root.map(|root| root.number));
        Ok(Self {
            old,
            new,
            open: pdf.sections[section].entries.keys().copied().collect(),
            used,
            signature: covering(section).filter(|(_, intact)| *intact).map(|(found, _)| *found),
            widgets: Vec::new(),
            result: After::Nothing,
        })
    }

    fn judge(mut self) -> Result<After, Changed> {
        self.trailers()?;
        self.same_and_containers()?;
        let (root, old) = self.old.catalog()?;
        let (_, new) = self.new.catalog()?;
        // A version says which readers can read the file (section 7.2.2).
        let is_version = new.get("Version").is_none_or(|version| matches!(version, Object::Name(_)));
        if !is_version || !old.same_but(&new, &["AcroForm", "DSS", "Extensions", "Version"]) {
            return changed("the catalog");
        }
        self.extensions(&old, &new)?;
        self.open.remove(&root.number);
        self.metadata(&old)?;
        self.validation_data(&old, &new)?;
        self.form(&old, &new)?;
        self.annotations()?;
        match self.open.first() {
            Some(number) => changed(format!("object {number}")),
            None => Ok(self.result),
        }
    }

    /// At least this has come.
    fn has_come(&mut self, what: After) {
        if what > self.result {
            self.result = what;
        }
    }

    /// Whether an object is there now and was not before, nor anything that refers to it: so it shows only where its new
    /// owner puts it.
    fn is_new(&self, id: Id) -> bool {
        self.old.entry(id.number) == Entry::Free && !self.used.contains(&id.number) && self.new.id(id.number) == id
    }

    /// The same document: the same catalog, and the same information about it but for who last wrote it.
    fn trailers(&mut self) -> Result<(), Changed> {
        let (old, new) = (self.old.trailer(), self.new.trailer());
        if old.get("Root") != new.get("Root") {
            return changed("the catalog is another object");
        }
        let first = |trailer: &Dict| trailer.get("ID").and_then(Object::array).and_then(|both| both.first().cloned());
        if first(old).is_some() && first(old) != first(new) {
            return changed("the file's identifier");
        }
        self.information(old, new)
    }

    /// Objects that are listed but are the same, and those that only hold others.
    fn same_and_containers(&mut self) -> Result<(), Changed> {
        let numbers: Vec<u32> = self.open.iter().copied().collect();
        for number in numbers {
            let (before, now) = (self.old.entry(number), self.new.entry(number));
            if now == Entry::Free {
                if before != Entry::Free && self.old.numbered(number)? != Object::Null {
                    return changed(format!("object {number} was taken away"));
                }
                self.open.remove(&number);
                continue;
            }
            let object = self.new.numbered(number)?;
            let is_same = before != Entry::Free
                && self.old.id(number) == self.new.id(number)
                && self.new.same(&self.old.numbered(number)?, &object);
            let is_container =
                matches!(&object, Object::Stream(dict, _) if dict.is("Type", "ObjStm") || dict.is("Type", "XRef"));
            if is_same || is_container && self.is_new(self.new.id(number)) {
                self.open.remove(&number);
            }
        }
        Ok(())
    }

    /// Extensions are names and numbers that draw nothing (ISO 32000-1, section 7.12).
    fn extensions(&mut self, old: &Dict, new: &Dict) -> Result<(), Changed> {
        if old.get("Extensions") == new.get("Extensions") {
            return Ok(());
        }
        let Some(now) = self.new.dict(new, "Extensions")? else { return changed("the extensions") };
        let id = new.get("Extensions").and_then(Object::reference);
        if let Some(id) = id.filter(|id| self.is_new(*id)) {
            self.open.remove(&id.number);
        }
        let before = self.old.dict(old, "Extensions")?.unwrap_or_default();
        let kept = before.0.iter().all(|(name, value)| now.0.iter().any(|own| own.0 == *name && own.1 == *value));
        if kept { Ok(()) } else { changed("the extensions") }
    }

    /// The pages' annotations: those that were there, and behind them the new fields.
    fn annotations(&mut self) -> Result<(), Changed> {
        if self.open.is_empty() {
            return Ok(());
        }
        let mut pages = BTreeMap::new();
        for (id, page) in self.old.pages()? {
            let list = page.get("Annots").and_then(Object::reference);
            let touched = self.open.contains(&id.number) || list.is_some_and(|list| self.open.contains(&list.number));
            if touched {
                pages.insert(id, page);
            }
        }
        for (id, page) in pages {
            let Object::Dict(now) = self.new.get(id)? else { return changed("a page") };
            if !page.same_but(&now, &["Annots"]) {
                return changed(format!("the page that is object {}", id.number));
            }
            let (before, after) = (self.old.array(&page, "Annots")?, self.new.array(&now, "Annots")?);
            if !self.is_appended(&before, &after) {
                return changed("the annotations of a page");
            }
            self.open.remove(&id.number);
            self.close_list(page.get("Annots"), now.get("Annots"));
        }
        Ok(())
    }

    /// All that was there is there, and behind it only new fields of signatures.
    fn is_appended(&self, before: &[Object], after: &[Object]) -> bool {
        let is_own = |object: &Object| object.reference().is_some_and(|id| self.widgets.contains(&id));
        after.starts_with(before) && after[before.len()..].iter().all(is_own)
    }

    /// An array that was looked at, and is an object of its own: the one that it was, or a new one. Any other may be
    /// something else elsewhere.
    fn close_list(&mut self, before: Option<&Object>, now: Option<&Object>) {
        if let Some(id) = now.and_then(Object::reference).filter(|id| before == now || self.is_new(*id)) {
            self.open.remove(&id.number);
        }
    }
}
