//! The UPS's variables and commands as the NUT protocol names them (NUT documentation, "nut-names"), and their values.

use super::state::State;

/// What kind of variable it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only read.
    Number,
    /// Only read.
    Text,
    /// Can be set to text of so many bytes.
    WritableText(usize),
    /// Can be set to a whole number of this range.
    WritableRange(u32, u32),
    /// Can be set to one of these.
    WritableChoice(&'static [&'static str]),
}

/// A variable: its name, its description, its kind.
pub type Variable = (&'static str, &'static str, Kind);

/// All variables, in the order of `LIST VAR`.
pub const VARIABLES: &[Variable] = &[
    ("battery.charge", "Battery charge (percent of full)", Kind::Number),
    ("battery.charge.low", "Remaining battery level when UPS switches to LB (percent)", Kind::WritableRange(5, 95)),
    ("battery.runtime", "Battery runtime (seconds)", Kind::Number),
    ("battery.runtime.low", "Remaining battery runtime when UPS switches to LB (seconds)", Kind::Number),
    ("battery.type", "Battery chemistry", Kind::Text),
    ("battery.voltage", "Battery voltage (V)", Kind::Number),
    ("battery.voltage.nominal", "Nominal battery voltage (V)", Kind::Number),
    ("device.mfr", "Device manufacturer", Kind::Text),
    ("device.model", "Device model", Kind::Text),
    ("device.serial", "Device serial number", Kind::Text),
    ("device.type", "Device type (ups, pdu, scd, psu)", Kind::Text),
    ("driver.name", "Driver name", Kind::Text),
    ("driver.version", "Driver version - NUT release", Kind::Text),
    ("input.transfer.reason", "Reason for last transfer to battery (* opaque)", Kind::Text),
    ("input.voltage", "Input voltage (V)", Kind::Number),
    ("input.voltage.nominal", "Nominal input voltage (V)", Kind::Number),
    ("output.voltage", "Output voltage (V)", Kind::Number),
    ("ups.beeper.status", "UPS beeper status", Kind::WritableChoice(&["enabled", "disabled", "muted"])),
    ("ups.delay.shutdown", "Interval to wait after shutdown with delay command (seconds)", Kind::WritableRange(0, 600)),
    ("ups.firmware", "UPS firmware", Kind::Text),
    ("ups.id", "UPS system identifier", Kind::WritableText(32)),
    ("ups.load", "Load on UPS (percent of full)", Kind::Number),
    ("ups.mfr", "UPS manufacturer", Kind::Text),
    ("ups.model", "UPS model", Kind::Text),
    ("ups.realpower", "UPS real power (W)", Kind::Number),
    ("ups.realpower.nominal", "UPS real power rating (W)", Kind::Number),
    ("ups.serial", "UPS serial number", Kind::Text),
    ("ups.status", "UPS status", Kind::Text),
    ("ups.test.result", "Results of last self test", Kind::Text),
];

/// All commands with their descriptions.
pub const COMMANDS: &[(&str, &str)] = &[
    ("beeper.disable", "Disable the UPS beeper"),
    ("beeper.enable", "Enable the UPS beeper"),
    ("beeper.mute", "Temporarily mute the UPS beeper"),
    ("test.battery.start.quick", "Start a quick battery test"),
    ("test.battery.stop", "Stop the battery test"),
];

/// A variable by its name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Variable> {
    VARIABLES.iter().find(|(known, _, _)| *known == name)
}

/// The value of a variable of [`VARIABLES`] now.
#[must_use]
pub fn value(name: &str, state: &State) -> Option<String> {
    let battery = &state.battery;
    let fixed = |text: &str| Some(text.to_owned());
    match name {
        "battery.charge" => Some(format!("{:.0}", battery.charge.floor())),
        "battery.charge.low" => Some(state.charge_low.to_string()),
        "battery.runtime" => Some(format!("{:.0}", battery.runtime_seconds().floor())),
        "battery.runtime.low" => Some(super::state::RUNTIME_LOW_SECONDS.to_string()),
        "battery.type" => fixed("PbAc"),
        "battery.voltage" => Some(format!("{:.1}", battery.volts())),
        "battery.voltage.nominal" => fixed("12.0"),
        "device.mfr" | "ups.mfr" => fixed("Kiosk Simulators"),
        "device.model" | "ups.model" => fixed("Line 650"),
        "device.serial" | "ups.serial" => fixed("SIM-UPS-0001"),
        "device.type" => fixed("ups"),
        "driver.name" => fixed("kiosk-simulate"),
        "driver.version" => fixed(super::protocol::SERVER_VERSION),
        "input.transfer.reason" => fixed(if state.is_on_battery() { "input voltage out of range" } else { "none" }),
        "input.voltage" => fixed(if state.is_on_battery() { "0.0" } else { "220.0" }),
        "input.voltage.nominal" => fixed("220"),
        "output.voltage" => fixed(if battery.charge > 0.0 || battery.mains { "220.0" } else { "0.0" }),
        "ups.beeper.status" => Some(state.beeper.clone()),
        "ups.delay.shutdown" => Some(state.delay_shutdown.to_string()),
        "ups.firmware" => fixed("1.0"),
        "ups.id" => Some(state.id.clone()),
        "ups.load" => Some(format!("{:.0}", battery.load)),
        "ups.realpower" => Some(format!("{:.0}", battery.nominal_watts * battery.load / 100.0)),
        "ups.realpower.nominal" => Some(format!("{:.0}", battery.nominal_watts)),
        "ups.status" => Some(state.status()),
        "ups.test.result" => Some(state.test_result.to_owned()),
        _ => None,
    }
}
