//! How a serial line is set: the options of a serial address.

use serial2::{CharSize, FlowControl, Parity, Settings, StopBits};

/// Speed, frame and flow control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    baud: u32,
    data: CharSize,
    parity: Parity,
    stop: StopBits,
    flow: FlowControl,
}

impl Line {
    /// 115200 8N1 without flow control, but for what the options say; or what is wrong with them.
    pub(super) fn of<'a>(options: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, String> {
        let mut line = Self {
            baud: 115_200,
            data: CharSize::Bits8,
            parity: Parity::None,
            stop: StopBits::One,
            flow: FlowControl::None,
        };
        for (name, value) in options {
            match (name, value) {
                ("baud", value) => {
                    let baud = value.parse().ok().filter(|baud| (50..=4_000_000).contains(baud));
                    line.baud = baud.ok_or_else(|| format!("`baud={value}` is not a number from 50 to 4000000"))?;
                }
                ("data", "7") => line.data = CharSize::Bits7,
                ("data", "8") => line.data = CharSize::Bits8,
                ("data", value) => return Err(format!("`data={value}` is not `7` or `8`")),
                ("parity", "none") => line.parity = Parity::None,
                ("parity", "even") => line.parity = Parity::Even,
                ("parity", "odd") => line.parity = Parity::Odd,
                ("parity", value) => return Err(format!("`parity={value}` is not `none`, `even` or `odd`")),
                ("stop", "1") => line.stop = StopBits::One,
                ("stop", "2") => line.stop = StopBits::Two,
                ("stop", value) => return Err(format!("`stop={value}` is not `1` or `2`")),
                ("flow", "none") => line.flow = FlowControl::None,
                ("flow", "rtscts") => line.flow = FlowControl::RtsCts,
                ("flow", "xonxoff") => line.flow = FlowControl::XonXoff,
                ("flow", value) => return Err(format!("`flow={value}` is not `none`, `rtscts` or `xonxoff`")),
                (name, _) => {
                    return Err(format!(
                        "unknown option `{name}`; there are `baud`, `data`, `parity`, `stop` and `flow`"
                    ));
                }
            }
        }
        Ok(line)
    }

    /// Sets a port's settings to these, and to pass bytes as they are.
    pub(super) fn apply(self, settings: &mut Settings) -> std::io::Result<()> {
        settings.set_raw();
        settings.set_baud_rate(self.baud)?;
        settings.set_char_size(self.data);
        settings.set_parity(self.parity);
        settings.set_stop_bits(self.stop);
        settings.set_flow_control(self.flow);
        Ok(())
    }
}
