//! What tests of cameras have in common, whatever driver is between the camera and the kiosk.

use std::collections::HashSet;
use std::path::Path;

use kiosk_protocol::device::{DeviceView, Facts};
use serde_json::Value;

use crate::rig::{Client, Order, Rig, http};

/// A command to the device `camera`.
pub fn order(name: &'static str) -> Order {
    Order::from(name).device("camera").timeout_ms(50_000)
}

/// Begins to look at live pictures.
pub async fn look(client: &mut Client) {
    client.done(order("pictures.start")).await;
}

/// The camera sends live pictures now.
///
/// # Panics
/// If it is no camera.
pub fn streaming(view: &DeviceView) -> bool {
    match &view.facts {
        Facts::Camera { status, .. } => status.as_ref().is_some_and(|status| status.streaming),
        other => panic!("{other:?} is no camera"),
    }
}

/// Takes a picture and fetches it; the reply, and the picture.
pub async fn taken(rig: &Rig, client: &mut Client, order: Order) -> (Value, Vec<u8>) {
    let reply = client.done(order).await;
    let path = format!("/v1/blobs/{}", reply["blob"].as_str().expect("a picture is a blob"));
    let answer = http::get(rig.address, &path, Some(&client.token())).await;
    assert_eq!((answer.status, Some(answer.body.len() as u64)), (200, reply["bytes"].as_u64()), "{path}");
    (reply, answer.body.to_vec())
}

/// Width and height of a picture.
///
/// # Panics
/// If it cannot be decoded.
pub fn size(jpeg: &[u8]) -> (u32, u32) {
    let image = image::load_from_memory(jpeg).unwrap_or_else(|error| panic!("{error} in {} bytes", jpeg.len()));
    (image.width(), image.height())
}

/// Pictures of 640x480 for a camera of that size to send byte for byte: files in a folder, by name, and their bytes.
pub fn files(folder: &Path) -> Vec<Vec<u8>> {
    let make = |number: u8| {
        let path = folder.join(format!("{number:03}.jpg"));
        let picture =
            image::RgbImage::from_fn(640, 480, |x, y| image::Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], number]));
        picture.save(&path).expect("a picture can be written");
        std::fs::read(path).expect("it is there")
    };
    [40, 120, 200].map(make).into()
}

/// The numbers, from 0, of the pictures that bytes are made of, one behind the other.
///
/// # Panics
/// If there is anything else.
pub fn numbers(pictures: &[Vec<u8>], mut bytes: &[u8]) -> Vec<usize> {
    let mut numbers = Vec::new();
    assert_eq!(pictures.iter().collect::<HashSet<_>>().len(), pictures.len(), "pictures can be told apart");
    while !bytes.is_empty() {
        let begins = |picture: &Vec<u8>| bytes.starts_with(picture);
        let number = pictures.iter().position(begins).unwrap_or_else(|| panic!("no picture after {numbers:?}"));
        bytes = &bytes[pictures[number].len()..];
        numbers.push(number);
    }
    numbers
}
