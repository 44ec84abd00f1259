//! The table of all calls, on one page. Nothing speaks a message that is not in it: the gateway checks each request,
//! event and reply against its row, and the schema, the reference page and the TypeScript types are made from it.

mod row;

use crate::device::DeviceView;
use crate::device::Kind;
use crate::session::Empty;
use crate::{
    approval, barcode, camera, card, case, consent, copy, face, identity, ocr, page_printer, pictures, qr_display,
    receipt, register, scanner, session, ups,
};

pub use row::{Access, Answerer, Call, Effect, EventRow, Shape};
use row::{blobs_of, event, exclusive, row, shared};

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
    row::<case::OpenCase, case::CaseView>("case.open", "Begin a citizen's case.", shared(Kind::Signer)),
    Call {
        timeout_ms: 30_000,
        attachments: |payload| blobs_of(payload, case::AddPages::blobs),
        ..row::<case::AddPages, case::CaseView>("case.pages", "Give a case its scanned pages.", shared(Kind::Signer))
    },
    row::<case::RecogniseCase, case::CaseView>(
        "case.recognise",
        "Give a case what `ocr.read` has read on its pages in this session.",
        shared(Kind::Signer),
    ),
    Call {
        timeout_ms: 60_000,
        attachments: |payload| blobs_of(payload, case::AddPages::blobs),
        ..row::<case::AddPages, case::CaseView>(
            "case.second_scan",
            "Give a case the same pages, scanned a second time, with what `ocr.read` has read on them in this session.",
            shared(Kind::Signer),
        )
    },
    row::<case::OfCase, case::CaseView>(
        "case.identify",
        "Give a case what `identity.read` and `face.match` have shown of the person in this session.",
        shared(Kind::Signer),
    ),
    Call {
        timeout_ms: 60_000,
        ..row::<case::PrepareCase, case::CaseView>(
            "case.prepare",
            "Compose the copy and hand it to the officers.",
            shared(Kind::Signer),
        )
    },
    row::<case::OfCase, case::CaseView>("case.status", "Ask how a case is.", shared(Kind::Signer)),
    row::<case::OfCase, Empty>(
        "case.withdraw",
        "Give a case up before an officer has approved it: nothing personal is left of it.",
        shared(Kind::Signer),
    ),
    row::<case::OfCase, case::SignedCopy>("case.copy", "Fetch the signed copy and its proofs.", shared(Kind::Signer)),
    row::<case::MailCopy, case::CaseView>("case.mail", "Send the copy by e-mail.", shared(Kind::Signer)),
    Call {
        effect: Effect::Once,
        timeout_ms: 300_000,
        events: &[event::<page_printer::DocumentProgress>("page_printer.progress")],
        ..row::<case::PrintCopy, case::CaseView>(
            "case.print",
            "Print the copy on a page printer, once.",
            Answerer::GatewayForDevice,
        )
    },
    row::<Empty, approval::Challenge>("approval.challenge", "Get something to sign.", shared(Kind::Signer)),
    row::<approval::Enrol, Empty>(
        "approval.enrol",
        "Bind the key of an officer's browser to him, with the operator's one-time code.",
        shared(Kind::Signer),
    ),
    row::<approval::SignIn, approval::SignedIn>(
        "approval.sign_in",
        "Prove which officer one is.",
        shared(Kind::Signer),
    ),
    row::<approval::OfOfficer, approval::ApprovalList>(
        "approval.list",
        "List the cases that need a person.",
        shared(Kind::Signer),
    ),
    row::<approval::CaseOfOfficer, approval::ApprovalCase>(
        "approval.case",
        "See all of one case.",
        shared(Kind::Signer),
    ),
    row::<approval::Decide, approval::ApprovalRow>(
        "approval.decide",
        "Certify a copy, refuse it, or send it back; signed by the officer's key.",
        shared(Kind::Signer),
    ),
    row::<approval::Settle, case::DeliveryView>(
        "approval.settle",
        "Say what became of a print of which nobody knew.",
        shared(Kind::Signer),
    ),
    row::<register::SearchRegister, register::RegisterPage>(
        "register.search",
        "Look into the register.",
        shared(Kind::Signer),
    ),
    row::<register::CountRegister, register::RegisterCounts>(
        "register.statistics",
        "Count entries of the register by day, officer and procedure.",
        shared(Kind::Signer),
    ),
    Call {
        timeout_ms: 60_000,
        ..row::<register::ExportRegister, register::RegisterFile>(
            "register.export",
            "Export the register.",
            shared(Kind::Signer),
        )
    },
    row::<register::Revoke, register::RegisterEntry>(
        "register.revoke",
        "Withdraw a copy; signed by the officer's key.",
        shared(Kind::Signer),
    ),
    row::<copy::VerifyCode, copy::VerifiedCode>(
        "copy.verify",
        "Ask the register about a verification code.",
        shared(Kind::Signer),
    ),
    row::<copy::FetchCopy, case::SignedCopy>(
        "copy.fetch",
        "Fetch a copy again, by its code and its holder's citizen number.",
        shared(Kind::Signer),
    ),
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

/// By which the gateway asks for what `case.print` prints, and notes it as begun. Not in the table: no page can send it.
pub static PRINT_STARTED: Call =
    row::<case::PrintCopy, case::PrintJob>("case.print_started", "A print is about to begin.", shared(Kind::Signer));

/// By which the gateway notes what became of it, and that a file was taken. Not in the table either.
pub static DELIVERY_ENDED: Call =
    row::<case::DeliveryEnded, case::CaseView>("case.delivery_ended", "A delivery is over.", shared(Kind::Signer));

/// By which the gateway asks the register about a file that was handed in. Not in the table either: the file itself is what one
/// hands in.
pub static VERIFY_FILE: Call = row::<copy::VerifyFile, copy::VerifiedCode>(
    "copy.verify_file",
    "Ask the register about a file.",
    shared(Kind::Signer),
);

/// All notices.
pub static NOTICES: &[EventRow] = &[
    event::<DeviceView>("device.changed"),
    event::<session::LeaseLost>("lease.lost"),
    event::<Empty>("gateway.stopping"),
];
