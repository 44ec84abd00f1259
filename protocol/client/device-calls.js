/** What each kind of device, reader and signer can be asked: the calls under their short names. */
import { listening } from "./listeners.js";

/** All of them; `call` is that of the kiosk. */
export const deviceCalls = (call) => ({
  scanner: {
    scan: (settings = {}, { onPage, onPageStarted, ...options } = {}) => {
      const listeners = { "scanner.page": onPage, "scanner.page_started": onPageStarted };
      return call("scanner.scan", settings, listening(options, listeners));
    },
    status: (options) => call("scanner.status", {}, options),
  },
  receiptPrinter: {
    print: (receipt, { onProgress, ...options } = {}) =>
      call("receipt_printer.print", receipt, listening(options, { "receipt_printer.progress": onProgress })),
    status: (options) => call("receipt_printer.status", {}, options),
  },
  camera: {
    capture: (settings = {}, options) => call("camera.capture", settings, options),
    setControls: (controls, options) => call("camera.set_controls", controls, options),
    status: (options) => call("camera.status", {}, options),
  },
  cardReader: {
    wait: (until = "inserted", options) => call("card_reader.wait", { until }, options),
    transmit: (commands, { stopOnError, reset, ...options } = {}) =>
      call("card_reader.transmit", { commands, stop_on_error: stopOnError, reset }, options),
    status: (options) => call("card_reader.status", {}, options),
  },
  barcodeReader: {
    read: (options) => call("barcode_reader.read", {}, options),
    listen: (onCode, { maxCodes, ...options } = {}) =>
      call("barcode_reader.listen", { max_codes: maxCodes }, listening(options, { "barcode_reader.scanned": onCode })),
    status: (options) => call("barcode_reader.status", {}, options),
  },
  pagePrinter: {
    print: (document, { onProgress, ...options } = {}) =>
      call("page_printer.print", document, listening(options, { "page_printer.progress": onProgress })),
    status: (options) => call("page_printer.status", {}, options),
  },
  qrDisplay: {
    show: (content, { caption, expiresS, ...options } = {}) =>
      call("qr_display.show", { content, caption, expires_s: expiresS }, options),
    clear: (options) => call("qr_display.clear", {}, options),
    status: (options) => call("qr_display.status", {}, options),
  },
  ups: { status: (options) => call("ups.status", {}, options) },
  identity: {
    read: (access, { onProgress, ...options } = {}) =>
      call("identity.read", { access }, listening(options, { "identity.progress": onProgress })),
  },
  consent: {
    record: (purpose, given, { textVersion, language, ...options }) =>
      call("consent.record", { purpose, given, text_version: textVersion, language }, options),
  },
  face: {
    capture: ({ onGuidance, ...options } = {}) =>
      call("face.capture", {}, listening(options, { "face.guidance": onGuidance })),
    live: (capture, { onGuidance, ...options } = {}) =>
      call("face.live", { capture }, listening(options, { "face.guidance": onGuidance })),
    match: (capture, portrait, options) => call("face.match", { capture, portrait }, options),
  },
  ocr: {
    read: (blob, { onProgress, languages, ...options } = {}) =>
      call("ocr.read", { blob, languages }, listening(options, { "ocr.progress": onProgress })),
    cardAccess: (blob, { onProgress, ...options } = {}) =>
      call("ocr.card_access", { blob }, listening(options, { "ocr.progress": onProgress })),
  },
  case: {
    open: (procedure, { language, ...options } = {}) => call("case.open", { procedure, language }, options),
    pages: (of, pages, options) => call("case.pages", { case: of, pages }, options),
    recognise: (of, pages, options) => call("case.recognise", { case: of, pages }, options),
    secondScan: (of, pages, options) => call("case.second_scan", { case: of, pages }, options),
    identify: (of, options) => call("case.identify", { case: of }, options),
    prepare: (of, options) => call("case.prepare", { case: of }, options),
    status: (of, options) => call("case.status", { case: of }, options),
    withdraw: (of, options) => call("case.withdraw", { case: of }, options),
    copy: (of, options) => call("case.copy", { case: of }, options),
    mail: (of, address, options) => call("case.mail", { case: of, address }, options),
    print: (of, { reprint, onProgress, ...options } = {}) =>
      call("case.print", { case: of, reprint }, listening(options, { "page_printer.progress": onProgress })),
  },
  approval: {
    challenge: (options) => call("approval.challenge", {}, options),
    enrol: (enrolment, options) => call("approval.enrol", enrolment, options),
    signIn: (proof, options) => call("approval.sign_in", proof, options),
    list: (pass, options) => call("approval.list", { pass }, options),
    case: (pass, of, options) => call("approval.case", { pass, case: of }, options),
    decide: (decision, options) => call("approval.decide", decision, options),
    settle: (settlement, options) => call("approval.settle", settlement, options),
  },
  register: {
    search: (search, options) => call("register.search", search, options),
    statistics: (span, options) => call("register.statistics", span, options),
    export: (wanted, options) => call("register.export", wanted, options),
    revoke: (revocation, options) => call("register.revoke", revocation, options),
  },
  copy: {
    verify: (code, options) => call("copy.verify", { code }, options),
    fetch: (code, citizenNumber, options) => call("copy.fetch", { code, citizen_number: citizenNumber }, options),
  },
});
