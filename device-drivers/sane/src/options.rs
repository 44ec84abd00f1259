//! A device's options by name: what each takes, and setting it so that the backend takes it. The descriptors are read
//! again whenever the backend says that they changed ("SANE Standard" 1.06, section 4.3.7, `SANE_INFO_RELOAD_OPTIONS`).

#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::ffi::{Constraint, Described, Device, Range, VALUE_MAX};
use crate::status::Status;

/// `SANE_CAP_*` (section 4.2.9).
const SOFT_SELECT: i32 = 1;
const SOFT_DETECT: i32 = 1 << 2;
const INACTIVE: i32 = 1 << 5;
/// `SANE_INFO_RELOAD_OPTIONS` (section 4.3.7).
const RELOAD_OPTIONS: i32 = 1 << 1;
/// `SANE_UNIT_*` (section 4.2.9).
const UNIT_PIXEL: i32 = 1;
const UNIT_MM: i32 = 3;
/// Most options of a device that are looked at; option 0 says how many there are.
const OPTIONS_MAX: i32 = 1024;
/// `SANE_Fixed`: 16 bits before the point, 16 behind it (section 4.2.4).
const FIXED_ONE: f64 = 65_536.0;

/// Why an option was not set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OptionError {
    #[error("the scanner has no option `{0}`")]
    Unknown(String),
    #[error("the scanner's option `{0}` cannot be set now; it depends on another option")]
    Inactive(String),
    #[error("the scanner's option `{name}` takes {takes}, not {value}")]
    Value { name: String, takes: String, value: String },
    #[error("the scanner did not take `{value}` for its option `{name}`: {status}")]
    Refused { name: String, value: String, status: Status },
}

/// `SANE_Value_Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Bool,
    Int,
    Fixed,
    Text,
    Other,
}

/// All options of a device.
pub(crate) struct Options<'a> {
    device: &'a Device<'a>,
    all: Vec<Described>,
}

impl<'a> Options<'a> {
    pub(crate) fn of(device: &'a Device<'a>) -> Self {
        let mut options = Self { device, all: Vec::new() };
        options.load();
        options
    }

    /// Option 0 is their number and is not wanted; the descriptors must be asked for in order, or some backends have
    /// not "loaded" them.
    fn load(&mut self) {
        self.all = (0..OPTIONS_MAX).map_while(|number| self.device.option(number)).skip(1).collect();
    }

    fn find(&self, name: &str) -> Option<&Described> {
        self.all.iter().find(|option| option.name == name)
    }

    /// There is such an option, and it can be set now.
    pub(crate) fn can_set(&self, name: &str) -> bool {
        self.find(name).is_some_and(|option| option.cap & (SOFT_SELECT | INACTIVE) == SOFT_SELECT)
    }

    /// The texts that it takes; none if it is no option with a list of texts.
    pub(crate) fn texts(&self, name: &str) -> &[String] {
        match self.find(name).map(|option| &option.constraint) {
            Some(Constraint::Strings(texts)) => texts,
            _ => &[],
        }
    }

    /// The numbers that it takes.
    pub(crate) fn numbers(&self, name: &str) -> Option<Numbers> {
        let option = self.find(name).filter(|option| matches!(option.kind(), Kind::Int | Kind::Fixed))?;
        Some(match &option.constraint {
            Constraint::Words(words) => Numbers::List(words.iter().map(|word| option.number_of(*word)).collect()),
            Constraint::Range(Range { min, max, quant }) => {
                let [min, max, step] = [*min, *max, *quant].map(|word| option.number_of(word));
                Numbers::Range { min, max, step }
            }
            Constraint::None | Constraint::Strings(_) => Numbers::Any,
        })
    }

    /// Its lengths are in pixels, not in millimetres.
    pub(crate) fn is_in_pixels(&self, name: &str) -> bool {
        self.find(name).is_some_and(|option| option.unit == UNIT_PIXEL)
    }

    /// Its lengths are in millimetres.
    pub(crate) fn is_in_mm(&self, name: &str) -> bool {
        self.find(name).is_some_and(|option| option.unit == UNIT_MM)
    }

    /// Its value as a number; a yes is 1. `None` if it has none, cannot be read now, or the backend does not say.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        let option = self.find(name).filter(|option| option.cap & (SOFT_DETECT | INACTIVE) == SOFT_DETECT)?;
        if !matches!(option.kind(), Kind::Bool | Kind::Int | Kind::Fixed) {
            return None;
        }
        let mut value = option.room()?;
        self.device.get(option.number, &mut value).ok()?;
        let word = i32::from_ne_bytes(value.get(..4)?.try_into().ok()?);
        Some(option.number_of(word))
    }

    /// Sets an option; returns its value as it was really set, where it is a number.
    ///
    /// # Errors
    /// [`OptionError`].
    pub(crate) fn set(&mut self, name: &str, value: &Value) -> Result<f64, OptionError> {
        let option = self.find(name).ok_or_else(|| OptionError::Unknown(name.into()))?;
        if !self.can_set(name) {
            return Err(OptionError::Inactive(name.into()));
        }
        let refused = |status| OptionError::Refused { name: name.into(), value: shown(value), status };
        let mut bytes = option.encode(value)?;
        let info = self.device.set(option.number, &mut bytes).map_err(refused)?;
        let word = bytes.get(..4).and_then(|bytes| bytes.try_into().ok()).map(i32::from_ne_bytes);
        let real = match option.kind() {
            Kind::Bool | Kind::Int | Kind::Fixed => option.number_of(word.unwrap_or_default()),
            Kind::Text | Kind::Other => 0.0,
        };
        if info & RELOAD_OPTIONS != 0 {
            self.load();
        }
        Ok(real)
    }

    /// The same for a number, which is first moved into the range that the option has.
    ///
    /// # Errors
    /// [`OptionError`].
    pub(crate) fn set_number(&mut self, name: &str, value: f64) -> Result<f64, OptionError> {
        let value = match self.numbers(name) {
            Some(Numbers::Range { min, max, .. }) => value.clamp(min, max.max(min)),
            _ => value,
        };
        self.set(name, &value.into())
    }
}

/// The numbers that an option takes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Numbers {
    /// These only.
    List(Vec<f64>),
    /// From `min` to `max` in steps; a step of 0 is none.
    Range { min: f64, max: f64, step: f64 },
    /// It does not say.
    Any,
}

impl Numbers {
    /// Can it be set to exactly this?
    pub(crate) fn takes(&self, value: f64) -> bool {
        match self {
            Self::List(list) => list.iter().any(|own| (own - value).abs() < 0.01),
            Self::Range { min, max, step } => {
                let steps = if *step > 0.0 { (value - min) / step } else { 0.0 };
                (*min..=*max).contains(&value) && (steps - steps.round()).abs() < 0.01
            }
            Self::Any => true,
        }
    }

    /// The greatest, if there is one.
    pub(crate) fn max(&self) -> Option<f64> {
        match self {
            Self::List(list) => list.iter().copied().reduce(f64::max),
            Self::Range { max, .. } => Some(*max),
            Self::Any => None,
        }
    }

    /// The least, if there is one.
    pub(crate) fn min(&self) -> Option<f64> {
        match self {
            Self::List(list) => list.iter().copied().reduce(f64::min),
            Self::Range { min, .. } => Some(*min),
            Self::Any => None,
        }
    }
}

impl Described {
    fn kind(&self) -> Kind {
        match self.kind {
            0 => Kind::Bool,
            1 => Kind::Int,
            2 => Kind::Fixed,
            3 => Kind::Text,
            _ => Kind::Other,
        }
    }

    /// Room for its value; none if its size is none that can be.
    fn room(&self) -> Option<Vec<u8>> {
        let size = usize::try_from(self.size).ok().filter(|size| (1..=VALUE_MAX).contains(size))?;
        let least = if self.kind() == Kind::Text { 1 } else { 4 };
        Some(vec![0; size.max(least)])
    }

    fn number_of(&self, word: i32) -> f64 {
        if self.kind() == Kind::Fixed { f64::from(word) / FIXED_ONE } else { f64::from(word) }
    }

    /// The value as the backend wants it.
    fn encode(&self, value: &Value) -> Result<Vec<u8>, OptionError> {
        let wrong =
            |takes: &str| OptionError::Value { name: self.name.clone(), takes: takes.into(), value: shown(value) };
        let mut bytes = self.room().ok_or_else(|| wrong("no value of a size that this driver exchanges"))?;
        let many = bytes.len() > 4;
        let word = match (self.kind(), value) {
            (Kind::Bool, Value::Bool(yes)) => i32::from(*yes),
            (Kind::Bool, Value::Number(number)) if number.as_f64().is_some_and(|it| it == 0.0 || it == 1.0) => {
                i32::from(number.as_f64() == Some(1.0))
            }
            (Kind::Bool, _) => return Err(wrong("true or false")),
            (Kind::Int | Kind::Fixed, _) if many => return Err(wrong("a table of numbers, which cannot be set here")),
            (Kind::Int, Value::Number(number)) => {
                clipped(number.as_f64().unwrap_or_default().round()).ok_or_else(|| wrong("a number of 32 bits"))?
            }
            (Kind::Fixed, Value::Number(number)) => clipped((number.as_f64().unwrap_or_default() * FIXED_ONE).round())
                .ok_or_else(|| wrong("a number from -32768 to 32767"))?,
            (Kind::Int | Kind::Fixed, _) => return Err(wrong("a number")),
            (Kind::Text, Value::String(text)) => {
                if let Constraint::Strings(texts) = &self.constraint
                    && !texts.contains(text)
                {
                    return Err(wrong(&format!("one of `{}`", texts.join("`, `"))));
                }
                // One byte is for the NUL.
                if text.len() >= bytes.len() || text.contains('\0') {
                    return Err(wrong(&format!("a text of at most {} bytes", bytes.len() - 1)));
                }
                bytes[..text.len()].copy_from_slice(text.as_bytes());
                return Ok(bytes);
            }
            (Kind::Text, _) => return Err(wrong("a text")),
            (Kind::Other, _) => return Err(wrong("no value at all (it is a button or a heading)")),
        };
        bytes[..4].copy_from_slice(&word.to_ne_bytes());
        Ok(bytes)
    }
}

fn clipped(value: f64) -> Option<i32> {
    let fits = (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&value);
    #[expect(clippy::cast_possible_truncation, reason = "it is a whole number in the range of i32")]
    fits.then_some(value as i32)
}

/// A value as it may stand in a message.
fn shown(value: &Value) -> String {
    value.to_string().chars().take(80).collect()
}
