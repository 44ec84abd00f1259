//! What a device tells about itself when it is asked (USB 2.0, section 9.6), built from typed parts.

/// How fast the bus is for a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speed {
    /// 1.5 Mbit/s: interrupt endpoints of 8 bytes only.
    Low,
    /// 12 Mbit/s
    Full,
    /// 480 Mbit/s
    High,
}

impl Speed {
    /// Largest packet of a bulk endpoint (USB 2.0, section 5.8.3).
    #[must_use]
    pub fn bulk_packet(self) -> u16 {
        match self {
            Speed::Low | Speed::Full => 64,
            Speed::High => 512,
        }
    }

    /// Largest packet of endpoint 0 (USB 2.0, section 5.5.3).
    #[must_use]
    pub fn control_packet(self) -> u8 {
        if self == Speed::Low { 8 } else { 64 }
    }

    /// bInterval of an interrupt endpoint (USB 2.0, table 9-13): milliseconds, or at high speed 2^(n-1) eighths of one.
    fn interval(self, every_ms: u8) -> u8 {
        match self {
            Speed::Low | Speed::Full => every_ms.max(1),
            Speed::High => (u32::from(every_ms.max(1)) * 8).ilog2().min(15).to_le_bytes()[0] + 1,
        }
    }
}

/// Class, subclass and protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class(pub u8, pub u8, pub u8);

impl Class {
    /// Each interface has its own.
    pub const BY_INTERFACE: Class = Class(0, 0, 0);
    /// Several interfaces make one function ("Interface Association Descriptor" engineering change notice).
    pub const ASSOCIATED: Class = Class(0xef, 2, 1);
}

/// Who made the device, and which one it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// idVendor
    pub vendor: u16,
    /// idProduct
    pub product: u16,
    /// bcdDevice
    pub release: u16,
    /// iManufacturer
    pub maker: String,
    /// iProduct
    pub name: String,
    /// iSerialNumber; none: the device has no such string.
    pub serial: Option<String>,
}

/// What an endpoint is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transfer {
    /// As much as there is, packets as large as the speed has them.
    Bulk,
    /// A little, every so often.
    Interrupt {
        /// Bytes at most.
        packet: u16,
        /// Milliseconds between two questions.
        every_ms: u8,
    },
}

/// One endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its number, with bit 7 set when it goes to the host.
    pub address: u8,
    /// What it is for.
    pub transfer: Transfer,
    /// Class-specific descriptors after its own.
    pub extra: Vec<u8>,
}

impl Endpoint {
    /// A bulk endpoint.
    #[must_use]
    pub fn bulk(address: u8) -> Self {
        Self { address, transfer: Transfer::Bulk, extra: Vec::new() }
    }

    /// An interrupt endpoint.
    #[must_use]
    pub fn interrupt(address: u8, packet: u16, every_ms: u8) -> Self {
        Self { address, transfer: Transfer::Interrupt { packet, every_ms }, extra: Vec::new() }
    }

    /// wMaxPacketSize at this speed.
    #[must_use]
    pub fn packet(&self, speed: Speed) -> u16 {
        match self.transfer {
            Transfer::Bulk => speed.bulk_packet(),
            Transfer::Interrupt { packet, .. } if speed == Speed::Low => packet.min(8),
            Transfer::Interrupt { packet, .. } => packet,
        }
    }

    fn write(&self, speed: Speed, out: &mut Vec<u8>) {
        let (attributes, interval) = match self.transfer {
            Transfer::Bulk => (2, 0),
            Transfer::Interrupt { every_ms, .. } => (3, speed.interval(every_ms)),
        };
        let [low, high] = self.packet(speed).to_le_bytes();
        out.extend([7, ENDPOINT, self.address, attributes, low, high, interval]);
        out.extend(&self.extra);
    }
}

/// One interface; only alternate setting 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// What it is.
    pub class: Class,
    /// It begins a function of so many interfaces of this class.
    pub association: Option<(u8, Class)>,
    /// Class-specific descriptors after its own.
    pub extra: Vec<u8>,
    /// Its endpoints.
    pub endpoints: Vec<Endpoint>,
}

/// A whole device. Interface numbers are places in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Who and which.
    pub identity: Identity,
    /// The device's class.
    pub class: Class,
    /// What it consists of.
    pub interfaces: Vec<Interface>,
    /// Strings beside maker, name and serial number; their indices begin with 4.
    pub strings: Vec<String>,
}

/// bDescriptorType values (USB 2.0, table 9-5; HID 1.11, section 7.1).
pub(crate) const DEVICE: u8 = 1;
pub(crate) const CONFIGURATION: u8 = 2;
pub(crate) const STRING: u8 = 3;
const INTERFACE: u8 = 4;
const ENDPOINT: u8 = 5;
pub(crate) const QUALIFIER: u8 = 6;
pub(crate) const OTHER_SPEED: u8 = 7;
const ASSOCIATION: u8 = 11;
/// American English, the only language here.
const LANGUAGE: [u8; 4] = [4, STRING, 0x09, 0x04];
/// Most UTF-16 units of a string: its length is one byte.
const STRING_UNITS_MAX: usize = 126;

impl Model {
    /// The device descriptor: 18 bytes.
    #[must_use]
    pub fn device(&self, speed: Speed) -> Vec<u8> {
        let Class(class, subclass, protocol) = self.class;
        let mut out = vec![18, DEVICE, 0x00, 0x02, class, subclass, protocol, speed.control_packet()];
        out.extend(self.identity.vendor.to_le_bytes());
        out.extend(self.identity.product.to_le_bytes());
        out.extend(self.identity.release.to_le_bytes());
        out.extend([1, 2, if self.identity.serial.is_some() { 3 } else { 0 }, 1]);
        out
    }

    /// The configuration descriptor with all that belongs to it, for this speed.
    #[must_use]
    pub fn configuration(&self, speed: Speed) -> Vec<u8> {
        let mut body = Vec::new();
        for (number, interface) in (0_u8..).zip(&self.interfaces) {
            if let Some((count, Class(class, subclass, protocol))) = interface.association {
                body.extend([8, ASSOCIATION, number, count, class, subclass, protocol, 0]);
            }
            let Class(class, subclass, protocol) = interface.class;
            let endpoints = u8::try_from(interface.endpoints.len()).unwrap_or(u8::MAX);
            body.extend([9, INTERFACE, number, 0, endpoints, class, subclass, protocol, 0]);
            body.extend(&interface.extra);
            for endpoint in &interface.endpoints {
                endpoint.write(speed, &mut body);
            }
        }
        let interfaces = u8::try_from(self.interfaces.len()).unwrap_or(u8::MAX);
        let [low, high] = u16::try_from(body.len() + 9).unwrap_or(u16::MAX).to_le_bytes();
        // Configuration 1, bus powered, 100 mA.
        let mut out = vec![9, CONFIGURATION, low, high, interfaces, 1, 0, 0x80, 50];
        out.append(&mut body);
        out
    }

    /// The device qualifier descriptor; only a device of high speed has one.
    #[must_use]
    pub fn qualifier(&self, speed: Speed) -> Option<Vec<u8>> {
        let Class(class, subclass, protocol) = self.class;
        (speed == Speed::High).then(|| vec![10, QUALIFIER, 0x00, 0x02, class, subclass, protocol, 64, 1, 0])
    }

    /// A string descriptor by its index.
    #[must_use]
    pub fn string(&self, index: u8) -> Option<Vec<u8>> {
        let text = match index {
            0 => return Some(LANGUAGE.to_vec()),
            1 => &self.identity.maker,
            2 => &self.identity.name,
            3 => self.identity.serial.as_ref()?,
            _ => self.strings.get(usize::from(index) - 4)?,
        };
        let units: Vec<u8> = text.encode_utf16().take(STRING_UNITS_MAX).flat_map(u16::to_le_bytes).collect();
        let mut out = vec![u8::try_from(units.len() + 2).unwrap_or(u8::MAX), STRING];
        out.extend(units);
        Some(out)
    }

    /// All endpoints.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.interfaces.iter().flat_map(|interface| &interface.endpoints)
    }
}
