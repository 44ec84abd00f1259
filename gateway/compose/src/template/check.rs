//! What the law asks for must be said.

use super::{Attestation, Field, Line, Template, TemplateError};

/// The attestation's first words (the form that Decree 23/2015 and its circular prescribe).
const TITLE: &str = "chứng thực bản sao đúng với bản chính";
/// The sign of conversion says that the copy was made from paper (Decree 137/2024, article 4).
const CONVERTED: &str = "chuyển đổi từ";

/// Judges what a template says.
pub(super) fn check(template: &Template) -> Result<(), TemplateError> {
    let Attestation { head, title, name, verify, conversion, .. } = &template.attestation;
    let first = &template.first_page.lines;
    says(head, "attestation.head", "chứng thực bản sao đúng với bản chính", TITLE)?;
    has(head, "attestation.head", &[Field::Number])?;
    has(head, "attestation.head", &[Field::Book, Field::Volume])?;
    if lacks(head, &[Field::Book]) {
        says(head, "attestation.head", "{book}, or {volume} with -SCTĐT/BS", "-sctđt/bs")?;
    }
    for date in [Field::Day, Field::Month, Field::Year] {
        has(head, "attestation.head", &[date])?;
    }
    has(title, "attestation.title", &[Field::OfficerTitle])?;
    has(title, "attestation.title", &[Field::Agency])?;
    has(name, "attestation.name", &[Field::Officer])?;
    has(verify, "attestation.verify", &[Field::Code])?;
    has(verify, "attestation.verify", &[Field::Url])?;
    says(conversion, "attestation.conversion", "the words “chuyển đổi từ”", CONVERTED)?;
    has(conversion, "attestation.conversion", &[Field::ConvertedAt, Field::ConvertedIso])?;
    has(conversion, "attestation.conversion", &[Field::Agency])?;
    // Decree 30/2020: form of copy, agency, signing time by ISO 8601.
    for field in [Field::FormOfCopy, Field::Agency, Field::CertifiedIso] {
        has(first, "first_page", &[field])?;
    }
    Ok(())
}

fn lacks(lines: &[Line], fields: &[Field]) -> bool {
    !lines.iter().any(|line| fields.iter().any(|&field| line.vi.has(field)))
}

/// One of these placeholders must be there, in Vietnamese.
fn has(lines: &[Line], section: &'static str, fields: &[Field]) -> Result<(), TemplateError> {
    if !lacks(lines, fields) {
        return Ok(());
    }
    let names: Vec<String> = fields.iter().map(|field| format!("{{{}}}", field.name())).collect();
    Err(TemplateError::Missing { section, what: names.join(" or ") })
}

/// These words must be there, in Vietnamese.
fn says(lines: &[Line], section: &'static str, what: &str, words: &str) -> Result<(), TemplateError> {
    if lines.iter().any(|line| line.vi.says(words)) {
        return Ok(());
    }
    Err(TemplateError::Missing { section, what: what.to_owned() })
}
