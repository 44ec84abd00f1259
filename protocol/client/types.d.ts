// Made from the Rust types of kiosk-protocol; do not edit.

/** `lease.acquire`: have a device alone. */
export type AcquireLease = {
  /** How long, milliseconds; acquiring it again extends it. 1 second to 15 minutes. */
  ttl_ms?: number;
};

/**
 * `case.pages`: the scanned pages, all of them, in order. Again after an officer has sent the case back.
 * 
 * `case.second_scan`: the same pages, scanned again and read (`ocr.read`) in this session, as many and in the same order. Good
 * from `case.recognise` until `case.prepare`, and when an officer has sent the case back to ask for it.
 */
export type AddPages = {
  /** Which case. */
  case: CaseName;
  /** The pages, 1 to 60. */
  pages: CasePage[];
};

/** The state of the document feeder. */
export type AdfState = "loaded" | "empty" | "jam" | "cover_open" | "fault";

/** Where a line or picture stands on the paper. */
export type Align = "left" | "center" | "right";

/** The reply to `approval.case`. */
export type ApprovalCase = {
  /** The hash of all that is certified and was looked at, hexadecimal digits: what the decision names. */
  content?: string | null;
  /** The copy, once it is signed. */
  copy?: CopyView | null;
  /** Its deliveries. */
  deliveries: DeliveryView[];
  /** What an officer should look at more closely. */
  doubts: ApprovalDoubt[];
  /** The person. */
  identity?: IdentityEvidence | null;
  /** The scanned pages, in order. */
  pages: FileBlob[];
  /** The copy as it will be, without number and code, PDF; absent before it is composed. */
  preview?: FileBlob | null;
  /** What was read on each page: an `ocr.read` reply ([`crate::ocr::DocumentText`]), JSON. */
  readings: FileBlob[];
  /** The row of the list. */
  row: ApprovalRow;
  /** The same pages, scanned a second time. */
  second?: SecondScan | null;
};

/** What an officer decides. */
export type ApprovalDecision = "approve" | "refuse" | "send_back";

/** What an officer should look at more closely. */
export type ApprovalDoubt = {
  /** How sure, 0 to 1. */
  confidence: number;
  kind: "line";
  /** Which line of its reading, from 0. */
  line: number;
  /** Which page, from 1. */
  page: number;
} | {
  kind: "nothing_read";
  /** Which page, from 1. */
  page: number;
} | {
  kind: "chip";
} | {
  kind: "expired";
} | {
  kind: "face";
};

/** The reply to `approval.list`: the cases that need a person, the oldest first; at most 200. */
export type ApprovalList = {
  /** The cases. */
  cases: ApprovalRow[];
};

/** One case in the list. */
export type ApprovalRow = {
  /** Who has approved it already, of those that are needed. */
  approved_by: string[];
  /** Which. */
  case: CaseName;
  /** When it last went on, milliseconds since 1970. */
  changed_ms: number;
  /** This officer may decide it (procedure, and not approved by himself already). */
  may_decide: boolean;
  /** When it was opened, milliseconds since 1970. */
  opened_ms: number;
  /** For which procedure. */
  procedure: string;
  /** Where it is. */
  state: CaseState;
  /** What it waits for. */
  waits_for?: WaitsFor | null;
};

/** How a barcode reader is connected. */
export type BarcodeInterface = "hid_pos" | "keyboard" | "serial";

/** What a barcode reader can do. */
export type BarcodeReaderCapabilities = {
  /** How it is connected. */
  interface: BarcodeInterface;
  /** It tells the kind of code. */
  symbology: boolean;
};

/** How a barcode reader is. */
export type BarcodeReaderStatus = {
  /** Somebody waits for a code. */
  listening: boolean;
};

/**
 * The name of a blob.
 * 
 * Between front end and gateway it is a random 128-bit id (32 hex digits) that is good for one session only. On the
 * seam a child chooses its own short names for the blobs it makes, and the gateway puts the random id in their place.
 */
export type BlobId = string;

/** What a camera can do. */
export type CameraCapabilities = {
  /** The size of its live pictures. */
  preview: CameraSize;
  /** Its sizes, smallest first. */
  sizes: CameraSize[];
};

/**
 * What can be set on a camera, each from 0 to 1000 of what the device can (so that a page need not know the maker's
 * numbers). Absent: left as it is. A control that the device does not have is refused with `unsupported`.
 */
export type CameraControls = {
  /** The camera exposes by itself. */
  auto_exposure?: boolean | null;
  /** The camera focuses by itself. */
  autofocus?: boolean | null;
  /** Brightness, 0 to 1000. */
  brightness?: number | null;
  /** Exposure time, 0 (shortest) to 1000 (longest); switches the automatic off. */
  exposure?: number | null;
  /** Focus, 0 (its lowest value) to 1000; switches the automatic off. */
  focus?: number | null;
  /** The camera's own light, 0 (off) to 1000. */
  light?: number | null;
};

/** A size that a camera offers. */
export type CameraSize = {
  /** Most pictures a second at this size; absent where the device does not tell. */
  fps?: number | null;
  /** Height, pixels. */
  height: number;
  /** The device makes JPEG itself at this size: its bytes pass through unchanged. */
  jpeg: boolean;
  /** Width, pixels. */
  width: number;
};

/** How a camera is. */
export type CameraStatus = {
  /** The controls as they are; those that the device does not have are absent. */
  controls: CameraControls;
  /** It sends pictures at this moment, because somebody looks. */
  streaming: boolean;
};

/** Give up a command. It still gets its completion, usually `cancelled`. */
export type Cancel = {
  /** The command's number. */
  id: number;
  type: "cancel";
};

/**
 * `face.capture`: choose the best picture of the one face before the camera, with guidance on the way. The picture stays
 * in the worker. Needs consent to `face_match`. The command's `device` names the camera.
 */
export type CaptureFace = Record<string, never>;

/** The name of a face that was captured, random, good in its session only. */
export type CaptureId = string;

/**
 * `camera.capture`: take one picture, as a JPEG blob; a camera that makes JPEG itself has it passed on byte for byte.
 * 
 * The picture is one that was taken after the command arrived, never an old one from a buffer.
 */
export type CaptureRequest = {
  /** The height, pixels. */
  height?: number | null;
  /** The width, pixels; one of the sizes in the capabilities. Absent, with the height: the largest. */
  width?: number | null;
};

/** The reply to `face.capture`. */
export type CapturedFace = {
  /** Its name, for `face.live` and `face.match`. */
  capture: CaptureId;
  /** What speaks against a living face. */
  doubts: Doubt[];
  /** How good the chosen picture is. */
  quality: FaceQuality;
};

/** The reply to `camera.capture`. */
export type CapturedPicture = {
  /** The picture, `image/jpeg`. */
  blob: BlobId;
  /** Its length, bytes. */
  bytes: number;
  /** Its height, pixels. */
  height: number;
  /** Its width, pixels. */
  width: number;
};

/** What opens a card; one of these. */
export type CardAccess = {
  can: PersonalText;
} | {
  mrz: PersonalText;
} | {
  printed: PrintedAccess;
} | {
  qr: PersonalText;
};

/** What the chip says of the card. */
export type CardDocument = {
  /** YYYY-MM-DD; absent if it never expires. */
  date_of_expiry?: PersonalText | null;
  /** YYYY-MM-DD; absent if the card does not say it. */
  date_of_issue?: PersonalText | null;
  /** It has expired, by the kiosk's clock. */
  expired: boolean;
  /** Three letters. */
  issuing_state: PersonalText;
  /** The number in the machine readable zone. */
  number: PersonalText;
};

/** What the chip says of its holder. Texts that the card does not have are absent. */
export type CardHolder = {
  /** The citizen's number of a Vietnamese card, twelve digits. */
  citizen_number?: PersonalText | null;
  /** YYYY-MM-DD; parts that are not known are left out from behind. */
  date_of_birth: PersonalText;
  /** The whole name: with its marks where the card has them, else in the 26 letters of the machine readable zone. */
  full_name: PersonalText;
  /** The given names as in the machine readable zone. */
  given_names: PersonalText;
  /** Three letters. */
  nationality: PersonalText;
  /** Where the family comes from. */
  place_of_origin?: PersonalText | null;
  /** Where the holder lives. */
  place_of_residence?: PersonalText | null;
  /** `M`, `F` or absent. */
  sex?: PersonalText | null;
  /** The surname as in the machine readable zone. */
  surname: PersonalText;
};

/** What to wait for. */
export type CardMove = "inserted" | "removed";

/** What a card reader can do. */
export type CardReaderCapabilities = {
  /**
   * How many signing authorities of identity cards (CSCA) the operator trusts here; without any, no card is proven
   * genuine.
   */
  authorities?: number | null;
  /** `card_reader.transmit` is allowed by the configuration. */
  transmit: boolean;
};

/** How a card reader is. */
export type CardReaderStatus = {
  /** The card's answer to reset, hexadecimal digits (ISO 7816-3, 8.2): which kind of card it is, not whose. */
  atr?: string | null;
  /** What is in the slot. */
  card: CardState;
};

/** What is in the slot. */
export type CardState = "absent" | "present" | "mute" | "in_use";

/** The name of a case: 32 random hexadecimal digits. */
export type CaseName = string;

/** `approval.case`: all of one case. */
export type CaseOfOfficer = {
  /** Which. */
  case: CaseName;
  /** From `approval.sign_in`. */
  pass: Pass;
};

/** One scanned page. */
export type CasePage = {
  /** Its picture, a JPEG or PNG blob of this session. */
  image: BlobId;
  /** Dots per inch that it was scanned with: 200 or more. */
  resolution_dpi: number;
};

/** Where a case is. */
export type CaseState = "opened" | "captured" | "recognised" | "identified" | "prepared" | "awaiting_officer" | "approved" | "refused" | "sent_back" | "numbered" | "logged" | "signed" | "delivered" | "stored";

/** A case as the kiosk sees it. */
export type CaseView = {
  /** Which. */
  case: CaseName;
  /** When it last went on, milliseconds since 1970. */
  changed_ms: number;
  /** The copy, once it is signed. */
  copy?: CopyView | null;
  /** Its deliveries, the oldest first. */
  deliveries?: DeliveryView[];
  /** When it was opened, milliseconds since 1970. */
  opened_ms: number;
  /** The officer's reason, if he refused it or sent it back. */
  reason?: Reason | null;
  /** Its copy was withdrawn, signed or not: it is not handed out (any more). */
  revoked?: boolean;
  /** Whether the pages are to be scanned a second time, or were. */
  second_scan?: SecondScanState | null;
  /** Where it is. */
  state: CaseState;
  /** What it waits for, if it waits. */
  waits_for?: WaitsFor | null;
};

/** The reply to `approval.challenge`: to be signed within two minutes, once. */
export type Challenge = {
  /** 32 random hexadecimal digits. */
  nonce: string;
};

/** The reply to `identity.read`. Look at `verdict` before believing any of it. */
export type ChipIdentity = {
  /** The card. */
  document: CardDocument;
  /** Its holder. */
  holder: CardHolder;
  /** How the chip was opened. */
  opened: ChipOpened;
  /** The portrait; absent if it cannot be read. */
  portrait?: ChipPortrait | null;
  /** The proofs. */
  proofs: ChipProofs;
  /** The data groups that the chip has and does not give, or that cannot be read. */
  unread_groups?: number[];
  /** What the proofs come to. */
  verdict: ChipVerdict;
};

/** How a chip was opened. */
export type ChipOpened = "pace" | "bac";

/** The portrait on the chip. */
export type ChipPortrait = {
  /** The picture, as JPEG: as it is on the chip, or made from a JPEG 2000. */
  blob: BlobId;
  /** Height, pixels. */
  height_px: number;
  /** Width, pixels. */
  width_px: number;
};

/** `identity.progress`: how far the reading is. */
export type ChipProgress = {
  /** Which file is being read, for example `DG2`. */
  file?: string | null;
  /** Bytes of the file that are here. */
  got_bytes: number;
  /** The step. */
  stage: ChipStage;
  /** Bytes of the file in all; 0 while no file is being read. */
  total_bytes: number;
};

/** One proof. */
export type ChipProof = {
  /** Why it failed or was not possible, or what else the officer should know of it, in English. */
  reason?: string | null;
  /** What came of it. */
  result: ProofResult;
};

/** The three proofs. */
export type ChipProofs = {
  /** Active authentication: the chip signs with a key that cannot be copied. */
  active: ChipProof;
  /** Chip authentication: the chip agrees on keys with such a key. */
  chip: ChipProof;
  /** Passive authentication: the data is what the state signed. */
  passive: ChipProof;
};

/** The steps of reading a chip. */
export type ChipStage = "opened" | "reading";

/** What the three proofs come to. */
export type ChipVerdict = "genuine" | "may_be_copy" | "copy" | "unproven" | "forged";

/** How colours are kept. */
export type ColorMode = "color" | "gray";

/** Ask for something. */
export type Command = {
  /** Which device; may be left out where there is only one of the kind. */
  device?: DeviceId | null;
  /** The client's number for it. The same command sent twice with the same number (after a reconnect) is done once. */
  id: number;
  /**
   * Idempotency key: 8 to 64 characters, chosen at random by the client. The same key within 10 minutes is the same
   * command: it is not done again, its result is given again. Required for calls with a side effect, refused for
   * others.
   */
  key?: string | null;
  /** One of the calls, for example `scanner.scan`. */
  name: string;
  /** What the call needs; absent is the same as `{}`. */
  payload?: unknown;
  /**
   * The answer is wanted within this time, milliseconds (100 to 600,000); absent: the call's usual time. What the signer has
   * begun (`case.*`, `approval.*`, `register.*`, `copy.*`) it ends all the same: ask for the case's status.
   */
  timeout_ms?: number | null;
};

/** The one outcome of a print that succeeded. */
export type Confirmed = "printed";

/**
 * `consent.record`: what the citizen answered to a text on the screen. It holds for this session, until it is recorded
 * otherwise; the gateway notes purpose, text, language, time and session, and nothing of the citizen.
 */
export type ConsentRecord = {
  /** `false`: refused, or withdrawn. The way at the counter must be open then. */
  given: boolean;
  /** The language it was shown in, for example `vi`: 2 to 8 letters and `-`. */
  language: string;
  /** What was asked for. */
  purpose: Purpose;
  /** Which text was shown, for example `face-2026-11`: 1 to 64 letters, digits, `.`, `-` and `_`. */
  text_version: string;
};

/** In which languages a copy is certified. */
export type CopyLanguage = "vi" | "vi_en";

/** Whether a copy holds. */
export type CopyStanding = "valid" | "revoked" | "not_signed_yet";

/** What there is of a signed copy. The code lets anybody look the copy up: it is for the citizen only. */
export type CopyView = {
  /** Its verification code, as it is to be typed. */
  code: PersonalText;
  /** SHA-256 of the file, hexadecimal digits. */
  file_sha256: string;
  /** The PAdES level that its signatures have. */
  level: SignatureLevel;
  /** Its number in the register, such as `1834/2026-SCTĐT/BS`. */
  number: string;
  /** Pages of the paper. */
  pages: number;
  /** What the QR code on the copy says. */
  qr: PersonalText;
  /** The address where it is typed. */
  url: string;
};

/** `register.statistics`: how many entries of each day, officer and procedure. */
export type CountRegister = {
  /** Not before this time, milliseconds since 1970. */
  from_ms: number;
  /** From `approval.sign_in`. */
  pass: Pass;
  /** Before this time, milliseconds since 1970. */
  until_ms: number;
};

/** The cover. */
export type Cover = "closed" | "open" | "unknown";

/** What happens at the end of a receipt. */
export type Cut = "partial" | "full" | "none";

/** `approval.decide`: certify, refuse, or send back. */
export type Decide = {
  /** Which case. */
  case: CaseName;
  /** The `content` of `approval.case`: what the officer has seen. */
  content: string;
  /** What is decided. */
  decision: ApprovalDecision;
  /** From `approval.sign_in`. */
  pass: Pass;
  /** Why; needed unless it is approved. */
  reason?: Reason | null;
  /** Over [`Decide::statement`]. */
  signature: string;
};

/** What a match comes to. */
export type Decision = "match" | "review" | "no_match";

/** How a copy goes out. */
export type DeliveryChannel = "print" | "mail" | "download";

/** Where a delivery is. */
export type DeliveryState = "queued" | "started" | "done" | "not_done" | "unknown";

/** A delivery of a copy. */
export type DeliveryView = {
  /** How often it was tried. */
  attempts: number;
  /** How it goes out. */
  channel: DeliveryChannel;
  /** Its number. */
  delivery: number;
  /** It is a reprint. */
  reprint: boolean;
  /** Where it is. */
  state: DeliveryState;
};

/**
 * The name that the kiosk's configuration gives a device, for example `scanner` or `printer-left`.
 * Lower-case letters, digits, `-` and `_`, at most 32 characters.
 */
export type DeviceId = string;

/** The states of a device, as its supervisor sees them. */
export type DeviceState = "absent" | "starting" | "ready" | "busy" | "stale" | "backoff" | "held" | "stopping";

/** One device as it is now. */
export type DeviceView = {
  /** Its name. */
  device: DeviceId;
  /** The driver that serves it. */
  driver: string;
  /** What it says it is; absent until it was ready once. */
  identity?: Identity | null;
  /** Why it is not ready, where it is not. */
  problem?: ErrorBody | null;
  /** The state of device and driver. */
  state: DeviceState;
} & ({
  /** What it can do. */
  capabilities?: ScannerCapabilities | null;
  kind: "scanner";
  /** How it is. */
  status?: ScannerStatus | null;
} | {
  /** What it can do. */
  capabilities?: CameraCapabilities | null;
  kind: "camera";
  /** How it is. */
  status?: CameraStatus | null;
} | {
  /** What it can do. */
  capabilities?: CardReaderCapabilities | null;
  kind: "card_reader";
  /** How it is. */
  status?: CardReaderStatus | null;
} | {
  /** What it can do. */
  capabilities?: BarcodeReaderCapabilities | null;
  kind: "barcode_reader";
  /** How it is. */
  status?: BarcodeReaderStatus | null;
} | {
  /** What it can do. */
  capabilities?: PrinterCapabilities | null;
  kind: "receipt_printer";
  /** How it is. */
  status?: PrinterStatus | null;
} | {
  /** What it can do. */
  capabilities?: PagePrinterCapabilities | null;
  kind: "page_printer";
  /** How it is. */
  status?: PagePrinterStatus | null;
} | {
  /** What it can do. */
  capabilities?: QrDisplayCapabilities | null;
  kind: "qr_display";
  /** How it is. */
  status?: QrDisplayStatus | null;
} | {
  /** What it can do. */
  capabilities?: UpsCapabilities | null;
  kind: "ups";
  /** How it is. */
  status?: UpsStatus | null;
} | {
  /** What it can do. */
  capabilities?: ReaderCapabilities | null;
  kind: "document_reader";
  /** How it is. */
  status?: ReaderStatus | null;
} | {
  /** What it can do. */
  capabilities?: FaceMatcherCapabilities | null;
  kind: "face_matcher";
  /** How it is. */
  status?: FaceMatcherStatus | null;
} | {
  /** What it can do. */
  capabilities?: SignerCapabilities | null;
  kind: "signer";
  /** How it is. */
  status?: SignerStatus | null;
});

/** How a picture's greys become black dots. */
export type Dither = "diffusion" | "threshold";

/** The steps of a print. */
export type DocumentPhase = "preparing" | "sending" | "waiting" | "printing" | "stopped";

/** `page_printer.progress`: how far a print is. */
export type DocumentProgress = {
  /** Why the printer stopped. */
  conditions?: PagePrinterCondition[];
  /** Sides of paper done so far, all copies together, where the printer counts them. */
  impressions?: number | null;
  /** The step. */
  phase: DocumentPhase;
};

/** The reply to `page_printer.print`. */
export type DocumentReport = {
  /** Sides of paper, all copies together, where the printer counts them. */
  impressions?: number | null;
  /** Always `printed`: everything else is an error, whose `outcome` tells. */
  outcome: PrintOutcome;
};

/** The reply to `ocr.read`: the text of a page in reading order. A blank page has no lines. */
export type DocumentText = {
  /** Height of the page, pixels. */
  height_px: number;
  /** The lines, top to bottom; what stands side by side goes from left to right. */
  lines: TextLine[];
  /** Width of the page, pixels. */
  width_px: number;
};

/** What speaks against a living face in a picture. That nothing does proves nothing: ask for `face.live`. */
export type Doubt = "pattern";

/** One element of a receipt, from top to bottom. */
export type Element = {
  /** Where it stands. */
  align?: Align;
  /** How large. */
  size?: TextSize;
  /** The text, any language that the font has (Vietnamese in full). At most 4,000 characters. */
  text: string;
  type: "text";
  /** How thick. */
  weight?: Weight;
} | {
  /** At the left edge. */
  left: string;
  /** At the right edge. */
  right: string;
  /** How large. */
  size?: TextSize;
  type: "columns";
  /** How thick. */
  weight?: Weight;
} | {
  /** What it looks like. */
  style?: RuleStyle;
  type: "rule";
} | {
  /** Where it stands. */
  align?: Align;
  /** What it says: at most 1,000 bytes of UTF-8. */
  data: string;
  type: "qr";
  /** Width of the code, millimetres, rounded down to whole dots per module. */
  width_mm?: number;
} | {
  /** Where it stands. */
  align?: Align;
  /** The picture, a blob of this session. */
  blob: BlobId;
  /** How greys become dots. */
  dither?: Dither;
  type: "image";
  /** Width on paper, millimetres; absent: its own size, at most the paper's width. */
  width_mm?: number | null;
} | {
  /** Height, millimetres. */
  height_mm: number;
  type: "space";
};

/** No fields. */
export type Empty = Record<string, never>;

/** `approval.enrol`: bind a browser's new key to an officer, with the one-time code of the operator. */
export type Enrol = {
  /** The one-time code, from `kiosk-signer invite`. */
  invitation: PersonalText;
  /** From `approval.challenge`. */
  nonce: string;
  /** Who, as the configuration calls him. */
  officer: string;
  /** The public key: the uncompressed point, 65 bytes, base64url without padding. */
  public_key: string;
  /** Over [`Enrol::statement`], by this key. */
  signature: string;
};

/** A failure as the front end gets it: the driver's report plus words that can be shown to a citizen. */
export type ErrorBody = {
  /** The kind of failure. */
  code: ErrorCode;
  /** What happened, with the limit and the next step, in English, for the developer or technician. No personal data. */
  detail: string;
  /** The device's own code, for the service technician. */
  device_code?: string | null;
  /** Of an invalid request only: the path of the field, for example `payload.resolution_dpi`. */
  field?: string | null;
  /** For the citizen. */
  message: Localized;
  /** Of a print only: what became of it. */
  outcome?: PrintOutcome | null;
  /** Whether the command may be sent again. */
  retry: Retry;
};

/** The kinds of failure. A front end decides by this alone what to show and what to offer next. */
export type ErrorCode = "invalid_request" | "unknown_call" | "unknown_device" | "not_found" | "not_permitted" | "busy" | "device_absent" | "device_silent" | "device_fault" | "driver_fault" | "driver_held" | "unsupported" | "no_document" | "jam" | "cover_open" | "paper_out" | "cutter_fault" | "toner_out" | "no_card" | "card_removed" | "card_fault" | "wrong_access_data" | "unreadable" | "too_large" | "timeout" | "cancelled" | "shutting_down" | "internal";

/** Files of an export. */
export type ExportFormat = "csv" | "json_lines";

/** `register.export`: all entries of a time as a file. */
export type ExportRegister = {
  /** As which file. */
  format?: ExportFormat;
  /** Not before this time, milliseconds since 1970. */
  from_ms: number;
  /** From `approval.sign_in`. */
  pass: Pass;
  /** Before this time, milliseconds since 1970. */
  until_ms: number;
};

/** Where the face is, as parts of the picture's width and height, from its top left corner. */
export type FaceBox = {
  /** Height. */
  height: number;
  /** Width. */
  width: number;
  /** Left edge. */
  x: number;
  /** Upper edge. */
  y: number;
};

/** `face.guidance`: what to tell the person now. */
export type FaceGuidance = {
  /** Where the face is. */
  face?: FaceBox | null;
  /** What to tell. */
  guidance: Guidance;
  /** How far it is, 0 to 1. */
  progress: number;
};

/** The reply to `face.match`. */
export type FaceMatch = {
  /** How near the faces are. */
  band: ScoreBand;
  /** What it comes to. */
  decision: Decision;
  /** `face.live` has proven for this capture that a person stood there. */
  live: boolean;
  /** Which models compared them: names and hashes. */
  models: string;
  /** How good the portrait is. */
  portrait_quality: FaceQuality;
  /** Which thresholds it was judged by: version and hash. */
  thresholds: string;
};

/** What the worker can do. */
export type FaceMatcherCapabilities = {
  /** The models: names and hashes. */
  models: string;
  /** The thresholds: version and hash. */
  thresholds: string;
};

/** How the worker is locked in. */
export type FaceMatcherStatus = {
  /** What its sandbox denies, for example `landlock` and `seccomp`. */
  sandbox: string[];
};

/** How good a picture of a face is, in the terms of ISO/IEC 29794-5. */
export type FaceQuality = {
  /** Mean brightness of the face, 0 (black) to 1 (white). */
  brightness: number;
  /** Spread of the brightness of the face, 0 to 1. */
  contrast: number;
  /**
   * How far the eyes are open, 0 (shut) to 1; narrow ones count as half shut. Absent if nobody looked at them: the picture
   * was not good enough before.
   */
  eyes_open?: number | null;
  /** From eye to eye, pixels. */
  inter_eye_px: number;
  /** The head raised (positive) or lowered, degrees, as the landmarks let one guess. */
  pitch_deg: number;
  /** The head tilted to its own left (positive) or right shoulder, degrees. */
  roll_deg: number;
  /** Sharpness of the face, 0 to 1. */
  sharpness: number;
  /** How sure the detector is that it sees a whole face, 0 to 1; less where it is covered. */
  visibility: number;
  /** The head turned to its own left (positive) or right, degrees, as the landmarks let one guess. */
  yaw_deg: number;
};

/** `copy.fetch`: get the file again, by its code and the proof that one is its holder. */
export type FetchCopy = {
  /** All twelve digits of the holder's citizen number. */
  citizen_number: PersonalText;
  /** The code, as it was typed or scanned. */
  code: PersonalText;
};

/** A file as a blob. */
export type FileBlob = {
  /** The blob. */
  blob: BlobId;
  /** Its length. */
  bytes: number;
  /** Its media type. */
  media_type: string;
};

/** The reply to `ocr.card_access`. */
export type FoundCardAccess = {
  /**
   * For `identity.read`. A machine readable zone only if all its check digits are right, a QR code only if it is one of
   * a Vietnamese identity card. Absent if the picture shows neither: ask for another one.
   */
  access?: CardAccess | null;
};

/** What to tell the person. */
export type Guidance = "no_picture" | "no_face" | "several_faces" | "closer" | "farther" | "to_middle" | "look_here" | "head_upright" | "too_dark" | "too_bright" | "hold_still" | "uncover" | "open_eyes" | "turn_left" | "turn_right" | "stay";

/**
 * `session.hello`: the first message of every connection, within 5 seconds.
 * 
 * Fields that this version does not know are passed over, so that a newer client can offer a range of versions.
 */
export type Hello = {
  /** The client, for the log. */
  client: Program;
  /** Go on with an earlier session; absent: begin a new one. */
  resume?: Resume | null;
  /** The versions that the client speaks. */
  versions: VersionRange;
};

/** What the device says it is. Fields it does not tell are absent. */
export type Identity = {
  /** Its firmware version. */
  firmware?: string | null;
  /** Who made it. */
  maker?: string | null;
  /** Which model. */
  model?: string | null;
  /** Its serial number. */
  serial?: string | null;
};

/** What the gateway has seen of a person in a session; it goes to the signer with `case.identify`. */
export type IdentityEvidence = {
  /** What `face.match` has given for the portrait of this very reading. */
  face?: FaceMatch | null;
  /** What `identity.read` has given, without the portrait. */
  identity: ChipIdentity;
};

/** A language that can be read. */
export type Language = "vi" | "en";

/** The reply to `lease.acquire`, when the device is the session's alone. Waits in a queue until then (at most `timeout_ms`). */
export type Lease = {
  /** The device. */
  device: DeviceId;
  /** When it ends unless it is extended, milliseconds from now. */
  ttl_ms: number;
};

/** Notice `lease.lost`: a lease ended without being released. */
export type LeaseLost = {
  /** The device. */
  device: DeviceId;
};

/** The limits that the gateway keeps. */
export type Limits = {
  /** Most commands in flight in one session. */
  in_flight: number;
  /** How long leases survive a broken connection, milliseconds. */
  lease_grace_ms: number;
  /** Longest message from the client, bytes. */
  message_bytes: number;
  /** How long a session waits for its client to come back, milliseconds. */
  resume_window_ms: number;
};

/** The reply to `barcode_reader.listen`, when there were enough. */
export type ListenReport = {
  /** How many codes were told. */
  codes: number;
};

/**
 * `barcode_reader.listen`: tell every code that is scanned, until the command is cancelled, its time is over, or there
 * were enough.
 */
export type ListenRequest = {
  /** Stop after so many codes, 1 to 10,000. */
  max_codes?: number;
};

/** The reply to `face.live`. */
export type LiveReport = {
  /** All movements were made, by the person who was captured. */
  live: boolean;
  /** Why not. */
  reason?: NotLive | null;
};

/** The same sentence in the languages of the kiosk. */
export type Localized = {
  /** English. */
  en: string;
  /** Vietnamese. */
  vi: string;
};

/** `case.mail`: send the copy by e-mail. */
export type MailCopy = {
  /** To whom. */
  address: PersonalText;
  /** Which case. */
  case: CaseName;
};

/** `face.match`: is it the same person on the portrait as before the camera? */
export type MatchFace = {
  /** The face, from `face.capture`. */
  capture: CaptureId;
  /** The portrait, a JPEG or PNG blob of this session, as from `identity.read`. */
  portrait: BlobId;
};

/** Why a person was not proven to be there. */
export type NotLive = "not_moved" | "face_changed";

/** A call about one case. */
export type OfCase = {
  /** Which. */
  case: CaseName;
};

/** A call of an officer. */
export type OfOfficer = {
  /** From `approval.sign_in`. */
  pass: Pass;
};

/** `case.open`: begin a case. */
export type OpenCase = {
  /** In which languages it is certified. */
  language?: CopyLanguage;
  /** Which procedure it is for, one of the signer's `procedures`. */
  procedure: string;
};

/** What a page printer is doing. */
export type PagePrinterActivity = "idle" | "printing" | "stopped";

/** What a page printer can do. */
export type PagePrinterCapabilities = {
  /** It prints in colour. */
  color: boolean;
  /** Most copies of one job. */
  max_copies: number;
  /** It takes PDF as it is; otherwise the driver draws the pages. */
  pdf: boolean;
  /** The ways to use the sides of a sheet. */
  sides: Sides[];
  /** Its trays. */
  trays: string[];
};

/** What is wrong with a page printer, or will be soon. */
export type PagePrinterCondition = "paper_out" | "paper_low" | "jam" | "cover_open" | "toner_out" | "toner_low" | "tray_missing" | "output_full" | "paused" | "other";

/** How a page printer is. */
export type PagePrinterStatus = {
  /** What it is doing. */
  activity: PagePrinterActivity;
  /** What is wrong, each once. */
  conditions: PagePrinterCondition[];
  /** What it uses up. */
  supplies?: Supply[];
};

/** `scanner.page_started`: the page's blob can be fetched already; it grows while the scanner sends. */
export type PageStarted = {
  /** The blob that is being filled. */
  blob: BlobId;
  /** Its media type. */
  media_type: string;
  /** Page number in this scan, from 1. */
  page: number;
};

/** The paper. */
export type Paper = "ok" | "low" | "out" | "unknown";

/**
 * What lets an officer look; good for eight hours, and until the signer is started anew. It decides nothing: each decision is
 * signed.
 */
export type Pass = string;

/** A string that may hold personal data (recognised text, names, numbers). */
export type PersonalText = string;

/** The reply to `pictures.start`. */
export type PictureStream = {
  /** The number that the stream's binary messages begin with. */
  stream: number;
};

/** A point on the page, pixels from the top left corner. */
export type Point = {
  /** To the right. */
  x: number;
  /** Down. */
  y: number;
};

/** Where the power comes from. */
export type PowerSource = "mains" | "battery" | "unknown";

/** `case.prepare`: compose the copy and hand it to the officers. */
export type PrepareCase = {
  /** Which case. */
  case: CaseName;
};

/**
 * `case.print`: print the copy on a page printer, once. If nobody can tell whether it was printed, an officer settles that;
 * it is never printed again silently.
 */
export type PrintCopy = {
  /** Which case. */
  case: CaseName;
  /** A reprint, which an officer has to permit. It is noted as one, and says on the paper that it is. */
  reprint?: Reprint | null;
};

/** `page_printer.print`: print one document; completes when the printer says that the job is done. */
export type PrintDocument = {
  /** In colour, where the printer has it. */
  color?: boolean;
  /** How many times, 1 to 99. */
  copies?: number;
  /** The document, a blob of this session: PDF, or one page as JPEG. At most 64 MiB. */
  document: BlobId;
  /** On which sides. */
  sides?: Sides;
  /** The tray, one of the capabilities' `trays`; absent: the printer chooses. */
  tray?: string | null;
};

/** What became of a print, as far as anybody can tell. A success is only claimed when the printer confirmed it. */
export type PrintOutcome = "printed" | "not_printed" | "unknown";

/** `receipt_printer.progress`: how much of the receipt the printer has taken. */
export type PrintProgress = {
  /** Bytes that the printer has taken. */
  sent_bytes: number;
  /** Bytes in all. */
  total_bytes: number;
};

/** The reply to `receipt_printer.print`. A print that was not confirmed is an error whose `outcome` tells what is known. */
export type PrintReport = {
  /** Length of the receipt, millimetres. */
  length_mm: number;
  /** Always `printed`: a reply that says anything else is a fault of the driver. */
  outcome: Confirmed;
  /** How the printer is afterwards. */
  status: PrinterStatus;
};

/** `receipt_printer.print`: one receipt. Needs an idempotency key. */
export type PrintRequest = {
  /** What happens at the end. */
  cut?: Cut;
  /** From top to bottom; 1 to 200 elements. */
  elements: Element[];
};

/** What is printed on a document. */
export type PrintedAccess = {
  /** YYMMDD or YYYY-MM-DD. */
  date_of_birth: PersonalText;
  /** YYMMDD or YYYY-MM-DD; `991231` of a card that never expires. */
  date_of_expiry: PersonalText;
  /**
   * The document's number in the machine readable zone. Of a Vietnamese identity card also all twelve digits of the
   * citizen's number.
   */
  document_number: PersonalText;
};

/** What a receipt printer can do. */
export type PrinterCapabilities = {
  /** The ways it can end a receipt. */
  cuts: Cut[];
  /** Dots per inch, both ways. */
  resolution_dpi: number;
  /** Printable width, dots. */
  width_dots: number;
};

/** A fault that the printer reports. */
export type PrinterFault = "cutter" | "recoverable" | "unrecoverable";

/** How a receipt printer is. */
export type PrinterStatus = {
  /** The cover. */
  cover: Cover;
  /** A fault, if there is one. */
  fault?: PrinterFault | null;
  /** It takes data, as far as it says; a printer that answers nothing is taken to. */
  online: boolean;
  /** The paper. */
  paper: Paper;
};

/** A program and its version. */
export type Program = {
  /** Its name, at most 64 characters. */
  name: string;
  /** Its version, at most 64 characters. */
  version: string;
};

/** What came of a proof. */
export type ProofResult = "passed" | "failed" | "not_offered" | "not_possible";

/**
 * `face.live`: ask the person for movements that a picture cannot make, and see that it is the person who was captured.
 * Which movements, and in which order, the gateway chooses by chance.
 */
export type ProveLive = {
  /** The face, from `face.capture`. */
  capture: CaptureId;
};

/** What consent is for. */
export type Purpose = "face_match";

/** What is to be shown. */
export type QrContent = {
  /** The text, 1 to 1,000 bytes of UTF-8. */
  text: PersonalText;
  type: "text";
} | {
  /** The account, 1 to 19 letters and digits. */
  account: string;
  /** Vietnamese dong, 1 to 9,999,999,999; absent: the payer types it. */
  amount_vnd?: number | null;
  /** The bank's number at NAPAS (BIN), 6 digits. */
  bank: string;
  /** What for, 1 to 25 characters of ASCII (a file number); absent: nothing. */
  purpose?: string | null;
  type: "payment";
} | {
  /** JPEG or PNG, a blob of this session. */
  blob: BlobId;
  type: "image";
};

/** What a QR display can do. */
export type QrDisplayCapabilities = {
  /** It shows a line of text below. */
  captions: boolean;
  /** Height, pixels. */
  height?: number | null;
  /** It shows pictures, not only QR codes. */
  images: boolean;
  /** Width, pixels; absent where the display does not tell. */
  width?: number | null;
};

/** How a QR display is. */
export type QrDisplayStatus = {
  /** Something is shown. */
  showing: boolean;
};

/**
 * `ocr.card_access`: read off a picture of an identity card or passport what opens its chip: its QR code or its machine
 * readable zone, whichever way up it lies.
 */
export type ReadCardAccess = {
  /**
   * The picture, a JPEG or PNG blob of this session, from a camera or a scanner: the machine readable zone needs about
   * 700 pixels along its lines.
   */
  blob: BlobId;
};

/**
 * `identity.read`: open the card in the reader with what is printed on it, read what identifies its holder, and prove that
 * it is genuine (ICAO 9303-11). Ask for the holder's consent before.
 */
export type ReadIdentity = {
  /** What opens the card. If it is not this card's: `wrong_access_data`. */
  access: CardAccess;
};

/** What was read at a place. */
export type ReadPlace = {
  /** Where it stands, in the pixels of its reading. */
  quad: [Point, Point, Point, Point];
  /** What it says; cut after 100 characters. */
  text: PersonalText;
};

/** `ocr.progress`: how far the reading is. */
export type ReadProgress = {
  /** Lines read so far. */
  done: number;
  /** The step. */
  stage: ReadStage;
  /** Lines in all; 0 until they were found. */
  total: number;
};

/** `ocr.read`: read the text of one page. */
export type ReadRequest = {
  /** The page, a JPEG or PNG blob of this session, at most 12,000 × 17,000 pixels and 150 megapixels. */
  blob: BlobId;
  /** The languages to expect; absent: Vietnamese and English. */
  languages?: Language[];
};

/** The steps of reading a page. */
export type ReadStage = "decoding" | "detecting" | "recognising";

/** What the worker can read. */
export type ReaderCapabilities = {
  /** The engines with their versions, for the record. */
  engine: string;
  /** The languages. */
  languages: Language[];
};

/** How the worker is locked in. */
export type ReaderStatus = {
  /** What its sandbox denies, for example `landlock` and `seccomp`. */
  sandbox: string[];
};

/** Why it is refused or sent back. */
export type Reason = "original_damaged" | "not_allowed" | "pages_wrong" | "scan_poor" | "identity_doubtful" | "show_original" | "issued_in_error" | "second_scan";

/** `case.recognise`: take the readings of the pages (`ocr.read` of each of them, in this session). */
export type RecogniseCase = {
  /** Which case. */
  case: CaseName;
  /** The blobs of `case.pages`, in the same order. */
  pages: BlobId[];
};

/** How many entries there are of a day, an officer and a procedure. */
export type RegisterCount = {
  /** The day in Vietnam, YYYY-MM-DD. */
  day: string;
  /** How many. */
  entries: number;
  /** Who certified. */
  officer: string;
  /** For which procedure. */
  procedure: string;
  /** Of these, revoked until now. */
  revoked: number;
};

/** The reply to `register.statistics`. */
export type RegisterCounts = {
  /** The counts, by day. */
  counts: RegisterCount[];
};

/** An entry of the register. It names no citizen. */
export type RegisterEntry = {
  /** When, milliseconds since 1970. */
  at_ms: number;
  /** Its case, of the officer's own procedures only: who has the name may ask for the copy. */
  case?: CaseName | null;
  /** Its place among all entries. */
  entry: number;
  /** Its number, such as `1834/2026-SCTĐT/BS`. */
  number: string;
  /** Who certified. */
  officer: string;
  /** Pages of the paper. */
  pages: number;
  /** For which procedure. */
  procedure: string;
  /** It holds no more. */
  revoked: boolean;
  /** Since when, milliseconds since 1970. */
  revoked_ms?: number | null;
  /** The book of the year. */
  volume: number;
};

/** The reply to `register.export`. */
export type RegisterFile = {
  /** The file. */
  file: FileBlob;
};

/** The reply to `register.search`. */
export type RegisterPage = {
  /** The entries. */
  entries: RegisterEntry[];
};

/** An officer's permission to print a copy once more. */
export type Reprint = {
  /** From `approval.challenge`: a permission is good once. */
  nonce: string;
  /** From `approval.sign_in`. */
  pass: Pass;
  /** Over [`Reprint::statement`]. */
  signature: string;
};

/** A wish to go on with an earlier session. */
export type Resume = {
  /** The `seq` of the last message that arrived; the messages after it are sent again. */
  cursor: number;
  /** The token that the session's first `session.hello` gave. */
  token: SessionToken;
};

/** Whether the same command may be sent again. */
export type Retry = "safe" | "unsafe" | "unknown";

/** `register.revoke`: withdraw a copy. The entry stays; the withdrawal is logged and goes into the status list. */
export type Revoke = {
  /** Which case. */
  case: CaseName;
  /** From `approval.sign_in`. */
  pass: Pass;
  /** Why. */
  reason: Reason;
  /** Over [`Revoke::statement`]. */
  signature: string;
};

/** What a rule looks like. */
export type RuleStyle = "solid" | "dashed" | "double";

/** A rectangle on the glass or page, from the top left corner. */
export type ScanArea = {
  /** Height, millimetres. */
  height_mm: number;
  /** Width, millimetres. */
  width_mm: number;
  /** Left edge, millimetres. */
  x_mm?: number;
  /** Top edge, millimetres. */
  y_mm?: number;
};

/**
 * What one scan says otherwise than the other: a word, or words of one line that cannot be told apart. White space and the form
 * of Unicode are no difference.
 */
export type ScanDifference = {
  /** What the first scan says; absent: nothing there. */
  first?: ReadPlace | null;
  /** Which page, from 1. */
  page: number;
  /** What the second scan says; absent: nothing there. */
  second?: ReadPlace | null;
};

/** Why a scan ended well. */
export type ScanEnd = "source_empty" | "page_limit";

/** The reply to `scanner.scan`. */
export type ScanReport = {
  /** Why it ended. */
  ended: ScanEnd;
  /** The pages, in order. */
  pages: ScannedPage[];
};

/**
 * `scanner.scan`: scan one or more pages; each arrives as a JPEG blob.
 * 
 * A scanner that makes JPEG itself (`escl`) has it passed on byte for byte; plain pixels (`sane`) are packed once.
 */
export type ScanRequest = {
  /** The part to scan; absent: the whole of what the source can take. */
  area?: ScanArea | null;
  /** How colours are kept. */
  color?: ColorMode;
  /** Stop after so many pages; absent: until the feeder is empty. */
  max_pages?: number | null;
  /** Dots per inch, both ways; one of the resolutions in the capabilities. */
  resolution_dpi?: number;
  /** Where the paper lies. */
  source?: ScanSource;
};

/** Where the paper lies. */
export type ScanSource = "flatbed" | "adf" | "adf_duplex";

/** A code that was scanned. */
export type ScannedCode = {
  /** How many control characters were taken out. */
  removed: number;
  /** The kind of code, where the device tells. */
  symbology?: Symbology | null;
  /**
   * What it says: text without control characters (which could steer a program that it is pasted into), at most
   * 8,192 characters. GS1's group separator becomes a line feed, the only control character that can be here.
   */
  text: PersonalText;
};

/** `scanner.page`: one page, complete. */
export type ScannedPage = {
  /** The image. */
  blob: BlobId;
  /** Its length in bytes. */
  bytes: number;
  /** Height in pixels, as the image's own header says. */
  height_px: number;
  /** Its media type. */
  media_type: string;
  /** Page number in this scan, from 1. */
  page: number;
  /** Dots per inch that were asked for. */
  resolution_dpi: number;
  /** Width in pixels, as the image's own header says. */
  width_px: number;
};

/** What the scanner is doing. */
export type ScannerActivity = "idle" | "scanning" | "stopped";

/** What a scanner can do. */
export type ScannerCapabilities = {
  /** Its sources. */
  sources: SourceCapabilities[];
};

/** How a scanner is. */
export type ScannerStatus = {
  /** What it is doing. */
  activity: ScannerActivity;
  /** The feeder; absent if there is none or it does not tell. */
  adf?: AdfState | null;
};

/** How near the two faces are. The score itself is not told: it would help to come nearer. */
export type ScoreBand = "clear" | "near" | "between" | "far";

/** `register.search`: entries of the register, in their order. */
export type SearchRegister = {
  /** Behind this `entry`: the last one of the page before; 0 for the first page. */
  after?: number;
  /** Not before this time, milliseconds since 1970. */
  from_ms: number;
  /** At most so many, 1 to 1000. */
  most?: number;
  /** Certified by this officer. */
  officer?: string | null;
  /** From `approval.sign_in`. */
  pass: Pass;
  /** Before this time, milliseconds since 1970. */
  until_ms: number;
};

/** The same pages, scanned a second time, and where the two readings differ. */
export type SecondScan = {
  /** How many there are. */
  count: number;
  /** The differences, page by page; at most 200. */
  differences: ScanDifference[];
  /** The pages, in order. */
  pages: FileBlob[];
  /** What was read on each of them, as in `readings` of the case. */
  readings: FileBlob[];
};

/** Whether the pages are to be scanned a second time. */
export type SecondScanState = "asked" | "done";

/**
 * A message from the gateway.
 * 
 * `seq` numbers the messages of a session from 1. A client that comes back says the last `seq` it saw and gets all
 * that followed, once and in order. Only the answer to `session.hello`, and to messages before it, has no `seq`.
 */
export type ServerMessage = {
  /** Why it was refused. */
  error?: ErrorBody | null;
  /** The command's number; `null` if the message had none that could be read. */
  id?: number | null;
  /** How many commands wait before it at this device, the one that runs not counted. */
  queued?: number | null;
  /** Its place in the session's messages. */
  seq?: number | null;
  type: "acknowledge";
} | {
  /** The command's number. */
  id: number;
  /** The event, for example `scanner.page`. */
  name: string;
  /** What it says. */
  payload: unknown;
  /** Its place in the session's messages. */
  seq: number;
  type: "event";
} | {
  /** The failure, if it did not. */
  error?: ErrorBody | null;
  /** The command's number. */
  id: number;
  /** The reply, if it went well. */
  payload?: unknown;
  /** Its place in the session's messages. */
  seq?: number | null;
  type: "completion";
} | {
  /** What changed. */
  name: string;
  /** The thing as it is now. */
  payload: unknown;
  /** Its place in the session's messages. */
  seq: number;
  type: "notice";
};

/** The name of a session, for logs and leases. Not a secret. */
export type SessionId = string;

/** The secret of a session: it opens its blobs and resumes it. It prints as a fixed word. */
export type SessionToken = string;

/** `approval.settle`: say what became of a delivery of which nobody knew. */
export type Settle = {
  /** Its `attempts`: a settlement is about this try. */
  attempts: number;
  /** Which delivery. */
  delivery: number;
  /** What the officer found out: printed or not printed. */
  outcome: PrintOutcome;
  /** From `approval.sign_in`. */
  pass: Pass;
  /** Over [`Settle::statement`]. */
  signature: string;
};

/** `qr_display.show`: show something instead of what is shown now. */
export type ShowRequest = {
  /** A line of text below it, at most 80 characters, where the display can show one. */
  caption?: PersonalText | null;
  /** What. */
  content: QrContent;
  /** It disappears after this, seconds, 1 to 3,600; it disappears also when the session ends. */
  expires_s?: number;
};

/** On which sides of the sheets. */
export type Sides = "one_sided" | "two_sided_long_edge" | "two_sided_short_edge";

/** `approval.sign_in`: prove who one is. */
export type SignIn = {
  /** From `approval.challenge`. */
  nonce: string;
  /** Who, as the configuration calls him. */
  officer: string;
  /** Over [`SignIn::statement`], by the key that was enrolled. */
  signature: string;
};

/** PAdES levels (ETSI EN 319 142-1). */
export type SignatureLevel = "B-B" | "B-T" | "B-LT" | "B-LTA";

/** The reply to `case.copy`: the signed file, and its proof. */
export type SignedCopy = {
  /** The delivery that is done when the file's last byte was taken; absent if it was done before. */
  delivery?: number | null;
  /** The file. */
  file: FileBlob;
  /** The proofs that the copy is in the transparency log (c2sp.org/tlog-proof): that of its issue, then those of its file. */
  proofs: string[];
  /** SHA-256 of the file, hexadecimal digits. */
  sha256: string;
};

/** The reply to `approval.sign_in`. */
export type SignedIn = {
  /** The officer's name. */
  name: string;
  /** For the other calls. */
  pass: Pass;
  /** The procedures that he may certify for. */
  procedures: string[];
  /** The reasons to choose from. */
  reasons: Reason[];
  /** He may ask for a second scan: send a case back with the reason `second_scan`. */
  second_scan?: boolean;
  /** The officer's title. */
  title: string;
};

/** What the signer can do. */
export type SignerCapabilities = {
  /** The agency's name. */
  agency: string;
  /** The public key of the claims in QR codes and of the status list: an uncompressed point of P-256, base64url without padding. */
  claims_key: string;
  /** The PAdES level that it aims for. */
  level: SignatureLevel;
  /** The transparency log's public key, as a line (c2sp.org/signed-note). */
  log_key: string;
  /** It can send mail. */
  mail: boolean;
  /** The procedures that copies can be certified for. */
  procedures: string[];
};

/** How the signer is. */
export type SignerStatus = {
  /** Cases that wait for an officer. */
  awaiting_officer: number;
  /** Cases that an officer has approved and that are not signed yet. */
  being_signed: number;
  /** More about it, in English, for the technician. */
  detail?: string | null;
  /** Cases that a person must look at. */
  parked: number;
  /** Another number whenever a case has gone on: ask for it again. */
  turn: number;
  /** What signing waits for, if it waits. */
  waits_for?: WaitsFor | null;
};

/** What one source of a scanner can do. */
export type SourceCapabilities = {
  /** The colour modes. */
  colors: ColorMode[];
  /** Greatest height, millimetres. */
  max_height_mm: number;
  /** Greatest width, millimetres. */
  max_width_mm: number;
  /** The resolutions, dots per inch, ascending. */
  resolutions_dpi: number[];
  /** Which source. */
  source: ScanSource;
};

/** Toner, ink, drum: how much is left. */
export type Supply = {
  /** What the printer calls it, at most 64 characters. */
  name: string;
  /** What is left, 0 to 100 %; absent where the printer does not tell. */
  percent?: number | null;
};

/** The kinds of code. */
export type Symbology = "qr" | "data_matrix" | "pdf417" | "aztec" | "code128" | "code39" | "code93" | "itf" | "ean_upc" | "codabar" | "other";

/** One line. */
export type TextLine = {
  /** How sure the reader is, 0 to 1: the mean of its words, weighted by length. */
  confidence: number;
  /** Where it stands. */
  quad: [Point, Point, Point, Point];
  /** What it says (Unicode NFC). */
  text: PersonalText;
  /** Its words. */
  words: TextWord[];
};

/** How large text is. */
export type TextSize = "small" | "normal" | "large" | "huge";

/** One word. */
export type TextWord = {
  /** How sure the reader is, 0 to 1. */
  confidence: number;
  /** Where it stands. */
  quad: [Point, Point, Point, Point];
  /** What it says (Unicode NFC). */
  text: PersonalText;
};

/** The reply to `card_reader.transmit`. */
export type TransmitReport = {
  /** Response APDUs in the order of the commands, hexadecimal digits, status word at the end of each. */
  responses: PersonalText[];
};

/**
 * `card_reader.transmit`: speak to the card, one command APDU after the other, without anybody in between. Refused
 * with `not_permitted` unless the reader's configuration says `allow_transmit = true`.
 */
export type TransmitRequest = {
  /**
   * Command APDUs (ISO 7816-3, 12.1), each as hexadecimal digits: 4 to 32,000 bytes, short or extended. 1 to 64 of
   * them, all in one message.
   */
  commands: PersonalText[];
  /** Reset the card before the first command. */
  reset?: boolean;
  /** Stop after the first response that does not end in `9000`. */
  stop_on_error?: boolean;
};

/** What a UPS can tell. */
export type UpsCapabilities = {
  /** It tells the charge. */
  charge: boolean;
  /** It tells the load. */
  load: boolean;
  /** It tells the runtime. */
  runtime: boolean;
};

/** How a UPS is. Figures that it does not tell are absent, never zero. */
export type UpsStatus = {
  /** The UPS says that its battery is low: finish and stop. */
  battery_low: boolean;
  /** Charge of the battery, 0 to 100 %. */
  charge_percent?: number | null;
  /** Load, per cent of what it can give. */
  load_percent?: number | null;
  /** Where the power comes from. */
  power: PowerSource;
  /** The UPS says that its battery must be replaced. */
  replace_battery: boolean;
  /** How long the battery lasts at the present load, seconds. */
  runtime_s?: number | null;
};

/** The reply to `copy.verify`: what anybody may know who has the code. */
export type VerifiedCode = {
  /** The agency. */
  agency: string;
  /** The book, as QR codes and the log name it: volume and year, such as `1/2026`. */
  book: string;
  /** When it was certified, milliseconds since 1970. */
  certified_ms: number;
  /** SHA-256 of the signed file, hexadecimal digits, the newest last (later time stamps are added to the file). */
  file_sha256: string[];
  /** The holder's name, all but the first letters hidden; absent when the case is purged. */
  holder?: PersonalText | null;
  /** Place of the copy's status in the status list. */
  log_index: number;
  /** Its number in the register. */
  number: string;
  /** Pages of the paper. */
  pages: number;
  /** The procedure. */
  procedure: string;
  /** The number alone. */
  register_number: number;
  /** When it was revoked, milliseconds since 1970. */
  revoked_ms?: number | null;
  /** Whether the copy holds. */
  standing: CopyStanding;
};

/** `copy.verify`: what the register says of a verification code. */
export type VerifyCode = {
  /** The code, as it was typed or scanned. */
  code: PersonalText;
};

/** The versions of the protocol that a client speaks, both ends included. */
export type VersionRange = {
  /** The highest. */
  max: number;
  /** The lowest. */
  min: number;
};

/** `card_reader.wait`: wait until a card is in, or out. Answers at once if it is so already. */
export type WaitRequest = {
  /** What to wait for. */
  until: CardMove;
};

/** Why a case does not go on by itself; told to people. */
export type WaitsFor = "officer" | "second_officer" | "clock" | "token" | "certificate" | "time_stamp" | "revocation_data" | "disk" | "person";

/** Normal or bold. */
export type Weight = "normal" | "bold";

/** The reply to `session.hello`: the session and the devices as they are now. */
export type Welcome = {
  /** The `seq` that the first message after this one follows. */
  cursor: number;
  /** All devices as they are now; afterwards only changes come, as `device.changed`. */
  devices: DeviceView[];
  /** The gateway. */
  gateway: Program;
  /**
   * This run of the gateway. It remembers idempotency keys as long as it runs; after a restart (another instance) a
   * command with a side effect must not be sent again by itself, for nobody knows whether it was done.
   */
  instance: string;
  /** What the gateway allows. */
  limits: Limits;
  /**
   * The earlier session goes on: every message after the cursor follows. `false`: this is a new session, and what
   * an earlier one had (commands, blobs, leases) is gone.
   */
  resumed: boolean;
  /** The session. */
  session: SessionId;
  /** Its secret, for `resume` and for `GET /v1/blobs/{id}` (`Authorization: Bearer …`). */
  token: SessionToken;
  /** The version both will speak. */
  version: number;
};

/** Every call: its request, its reply, and the events that may come before the reply. */
export interface Calls {
  /** See all of one case. */
  "approval.case": { request: CaseOfOfficer; reply: ApprovalCase; events: Record<never, never> };
  /** Get something to sign. */
  "approval.challenge": { request: Empty; reply: Challenge; events: Record<never, never> };
  /** Certify a copy, refuse it, or send it back; signed by the officer's key. */
  "approval.decide": { request: Decide; reply: ApprovalRow; events: Record<never, never> };
  /** Bind the key of an officer's browser to him, with the operator's one-time code. */
  "approval.enrol": { request: Enrol; reply: Empty; events: Record<never, never> };
  /** List the cases that need a person. */
  "approval.list": { request: OfOfficer; reply: ApprovalList; events: Record<never, never> };
  /** Say what became of a print of which nobody knew. */
  "approval.settle": { request: Settle; reply: DeliveryView; events: Record<never, never> };
  /** Prove which officer one is. */
  "approval.sign_in": { request: SignIn; reply: SignedIn; events: Record<never, never> };
  /** Tell every code that is scanned, until cancelled. */
  "barcode_reader.listen": { request: ListenRequest; reply: ListenReport; events: { "barcode_reader.scanned": ScannedCode } };
  /** Wait for one code. */
  "barcode_reader.read": { request: Empty; reply: ScannedCode; events: Record<never, never> };
  /** Ask the barcode reader how it is now. */
  "barcode_reader.status": { request: Empty; reply: BarcodeReaderStatus; events: Record<never, never> };
  /** Take one picture, as a JPEG blob. */
  "camera.capture": { request: CaptureRequest; reply: CapturedPicture; events: Record<never, never> };
  /** Set focus, exposure, brightness, light. */
  "camera.set_controls": { request: CameraControls; reply: CameraStatus; events: Record<never, never> };
  /** Ask the camera how it is now. */
  "camera.status": { request: Empty; reply: CameraStatus; events: Record<never, never> };
  /** Ask the card reader how it is now. */
  "card_reader.status": { request: Empty; reply: CardReaderStatus; events: Record<never, never> };
  /** Speak to the card; only where the reader's configuration allows it. */
  "card_reader.transmit": { request: TransmitRequest; reply: TransmitReport; events: Record<never, never> };
  /** Wait until a card is in, or out. */
  "card_reader.wait": { request: WaitRequest; reply: CardReaderStatus; events: Record<never, never> };
  /** Fetch the signed copy and its proofs. */
  "case.copy": { request: OfCase; reply: SignedCopy; events: Record<never, never> };
  /** Give a case what `identity.read` and `face.match` have shown of the person in this session. */
  "case.identify": { request: OfCase; reply: CaseView; events: Record<never, never> };
  /** Send the copy by e-mail. */
  "case.mail": { request: MailCopy; reply: CaseView; events: Record<never, never> };
  /** Begin a citizen's case. */
  "case.open": { request: OpenCase; reply: CaseView; events: Record<never, never> };
  /** Give a case its scanned pages. */
  "case.pages": { request: AddPages; reply: CaseView; events: Record<never, never> };
  /** Compose the copy and hand it to the officers. */
  "case.prepare": { request: PrepareCase; reply: CaseView; events: Record<never, never> };
  /** Print the copy on a page printer, once. */
  "case.print": { request: PrintCopy; reply: CaseView; events: { "page_printer.progress": DocumentProgress } };
  /** Give a case what `ocr.read` has read on its pages in this session. */
  "case.recognise": { request: RecogniseCase; reply: CaseView; events: Record<never, never> };
  /** Give a case the same pages, scanned a second time, with what `ocr.read` has read on them in this session. */
  "case.second_scan": { request: AddPages; reply: CaseView; events: Record<never, never> };
  /** Ask how a case is. */
  "case.status": { request: OfCase; reply: CaseView; events: Record<never, never> };
  /** Give a case up before an officer has approved it: nothing personal is left of it. */
  "case.withdraw": { request: OfCase; reply: Empty; events: Record<never, never> };
  /** Record that the citizen has consented to something, or has not. */
  "consent.record": { request: ConsentRecord; reply: Empty; events: Record<never, never> };
  /** Fetch a copy again, by its code and its holder's citizen number. */
  "copy.fetch": { request: FetchCopy; reply: SignedCopy; events: Record<never, never> };
  /** Ask the register about a verification code. */
  "copy.verify": { request: VerifyCode; reply: VerifiedCode; events: Record<never, never> };
  /** Choose the best picture of the face before a camera, with guidance on the way; the picture stays inside. */
  "face.capture": { request: CaptureFace; reply: CapturedFace; events: { "face.guidance": FaceGuidance } };
  /** Ask the captured person for movements that a picture cannot make. */
  "face.live": { request: ProveLive; reply: LiveReport; events: { "face.guidance": FaceGuidance } };
  /** Compare the captured face with the portrait on a card. */
  "face.match": { request: MatchFace; reply: FaceMatch; events: Record<never, never> };
  /** Read the chip of the identity card in the reader, and prove that it is genuine. */
  "identity.read": { request: ReadIdentity; reply: ChipIdentity; events: { "identity.progress": ChipProgress } };
  /** Have a device alone; waits its turn. Ends by release, by time, or when the session is gone. */
  "lease.acquire": { request: AcquireLease; reply: Lease; events: Record<never, never> };
  /** Give a device back. */
  "lease.release": { request: Empty; reply: Empty; events: Record<never, never> };
  /** Read off a picture of an identity card what opens its chip: the QR code or the machine readable zone. */
  "ocr.card_access": { request: ReadCardAccess; reply: FoundCardAccess; events: { "ocr.progress": ReadProgress } };
  /** Read the text of a scanned page: lines, words, boxes, confidence. */
  "ocr.read": { request: ReadRequest; reply: DocumentText; events: { "ocr.progress": ReadProgress } };
  /** Print one document; completes when the printer says that the job is done. */
  "page_printer.print": { request: PrintDocument; reply: DocumentReport; events: { "page_printer.progress": DocumentProgress } };
  /** Ask the page printer how it is now. */
  "page_printer.status": { request: Empty; reply: PagePrinterStatus; events: Record<never, never> };
  /** See a device's live pictures, as binary messages; ends by pictures.stop or with the session. */
  "pictures.start": { request: Empty; reply: PictureStream; events: Record<never, never> };
  /** See a device's live pictures no more. */
  "pictures.stop": { request: Empty; reply: Empty; events: Record<never, never> };
  /** Show nothing. */
  "qr_display.clear": { request: Empty; reply: QrDisplayStatus; events: Record<never, never> };
  /** Show a QR code or picture until it expires, is cleared, or the session ends. */
  "qr_display.show": { request: ShowRequest; reply: QrDisplayStatus; events: Record<never, never> };
  /** Ask the QR display how it is now. */
  "qr_display.status": { request: Empty; reply: QrDisplayStatus; events: Record<never, never> };
  /** Print one receipt; completes when the printer has confirmed it. */
  "receipt_printer.print": { request: PrintRequest; reply: PrintReport; events: { "receipt_printer.progress": PrintProgress } };
  /** Ask the receipt printer how it is now. */
  "receipt_printer.status": { request: Empty; reply: PrinterStatus; events: Record<never, never> };
  /** Export the register. */
  "register.export": { request: ExportRegister; reply: RegisterFile; events: Record<never, never> };
  /** Withdraw a copy; signed by the officer's key. */
  "register.revoke": { request: Revoke; reply: RegisterEntry; events: Record<never, never> };
  /** Look into the register. */
  "register.search": { request: SearchRegister; reply: RegisterPage; events: Record<never, never> };
  /** Count entries of the register by day, officer and procedure. */
  "register.statistics": { request: CountRegister; reply: RegisterCounts; events: Record<never, never> };
  /** Scan one or more pages; each arrives as a blob that can be fetched while it grows. */
  "scanner.scan": { request: ScanRequest; reply: ScanReport; events: { "scanner.page": ScannedPage; "scanner.page_started": PageStarted } };
  /** Ask the scanner how it is now. */
  "scanner.status": { request: Empty; reply: ScannerStatus; events: Record<never, never> };
  /** End the session: cancels its commands (they may get no completion), releases its leases, wipes its blobs. */
  "session.end": { request: Empty; reply: Empty; events: Record<never, never> };
  /** Begin or resume a session; the first message of every connection. */
  "session.hello": { request: Hello; reply: Welcome; events: Record<never, never> };
  /** Ask the UPS how it is now. */
  "ups.status": { request: Empty; reply: UpsStatus; events: Record<never, never> };
}

/** Every notice and its payload. */
export interface Notices {
  "device.changed": DeviceView;
  "gateway.stopping": Empty;
  "lease.lost": LeaseLost;
}
