//! Whose card it is: the table `[person]` of a card's file.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::date::Date;

/// An invented person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Person {
    /// Citizen's number: twelve digits from 099.
    pub number: String,
    /// Full name in capitals.
    pub full_name: String,
    /// Birth date.
    pub birth_date: Date,
    /// Sex.
    pub sex: Sex,
    /// Nationality.
    pub nationality: String,
    /// Ethnicity.
    pub ethnicity: String,
    /// Religion.
    pub religion: String,
    /// Place of origin.
    pub origin: String,
    /// Place of residence.
    pub residence: String,
    /// Identifying features.
    pub features: String,
    /// Date of issue.
    pub issue_date: Date,
    /// Date of expiry, or `Không thời hạn`.
    pub expiry_date: Date,
    /// Father's name.
    pub father: String,
    /// Mother's name.
    pub mother: String,
    /// Number of the identity card before; empty: none.
    pub old_number: String,
    /// Card access number: six digits; without it the last six of the number.
    pub can: Option<String>,
    /// JPEG file, relative to the card's file; without it a drawn head.
    pub portrait: Option<PathBuf>,
}

impl Default for Person {
    fn default() -> Self {
        Self {
            number: "099200000001".into(),
            full_name: "NGUYỄN VĂN AN".into(),
            birth_date: Date::Day { day: 15, month: 6, year: 2000 },
            sex: Sex::Male,
            nationality: "Việt Nam".into(),
            ethnicity: "Kinh".into(),
            religion: "Không".into(),
            origin: "Xã Mẫu, Huyện Thử Nghiệm, Tỉnh Không Có".into(),
            residence: "Số 1 Đường Mô Phỏng, Phường Thử, Thành phố Không Có".into(),
            features: "Nốt ruồi C: 1 cm dưới mắt phải".into(),
            issue_date: Date::Day { day: 2, month: 1, year: 2024 },
            expiry_date: Date::Day { day: 15, month: 6, year: 2040 },
            father: "NGUYỄN VĂN BÌNH".into(),
            mother: "TRẦN THỊ CHI".into(),
            old_number: String::new(),
            can: None,
            portrait: None,
        }
    }
}

/// Sex, as a card has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sex {
    /// Male.
    #[serde(rename = "Nam")]
    Male,
    /// Female.
    #[serde(rename = "Nữ")]
    Female,
}

impl Sex {
    pub(super) fn mrz(self) -> char {
        match self {
            Self::Male => 'M',
            Self::Female => 'F',
        }
    }

    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Male => "Nam",
            Self::Female => "Nữ",
        }
    }
}

impl Person {
    /// The card access number.
    pub(super) fn access_number(&self) -> &str {
        self.can.as_deref().or(self.number.get(6..)).unwrap_or_default()
    }
}
