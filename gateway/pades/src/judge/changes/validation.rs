//! Validation data (ETSI EN 319 142-1, section 5.4.2): nothing of it is drawn, and nothing of it may go.

use super::super::trust::ITEMS;
use super::{After, Changed, Step, changed};
use crate::pdf::{Dict, Object};

const LISTS: [&str; 3] = ["Certs", "OCSPs", "CRLs"];
/// What is known of one signature.
const OF_ONE: [&str; 6] = ["Type", "Cert", "OCSP", "CRL", "TU", "TS"];
const LISTS_OF_ONE: [&str; 3] = ["Cert", "OCSP", "CRL"];

impl Step<'_> {
    pub(super) fn validation_data(&mut self, old: &Dict, new: &Dict) -> Result<(), Changed> {
        let before = self.old.dict(old, "DSS")?;
        let Some(now) = self.new.dict(new, "DSS")? else {
            return if before.is_some() { changed("the validation data was taken away") } else { Ok(()) };
        };
        let is_touched = old.get("DSS") != new.get("DSS") || before.as_ref() != Some(&now) || !self.open.is_empty();
        if !is_touched {
            return Ok(());
        }
        let before = before.unwrap_or_default();
        if !now.only(&["Type", "Certs", "OCSPs", "CRLs", "VRI"]) {
            return changed("the validation data has something else in it");
        }
        let open = self.open.len();
        self.close(new.get("DSS"), "the validation data")?;
        for name in LISTS {
            self.list(&before, &now, name)?;
        }
        let (old_each, each) = (self.old.dict(&before, "VRI")?.unwrap_or_default(), self.new.dict(&now, "VRI")?);
        self.close(now.get("VRI"), "the validation data")?;
        let each = each.unwrap_or_default();
        few(old_each.0.len().max(each.0.len()))?;
        for (name, _) in &old_each.0 {
            if !each.0.iter().any(|(own, _)| own == name) {
                return changed("validation data of a signature was taken away");
            }
        }
        for (name, value) in &each.0 {
            let Object::Dict(one) = self.new.resolve(value)? else { return changed("the validation data") };
            if !one.only(&OF_ONE) {
                return changed("the validation data has something else in it");
            }
            self.close(Some(value), "the validation data")?;
            let of_old = old_each.0.iter().find(|(own, _)| own == name).map(|(_, value)| self.old.resolve(value));
            let of_old = of_old.transpose()?.and_then(|object| object.dict().cloned()).unwrap_or_default();
            for name in LISTS_OF_ONE {
                self.list(&of_old, &one, name)?;
            }
            self.close(one.get("TS"), "the validation data")?;
        }
        if self.open.len() < open || before != now {
            self.has_come(After::ValidationData);
        }
        Ok(())
    }

    /// A list of streams that has all that it had.
    fn list(&mut self, old: &Dict, new: &Dict, name: &str) -> Result<(), Changed> {
        let (before, now) = (self.old.array(old, name)?, self.new.array(new, name)?);
        few(before.len().max(now.len()))?;
        if !before.iter().all(|one| now.contains(one)) {
            return changed("validation data was taken away");
        }
        self.close(new.get(name), "the validation data")?;
        for one in &now {
            // What was there stays as it was: a time stamp may prove that it was there.
            if before.contains(one) && one.reference().is_some_and(|id| self.open.contains(&id.number)) {
                return changed("validation data was changed");
            }
            self.close(Some(one), "the validation data")?;
        }
        Ok(())
    }

    /// An object of the validation data: nothing else may refer to it.
    fn close(&mut self, object: Option<&Object>, what: &str) -> Result<(), Changed> {
        let Some(id) = object.and_then(Object::reference).filter(|id| self.open.contains(&id.number)) else {
            return Ok(());
        };
        if self.is_used(id.number) {
            return changed(format!("object {} is used elsewhere than in {what}", id.number));
        }
        self.open.remove(&id.number);
        Ok(())
    }
}

/// Each of these is looked for among all others.
fn few(entries: usize) -> Result<(), Changed> {
    if entries > ITEMS { changed("the validation data, which has too many entries") } else { Ok(()) }
}
