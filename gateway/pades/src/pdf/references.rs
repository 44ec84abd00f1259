//! Which objects are reached from where.

use std::collections::BTreeMap;

use super::{Id, Object, PdfError, View};

/// Adds all references in a value.
pub(crate) fn references_of(object: &Object, to: &mut Vec<Id>) {
    match object {
        Object::Ref(id) => to.push(*id),
        Object::Array(array) => array.iter().for_each(|value| references_of(value, to)),
        Object::Dict(dict) | Object::Stream(dict, _) => {
            dict.0.iter().for_each(|(_, value)| references_of(value, to));
        }
        _ => {}
    }
}

impl View<'_> {
    /// The numbers of all objects that are reached from a value, also of those that are not there, and how many references lead
    /// to each. `stop` says which are not looked into.
    pub(crate) fn reached(&self, from: &Object, stop: impl Fn(Id) -> bool) -> Result<BTreeMap<u32, usize>, PdfError> {
        let mut open = Vec::new();
        references_of(from, &mut open);
        let mut reached = BTreeMap::new();
        while let Some(id) = open.pop() {
            let times: &mut usize = reached.entry(id.number).or_default();
            *times += 1;
            if *times > 1 || stop(id) {
                continue;
            }
            self.pdf.budget.pass()?;
            // Of whatever generation the reference says: readers differ in whether they look at it.
            references_of(&self.numbered(id.number)?, &mut open);
        }
        Ok(reached)
    }
}
