//! The pages of a file, in their order (ISO 32000-1, section 7.7.3).

use std::collections::HashSet;

use super::{Dict, Id, Object, PdfError, View};

/// Most nodes of the tree of pages.
const NODES: usize = 200_000;

impl View<'_> {
    /// All pages.
    pub(crate) fn pages(&self) -> Result<Vec<(Id, Dict)>, PdfError> {
        let (_, catalog) = self.catalog()?;
        let root =
            catalog.get("Pages").and_then(Object::reference).ok_or(PdfError::Missing("/Pages of the catalog"))?;
        let mut pages = Vec::new();
        let mut seen = HashSet::new();
        // The next one is the last.
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            self.pdf.budget.pass()?;
            if !seen.insert(id) || seen.len() > NODES {
                return Err(PdfError::TooMuch("pages, or the same one twice"));
            }
            let Object::Dict(node) = self.get(id)? else { return Err(PdfError::Missing("a page")) };
            if node.is("Type", "Page") {
                pages.push((id, node));
                continue;
            }
            let kids = self.array(&node, "Kids")?;
            for kid in kids.iter().rev() {
                open.push(kid.reference().ok_or(PdfError::Missing("a page"))?);
            }
        }
        Ok(pages)
    }
}
