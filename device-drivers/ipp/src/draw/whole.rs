//! Is a PDF whole? The library that draws is made to show as much as it can: a page that it cannot find is left out, and
//! what it cannot unpack is empty. On paper that would be a copy with something missing, so it is looked for first.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io::Read;

use flate2::read::ZlibDecoder;
use hayro::hayro_syntax::Filter;
use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, Stream};

use super::child::Refusal;

fn damaged(what: &str) -> Refusal {
    Refusal::Unreadable(format!("the PDF is damaged, nothing of it is printed: {what}"))
}

/// Checks the tree of pages, the pages' contents and whatever is packed; returns the number of pages.
pub(super) fn check(pdf: &Pdf) -> Result<usize, Refusal> {
    let count = count(pdf)?;
    let found = pdf.pages().len();
    if count != found {
        return Err(damaged(&format!("it has {count} pages, of which {found} can be read")));
    }
    for (page, number) in pdf.pages().iter().zip(1..) {
        let contents = page.raw();
        if contents.contains_key("Contents") && !has_contents(contents, pdf) {
            return Err(damaged(&format!("the content of page {number} cannot be read")));
        }
    }
    for object in pdf.objects() {
        if let Object::Stream(stream) = object
            && stream.filters().first() == Some(&Filter::FlateDecode)
            && !unpacks(&stream)
        {
            return Err(damaged(&format!("object {} cannot be unpacked", stream.obj_id().obj_number)));
        }
    }
    Ok(count)
}

/// The pages that the document says it has (ISO 32000-1, 7.7.3): every leaf of its tree, whether it can be read or not.
fn count(pdf: &Pdf) -> Result<usize, Refusal> {
    let no_tree = || damaged("it has no list of pages");
    let catalog = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id()).ok_or_else(no_tree)?;
    let root = catalog.get::<Dict<'_>>("Pages").ok_or_else(no_tree)?;
    let says: i32 = root.get("Count").ok_or_else(no_tree)?;
    let mut seen = BTreeSet::new();
    seen.extend(root.obj_id().map(|id| (id.obj_number, id.gen_number)));
    let mut nodes = vec![root.get::<Array<'_>>("Kids").ok_or_else(no_tree)?.raw_iter()];
    let mut pages = 0;
    while let Some(kids) = nodes.last_mut() {
        let Some(kid) = kids.next() else {
            nodes.pop();
            continue;
        };
        let lost = || damaged(&format!("a page after page {pages} cannot be found"));
        let kid = match kid {
            MaybeRef::Ref(id) if !seen.insert((id.obj_number, id.gen_number)) => {
                return Err(damaged("its list of pages has a page twice"));
            }
            MaybeRef::Ref(id) => pdf.xref().get::<Dict<'_>>(id.into()),
            MaybeRef::NotRef(object) => object.into_dict(),
        };
        let kid = kid.ok_or_else(lost)?;
        if kid.get::<Name<'_>>("Type").is_some_and(|name| &*name == b"Pages") {
            nodes.push(kid.get::<Array<'_>>("Kids").ok_or_else(lost)?.raw_iter());
        } else {
            pages += 1;
        }
    }
    if usize::try_from(says) != Ok(pages) {
        return Err(damaged(&format!("it says that it has {says} pages and lists {pages}")));
    }
    Ok(pages)
}

/// A page's content is a stream or several (7.8.2), each of which can be unpacked.
fn has_contents(page: &Dict<'_>, pdf: &Pdf) -> bool {
    let readable = |stream: &Stream<'_>| stream.decoded_data().is_ok();
    if let Some(stream) = page.get::<Stream<'_>>("Contents") {
        return readable(&stream);
    }
    page.get::<Array<'_>>("Contents").is_some_and(|streams| {
        streams.raw_iter().all(|part| match part {
            MaybeRef::Ref(id) => pdf.xref().get::<Stream<'_>>(id.into()).is_some_and(|stream| readable(&stream)),
            MaybeRef::NotRef(_) => false,
        })
    })
}

/// Unpacks a stream to its end and checksum (RFC 1950); the library takes what comes before a fault for all of it.
fn unpacks(stream: &Stream<'_>) -> bool {
    let mut part = [0; 16 << 10];
    let packed = stream.raw_data();
    let mut unpacked = ZlibDecoder::new(&*packed);
    loop {
        match unpacked.read(&mut part) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}
