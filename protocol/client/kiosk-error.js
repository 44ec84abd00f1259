/**
 * What a call is rejected with. Most errors are the gateway's own; a few are made here, because only the client can
 * know them: `session_lost`, `superseded`, `unreachable`, `closed`, and others of calls that the gateway was never sent or
 * never answered.
 */

/** What went wrong with a call. Decide by `code` and `retry`, show `messageIn("vi")`, log `detail`. */
export class KioskError extends Error {
  /** Takes an `ErrorBody` as it stands on the wire. */
  constructor(body) {
    super(`${body.code}: ${body.detail}`);
    this.name = "KioskError";
    this.code = body.code;
    this.retry = body.retry;
    this.outcome = body.outcome;
    this.field = body.field;
    this.deviceCode = body.device_code;
    this.detail = body.detail;
    /** The words for the citizen, `{vi, en}`; `message` is a string for the developer, as with every Error. */
    this.words = body.message;
  }

  /** The words for the citizen in one language, "vi" or "en". */
  messageIn(language) {
    return this.words?.[language] ?? this.words?.en ?? this.detail;
  }
}

const WORDS = {
  session_lost: {
    vi: "Kết nối bị gián đoạn. Vui lòng kiểm tra kết quả rồi thử lại.",
    en: "The connection was interrupted. Please check the result and try again.",
  },
  superseded: {
    vi: "Trang này đã được mở ở nơi khác.",
    en: "This page was opened somewhere else.",
  },
  unreachable: {
    vi: "Không kết nối được với ki-ốt. Vui lòng đợi.",
    en: "The kiosk cannot be reached. Please wait.",
  },
  closed: { vi: "Phiên làm việc đã kết thúc.", en: "The session has ended." },
  cancelled: { vi: "Đã hủy.", en: "Cancelled." },
  timeout: { vi: "Quá thời gian chờ. Vui lòng thử lại.", en: "It took too long. Please try again." },
  busy: { vi: "Thiết bị đang bận. Vui lòng đợi.", en: "The device is busy. Please wait." },
  too_large: { vi: "Dữ liệu quá lớn.", en: "This is too large." },
  not_found: { vi: "Không tìm thấy dữ liệu này.", en: "This was not found." },
  internal: {
    vi: "Ki-ốt gặp lỗi. Vui lòng gọi nhân viên.",
    en: "The kiosk has a fault. Please call the staff.",
  },
};

/** An error that the client itself found. */
export function clientError(code, retry, detail) {
  return new KioskError({ code, retry, detail, message: WORDS[code] });
}
