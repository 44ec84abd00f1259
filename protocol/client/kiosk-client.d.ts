/** Types of the client of Kiosk gateway. The shapes of the messages are generated into `types.d.ts`. */
import type {
  BarcodeReaderStatus,
  BlobId,
  Calls,
  CameraControls,
  CameraStatus,
  CaptureId,
  CaptureRequest,
  CapturedFace,
  CapturedPicture,
  CardAccess,
  CardMove,
  CardReaderStatus,
  ChipIdentity,
  ChipProgress,
  DeviceView,
  DocumentProgress,
  DocumentReport,
  DocumentText,
  FoundCardAccess,
  Empty,
  ErrorCode,
  FaceGuidance,
  FaceMatch,
  Language,
  Lease as LeaseGranted,
  ListenReport,
  LiveReport,
  Localized,
  PagePrinterStatus,
  PageStarted,
  PrintDocument,
  PrintOutcome,
  PrintProgress,
  PrintReport,
  PrintRequest,
  PrinterStatus,
  Program,
  Purpose,
  QrContent,
  QrDisplayStatus,
  ReadProgress,
  Retry,
  ScanReport,
  ScanRequest,
  ScannedCode,
  ScannedPage,
  ScannerStatus,
  TransmitReport,
  UpsStatus,
} from "./types.d.ts";

/** The gateway's codes, and those that only the client can know. */
export type KioskErrorCode = ErrorCode | "session_lost" | "superseded" | "unreachable" | "closed";

/** What a call is rejected with. Decide by `code` and `retry`, show `messageIn("vi")`, log `detail`. */
export class KioskError extends Error {
  readonly code: KioskErrorCode;
  /** Whether the same command may be sent again; `unknown`: ask a person first. */
  readonly retry: Retry;
  /** Of a print only: what became of the paper. */
  readonly outcome?: PrintOutcome;
  /** Of an invalid request only: the path of the field. */
  readonly field?: string;
  /** The device's own code, for the technician. */
  readonly deviceCode?: string;
  /** What happened, in English, for the developer or technician. */
  readonly detail: string;
  /** The words for the citizen. */
  readonly words: Localized;
  /** The words for the citizen in one language. */
  messageIn(language: keyof Localized): string;
}

/**
 * - `connecting`: not yet welcomed for the first time.
 * - `reconnecting`: the connection broke; the session waits, calls wait.
 * - `lost`: the session is gone, with its leases and blobs; a new one is being made.
 * - `closed`: `end` or `close` was called, the gateway refused this client for good, or another page took the session over.
 */
export type ConnectionState = "connecting" | "connected" | "reconnecting" | "lost" | "closed";

/** The part of a browser's WebSocket that the client uses. */
export interface WebSocketLike {
  onopen: ((event: any) => void) | null;
  onmessage: ((event: { data: any }) => void) | null;
  binaryType?: string;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface ConnectOptions {
  /** The gateway; `ws://127.0.0.1:7180/v1` if not given. */
  url?: string;
  /** The front end, for the gateway's log. */
  client?: Program;
  /** Keeps the session over a reload of the page, for example `sessionStorage`. It holds the session's secret. */
  storage?: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  /** How long `connect` tries; 30,000 if not given, `Infinity` for ever. */
  connectTimeoutMs?: number;
  /** For runtimes without a WebSocket of their own. */
  WebSocket?: new (url: string) => WebSocketLike;
  /** For runtimes without `fetch`. */
  fetch?: typeof fetch;
}

export interface CallOptions {
  /** Which device; may be left out where there is only one of the kind. */
  device?: string;
  /** The answer is wanted within this time, 100 to 600,000 ms; the call's usual time if not given. */
  timeoutMs?: number;
  /** Idempotency key, 8 to 64 characters; calls with a side effect get a random one. */
  key?: string;
  /** An abort asks the gateway to cancel; the promise then ends as the gateway says it ended. */
  signal?: AbortSignal;
  /** Hears all events of the call. */
  onEvent?: (name: string, payload: any) => void;
}

type Request<Name extends keyof Calls> = Calls[Name]["request"];
type Reply<Name extends keyof Calls> = Promise<Calls[Name]["reply"]>;

export interface KioskEvents {
  /** A device as it is now; also in `devices`. */
  device: (view: DeviceView) => void;
  /** `reason` comes with `closed`. */
  connection: (state: ConnectionState, reason?: KioskError) => void;
  /** A lease ended without being released. */
  lease_lost: (device: string) => void;
  /** The gateway is being stopped. */
  stopping: () => void;
  /** An event or completion of a command of an earlier page in the same session. */
  unclaimed: (message: { type: "event" | "completion"; id: number; name?: string; payload?: any; error?: any }) => void;
}

/** A device that this session has alone. */
export interface Lease {
  readonly device: string;
  readonly held: boolean;
  /** Keeps it for another `ttlMs` (60,000 if not given). */
  extend(options?: { ttlMs?: number } & CallOptions): Promise<LeaseGranted>;
  release(options?: CallOptions): Promise<void>;
}

export class Kiosk {
  /** Connects, and tries again until the gateway is there or `connectTimeoutMs` have passed. */
  static connect(options?: ConnectOptions): Promise<Kiosk>;
  private constructor();

  /** All devices as they are now, by name. */
  readonly devices: Map<string, DeviceView>;
  readonly connection: ConnectionState;
  /** The gateway's name and version. */
  readonly gateway: Program;
  /** The session's name; not a secret. */
  readonly session: string;
  /** Whether `connect` went on with the session of an earlier page. */
  readonly resumed: boolean;

  /** Returns the function that ends the listening. */
  on<What extends keyof KioskEvents>(what: What, listener: KioskEvents[What]): () => boolean;
  /** Any call of the protocol; rejects with a `KioskError`. */
  call<Name extends keyof Calls>(
    name: Name,
    payload?: Partial<Calls[Name]["request"]>,
    options?: CallOptions,
  ): Promise<Calls[Name]["reply"]>;

  readonly scanner: {
    scan(
      settings?: Partial<ScanRequest>,
      options?: CallOptions & { onPageStarted?: (page: PageStarted) => void; onPage?: (page: ScannedPage) => void },
    ): Promise<ScanReport>;
    status(options?: CallOptions): Promise<ScannerStatus>;
  };
  readonly receiptPrinter: {
    /** Resolves only when the printer has confirmed; otherwise the error's `outcome` tells what is known. */
    print(receipt: PrintRequest, options?: CallOptions & { onProgress?: (progress: PrintProgress) => void }): Promise<PrintReport>;
    status(options?: CallOptions): Promise<PrinterStatus>;
  };
  readonly camera: {
    /** Takes one picture, as a JPEG blob. */
    capture(settings?: CaptureRequest, options?: CallOptions): Promise<CapturedPicture>;
    setControls(controls: CameraControls, options?: CallOptions): Promise<CameraStatus>;
    status(options?: CallOptions): Promise<CameraStatus>;
  };
  readonly cardReader: {
    wait(until?: CardMove, options?: CallOptions): Promise<CardReaderStatus>;
    /** Only where the reader's configuration allows it; APDUs as hexadecimal digits. */
    transmit(
      commands: string[],
      options?: CallOptions & { stopOnError?: boolean; reset?: boolean },
    ): Promise<TransmitReport>;
    status(options?: CallOptions): Promise<CardReaderStatus>;
  };
  readonly barcodeReader: {
    /** Waits for one code. */
    read(options?: CallOptions): Promise<ScannedCode>;
    /** Tells every code until it is aborted, its time is over, or there were enough. */
    listen(onCode: (code: ScannedCode) => void, options?: CallOptions & { maxCodes?: number }): Promise<ListenReport>;
    status(options?: CallOptions): Promise<BarcodeReaderStatus>;
  };
  readonly pagePrinter: {
    /** Resolves only when the printer says that the job is done; otherwise the error's `outcome` tells what is known. */
    print(
      document: Pick<PrintDocument, "document"> & Partial<PrintDocument>,
      options?: CallOptions & { onProgress?: (progress: DocumentProgress) => void },
    ): Promise<DocumentReport>;
    status(options?: CallOptions): Promise<PagePrinterStatus>;
  };
  readonly qrDisplay: {
    show(content: QrContent, options?: CallOptions & { caption?: string; expiresS?: number }): Promise<QrDisplayStatus>;
    clear(options?: CallOptions): Promise<QrDisplayStatus>;
    status(options?: CallOptions): Promise<QrDisplayStatus>;
  };
  readonly ups: { status(options?: CallOptions): Promise<UpsStatus> };
  readonly identity: {
    /** Reads the chip of the card in the reader. Look at `verdict` before believing any of it. */
    read(
      access: CardAccess,
      options?: CallOptions & { onProgress?: (progress: ChipProgress) => void },
    ): Promise<ChipIdentity>;
  };
  readonly consent: {
    /** What the citizen answered to a text on the screen. */
    record(
      purpose: Purpose,
      given: boolean,
      options: CallOptions & { textVersion: string; language: string },
    ): Promise<Empty>;
  };
  readonly face: {
    /** Chooses the best picture of the face before a camera; the picture stays in the kiosk's worker. */
    capture(options?: CallOptions & { onGuidance?: (guidance: FaceGuidance) => void }): Promise<CapturedFace>;
    /** Asks the captured person to turn the head. */
    live(
      capture: CaptureId,
      options?: CallOptions & { onGuidance?: (guidance: FaceGuidance) => void },
    ): Promise<LiveReport>;
    /** Compares the captured face with a portrait. */
    match(capture: CaptureId, portrait: BlobId, options?: CallOptions): Promise<FaceMatch>;
  };
  readonly ocr: {
    /** Reads the page that this blob holds. */
    read(
      blob: string,
      options?: CallOptions & { languages?: Language[]; onProgress?: (progress: ReadProgress) => void },
    ): Promise<DocumentText>;
    /** Reads what opens the chip off a picture of an identity card; `access` is for `identity.read`. */
    cardAccess(
      blob: string,
      options?: CallOptions & { onProgress?: (progress: ReadProgress) => void },
    ): Promise<FoundCardAccess>;
  };

  /** A citizen's case, from the scanned pages to the certified copy. `of` is its name. */
  readonly case: {
    open(procedure: string, options?: CallOptions & Pick<Partial<Request<"case.open">>, "language">): Reply<"case.open">;
    pages(of: string, pages: Request<"case.pages">["pages"], options?: CallOptions): Reply<"case.pages">;
    /** Each page must have been read by `ocr.read` in this session. */
    recognise(of: string, pages: BlobId[], options?: CallOptions): Reply<"case.recognise">;
    /** The same pages once more: each must have been scanned and read by `ocr.read` in this session. */
    secondScan(of: string, pages: Request<"case.second_scan">["pages"], options?: CallOptions): Reply<"case.second_scan">;
    /** The person must have been identified in this session. */
    identify(of: string, options?: CallOptions): Reply<"case.identify">;
    prepare(of: string, options?: CallOptions): Reply<"case.prepare">;
    /** The signer's `turn` changes whenever a case has gone on: ask then. */
    status(of: string, options?: CallOptions): Reply<"case.status">;
    withdraw(of: string, options?: CallOptions): Reply<"case.withdraw">;
    copy(of: string, options?: CallOptions): Reply<"case.copy">;
    mail(of: string, address: string, options?: CallOptions): Reply<"case.mail">;
    /** Resolves only when the printer says that the job is done; otherwise the error's `outcome` tells what is known. */
    print(
      of: string,
      options?: CallOptions & { reprint?: Request<"case.print">["reprint"]; onProgress?: (progress: DocumentProgress) => void },
    ): Reply<"case.print">;
  };
  /** What officers do; `statements.js` makes what their browsers' keys sign. */
  readonly approval: {
    challenge(options?: CallOptions): Reply<"approval.challenge">;
    enrol(enrolment: Request<"approval.enrol">, options?: CallOptions): Reply<"approval.enrol">;
    signIn(proof: Request<"approval.sign_in">, options?: CallOptions): Reply<"approval.sign_in">;
    list(pass: string, options?: CallOptions): Reply<"approval.list">;
    case(pass: string, of: string, options?: CallOptions): Reply<"approval.case">;
    decide(decision: Request<"approval.decide">, options?: CallOptions): Reply<"approval.decide">;
    settle(settlement: Request<"approval.settle">, options?: CallOptions): Reply<"approval.settle">;
  };
  readonly register: {
    search(search: Request<"register.search">, options?: CallOptions): Reply<"register.search">;
    statistics(span: Request<"register.statistics">, options?: CallOptions): Reply<"register.statistics">;
    export(wanted: Request<"register.export">, options?: CallOptions): Reply<"register.export">;
    revoke(revocation: Request<"register.revoke">, options?: CallOptions): Reply<"register.revoke">;
  };
  readonly copy: {
    /** What the register says of a verification code. */
    verify(code: string, options?: CallOptions): Reply<"copy.verify">;
    /** The signed file once more, for its holder. */
    fetch(code: string, citizenNumber: string, options?: CallOptions): Reply<"copy.fetch">;
  };

  /** Waits until the device is this session's alone. */
  lease(device: string, options?: { ttlMs?: number } & CallOptions): Promise<Lease>;
  /** Looks at a device's live pictures until the returned function is called. Empty bytes: nothing to see. */
  watch(
    device: string,
    onPicture: (picture: { bytes: Uint8Array; number: number; takenUs: bigint }) => void,
    options?: CallOptions,
  ): Promise<() => Promise<void>>;
  /** Sends a document or picture of the page's own (PDF, JPEG, PNG); resolves with the name of its blob. */
  upload(bytes: Blob | ArrayBuffer | Uint8Array, options?: { signal?: AbortSignal }): Promise<string>;
  /** Throws a blob away before the session ends. */
  release(id: string, options?: { signal?: AbortSignal }): Promise<void>;
  /** A finished blob. */
  blob(id: string, options?: { signal?: AbortSignal }): Promise<Blob>;
  /** The bytes of a blob as they come; it may still be growing. */
  blobStream(id: string, options?: { signal?: AbortSignal }): Promise<ReadableStream<Uint8Array>>;

  /** Ends the session: its commands are cancelled, its leases released, its blobs wiped. */
  end(): Promise<void>;
  /** Leaves without ending the session: until its window has passed it can be resumed. */
  close(): void;
}
