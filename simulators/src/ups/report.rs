//! The reports of a HID power device: which value is where, the report descriptor that says so, and the bytes. Usages and
//! units are those of "Universal Serial Bus Usage Tables for HID Power Devices" 1.0, sections 4.1 and 4.2.

/// A value in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// iManufacturer, a string's index
    MakerString,
    /// iProduct, a string's index
    ProductString,
    /// iSerialNumber, a string's index
    SerialString,
    /// iDeviceChemistry, a string's index
    ChemistryString,
    /// Rechargeable
    Rechargeable,
    /// CapacityMode: 2 is percent.
    CapacityMode,
    /// DesignCapacity and FullChargeCapacity, percent
    Hundred,
    /// RemainingCapacity, percent
    Charge,
    /// RunTimeToEmpty, seconds
    Runtime,
    /// Voltage of the battery, hundredths of a volt
    BatteryVoltage,
    /// PercentLoad
    Load,
    /// Voltage of the mains, volts
    InputVoltage,
    /// RemainingCapacityLimit, percent; can be written
    CapacityLimit,
    /// DelayBeforeShutdown, seconds; can be written
    ShutdownDelay,
    /// AudibleAlarmControl: 1 disabled, 2 enabled, 3 muted; can be written
    Alarm,
    /// ACPresent
    AcPresent,
    /// Charging
    Charging,
    /// Discharging
    Discharging,
    /// BelowRemainingCapacityLimit
    BelowLimit,
    /// NeedReplacement
    NeedReplacement,
    /// BatteryPresent
    BatteryPresent,
    /// Overload
    Overload,
    /// ShutdownImminent
    ShutdownImminent,
}

/// The pages.
const POWER: u16 = 0x84;
const BATTERY: u16 = 0x85;

/// Units (HID 1.11, section 6.2.2.7) with their exponents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    None,
    Seconds,
    Volts,
    HundredthVolts,
}

/// One value alone in a report.
struct Field {
    report: u8,
    page: u16,
    usage: u16,
    bytes: u8,
    most: u32,
    unit: Unit,
    value: Value,
}

const fn field(report: u8, (page, usage): (u16, u16), bytes: u8, most: u32, unit: Unit, value: Value) -> Field {
    Field { report, page, usage, bytes, most, unit, value }
}

/// What is in the collection "PowerSummary".
const SUMMARY: &[Field] = &[
    field(1, (POWER, 0xfe), 1, 255, Unit::None, Value::ProductString),
    field(2, (POWER, 0xff), 1, 255, Unit::None, Value::SerialString),
    field(3, (BATTERY, 0x89), 1, 255, Unit::None, Value::ChemistryString),
    field(5, (POWER, 0xfd), 1, 255, Unit::None, Value::MakerString),
    field(6, (BATTERY, 0x8b), 1, 1, Unit::None, Value::Rechargeable),
    field(7, (BATTERY, 0x2c), 1, 3, Unit::None, Value::CapacityMode),
    field(8, (BATTERY, 0x83), 1, 100, Unit::None, Value::Hundred),
    field(9, (BATTERY, 0x67), 1, 100, Unit::None, Value::Hundred),
    field(12, (BATTERY, 0x66), 1, 100, Unit::None, Value::Charge),
    field(13, (BATTERY, 0x68), 2, 65_535, Unit::Seconds, Value::Runtime),
    field(14, (POWER, 0x30), 2, 65_535, Unit::HundredthVolts, Value::BatteryVoltage),
    field(15, (POWER, 0x57), 2, 65_535, Unit::Seconds, Value::ShutdownDelay),
    field(17, (BATTERY, 0x29), 1, 100, Unit::None, Value::CapacityLimit),
    field(18, (POWER, 0x5a), 1, 3, Unit::None, Value::Alarm),
];
/// What is in the collection "Output".
const OUTPUT: &[Field] = &[field(20, (POWER, 0x35), 1, 255, Unit::None, Value::Load)];
/// What is in the collection "Input".
const INPUT: &[Field] = &[field(21, (POWER, 0x30), 2, 65_535, Unit::Volts, Value::InputVoltage)];

/// The report of the collection "PresentStatus": one bit each.
const STATUS_REPORT: u8 = 16;
const STATUS: [((u16, u16), Value); 8] = [
    ((BATTERY, 0xd0), Value::AcPresent),
    ((BATTERY, 0x44), Value::Charging),
    ((BATTERY, 0x45), Value::Discharging),
    ((BATTERY, 0x42), Value::BelowLimit),
    ((BATTERY, 0x4b), Value::NeedReplacement),
    ((BATTERY, 0xd1), Value::BatteryPresent),
    ((POWER, 0x65), Value::Overload),
    ((POWER, 0x69), Value::ShutdownImminent),
];

/// Reports that the device also sends by itself when they change.
pub const INPUTS: &[u8] = &[STATUS_REPORT, 12, 13];

fn fields() -> impl Iterator<Item = &'static Field> {
    SUMMARY.iter().chain(OUTPUT).chain(INPUT)
}

/// A whole report with its number in front; none when there is no such.
pub fn bytes(number: u8, mut value_of: impl FnMut(Value) -> u32) -> Option<Vec<u8>> {
    if number == STATUS_REPORT {
        let bits = STATUS.iter().enumerate().map(|(bit, (_, value))| u8::from(value_of(*value) != 0) << bit).sum();
        return Some(vec![number, bits]);
    }
    let field = fields().find(|field| field.report == number)?;
    let value = value_of(field.value).min(field.most).to_le_bytes();
    Some([&[number], &value[..field.bytes.into()]].concat())
}

/// What a feature report from the host sets, with its number in front; none when it cannot be set.
#[must_use]
pub fn written(report: &[u8]) -> Option<(Value, u32)> {
    let (number, value) = report.split_first()?;
    let writable = [Value::CapacityLimit, Value::ShutdownDelay, Value::Alarm];
    let field = fields().find(|field| field.report == *number && writable.contains(&field.value))?;
    (value.len() == usize::from(field.bytes)).then_some(())?;
    Some((field.value, value.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte))))
}

/// A short item with up to four bytes of data (HID 1.11, section 6.2.2.2).
fn item(out: &mut Vec<u8>, prefix: u8, value: u32) {
    let bytes = value.to_le_bytes();
    match value {
        0..=0x7f => out.extend([prefix | 1, bytes[0]]),
        0x80..=0x7fff => out.extend([prefix | 2, bytes[0], bytes[1]]),
        _ => {
            out.push(prefix | 3);
            out.extend(bytes);
        }
    }
}

/// Prefixes of items (HID 1.11, sections 6.2.2.4, 6.2.2.7 and 6.2.2.8).
const INPUT_ITEM: u8 = 0x80;
const FEATURE_ITEM: u8 = 0xb0;
const COLLECTION: u8 = 0xa0;
const END: u8 = 0xc0;
const PAGE: u8 = 0x04;
const LOGICAL_MINIMUM: u8 = 0x14;
const LOGICAL_MAXIMUM: u8 = 0x24;
const UNIT_EXPONENT: u8 = 0x54;
const UNIT: u8 = 0x64;
const REPORT_SIZE: u8 = 0x74;
const REPORT_ID: u8 = 0x84;
const REPORT_COUNT: u8 = 0x94;
const USAGE: u8 = 0x08;
/// Data, variable, absolute, no preferred state.
const VARIABLE: u32 = 0x22;

/// The report descriptor.
#[must_use]
pub fn descriptor() -> Vec<u8> {
    let out = &mut Vec::new();
    item(out, PAGE, POWER.into());
    // UPS, application.
    item(out, USAGE, 0x04);
    item(out, COLLECTION, 1);
    collection(out, 0x24, SUMMARY);
    status(out);
    out.push(END);
    for (usage, fields) in [(0x1c, OUTPUT), (0x1a, INPUT)] {
        item(out, PAGE, POWER.into());
        collection(out, usage, fields);
        out.push(END);
    }
    out.push(END);
    std::mem::take(out)
}

/// A physical collection that is left open.
fn collection(out: &mut Vec<u8>, usage: u32, fields: &[Field]) {
    item(out, USAGE, usage);
    item(out, COLLECTION, 0);
    for field in fields {
        item(out, REPORT_ID, field.report.into());
        item(out, PAGE, field.page.into());
        item(out, LOGICAL_MINIMUM, 0);
        item(out, LOGICAL_MAXIMUM, field.most);
        item(out, REPORT_SIZE, u32::from(field.bytes) * 8);
        item(out, REPORT_COUNT, 1);
        // SI linear: seconds; volts are 10^7 of the system's own unit, so exponent 7 is a volt and 5 a hundredth.
        let (unit, exponent) = match field.unit {
            Unit::None => (0, 0),
            Unit::Seconds => (0x1001, 0),
            Unit::Volts => (0x00f0_d121, 7),
            Unit::HundredthVolts => (0x00f0_d121, 5),
        };
        item(out, UNIT, unit);
        item(out, UNIT_EXPONENT, exponent);
        item(out, USAGE, field.usage.into());
        item(out, FEATURE_ITEM, VARIABLE);
        if INPUTS.contains(&field.report) {
            item(out, USAGE, field.usage.into());
            item(out, INPUT_ITEM, VARIABLE);
        }
    }
}

fn status(out: &mut Vec<u8>) {
    item(out, REPORT_ID, STATUS_REPORT.into());
    item(out, PAGE, POWER.into());
    // PresentStatus, logical.
    item(out, USAGE, 0x02);
    item(out, COLLECTION, 2);
    item(out, UNIT, 0);
    item(out, UNIT_EXPONENT, 0);
    item(out, LOGICAL_MINIMUM, 0);
    item(out, LOGICAL_MAXIMUM, 1);
    item(out, REPORT_SIZE, 1);
    item(out, REPORT_COUNT, 8);
    for kind in [FEATURE_ITEM, INPUT_ITEM] {
        for ((page, usage), _) in STATUS {
            // Usage with its page: four bytes.
            out.push(USAGE | 3);
            out.extend(usage.to_le_bytes());
            out.extend(page.to_le_bytes());
        }
        item(out, kind, VARIABLE);
    }
    out.push(END);
}
