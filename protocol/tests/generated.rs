//! The files that are made from the Rust types: JSON Schema, reference page, TypeScript types. They are committed; this
//! test compares them, and `UPDATE=1 cargo test -p kiosk-protocol` writes them anew.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "generated/page.rs"]
mod page;
#[path = "generated/schema.rs"]
mod schema;
#[path = "generated/typescript.rs"]
mod typescript;

use std::path::Path;

fn same(file: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == made, "{file} is not what the Rust types say; run `UPDATE=1 cargo test -p kiosk-protocol`");
}

#[test]
fn the_json_schema_is_what_the_types_say() {
    same("schema/kiosk-v1.schema.json", &(serde_json::to_string_pretty(&schema::document()).unwrap() + "\n"));
}

#[test]
fn the_reference_page_is_what_the_types_say() {
    same("PROTOCOL.md", &page::markdown(&schema::document()));
}

#[test]
fn the_typescript_types_are_what_the_types_say() {
    same("client/types.d.ts", &typescript::declarations(&schema::document()));
}
