/**
 * The pages' own words in Vietnamese and English: here those of the demo and those that several pages use, the others come
 * with `addWords`. Words about errors come with the errors, from the gateway.
 */

/** Each page keeps its own: an officer who reads English has no effect on the kiosk beside him. */
const STORED_AS = `kiosk-${document.documentElement.dataset.page ?? "demo"}-language`;

/** Each entry: Vietnamese, English. `{0}`, `{1}` … are filled in. */
const WORDS = {
  title: ["Ki-ốt dịch vụ công", "Public service kiosk"],
  subtitle: ["Quét giấy tờ, đọc nội dung, in biên nhận", "Scan a paper, read it, print a receipt"],
  finish: ["Kết thúc phiên", "Finish"],
  scanTitle: ["1. Quét giấy tờ", "1. Scan a paper"],
  source: ["Giấy tờ ở đâu?", "Where is the paper?"],
  flatbed: ["Mặt kính", "On the glass"],
  adf: ["Khay nạp giấy", "In the feeder"],
  scan: ["Bắt đầu quét", "Scan"],
  cancel: ["Hủy", "Cancel"],
  scanWaiting: ["Đang chờ máy quét…", "Waiting for the scanner…"],
  scanReceiving: ["Trang {0}: đã nhận {1}", "Page {0}: {1} received"],
  scanDone: ["Đã quét xong {0} trang trong {1} giây", "{0} page(s) scanned in {1} s"],
  scanCancelled: ["Đã hủy quét.", "The scan was cancelled."],
  printTitle: ["2. In biên nhận", "2. Print a receipt"],
  print: ["In biên nhận", "Print receipt"],
  printSending: ["Đang in… {0} %", "Printing… {0} %"],
  printing: ["Đang in…", "Printing…"],
  printWaiting: ["Đang chờ máy in…", "Waiting for the printer…"],
  printDone: ["Đã in xong, dài {0} mm. Mời lấy biên nhận.", "Printed, {0} mm long. Please take your receipt."],
  printDonePages: ["Đã in xong. Mời lấy bản in.", "Printed. Please take it."],
  printQuestion: ["Không rõ biên nhận đã in hết chưa. Quý vị có thấy biên nhận không?", "It is not known whether the receipt was printed. Do you see it?"],
  printSeen: ["Có, đã thấy", "Yes, it is here"],
  printAgain: ["Không, in lại", "No, print it again"],
  personTitle: ["3. Xác nhận người làm thủ tục", "3. Confirm the person"],
  personConsent: [
    "Ki-ốt sẽ đọc chip trên thẻ căn cước và so khuôn mặt của quý vị với ảnh trong chip. Ảnh không được lưu lại và bị xóa khi kết thúc phiên. Nếu không đồng ý, mời quý vị đến quầy.",
    "The kiosk will read the chip of your identity card and compare your face with the portrait on it. No picture is kept; all is wiped when the session ends. If you do not agree, please go to the counter.",
  ],
  personCase: ["Người làm thủ tục đã được xác nhận. {0}", "The person was confirmed. {0}"],
  personAgree: ["Tôi đồng ý", "I agree"],
  personRefuse: ["Tôi đến quầy", "I go to the counter"],
  personCan: ["6 số cuối của số căn cước", "The last 6 digits of the card's number"],
  personCanWrong: ["Hãy nhập 6 số cuối, hoặc cả 12 số, của số căn cước.", "Enter the last 6 digits, or all 12, of the card's number."],
  personShow: ["Đưa thẻ trước máy ảnh", "Show the card to the camera"],
  personShowing: ["Đưa mặt sau của thẻ gần máy ảnh", "Hold the back of your card close to the camera"],
  personNotSeen: [
    "Chưa đọc được thẻ qua máy ảnh. Hãy thử lại nơi sáng hơn, hoặc nhập số.",
    "The card could not be read by the camera. Try again with more light, or enter the number.",
  ],
  personScan: ["Quét mã QR trên thẻ", "Scan the QR code on the card"],
  personScanning: ["Đưa mã QR trên thẻ vào trước đầu đọc…", "Hold the card's QR code before the reader…"],
  personRead: ["Đọc thẻ", "Read the card"],
  personWaiting: ["Mời đặt thẻ vào đầu đọc…", "Please put your card on the reader…"],
  personOpened: ["Thẻ đã mở, đang đọc…", "The card is open, reading…"],
  personReading: ["Đang đọc {0}…", "Reading {0}…"],
  personName: ["Họ và tên", "Name"],
  personNumber: ["Số căn cước", "Number"],
  personBorn: ["Ngày sinh", "Born"],
  personExpires: ["Có giá trị đến", "Valid until"],
  personExpired: ["Thẻ đã hết hạn.", "The card has expired."],
  personPortrait: ["Ảnh trong chip", "The portrait on the chip"],
  personStop: ["Dừng lại, tôi đến quầy", "Stop, I go to the counter"],
  personAgain: ["Làm lại từ đầu", "Begin again"],
  personClears: ["Thông tin tự xóa sau {0} giây", "This is cleared in {0} s"],
  personDone: ["Đã xác nhận: đúng người, đúng thẻ.", "Confirmed: the right person with a genuine card."],
  personCounter: ["{0} Mời quý vị đến quầy, cán bộ sẽ giúp.", "{0} Please go to the counter; the staff will help you."],
  person_refused: ["Quý vị không đồng ý so khuôn mặt.", "You do not wish your face to be compared."],
  person_stopped: ["Đã dừng theo yêu cầu.", "Stopped as you wished."],
  person_failed: ["Chưa xác nhận được tại ki-ốt.", "This could not be confirmed at the kiosk."],
  person_notGenuine: ["Chưa chứng minh được thẻ là thật.", "The card could not be proven genuine."],
  person_expired: ["Thẻ đã hết hạn.", "The card has expired."],
  person_noPortrait: ["Không đọc được ảnh trong chip.", "The portrait on the chip cannot be read."],
  person_notAlive: ["Chưa xác nhận được người thật trước máy ảnh.", "It could not be confirmed that a person stands before the camera."],
  person_review: ["Cán bộ cần xem thêm khuôn mặt.", "An officer needs to have a look."],
  person_noMatch: ["Khuôn mặt chưa khớp với ảnh trong thẻ.", "The face does not match the portrait on the card."],
  verdict_genuine: ["Thẻ thật", "The card is genuine"],
  verdict_may_be_copy: ["Dữ liệu thật, nhưng chip có thể là bản sao", "Genuine data, but the chip may be a copy"],
  verdict_copy: ["Chip là bản sao", "The chip is a copy"],
  verdict_unproven: ["Chưa chứng minh được thẻ là thật", "Not proven genuine"],
  verdict_forged: ["Thẻ giả", "Forged"],
  proof_passive: ["Nhà nước đã ký dữ liệu", "The state has signed the data"],
  proof_chip: ["Chip giữ khóa riêng (CA)", "The chip holds its key (CA)"],
  proof_active: ["Chip ký được (AA)", "The chip can sign (AA)"],
  proof_passed: ["đạt", "passed"],
  proof_failed: ["không đạt", "failed"],
  proof_not_offered: ["thẻ không có", "not on this card"],
  proof_not_possible: ["không kiểm tra được", "could not be checked"],
  guide_no_picture: ["Máy ảnh chưa có hình", "The camera shows nothing"],
  guide_no_face: ["Mời nhìn vào máy ảnh", "Please look into the camera"],
  guide_several_faces: ["Chỉ một người trước máy ảnh", "Only one person, please"],
  guide_closer: ["Lại gần hơn", "Come closer"],
  guide_farther: ["Lùi ra một chút", "Step back a little"],
  guide_to_middle: ["Đứng vào giữa hình", "Move to the middle"],
  guide_look_here: ["Nhìn thẳng vào máy ảnh", "Look straight into the camera"],
  guide_head_upright: ["Giữ đầu thẳng", "Hold your head upright"],
  guide_too_dark: ["Hơi tối", "Too dark"],
  guide_too_bright: ["Quá sáng", "Too bright"],
  guide_hold_still: ["Giữ yên", "Hold still"],
  guide_uncover: ["Bỏ khẩu trang, kính râm", "Take off mask and dark glasses"],
  guide_open_eyes: ["Mời mở mắt", "Open your eyes, please"],
  guide_turn_left: ["Quay mặt sang trái", "Turn your head to your left"],
  guide_turn_right: ["Quay mặt sang phải", "Turn your head to your right"],
  guide_stay: ["Tốt, giữ nguyên", "Good, stay like that"],
  kind_face_matcher: ["Bộ so khuôn mặt", "Face matcher"],
  cameraTitle: ["Máy ảnh", "Camera"],
  cameraLive: ["Xem trực tiếp", "Live view"],
  cameraPhoto: ["Chụp ảnh", "Take a picture"],
  cameraAlt: ["Hình từ máy ảnh", "What the camera sees"],
  qrTitle: ["Màn hình thứ hai", "Second screen"],
  qrOpen: ["Mở màn hình thứ hai", "Open the second screen"],
  qrShow: ["Hiện mã QR", "Show a QR code"],
  qrClear: ["Xóa", "Clear"],
  qrCaption: ["Quét mã để tra cứu bản sao", "Scan the code to verify the copy"],
  kind_camera: ["Máy ảnh", "Camera"],
  kind_qr_display: ["Màn hình mã QR", "QR display"],
  kind_card_reader: ["Đầu đọc thẻ", "Card reader"],
  kind_barcode_reader: ["Đầu đọc mã vạch", "Barcode reader"],
  kind_page_printer: ["Máy in trang", "Page printer"],
  tabPage: ["Trang giấy", "Page"],
  tabText: ["Văn bản", "Text"],
  tabPaper: ["Giấy đã in", "Printed paper"],
  showReading: ["Hiện phần đọc được", "Show reading"],
  noPage: ["Trang quét sẽ hiện ở đây.", "The scanned page will appear here."],
  noText: ["Văn bản đọc được sẽ hiện ở đây.", "The text that was read will appear here."],
  noPaper: ["Giấy in ra sẽ hiện ở đây.", "What is printed will appear here."],
  blankPage: ["Trang này không có chữ.", "There is no text on this page."],
  pageAlt: ["Trang {0} đã quét", "Scanned page {0}"],
  paperAlt: ["Giấy của máy in mô phỏng", "The simulated printer's paper"],
  page: ["Trang {0}", "Page {0}"],
  reading_waiting: ["Chờ đọc văn bản…", "Waiting to be read…"],
  reading_decoding: ["Đang mở ảnh…", "Opening the image…"],
  reading_detecting: ["Đang tìm các dòng chữ…", "Looking for lines of text…"],
  reading_recognising: ["Đang đọc dòng {0}/{1}…", "Reading line {0} of {1}…"],
  readingDone: ["Đã đọc {0} dòng trong {1} giây; {2} từ cần xem lại", "{0} lines read in {1} s; {2} word(s) to check"],
  readAgain: ["Đọc lại", "Read again"],
  unsure: ["Độ tin cậy {0} %", "Confidence {0} %"],
  upsTitle: ["Nguồn điện", "Power"],
  upsRuntime: ["Pin dùng được", "Battery lasts"],
  upsLoad: ["Tải", "Load"],
  power_mains: ["Điện lưới", "Mains"],
  power_battery: ["Đang dùng pin", "On battery"],
  power_unknown: ["Không rõ nguồn điện", "Power unknown"],
  batteryLow: ["Pin yếu", "Battery low"],
  replaceBattery: ["Cần thay pin", "Replace the battery"],
  unknown: ["Không rõ", "Unknown"],
  minutes: ["{0} phút", "{0} min"],
  seconds: ["{0} giây", "{0} s"],
  devicesTitle: ["Thiết bị", "Devices"],
  simulatorsNote: ["Thiết bị mô phỏng: hãy thử rút dây hoặc tạo sự cố.", "These devices are simulated: pull a plug or make a fault."],
  kind_scanner: ["Máy quét", "Scanner"],
  kind_receipt_printer: ["Máy in biên nhận", "Receipt printer"],
  kind_ups: ["Bộ lưu điện (UPS)", "UPS"],
  kind_document_reader: ["Bộ đọc văn bản", "Document reader"],
  kind_signer: ["Bộ chứng thực", "Signer"],
  state_absent: ["Chưa kết nối", "Not connected"],
  state_starting: ["Đang khởi động", "Starting"],
  state_ready: ["Sẵn sàng", "Ready"],
  state_busy: ["Đang làm việc", "Busy"],
  state_stale: ["Không phản hồi", "Not answering"],
  state_backoff: ["Đang khởi động lại", "Restarting"],
  state_held: ["Cần kỹ thuật viên", "Needs a technician"],
  state_stopping: ["Đang dừng", "Stopping"],
  paper_low: ["Sắp hết giấy", "Paper low"],
  paper_out: ["Hết giấy", "Out of paper"],
  paper_unknown: ["Không biết còn giấy không", "Paper unknown"],
  cover_open: ["Nắp đang mở", "Cover open"],
  cover_unknown: ["Không biết nắp đóng hay mở", "Cover unknown"],
  condition_paper_out: ["Hết giấy", "Out of paper"],
  condition_paper_low: ["Sắp hết giấy", "Paper low"],
  condition_jam: ["Kẹt giấy", "Paper jam"],
  condition_cover_open: ["Nắp đang mở", "Cover open"],
  condition_toner_out: ["Hết mực", "Out of toner"],
  condition_toner_low: ["Sắp hết mực", "Toner low"],
  condition_tray_missing: ["Thiếu khay giấy", "Tray missing"],
  condition_output_full: ["Khay ra đã đầy", "Output tray full"],
  condition_paused: ["Đang tạm dừng", "Paused"],
  condition_other: ["Lỗi khác", "Another fault"],
  offline: ["Không nhận dữ liệu", "Offline"],
  fault_cutter: ["Lỗi dao cắt", "Cutter fault"],
  fault_recoverable: ["Máy in tạm dừng", "Printer paused"],
  fault_unrecoverable: ["Máy in hỏng", "Printer broken"],
  adf_loaded: ["Khay nạp có giấy", "Paper in the feeder"],
  adf_empty: ["Khay nạp trống", "Feeder empty"],
  adf_jam: ["Kẹt giấy ở khay nạp", "Jam in the feeder"],
  adf_cover_open: ["Nắp khay nạp đang mở", "Feeder cover open"],
  adf_fault: ["Khay nạp gặp lỗi", "Feeder fault"],
  away: ["Chưa sẵn sàng, đã {0} giây", "Not ready for {0} s"],
  recovered: ["Sẵn sàng lại sau {0} giây", "Ready again after {0} s"],
  recoveredAfterPlug: ["Sẵn sàng lại sau {0} giây ({1} giây từ khi cắm)", "Ready again after {0} s ({1} s after plugging in)"],
  unplug: ["Rút dây", "Pull the plug"],
  plug: ["Cắm lại", "Plug in"],
  loadFeeder: ["Đặt 3 tờ vào khay", "Put 3 sheets in"],
  beforeHolder: ["Chủ thẻ đứng trước", "The holder"],
  beforeOther: ["Người khác", "Another person"],
  beforePhotograph: ["Ảnh chụp chủ thẻ", "A photograph"],
  beforeNobody: ["Không có ai", "Nobody"],
  beforeCard: ["Mặt sau thẻ", "The card's back"],
  cardGenuine: ["Đặt thẻ thật", "Genuine card in"],
  cardCopy: ["Thẻ sao chép", "A copy"],
  cardForged: ["Thẻ giả", "A forged card"],
  cardOut: ["Lấy thẻ ra", "Card out"],
  cardNumber: ["Số in trên thẻ mô phỏng (CAN): 000001", "Number on the simulated card (CAN): 000001"],
  knob_jam: ["Kẹt giấy", "Jam"],
  knob_adf_empty: ["Khay trống", "Feeder empty"],
  knob_cover_open: ["Mở nắp", "Cover open"],
  knob_slow: ["Chậm", "Slow"],
  knob_freeze: ["Đứng hình", "Freeze"],
  knob_paper_out: ["Hết giấy", "Paper out"],
  knob_paper_low: ["Sắp hết giấy", "Paper low"],
  knob_abort: ["Ngừng lệnh in", "Jobs break off"],
  knob_silence: ["Im lặng", "Silence"],
  knob_mains_off: ["Mất điện lưới", "Mains off"],
  knob_low_battery: ["Pin yếu", "Low battery"],
  knob_stale: ["Dữ liệu cũ", "Stale data"],
  simulatorSilent: ["Bộ mô phỏng không trả lời", "The simulator does not answer"],
  "procedure_tthc-2.000815": ["Chứng thực bản sao từ bản chính", "Certified copy of an original"],
  details: ["Chi tiết cho kỹ thuật viên", "Details for the technician"],
  technical: ["Trang gặp lỗi. Vui lòng gọi nhân viên.", "The page has a fault. Please call the staff."],
  clearedAway: [
    "Ki-ốt mất kết nối. Để giữ kín thông tin của quý vị, những gì đã quét và hiện ở đây đã được xóa khỏi màn hình. Mời quý vị đợi kết nối lại rồi quét lại, hoặc đến quầy. Hồ sơ đã gửi cán bộ vẫn còn.",
    "The kiosk has lost its connection. To keep your papers private, what was scanned and shown here was cleared from the screen. Please wait until it is connected again, then scan again, or go to the counter. What you have sent to the officer is not lost.",
  ],
  clearedBack: [
    "Ki-ốt đã kết nối lại. Lúc mất kết nối, những gì đã quét và hiện ở đây đã được xóa để giữ kín thông tin của quý vị. Hồ sơ đã gửi cán bộ vẫn còn; nếu chưa gửi, mời quý vị quét lại.",
    "The kiosk is connected again. While it was not, what was scanned and shown here was cleared to keep your papers private. What you have sent to the officer is not lost; if you have not sent it yet, please scan again.",
  ],
  connection_connecting: ["Đang kết nối…", "Connecting…"],
  connection_connected: ["Đã kết nối", "Connected"],
  connection_reconnecting: ["Đang kết nối lại…", "Reconnecting…"],
  connection_lost: ["Mất phiên, đang kết nối lại…", "Session lost, reconnecting…"],
  connection_closed: ["Đã ngắt kết nối", "Disconnected"],
};

const listeners = new Set();
let current = localStorage.getItem(STORED_AS) === "en" ? "en" : "vi";

/** Gives the words of another page or step, in the form of those above. */
export function addWords(more) {
  Object.assign(WORDS, more);
}

/** "vi" or "en". */
export function language() {
  return current;
}

/** Switches the page; all listeners draw themselves anew. */
export function setLanguage(wanted) {
  current = wanted;
  localStorage.setItem(STORED_AS, wanted);
  apply();
}

/** Calls `draw` now and after each switch. */
export function inEachLanguage(draw) {
  listeners.add(draw);
  draw();
}

/** The word for `key` in the present language. */
export function word(key, ...values) {
  const entry = WORDS[key];
  if (!entry) throw new Error(`the page has no word for ${key}`);
  return entry[current === "vi" ? 0 : 1].replace(/\{(\d)\}/g, (_, index) => String(values[index]));
}

/** The word for `key`, or the key itself: for names that a newer gateway may send. */
export function wordOrName(prefix, name) {
  return WORDS[prefix + name] ? word(prefix + name) : name;
}

/** Both languages' words, as errors carry them. */
export function words(key) {
  const [vi, en] = WORDS[key];
  return { vi, en };
}

/** A day as devices tell it (YYYY-MM-DD, or less of it), as people write it. */
export function day(text) {
  const parts = text.split("-");
  if (current === "vi" || parts.length < 3) return parts.reverse().join("/");
  const date = new Date(`${text}T00:00Z`);
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(date);
}

/** A time in Vietnam, milliseconds since 1970 or ISO 8601, to the minute. */
export function moment(time) {
  const parts = { timeZone: "Asia/Ho_Chi_Minh", day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit" };
  return new Date(time).toLocaleString(current === "vi" ? "vi-VN" : "en-GB", parts);
}

/** A number with so many decimals, as the language writes it. */
export function number(value, decimals = 0) {
  return new Intl.NumberFormat(current, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(value);
}

/** Milliseconds as seconds, with one decimal, below one second with two. */
export function inSeconds(milliseconds) {
  return number(milliseconds / 1000, milliseconds < 1000 ? 2 : 1);
}

/** A size in bytes, as people read it. */
export function size(bytes) {
  return bytes < 1_000_000 ? `${number(bytes / 1000)} kB` : `${number(bytes / 1_000_000, 2)} MB`;
}

/** Writes the words into all elements that carry `data-word`, and names those that carry `data-label`. */
export function apply() {
  document.documentElement.lang = current;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  for (const element of document.querySelectorAll("[data-label]")) element.title = element.ariaLabel = word(element.dataset.label);
  for (const wanted of ["vi", "en"]) {
    document.getElementById(`language-${wanted}`).setAttribute("aria-pressed", String(wanted === current));
  }
  for (const draw of listeners) draw();
}
