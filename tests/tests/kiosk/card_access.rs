//! What opens an identity card, read off a picture of it.

use image::{Rgb, RgbImage, imageops};
use kiosk_protocol::error::ErrorCode as E;
use kiosk_simulators::usb::reader::identity::Profile;
use kiosk_tests::cards::{Look, jpeg, seen};
use kiosk_tests::rig::{Client, Order, Rig, http};
use serde_json::{Value, json};

use crate::support::{sample, with_reader};

async fn blob_of(rig: &Rig, client: &Client, picture: Vec<u8>) -> Value {
    let answer = http::upload(rig.address, &client.token(), picture).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    json!({ "blob": answer.json()["blob"] })
}

fn decoded(jpeg: &[u8]) -> RgbImage {
    image::load_from_memory(jpeg).unwrap().to_rgb8()
}

#[tokio::test]
async fn zones_and_codes_are_read_whichever_way_up_the_card_lies() {
    let (rig, mut client, _one) = with_reader().await;
    let holder = Profile::default();
    let photo = seen(&holder, 800, false, Look::Photographed, 1);
    // Like a card in a corner of a scanner's glass, and one that is copied on a form.
    let mut form = decoded(&sample("residence-form.jpg"));
    imageops::overlay(&mut form, &decoded(&seen(&holder, 1_011, false, Look::Scanned, 5)), 700, 2_200);
    let mut glass = RgbImage::from_pixel(2_480, 3_508, Rgb([250, 250, 250]));
    imageops::overlay(&mut glass, &decoded(&seen(&holder, 1_011, false, Look::Scanned, 2)), 300, 2_000);
    for (what, picture) in [
        ("upright", photo.clone()),
        ("on its side", jpeg(&imageops::rotate90(&decoded(&photo)), 80)),
        ("upside down", jpeg(&imageops::rotate180(&decoded(&photo)), 80)),
        ("on its other side", jpeg(&imageops::rotate270(&decoded(&photo)), 80)),
        ("on a scanner's glass", jpeg(&glass, 80)),
        ("on a form", jpeg(&form, 80)),
    ] {
        let wish = blob_of(&rig, &client, picture).await;
        let found = client.done(Order::new("ocr.card_access", wish)).await;
        assert_eq!(found, json!({ "access": { "mrz": holder.zone() } }), "{what}");
    }
    // Where there is a code, it is taken.
    let wish = blob_of(&rig, &client, seen(&holder, 1_011, true, Look::Scanned, 3)).await;
    let found = client.done(Order::new("ocr.card_access", wish)).await;
    assert_eq!(found, json!({ "access": { "qr": holder.code() } }));
}

#[tokio::test]
async fn what_is_no_card_or_does_not_add_up_opens_nothing() {
    let (rig, mut client, _one) = with_reader().await;
    // A finger on the date of birth.
    let mut hidden = decoded(&seen(&Profile::default(), 1_011, false, Look::Clean, 4));
    let (width, height) = hidden.dimensions();
    for (x, y, pixel) in hidden.enumerate_pixels_mut() {
        if x > width / 8 && x < width / 4 && y > height * 7 / 10 && y < height * 4 / 5 {
            *pixel = Rgb([200, 150, 130]);
        }
    }
    for (what, picture) in [
        ("letters are hidden", jpeg(&hidden, 90)),
        ("a page", sample("residence-form.jpg")),
        ("an empty table", jpeg(&RgbImage::from_pixel(640, 480, Rgb([90, 90, 90])), 80)),
        ("one pixel", jpeg(&RgbImage::new(1, 1), 80)),
    ] {
        let wish = blob_of(&rig, &client, picture).await;
        let found = client.done(Order::new("ocr.card_access", wish)).await;
        assert_eq!(found, json!({}), "{what}");
    }
    let cut = sample("residence-form.jpg")[..100_000].to_vec();
    let wish = blob_of(&rig, &client, cut).await;
    assert_eq!(client.fails(Order::new("ocr.card_access", wish)).await.failure.code, E::Unreadable);
    let failure = client.fails(Order::new("ocr.card_access", json!({ "blob": "none" }))).await.failure;
    assert_eq!(failure.code, E::NotFound);
}
