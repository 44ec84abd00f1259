//! Vietnamese.

use crate::finding::{
    CodeFinding, CodeState, Drawing, Finding, Holds, LogEvent, LogFinding, LogState, RegisterFinding, RegisterFit,
    SignatureFinding, TimeStampFinding, WithdrawnFinding, WithdrawnState,
};
use crate::report::{Since, Update, Verdict, Withdrawn};
use crate::time::Time;

pub(super) fn headline(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Genuine => "Bản sao này là thật và chưa bị sửa đổi.".to_owned(),
        Verdict::GenuineUpdated { since, updates } => {
            let since = match since {
                Since::Issue => "cấp",
                Since::Signing => "ký",
            };
            let draws = updates.iter().any(|update| matches!(update, Update::Signature { draws: true, .. }));
            let end = if draws {
                "Trong đó có hình được thêm lên trang: hãy xem hình đó che phần nào."
            } else {
                "Nội dung không thay đổi."
            };
            format!("Bản sao này là thật. Sau khi {since}, tệp chỉ được bổ sung: {}. {end}", all(updates))
        }
        Verdict::Altered => "Tệp này đã bị sửa đổi sau khi ký.".to_owned(),
        Verdict::Revoked { what: Withdrawn::Copy } => "Bản sao này đã bị cơ quan cấp thu hồi.".to_owned(),
        Verdict::Revoked { what: Withdrawn::Certificate } => {
            "Bản sao này được ký bằng chứng thư chữ ký số đã bị thu hồi.".to_owned()
        }
        Verdict::NotProven { .. } => "Chưa chứng minh được bản sao này là thật.".to_owned(),
        Verdict::NoCertifiedCopy => "Đây không phải là bản sao chứng thực điện tử: tệp không có chữ ký số.".to_owned(),
        Verdict::Issued => "Mã QR này là của cơ quan: cơ quan đã cấp một bản sao như vậy.".to_owned(),
    }
}

fn all(updates: &[Update]) -> String {
    let update = |update: &Update| match update {
        Update::ValidationData => "dữ liệu chứng minh chữ ký có hiệu lực".to_owned(),
        Update::ArchiveTimeStamp { authority, time: Some(time) } => {
            format!("dấu thời gian của {authority} lúc {}", time.vietnamese())
        }
        Update::ArchiveTimeStamp { authority, time: None } => format!("dấu thời gian của {authority}"),
        Update::Signature { signer, .. } => format!("chữ ký số của {signer}"),
    };
    updates.iter().map(update).collect::<Vec<_>>().join(", ")
}

pub(super) fn advice(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Genuine | Verdict::GenuineUpdated { .. } => {
            "Hãy xem bên dưới ai đã ký: phải đúng cơ quan mà ông/bà biết đã cấp bản sao."
        }
        Verdict::Altered => "Không sử dụng tệp này. Hãy yêu cầu người nộp gửi đúng tệp đã được cấp.",
        Verdict::Revoked { .. } => "Không sử dụng bản sao này. Hãy hỏi cơ quan cấp về lý do, hoặc xin cấp bản mới.",
        Verdict::NotProven { .. } => {
            "Chưa nên sử dụng bản sao này. Phần còn thiếu được nêu bên dưới; hãy kiểm tra lại khi có mạng, hoặc hỏi cơ quan cấp."
        }
        Verdict::NoCertifiedCopy => {
            "Ảnh chụp hoặc bản quét của bản sao không tự kiểm tra được. Hãy dùng tệp PDF gốc, hoặc nhập mã in trên giấy."
        }
        Verdict::Issued => {
            "Hãy so số, ngày và số trang với bản giấy. Nội dung trên giấy chỉ được xác nhận khi so với tệp PDF hoặc với cơ quan cấp."
        }
    }
}

pub(super) fn sentence(finding: &Finding) -> String {
    match finding {
        Finding::Unreadable { is_pdf: false, .. } => "Tệp này không phải là tệp PDF.".to_owned(),
        Finding::Unreadable { is_pdf: true, .. } => {
            "Không đọc được trọn vẹn tệp: tệp bị hỏng, bị thiếu, bị khóa hoặc quá lớn. Hãy tải lại tệp.".to_owned()
        }
        Finding::Signature(one) => signature(one),
        Finding::TimeStamp(one) => time_stamp(one),
        Finding::Drawing(Drawing { signer, page, is_trusted: true, .. }) => {
            format!("Chữ ký của {signer} có hình trên trang {page}. Hãy xem hình đó che phần nào.")
        }
        Finding::Drawing(Drawing { page, .. }) => {
            format!("Trên trang {page} có hình của người không được tin cậy. Hình đó có thể che mất nội dung.")
        }
        Finding::Signers { found, expected } => format!(
            "Bản sao chứng thực cần {expected} chữ ký hợp lệ, của người chứng thực và của cơ quan; tệp này có {found}."
        ),
        Finding::TooManyProofs => {
            "Có nhiều tệp chứng minh hơn mức cần thiết. Chỉ đưa các tệp của bản sao này.".to_owned()
        }
        Finding::Log(one) => log(one),
        Finding::Withdrawn(one) => withdrawn(one),
        Finding::Register(one) => register(one),
        Finding::Printed(one) => printed(one),
        Finding::NotAskedWithdrawn => {
            "Chưa hỏi cơ quan cấp xem bản sao này có bị thu hồi hay không. Hãy nhập mã trên trang của cơ quan để biết."
                .to_owned()
        }
    }
}

fn at(claimed: Option<Time>, proven: Option<Time>) -> String {
    match (claimed, proven) {
        (Some(claimed), Some(proven)) => {
            format!("lúc {}; dấu thời gian chứng minh chữ ký đã có lúc {}", claimed.vietnamese(), proven.vietnamese())
        }
        (None, Some(proven)) => format!("trước {}, theo dấu thời gian", proven.vietnamese()),
        (Some(claimed), None) => format!("lúc {}, theo lời người ký", claimed.vietnamese()),
        (None, None) => "vào lúc không rõ".to_owned(),
    }
}

fn signature(one: &SignatureFinding) -> String {
    let (name, who) = match one.signer.as_str() {
        "" => ("người không rõ tên", "Người không rõ tên".to_owned()),
        name if one.is_certifying_officer => (name, format!("Người thực hiện chứng thực, {name},")),
        name => (name, name.to_owned()),
    };
    match &one.holds {
        Holds::Intact => format!("{who} đã ký {}. Nội dung đã ký còn nguyên vẹn.", at(one.claimed, one.proven)),
        Holds::Altered { .. } if one.signer.is_empty() => {
            "Có một chữ ký, nhưng nội dung đã ký hoặc chính chữ ký đã bị sửa đổi.".to_owned()
        }
        Holds::Altered { .. } => {
            format!("Có chữ ký của {name}, nhưng nội dung đã ký hoặc chính chữ ký đã bị sửa đổi.")
        }
        Holds::CertificateRevoked { subject, since } => {
            format!("Có chữ ký của {name}, nhưng chứng thư của {subject} đã bị thu hồi lúc {}.", since.vietnamese())
        }
        Holds::Untrusted { .. } => {
            format!("Có chữ ký tự xưng là của “{name}”, nhưng không có tổ chức tin cậy nào xác nhận.")
        }
        Holds::RevocationUnknown { subject, .. } => format!(
            "{who} đã ký {}. Nội dung đã ký còn nguyên vẹn, nhưng chưa biết chứng thư của {subject} còn hiệu lực hay không.",
            at(one.claimed, one.proven)
        ),
        Holds::Unsupported { .. } => "Có một chữ ký thuộc loại không kiểm tra được ở đây.".to_owned(),
        Holds::DrawnOver => format!(
            "{who} đã ký {}. Nội dung đã ký còn nguyên vẹn, nhưng bị hình của người không được tin cậy đè lên.",
            at(one.claimed, one.proven)
        ),
    }
}

fn time_stamp(one: &TimeStampFinding) -> String {
    let (who, when) = (
        &one.authority,
        one.time.map_or_else(|| "lúc không rõ".to_owned(), |time| format!("lúc {}", time.vietnamese())),
    );
    match &one.holds {
        Holds::Intact => format!("{who} xác nhận tệp đã có đúng như thế này {when}."),
        Holds::Altered { .. } => "Có dấu thời gian cho tệp, nhưng tệp đã bị sửa đổi sau đó.".to_owned(),
        Holds::CertificateRevoked { since, .. } => {
            format!(
                "Có dấu thời gian của {who}, nhưng chứng thư của tổ chức này đã bị thu hồi lúc {}.",
                since.vietnamese()
            )
        }
        Holds::RevocationUnknown { .. } => {
            format!("Có dấu thời gian của {who}, nhưng chưa biết chứng thư của tổ chức này còn hiệu lực hay không.")
        }
        Holds::Untrusted { .. } | Holds::Unsupported { .. } | Holds::DrawnOver => {
            "Có dấu thời gian của tổ chức không được tin cậy ở đây.".to_owned()
        }
    }
}

fn log(one: &LogFinding) -> String {
    let number = one
        .number
        .zip(one.book.as_ref())
        .map_or_else(String::new, |(number, book)| format!(" số {number}, quyển {book}"));
    let when = one.time.map_or_else(String::new, |time| format!(" lúc {}", time.vietnamese()));
    match (&one.state, one.event) {
        (LogState::Proven, Some(LogEvent::Issue)) => {
            format!("Nhật ký công khai có bản sao{number} này, ghi{when}, trước khi ký.")
        }
        (LogState::Proven, _) => format!("Nhật ký công khai có đúng tệp{number} này, ghi{when}."),
        (LogState::ProvenEarlier, _) => {
            format!("Nhật ký công khai có tệp{number} này như khi cấp{when}, trước các phần bổ sung.")
        }
        (LogState::NotTied, _) => {
            format!(
                "Nhật ký công khai có bản sao{number}, nhưng chưa rõ có phải tệp này không. Hãy đưa thêm tệp chứng minh của bản đã ký."
            )
        }
        (LogState::OtherCopy, _) => {
            format!("Tệp chứng minh của nhật ký công khai là của tệp hoặc bản sao khác{number}.")
        }
        (LogState::OtherOfficer, _) => {
            format!("Nhật ký công khai ghi người chứng thực của bản sao{number} khác với người đã ký tệp này.")
        }
        (LogState::AfterSigning, _) => format!("Bản sao{number} chỉ được ghi vào nhật ký công khai sau khi đã ký."),
        (LogState::Revoked, _) => format!("Nhật ký công khai ghi bản sao{number} này đã bị thu hồi{when}."),
        (LogState::NotProven { .. }, _) => {
            "Tệp chứng minh của nhật ký công khai không chứng minh được gì: tệp bị hỏng hoặc của nhật ký khác."
                .to_owned()
        }
        (LogState::NoKey, _) => "Chưa kiểm tra tệp chứng minh: ở đây không có khóa của nhật ký công khai.".to_owned(),
    }
}

fn withdrawn(one: &WithdrawnFinding) -> String {
    let issued = one.issued_at.map_or_else(String::new, |time| format!(" lập lúc {}", time.vietnamese()));
    match &one.state {
        WithdrawnState::Valid => format!("Danh sách thu hồi của cơ quan{issued} không có bản sao này."),
        WithdrawnState::Revoked => {
            format!("Danh sách thu hồi của cơ quan{issued} có bản sao này: bản sao đã bị thu hồi.")
        }
        WithdrawnState::Suspended => {
            format!("Theo danh sách của cơ quan{issued}, tạm thời chưa được sử dụng bản sao này.")
        }
        WithdrawnState::TooOld { good_until } => {
            format!("Danh sách thu hồi chỉ có giá trị đến {}. Hãy tải danh sách mới.", good_until.vietnamese())
        }
        WithdrawnState::NoPlace => format!("Danh sách thu hồi{issued} cũ hơn bản sao này. Hãy tải danh sách mới."),
        WithdrawnState::PlaceUnknown => {
            "Chưa biết vị trí của bản sao này trong danh sách thu hồi. Hãy đưa thêm mã QR hoặc tệp chứng minh."
                .to_owned()
        }
        WithdrawnState::NotBelieved { .. } => {
            "Không tin được danh sách thu hồi: danh sách bị hỏng hoặc không phải của cơ quan.".to_owned()
        }
        WithdrawnState::NoKey => {
            "Chưa kiểm tra danh sách thu hồi: ở đây không có khóa hoặc địa chỉ của cơ quan.".to_owned()
        }
    }
}

fn register(one: &RegisterFinding) -> String {
    let number = one
        .number
        .zip(one.book.as_ref())
        .map_or_else(String::new, |(number, book)| format!(" số {number}, quyển {book}"));
    let agency = one.agency.as_ref().map_or_else(|| "cơ quan".to_owned(), Clone::clone);
    let person = one.masked_name.as_ref().map_or_else(String::new, |name| format!(", của {name}"));
    let when = one.certified_at.map_or_else(String::new, |time| format!(", chứng thực lúc {}", time.vietnamese()));
    match &one.state {
        RegisterFit::Matches => format!("Sổ chứng thực của {agency} có đúng tệp này{number}{when}{person}."),
        RegisterFit::MatchesEarlier => {
            format!("Sổ chứng thực của {agency} có tệp này{number}{when}{person}, như trước các phần bổ sung.")
        }
        RegisterFit::Revoked { since } => {
            let since = since.map_or_else(String::new, |time| format!(" lúc {}", time.vietnamese()));
            format!("Sổ chứng thực của {agency} ghi bản sao{number} đã bị thu hồi{since}.")
        }
        RegisterFit::OtherFile => format!("Sổ chứng thực của {agency} có tệp khác{number}."),
        RegisterFit::OtherNumber => {
            format!("Sổ chứng thực của {agency} có tệp này{number}, nhưng nhật ký hoặc mã QR ghi số khác.")
        }
        RegisterFit::NoFile => format!("Sổ chứng thực của {agency} có bản sao{number}, nhưng chưa có tệp hoàn chỉnh."),
        RegisterFit::NotFound => "Sổ chứng thực của cơ quan không có bản sao này.".to_owned(),
    }
}

fn printed(one: &CodeFinding) -> String {
    let what = if one.is_qr { "Mã QR" } else { "Mã" };
    let number = one
        .number
        .zip(one.book.as_ref())
        .map_or_else(String::new, |(number, book)| format!(" (số {number}, quyển {book})"));
    match &one.state {
        CodeState::Matches => format!("{what}{number} là của bản sao này."),
        CodeState::NotTied => {
            format!(
                "{what}{number} là đúng, nhưng chỉ với mã thì chưa biết có phải của tệp này không. Hãy so số với số ghi trong tệp."
            )
        }
        CodeState::Signed => {
            let pages = one.pages.unwrap_or_default();
            let day = one.issued_at.map_or_else(String::new, |time| format!(" lúc {}", time.vietnamese()));
            format!("{what}{number} đã được cơ quan ký{day}; bản chính có {pages} trang.")
        }
        CodeState::OtherCopy => format!("{what}{number} là của bản sao khác."),
        CodeState::OtherPages { found } => {
            let pages = one.pages.unwrap_or_default();
            format!("{what}{number} là của bản sao có {pages} trang, nhưng tệp này có {found} trang.")
        }
        CodeState::Mistyped { position: Some(position) } => {
            format!("{what} bị nhập sai; hãy xem ký tự thứ {position} trước. Hãy so lại với bản giấy.")
        }
        CodeState::Mistyped { position: None } => format!("{what} bị nhập sai. Hãy so lại với bản giấy."),
        CodeState::Elsewhere => {
            format!("{what} là của cơ quan khác, hoặc dẫn đến nơi khác. Đừng mở; hãy hỏi cơ quan đó.")
        }
        CodeState::NoCode => format!("{what} này không phải là mã đầy đủ của một bản sao chứng thực."),
        CodeState::NotBelieved { .. } => format!("{what} là giả, hoặc được ký bằng khóa không được biết ở đây."),
        CodeState::NoKey => {
            format!("Chưa kiểm tra {}: ở đây không có tiền tố, địa chỉ hoặc khóa của cơ quan.", what.to_lowercase())
        }
    }
}
