//! A camera and a QR display that do as they are told, so that a test decides when each picture is taken: the camera takes
//! one for each `camera.status`, the longest for `camera.set_controls`, and its status says whether somebody looks.

use kiosk_protocol::device::{Identity, Kind};
use kiosk_protocol::pictures::PICTURE_MAX;
use kiosk_protocol::seam::{FromChild, ToChild};
use serde_json::{Value, json};

use crate::requests::done;
use crate::voice::{listen, say, say_with, status};

pub(crate) fn serve(kind: Kind) {
    let capabilities = match kind {
        Kind::Camera => {
            let size = json!({ "width": 2, "height": 2, "jpeg": true });
            json!({ "sizes": [size], "preview": size })
        }
        _ => json!({ "images": true, "captions": true }),
    };
    say(FromChild::Ready { identity: Identity::default(), capabilities });
    let (mut on, mut number) = (false, 0);
    say(status(state(kind, on)));
    while let Some(message) = listen() {
        match message {
            ToChild::Ping { seq } => say(FromChild::Pong { seq, device_alive: true }),
            ToChild::Pictures { wanted } => {
                on = wanted;
                say(status(state(kind, on)));
            }
            ToChild::Request { id, name, .. } => {
                match name.as_str() {
                    "camera.status" => {
                        number += 1;
                        say_with(FromChild::Picture { number, taken_us: 7 }, format!("picture {number}").into());
                    }
                    // The longest that there may be.
                    "camera.set_controls" => {
                        number += 1;
                        say_with(FromChild::Picture { number, taken_us: 7 }, vec![b'p'; PICTURE_MAX as usize]);
                    }
                    "qr_display.show" => on = true,
                    "qr_display.clear" => on = false,
                    _ => {}
                }
                done(id, Ok(state(kind, on)));
                say(status(state(kind, on)));
            }
            _ => {}
        }
    }
}

fn state(kind: Kind, on: bool) -> Value {
    match kind {
        Kind::Camera => json!({ "streaming": on, "controls": {} }),
        _ => json!({ "showing": on }),
    }
}
