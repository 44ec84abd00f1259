//! The words of a letter, in both languages. They name no person.

use crate::letter::{Language, Letter};

/// Whether the copy goes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Copy {
    Attached,
    ToFetch,
}

/// The subject, in the letter's language.
pub(crate) fn subject(letter: &Letter) -> String {
    match letter.language {
        Language::Vietnamese => format!("Bản sao chứng thực điện tử số {}", letter.number),
        Language::English => format!("Certified electronic copy No. {}", letter.number),
    }
}

/// The text: the letter's language first, then the other one.
pub(crate) fn text(letter: &Letter, copy: Copy) -> String {
    let (first, second) = match letter.language {
        Language::Vietnamese => (vietnamese(letter, copy), english(letter, copy)),
        Language::English => (english(letter, copy), vietnamese(letter, copy)),
    };
    format!("{first}\r\n----------\r\n\r\n{second}")
}

fn vietnamese(letter: &Letter, copy: Copy) -> String {
    let Letter { agency, number, code, url, .. } = letter;
    let copy = match copy {
        Copy::Attached => "Bản sao được gửi kèm thư này (tệp PDF có chữ ký số).",
        Copy::ToFetch => {
            "Bản sao không được gửi kèm thư này. Để nhận, ông/bà mở địa chỉ dưới đây và nhập mã tra cứu; trang sẽ đề nghị ông/bà \
             xác nhận mình là người được cấp bản sao."
        }
    };
    lines(&[
        "Kính gửi ông/bà,",
        "",
        &format!("{agency} đã chứng thực bản sao điện tử số {number} theo yêu cầu của ông/bà."),
        copy,
        "",
        &format!("Mã tra cứu: {code}"),
        &format!("Kiểm tra bản sao tại: {url}"),
        "",
        "Thư này được gửi tự động, xin đừng trả lời. Nếu ông/bà nhận được thư này hai lần thì đó vẫn là một bản sao.",
    ])
}

fn english(letter: &Letter, copy: Copy) -> String {
    let Letter { agency, number, code, url, .. } = letter;
    let copy = match copy {
        Copy::Attached => "The copy is attached to this letter (a PDF file with digital signatures).",
        Copy::ToFetch => {
            "The copy is not attached to this letter. To fetch it, open the address below and enter the verification code; the \
             page will ask you to confirm that the copy was issued to you."
        }
    };
    lines(&[
        "Dear Sir or Madam,",
        "",
        &format!("{agency} has certified electronic copy No. {number} at your request."),
        copy,
        "",
        &format!("Verification code: {code}"),
        &format!("Verify the copy at: {url}"),
        "",
        "This letter was sent automatically; please do not reply. If it reaches you twice, it is still the same copy.",
    ])
}

fn lines(lines: &[&str]) -> String {
    let mut text = lines.join("\r\n");
    text.push_str("\r\n");
    text
}
