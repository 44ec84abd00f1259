/** What a case waits for, and why an officer does not certify: said to the officer and to the citizen. */
import { addWords } from "./words.js";

addWords({
  waits_officer: ["cán bộ xem", "an officer"],
  waits_second_officer: ["cán bộ thứ hai", "a second officer"],
  waits_clock: ["đồng hồ chính xác", "a clock that can be trusted"],
  waits_token: ["thiết bị chứa khóa ký", "the token with the keys"],
  waits_certificate: ["chứng thư số còn hiệu lực", "a certificate that holds"],
  waits_time_stamp: ["dịch vụ dấu thời gian", "the time stamp authority"],
  waits_revocation_data: ["dữ liệu thu hồi chứng thư", "revocation data"],
  waits_disk: ["ổ đĩa", "the disk"],
  waits_person: ["người kiểm tra", "a person who looks"],
  reason_original_damaged: ["Bản chính bị hư hỏng hoặc bị sửa chữa", "The original is damaged or was changed"],
  reason_not_allowed: ["Giấy tờ này không được chứng thực", "This document may not be certified"],
  reason_pages_wrong: ["Thiếu trang hoặc lẫn trang khác", "A page is missing or of another document"],
  reason_scan_poor: ["Bản quét không rõ", "The scan cannot be read well"],
  reason_identity_doubtful: ["Không đúng người của giấy tờ hoặc thẻ", "The person is in doubt"],
  reason_show_original: ["Cần xuất trình bản chính tại quầy", "The original must be shown at the counter"],
  reason_second_scan: ["Cần quét lần hai để đối chiếu", "A second scan is needed to compare"],
  reason_issued_in_error: ["Bản sao cấp nhầm", "The copy was issued in error"],
});
