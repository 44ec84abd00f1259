//! The table of all calls, on one page. Nothing speaks a message that is not in it: the gateway checks each request,
//! event and reply against its row, and the schema, the reference page and the TypeScript types are made from it.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::blob::BlobId;
use crate::device::{DeviceView, FieldError, Kind};
use crate::objects::objects_stay_objects;
use crate::session::Empty;
use crate::{
    barcode, camera, card, consent, face, identity, message, ocr, page_printer, pictures, qr_display, receipt, scanner,
    session, ups,
};

/// Who answers a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answerer {
    /// The gateway itself.
    Gateway,
    /// The gateway itself, about a device.
    GatewayForDevice,
    /// A device of this kind. `Access` says whether somebody else's lease is in the way.
    Device(Kind, Access),
}

/// Whether a call to a device respects leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Refused while another session has the device's lease.
    Exclusive,
    /// Open to all sessions at any time.
    Shared,
}

/// Whether doing a call twice differs from doing it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It does not matter.
    Repeatable,
    /// It does (paper comes out): the command must have an idempotency key.
    Once,
}

/// The shape of a payload: its Rust type, as functions.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Is this text a value of the type? The error names the field.
    pub check: fn(&str) -> Result<(), FieldError>,
    /// Is this value one of the type?
    pub check_value: fn(&Value) -> Result<(), FieldError>,
    /// Its JSON Schema.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    /// Its name in the schema.
    pub type_name: fn() -> std::borrow::Cow<'static, str>,
}

impl Shape {
    const fn of<T: DeserializeOwned + Serialize + JsonSchema>() -> Self {
        Self {
            check: |text| message::read_payload::<T>(text).map(drop),
            check_value: |value| {
                let understood: T = serde_path_to_error::deserialize(value).map_err(FieldError::from_path)?;
                objects_stay_objects(value, &understood)
            },
            schema: |generator| generator.subschema_for::<T>(),
            type_name: T::schema_name,
        }
    }
}

/// An event that a call may send before its completion, or a notice.
pub struct EventRow {
    /// Its name.
    pub name: &'static str,
    /// Its payload.
    pub payload: Shape,
}

/// One row of the table.
pub struct Call {
    /// Its name.
    pub name: &'static str,
    /// What it is for, one sentence.
    pub doc: &'static str,
    /// Who answers it.
    pub answerer: Answerer,
    /// Whether doing it twice differs from doing it once.
    pub effect: Effect,
    /// The call that undoes it at the device when the session ends.
    pub undo: Option<&'static str>,
    /// How long it may take when the client does not say, milliseconds.
    pub timeout_ms: u32,
    /// What it needs.
    pub request: Shape,
    /// The blobs that a request names: their bytes go along to the device.
    pub attachments: fn(&str) -> Vec<BlobId>,
    /// What it is answered with.
    pub reply: Shape,
    /// What may come before the answer.
    pub events: &'static [EventRow],
    /// The consent that must be recorded before.
    pub consent: Option<consent::Purpose>,
}

impl Call {
    /// The call of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        CALLS.iter().find(|call| call.name == name)
    }

    /// Its event of this name.
    pub fn event(&self, name: &str) -> Option<&'static EventRow> {
        self.events.iter().find(|event| event.name == name)
    }
}

const fn event<T: DeserializeOwned + Serialize + JsonSchema>(name: &'static str) -> EventRow {
    EventRow { name, payload: Shape::of::<T>() }
}

const fn row<Request, Reply>(name: &'static str, doc: &'static str, answerer: Answerer) -> Call
where
    Request: DeserializeOwned + Serialize + JsonSchema,
    Reply: DeserializeOwned + Serialize + JsonSchema,
{
    Call {
        name,
        doc,
        answerer,
        effect: Effect::Repeatable,
        undo: None,
        timeout_ms: 10_000,
        request: Shape::of::<Request>(),
        attachments: |_| Vec::new(),
        reply: Shape::of::<Reply>(),
        events: &[],
        consent: None,
    }
}

const fn exclusive(kind: Kind) -> Answerer {
    Answerer::Device(kind, Access::Exclusive)
}

const fn shared(kind: Kind) -> Answerer {
    Answerer::Device(kind, Access::Shared)
}

fn blobs_of<T: for<'de> Deserialize<'de>>(payload: &str, blobs: fn(&T) -> Vec<BlobId>) -> Vec<BlobId> {
    serde_json::from_str::<T>(payload).map(|request| blobs(&request)).unwrap_or_default()
}

/// All calls.
pub static CALLS: &[Call] = &[
    row::<session::Hello, session::Welcome>(
        "session.hello",
        "Begin or resume a session; the first message of every connection.",
        Answerer::Gateway,
    ),
    row::<Empty, Empty>(
        "session.end",
        "End the session: cancels its commands (they may get no completion), releases its leases, wipes its blobs.",
        Answerer::Gateway,
    ),
    Call {
        timeout_ms: 60_000,
        ..row::<session::AcquireLease, session::Lease>(
            "lease.acquire",
            "Have a device alone; waits its turn. Ends by release, by time, or when the session is gone.",
            Answerer::GatewayForDevice,
        )
    },
    row::<consent::ConsentRecord, Empty>(
        "consent.record",
        "Record that the citizen has consented to something, or has not.",
        Answerer::Gateway,
    ),
    row::<Empty, Empty>("lease.release", "Give a device back.", Answerer::GatewayForDevice),
    row::<Empty, pictures::PictureStream>(
        "pictures.start",
        "See a device's live pictures, as binary messages; ends by pictures.stop or with the session.",
        Answerer::GatewayForDevice,
    ),
    row::<Empty, Empty>("pictures.stop", "See a device's live pictures no more.", Answerer::GatewayForDevice),
    Call {
        timeout_ms: 180_000,
        events: &[event::<scanner::PageStarted>("scanner.page_started"), event::<scanner::ScannedPage>("scanner.page")],
        ..row::<scanner::ScanRequest, scanner::ScanReport>(
            "scanner.scan",
            "Scan one or more pages; each arrives as a blob that can be fetched while it grows.",
            exclusive(Kind::Scanner),
        )
    },
    row::<Empty, scanner::ScannerStatus>("scanner.status", "Ask the scanner how it is now.", shared(Kind::Scanner)),
    Call {
        effect: Effect::Once,
        timeout_ms: 60_000,
        attachments: |payload| blobs_of(payload, receipt::PrintRequest::blobs),
        events: &[event::<receipt::PrintProgress>("receipt_printer.progress")],
        ..row::<receipt::PrintRequest, receipt::PrintReport>(
            "receipt_printer.print",
            "Print one receipt; completes when the printer has confirmed it.",
            exclusive(Kind::ReceiptPrinter),
        )
    },
    row::<Empty, receipt::PrinterStatus>(
        "receipt_printer.status",
        "Ask the receipt printer how it is now.",
        shared(Kind::ReceiptPrinter),
    ),
    Call {
        timeout_ms: 15_000,
        ..row::<camera::CaptureRequest, camera::CapturedPicture>(
            "camera.capture",
            "Take one picture, as a JPEG blob.",
            exclusive(Kind::Camera),
        )
    },
    row::<camera::CameraControls, camera::CameraStatus>(
        "camera.set_controls",
        "Set focus, exposure, brightness, light.",
        exclusive(Kind::Camera),
    ),
    row::<Empty, camera::CameraStatus>("camera.status", "Ask the camera how it is now.", shared(Kind::Camera)),
    Call {
        timeout_ms: 120_000,
        ..row::<card::WaitRequest, card::CardReaderStatus>(
            "card_reader.wait",
            "Wait until a card is in, or out.",
            exclusive(Kind::CardReader),
        )
    },
    Call {
        timeout_ms: 30_000,
        ..row::<card::TransmitRequest, card::TransmitReport>(
            "card_reader.transmit",
            "Speak to the card; only where the reader's configuration allows it.",
            exclusive(Kind::CardReader),
        )
    },
    row::<Empty, card::CardReaderStatus>(
        "card_reader.status",
        "Ask the card reader how it is now.",
        shared(Kind::CardReader),
    ),
    Call {
        timeout_ms: 60_000,
        events: &[event::<identity::ChipProgress>("identity.progress")],
        ..row::<identity::ReadIdentity, identity::ChipIdentity>(
            "identity.read",
            "Read the chip of the identity card in the reader, and prove that it is genuine.",
            exclusive(Kind::CardReader),
        )
    },
    Call {
        timeout_ms: 120_000,
        ..row::<Empty, barcode::ScannedCode>(
            "barcode_reader.read",
            "Wait for one code.",
            exclusive(Kind::BarcodeReader),
        )
    },
    Call {
        timeout_ms: 600_000,
        events: &[event::<barcode::ScannedCode>("barcode_reader.scanned")],
        ..row::<barcode::ListenRequest, barcode::ListenReport>(
            "barcode_reader.listen",
            "Tell every code that is scanned, until cancelled.",
            exclusive(Kind::BarcodeReader),
        )
    },
    row::<Empty, barcode::BarcodeReaderStatus>(
        "barcode_reader.status",
        "Ask the barcode reader how it is now.",
        shared(Kind::BarcodeReader),
    ),
    Call {
        effect: Effect::Once,
        timeout_ms: 300_000,
        attachments: |payload| blobs_of(payload, page_printer::PrintDocument::blobs),
        events: &[event::<page_printer::DocumentProgress>("page_printer.progress")],
        ..row::<page_printer::PrintDocument, page_printer::DocumentReport>(
            "page_printer.print",
            "Print one document; completes when the printer says that the job is done.",
            exclusive(Kind::PagePrinter),
        )
    },
    row::<Empty, page_printer::PagePrinterStatus>(
        "page_printer.status",
        "Ask the page printer how it is now.",
        shared(Kind::PagePrinter),
    ),
    Call {
        undo: Some("qr_display.clear"),
        attachments: |payload| blobs_of(payload, qr_display::ShowRequest::blobs),
        ..row::<qr_display::ShowRequest, qr_display::QrDisplayStatus>(
            "qr_display.show",
            "Show a QR code or picture until it expires, is cleared, or the session ends.",
            exclusive(Kind::QrDisplay),
        )
    },
    row::<Empty, qr_display::QrDisplayStatus>("qr_display.clear", "Show nothing.", exclusive(Kind::QrDisplay)),
    row::<Empty, qr_display::QrDisplayStatus>(
        "qr_display.status",
        "Ask the QR display how it is now.",
        shared(Kind::QrDisplay),
    ),
    row::<Empty, ups::UpsStatus>("ups.status", "Ask the UPS how it is now.", shared(Kind::Ups)),
    Call {
        timeout_ms: 120_000,
        attachments: |payload| blobs_of(payload, |request: &ocr::ReadRequest| vec![request.blob.clone()]),
        events: &[event::<ocr::ReadProgress>("ocr.progress")],
        ..row::<ocr::ReadRequest, ocr::DocumentText>(
            "ocr.read",
            "Read the text of a scanned page: lines, words, boxes, confidence.",
            shared(Kind::DocumentReader),
        )
    },
    Call {
        timeout_ms: 60_000,
        attachments: |payload| blobs_of(payload, |request: &ocr::ReadCardAccess| vec![request.blob.clone()]),
        events: &[event::<ocr::ReadProgress>("ocr.progress")],
        ..row::<ocr::ReadCardAccess, ocr::FoundCardAccess>(
            "ocr.card_access",
            "Read off a picture of an identity card what opens its chip: the QR code or the machine readable zone.",
            shared(Kind::DocumentReader),
        )
    },
    Call {
        timeout_ms: 60_000,
        events: &[event::<face::FaceGuidance>("face.guidance")],
        consent: Some(consent::Purpose::FaceMatch),
        ..row::<face::CaptureFace, face::CapturedFace>(
            "face.capture",
            "Choose the best picture of the face before a camera, with guidance on the way; the picture stays inside.",
            Answerer::GatewayForDevice,
        )
    },
    Call {
        timeout_ms: 30_000,
        events: &[event::<face::FaceGuidance>("face.guidance")],
        consent: Some(consent::Purpose::FaceMatch),
        ..row::<face::ProveLive, face::LiveReport>(
            "face.live",
            "Ask the captured person for movements that a picture cannot make.",
            Answerer::GatewayForDevice,
        )
    },
    Call {
        consent: Some(consent::Purpose::FaceMatch),
        attachments: |payload| blobs_of(payload, |request: &face::MatchFace| vec![request.portrait.clone()]),
        ..row::<face::MatchFace, face::FaceMatch>(
            "face.match",
            "Compare the captured face with the portrait on a card.",
            shared(Kind::FaceMatcher),
        )
    },
];

/// The call by which the gateway has its worker look at a picture of the camera. Not in the table: no page can send it.
pub static LOOK: Call = Call {
    timeout_ms: 5_000,
    attachments: |payload| blobs_of(payload, |request: &face::LookRequest| vec![request.frame.clone()]),
    ..row::<face::LookRequest, face::LookReport>(
        "face.look",
        "Look at one picture of the camera.",
        exclusive(Kind::FaceMatcher),
    )
};

/// All notices.
pub static NOTICES: &[EventRow] = &[
    event::<DeviceView>("device.changed"),
    event::<session::LeaseLost>("lease.lost"),
    event::<Empty>("gateway.stopping"),
];
