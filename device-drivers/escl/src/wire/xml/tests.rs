use proptest::prelude::*;

use super::super::WireError;
use super::{DEPTH_MAX, ELEMENTS_MAX, Element, XML_MAX, parse};

fn root(text: &str) -> Result<Element, WireError> {
    Element::parse(text.as_bytes(), "r")
}

#[test]
fn prefixes_do_not_matter() {
    for text in
        ["<a:r xmlns:a='x'><b:c>1</b:c></a:r>", "<r><c>1</c></r>", "\u{feff}<?xml version='1.0'?><r><c> 1\n</c></r>"]
    {
        assert_eq!(root(text).unwrap().number("c"), Some(1), "{text}");
    }
}

#[test]
fn text_keeps_its_entities_and_cdata() {
    let document = root("<r><c>a &amp; b &#65;&#x42; <![CDATA[<d>]]></c><d n:ref='p1'/></r>").unwrap();
    assert_eq!(document.text_of("c"), Some("a & b AB <d>"));
    assert_eq!(document.child("d").unwrap().attribute("ref"), Some("p1"));
}

#[test]
fn entities_of_the_documents_own_are_not_expanded() {
    let bomb = "<!DOCTYPE r [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><r><c>x&b;y</c></r>";
    assert_eq!(root(bomb).unwrap().text_of("c"), Some("xy"));
}

#[test]
fn what_is_not_a_whole_document_is_refused() {
    for text in ["", "   ", "garbage", "<r>", "<r><c></r>", "</r>", "<r", "<r></c>", "HTTP/1.1 200 OK"] {
        assert!(matches!(root(text), Err(WireError::NotXml(_))), "{text}");
    }
    assert!(matches!(root("<html/>"), Err(WireError::Root { .. })));
}

#[test]
fn the_caps_hold() {
    let deep = "<r>".repeat(DEPTH_MAX + 1);
    assert_eq!(root(&deep), Err(WireError::TooMuch { limit: DEPTH_MAX, what: "levels" }));
    let wide = format!("<r>{}</r>", "<c/>".repeat(ELEMENTS_MAX + 1));
    assert_eq!(root(&wide), Err(WireError::TooMuch { limit: ELEMENTS_MAX, what: "elements" }));
    let long = format!("<r>{}</r>", " ".repeat(XML_MAX));
    assert_eq!(root(&long), Err(WireError::TooMuch { limit: XML_MAX, what: "bytes" }));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn no_markup_makes_it_panic(text in "(<|>|/|a|b:c|=|'|&|;|#|x|!|\\[|\\]|-|\\?| |CDATA){0,60}") {
        let _ = parse(text.as_bytes());
    }
}
