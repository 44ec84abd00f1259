use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::super::child::Refusal;
use super::super::sample::{pdf, red, stream};
use super::super::tests::pages;

fn refused(objects: &[Vec<u8>], word: &str) {
    match pages(pdf(objects)) {
        Err(Refusal::Unreadable(why)) => {
            assert!(why.contains("nothing of it is printed") && why.contains(word), "{why}")
        }
        other => panic!("{word}: {:?} pages", other.map(|pages| pages.len())),
    }
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_page_that_is_listed_and_not_there_is_missed() {
    let mut objects = red(3, "595 842");
    objects[4] = b"null".to_vec();
    refused(&objects, "a page after page 1");
    objects[4] = b"[ 1 2 3 ]".to_vec();
    refused(&objects, "a page after page 1");
}

#[test]
fn a_list_that_is_shorter_than_it_says_is_missed() {
    let mut objects = red(3, "595 842");
    objects[1] = b"<< /Type /Pages /Kids [3 0 R 5 0 R] /Count 3 >>".to_vec();
    refused(&objects, "says that it has 3 pages and lists 2");
    objects[1] = b"<< /Type /Pages /Kids [3 0 R 5 0 R 3 0 R] /Count 3 >>".to_vec();
    refused(&objects, "a page twice");
    objects[1] = b"<< /Type /Pages /Kids [3 0 R 5 0 R] >>".to_vec();
    refused(&objects, "no list of pages");
}

#[test]
fn a_branch_of_the_list_without_leaves_is_missed() {
    let mut objects = red(2, "595 842");
    objects[1] = b"<< /Type /Pages /Kids [3 0 R 7 0 R] /Count 2 >>".to_vec();
    objects.push(b"<< /Type /Pages /Parent 2 0 R /Kids [5 0 R] /Count 1 >>".to_vec());
    assert_eq!(pages(pdf(&objects)).unwrap().len(), 2, "a branch is no fault");
    objects[6] = b"<< /Type /Pages /Parent 2 0 R /Count 1 >>".to_vec();
    refused(&objects, "a page after page 1");
}

#[test]
fn content_that_cannot_be_had_is_missed() {
    let mut objects = red(2, "595 842");
    objects[5] = b"null".to_vec();
    refused(&objects, "page 2");
    objects[5] = stream("/Filter /DCTDecode", b"1 0 0 rg");
    refused(&objects, "page 2");
    objects[4] = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents [4 0 R 99 0 R] >>".to_vec();
    refused(&objects, "page 2");
}

#[test]
fn content_that_is_packed_is_unpacked_to_its_last_byte() {
    let mut objects = red(1, "595 842");
    let content = packed(&b"1 0 0 rg 0 0 100 100 re f 0 0 1 rg 50 50 80 80 re f\n".repeat(50));
    objects[3] = stream("/Filter /FlateDecode", &content);
    assert_eq!(pages(pdf(&objects)).unwrap().len(), 1);
    for wrong in
        [&content[..content.len() - 6], &content[..content.len() / 2], &[content.as_slice(), &[]].concat()[2..]]
    {
        objects[3] = stream("/Filter /FlateDecode", wrong);
        refused(&objects, "unpacked");
    }
    let mut flipped = content.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x10;
    objects[3] = stream("/Filter /FlateDecode", &flipped);
    refused(&objects, "unpacked");
}
