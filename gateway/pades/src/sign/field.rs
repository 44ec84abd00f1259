//! Adds a signature field to the form of a file and to one of its pages (ISO 32000-1, sections 12.7 and 12.5.6.19).

use super::{SignError, SignatureField, appearance};
use crate::pdf::update::Update;
use crate::pdf::{Dict, Id, Object, PdfError};

/// Print, and locked (table 165).
const FLAGS: i64 = 4 | 128;
/// Signatures exist, and the file may only be appended to (table 219).
const SIGNATURE_FLAGS: i64 = 3;

/// Adds a field whose value is this object.
pub(super) fn add(update: &mut Update<'_>, field: &SignatureField, value: Id) -> Result<(), SignError> {
    if field.name.is_empty() || field.name.contains('.') {
        return Err(SignError::FieldName(field.name.clone()));
    }
    let view = update.view;
    let pages = view.pages()?;
    let (page, page_dict) = pages.get(field.page).ok_or(SignError::NoPage { page: field.page, pages: pages.len() })?;

    let mut widget = Dict::from([
        ("Type", Object::name("Annot")),
        ("Subtype", Object::name("Widget")),
        ("FT", Object::name("Sig")),
        ("T", Object::text(&field.name)),
        ("V", Object::Ref(value)),
        ("F", Object::Int(FLAGS)),
        ("P", Object::Ref(*page)),
        ("Rect", Object::Array(field.rect.unwrap_or_default().map(Object::real).to_vec())),
    ]);
    if let Some(rect) = field.rect {
        let drawn = appearance::add(update, rect, field.image.as_deref())?;
        widget.set("AP", Object::Dict(Dict::from([("N", Object::Ref(drawn))])));
    }
    let widget = update.add(&Object::Dict(widget));

    append(update, Some(*page), page_dict.clone(), "Annots", widget)?;
    add_to_form(update, field, widget)
}

/// Appends a reference to an array under a name of a dictionary, which is the object `owner` if it has a number.
fn append(
    update: &mut Update<'_>,
    owner: Option<Id>,
    mut dict: Dict,
    name: &str,
    widget: Id,
) -> Result<Dict, PdfError> {
    let mut array = update.view.array(&dict, name)?;
    array.push(Object::Ref(widget));
    match (dict.get(name).and_then(Object::reference), owner) {
        (Some(own), _) => update.put(own, &Object::Array(array)),
        (None, owner) => {
            dict.set(name, Object::Array(array));
            if let Some(owner) = owner {
                update.put(owner, &Object::Dict(dict.clone()));
            }
        }
    }
    Ok(dict)
}

fn add_to_form(update: &mut Update<'_>, field: &SignatureField, widget: Id) -> Result<(), SignError> {
    let view = update.view;
    let (root, mut catalog) = view.catalog()?;
    let form = view.dict(&catalog, "AcroForm")?.unwrap_or_default();
    let own = Object::text(&field.name);
    for known in view.array(&form, "Fields")? {
        let known = view.resolve(&known)?;
        if known.dict().is_some_and(|known| known.get("T") == Some(&own)) {
            return Err(SignError::FieldExists(field.name.clone()));
        }
    }
    let owner = catalog.get("AcroForm").and_then(Object::reference);
    let mut form = append(update, None, form, "Fields", widget)?;
    form.set("SigFlags", Object::Int(form.int("SigFlags").unwrap_or_default() | SIGNATURE_FLAGS));
    match owner {
        Some(owner) => update.put(owner, &Object::Dict(form)),
        None => {
            let form = update.add(&Object::Dict(form));
            catalog.set("AcroForm", Object::Ref(form));
            update.put(root, &Object::Dict(catalog));
        }
    }
    Ok(())
}
