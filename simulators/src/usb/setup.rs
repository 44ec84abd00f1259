//! The eight bytes that begin a control transfer (USB 2.0, section 9.3), and what a function answers to them.

/// A control transfer's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    /// bmRequestType: direction, kind and recipient.
    pub request_type: u8,
    /// bRequest
    pub request: u8,
    /// wValue
    pub value: u16,
    /// wIndex
    pub index: u16,
    /// wLength: bytes that follow, or that the host takes at most.
    pub length: u16,
}

/// Who defines a request (bmRequestType, bits 5 and 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Chapter 9 of USB 2.0.
    Standard,
    /// The device's class.
    Class,
    /// The maker.
    Vendor,
    /// Nobody.
    Reserved,
}

/// To what a request is addressed (bmRequestType, bits 0 to 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// The whole device.
    Device,
    /// The interface in the low byte of wIndex.
    Interface,
    /// The endpoint in the low byte of wIndex.
    Endpoint,
    /// Something else.
    Other,
}

impl Setup {
    /// From the wire, least byte first.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        let [request_type, request, v0, v1, i0, i1, l0, l1] = bytes;
        Self {
            request_type,
            request,
            value: u16::from_le_bytes([v0, v1]),
            index: u16::from_le_bytes([i0, i1]),
            length: u16::from_le_bytes([l0, l1]),
        }
    }

    /// True when the device is to answer with data.
    #[must_use]
    pub fn is_in(&self) -> bool {
        self.request_type & 0x80 != 0
    }

    /// Who defines it.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.request_type >> 5 & 3 {
            0 => Kind::Standard,
            1 => Kind::Class,
            2 => Kind::Vendor,
            _ => Kind::Reserved,
        }
    }

    /// To whom it goes.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        match self.request_type & 0x1f {
            0 => Recipient::Device,
            1 => Recipient::Interface,
            2 => Recipient::Endpoint,
            _ => Recipient::Other,
        }
    }

    /// The high byte of wValue: a descriptor's or report's type, a control's selector.
    #[must_use]
    pub fn value_high(&self) -> u8 {
        self.value.to_be_bytes()[0]
    }

    /// The low byte of wValue: a descriptor's index, a report's number.
    #[must_use]
    pub fn value_low(&self) -> u8 {
        self.value.to_be_bytes()[1]
    }

    /// The high byte of wIndex: an entity within an interface.
    #[must_use]
    pub fn index_high(&self) -> u8 {
        self.index.to_be_bytes()[0]
    }

    /// The low byte of wIndex: the interface or endpoint.
    #[must_use]
    pub fn index_low(&self) -> u8 {
        self.index.to_be_bytes()[1]
    }
}

/// What comes of a control transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// This data; cut to what the host asked for.
    Data(Vec<u8>),
    /// Done, nothing to say.
    Done,
    /// The device does not know or want this.
    Stall,
    /// No answer at all until the host gives up.
    Never,
}
