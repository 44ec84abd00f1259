//! What a revision has changed in the one before it.
//!
//! Only three things may come behind a signature: validation data, time stamps of the whole file, and other signatures in
//! fields of their own, whose pictures are told with their places. Everything that a revision lists must be explained by one of
//! them; what is left is a change, however harmless it looks.

mod fields;
mod information;
mod validation;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::found::Found;
use super::report::{After, Shown};
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

/// What a section has changed in what was there before it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change {
    pub(super) after: After,
    /// What its signature draws, and where.
    pub(super) shown: Vec<Shown>,
}

/// What each section has changed, in the order of the sections; the oldest has changed nothing.
pub(super) fn all(pdf: &Pdf<'_>, found: &[(&Found, bool)]) -> Vec<Change> {
    // Nobody asks what came before the first signature.
    let signed = found.iter().filter_map(|(found, _)| found.covered.as_ref().ok()).map(|covered| covered.section).max();
    let containers = containers(pdf);
    let step = |section| match Step::new(pdf, section, found, &containers).and_then(Step::judge) {
        Ok(change) => change,
        Err(Changed(what)) => Change { after: After::ContentChanged(what), shown: Vec::new() },
    };
    (0..signed.unwrap_or_default()).map(step).collect()
}

/// The numbers of object streams, and the oldest section that has something in each. No reference leads to them.
fn containers(pdf: &Pdf<'_>) -> HashMap<u32, usize> {
    let mut containers = HashMap::new();
    for (section, own) in pdf.sections.iter().enumerate() {
        let packed = own
            .entries
            .values()
            .filter_map(|entry| if let Entry::In(stream, _) = entry { Some(*stream) } else { None });
        containers.extend(packed.map(|stream| (stream, section)));
    }
    containers
}

/// From one revision to the next.
struct Step<'p> {
    section: usize,
    containers: &'p HashMap<u32, usize>,
    old: View<'p>,
    new: View<'p>,
    /// Numbers that the new revision lists, and that are not explained yet.
    open: BTreeSet<u32>,
    /// Numbers that the old revision refers to from elsewhere than from its validation data, also where nothing is there, and
    /// how often. The catalog is among them only if something else than the trailer refers to it.
    used: BTreeMap<u32, usize>,
    /// The signature that covers the new revision, if it is intact.
    signature: Option<&'p Found>,
    /// Objects of signatures that the new revision has, and where each draws something.
    widgets: Vec<(Id, Option<[f32; 4]>)>,
    result: After,
    shown: Vec<Shown>,
}

impl<'p> Step<'p> {
    fn new(
        pdf: &'p Pdf<'p>,
        section: usize,
        found: &[(&'p Found, bool)],
        containers: &'p HashMap<u32, usize>,
    ) -> Result<Self, Changed> {
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
        let mut trailer = old.trailer().clone();
        trailer.0.retain(|(name, _)| name != b"Root");
        let from = Object::Array(vec![Object::Dict(catalog), Object::Dict(trailer)]);
        let root = old.trailer().get("Root").and_then(Object::reference);
        let used = old.reached(&from, |id| Some(id.number) == root.map(|root| root.number))?;
        Ok(Self {
            section,
            containers,
            old,
            new,
            open: pdf.sections[section].entries.keys().copied().collect(),
            used,
            signature: covering(section).filter(|(_, intact)| *intact).map(|(found, _)| *found),
            widgets: Vec::new(),
            result: After::Nothing,
            shown: Vec::new(),
        })
    }

    fn judge(mut self) -> Result<Change, Changed> {
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
        if self.open.contains(&root.number) && self.is_used(root.number) {
            return changed("the catalog, which is something else besides");
        }
        self.open.remove(&root.number);
        self.metadata(&old)?;
        self.validation_data(&old, &new)?;
        self.form(&old, &new)?;
        self.annotations()?;
        match self.open.first() {
            Some(number) => changed(format!("object {number}")),
            None => Ok(Change { after: self.result, shown: self.shown }),
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
        self.old.entry(id.number) == Entry::Free && !self.is_used(id.number) && self.new.id(id.number) == id
    }

    /// Whether the old revision needs what has this number: it refers to it, or has something packed in it.
    fn is_used(&self, number: u32) -> bool {
        self.used.contains_key(&number) || self.is_container(number)
    }

    fn is_container(&self, number: u32) -> bool {
        self.containers.get(&number).is_some_and(|oldest| *oldest > self.section)
    }

    /// Whether the only reference to an object is the one by which it was found: what may change in this role may be content
    /// in another.
    fn has_one_role(&self, id: Id) -> bool {
        self.used.get(&id.number).is_none_or(|times| *times == 1) && !self.is_container(id.number)
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
        for (place, (id, page)) in self.old.pages()?.into_iter().enumerate() {
            let list = page.get("Annots").and_then(Object::reference);
            let touched = self.open.contains(&id.number) || list.is_some_and(|list| self.open.contains(&list.number));
            if touched {
                pages.insert(id, (place, page));
            }
        }
        for (id, (place, page)) in pages {
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
            self.show(place, &after[before.len()..]);
        }
        Ok(())
    }

    /// All that was there is there, and behind it only new fields of signatures.
    fn is_appended(&self, before: &[Object], after: &[Object]) -> bool {
        let is_own = |object: &Object| self.widgets.iter().any(|(id, _)| object.reference() == Some(*id));
        after.starts_with(before) && after[before.len()..].iter().all(is_own)
    }

    /// What these new annotations of a page draw.
    fn show(&mut self, page: usize, annotations: &[Object]) {
        let Some(field) = self.signature.map(|found| found.field.clone()) else { return };
        for id in annotations.iter().filter_map(Object::reference) {
            let rect = self.widgets.iter().find(|(own, _)| *own == id).and_then(|(_, rect)| *rect);
            if let Some(rect) = rect {
                self.has_come(After::ShownSignature);
                self.shown.push(Shown { field: field.clone(), page, rect, is_valid: false });
            }
        }
    }

    /// An array that was looked at, and is an object of its own: the one that it was and nothing else, or a new one.
    fn close_list(&mut self, before: Option<&Object>, now: Option<&Object>) {
        let id = now.and_then(Object::reference);
        if let Some(id) = id.filter(|id| before == now && self.has_one_role(*id) || self.is_new(*id)) {
            self.open.remove(&id.number);
        }
    }
}
