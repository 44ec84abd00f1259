//! How the printer is, put together from real-time or automatic status.

use kiosk_driver_sdk::link::PortStatus;
use kiosk_driver_sdk::protocol::receipt::{Cover, Paper, PrinterFault, PrinterStatus};

use super::query::{ErrorCause, OfflineCause, Online, RollPaper};
use super::sorter::Asb;

/// Everything that the printer says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) online: bool,
    pub(crate) paper: Paper,
    pub(crate) cover: Cover,
    /// The autocutter is blocked.
    pub(crate) cutter: bool,
    /// A mechanical fault that a person must clear.
    pub(crate) mechanical: bool,
    /// A fault that goes by itself: the print head is too hot.
    pub(crate) passing: bool,
    /// A fault that only a technician can clear.
    pub(crate) unrecoverable: bool,
    /// A fault of which it does not say more.
    pub(crate) unnamed: bool,
}

/// Why nothing can be printed until somebody has been at the printer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Obstacle {
    #[error("the printer's cover is open; close it")]
    CoverOpen,
    #[error("the printer is out of paper; put in a new roll")]
    PaperOut,
    #[error("the cutter is blocked; switch the printer off, remove the jammed paper, switch it on")]
    Cutter,
    #[error("the printer reports a mechanical fault; remove what blocks it, then switch it off and on")]
    Mechanical,
    #[error("the printer reports a fault that it cannot recover from; call a technician")]
    Unrecoverable,
    #[error("the printer reports a fault without saying which; look at its cover, its paper and its lamps")]
    Unnamed,
}

impl Condition {
    /// Of a printer that is not asked.
    pub(crate) const UNTOLD: Self = Self {
        online: true,
        paper: Paper::Unknown,
        cover: Cover::Unknown,
        cutter: false,
        mechanical: false,
        passing: false,
        unrecoverable: false,
        unnamed: false,
    };

    /// From the port status of its USB interface. Of the cover that says nothing: an open one is a fault without a name.
    pub(crate) fn from_port(port: PortStatus) -> Self {
        Self {
            online: port.is_ready(),
            paper: if port.paper_empty { Paper::Out } else { Paper::Ok },
            unnamed: !port.paper_empty && (port.error || !port.selected),
            ..Self::UNTOLD
        }
    }

    /// From the four answers to DLE EOT.
    pub(crate) fn from_answers(online: Online, offline: OfflineCause, error: ErrorCause, roll: RollPaper) -> Self {
        Self {
            online: online.online,
            paper: if roll.end || offline.paper_stop { Paper::Out } else { low_or_ok(roll.near_end) },
            cover: cover(offline.cover_open),
            cutter: error.cutter,
            mechanical: error.recoverable,
            passing: error.auto_recoverable,
            unrecoverable: error.unrecoverable,
            unnamed: false,
        }
    }

    /// From four bytes of automatic status.
    pub(crate) fn from_asb(asb: Asb) -> Self {
        Self {
            online: asb.online(),
            paper: if asb.paper_end() { Paper::Out } else { low_or_ok(asb.paper_near_end()) },
            cover: cover(asb.cover_open()),
            cutter: asb.cutter(),
            mechanical: asb.recoverable(),
            passing: asb.auto_recoverable(),
            unrecoverable: asb.unrecoverable(),
            unnamed: false,
        }
    }

    /// As the gateway is told.
    pub(crate) fn status(&self) -> PrinterStatus {
        let fault = match self {
            Self { unrecoverable: true, .. } => Some(PrinterFault::Unrecoverable),
            Self { cutter: true, .. } => Some(PrinterFault::Cutter),
            Self { mechanical: true, .. } | Self { passing: true, .. } | Self { unnamed: true, .. } => {
                Some(PrinterFault::Recoverable)
            }
            _ => None,
        };
        PrinterStatus { online: self.online, paper: self.paper, cover: self.cover, fault }
    }

    /// What a person must put right first. An open cover comes before the paper: with the cover open many printers
    /// report the paper as out, too.
    pub(crate) fn obstacle(&self) -> Option<Obstacle> {
        match self {
            Self { unrecoverable: true, .. } => Some(Obstacle::Unrecoverable),
            Self { cutter: true, .. } => Some(Obstacle::Cutter),
            Self { cover: Cover::Open, .. } => Some(Obstacle::CoverOpen),
            Self { paper: Paper::Out, .. } => Some(Obstacle::PaperOut),
            Self { mechanical: true, .. } => Some(Obstacle::Mechanical),
            Self { unnamed: true, .. } => Some(Obstacle::Unnamed),
            _ => None,
        }
    }
}

fn low_or_ok(near_end: bool) -> Paper {
    if near_end { Paper::Low } else { Paper::Ok }
}

fn cover(open: bool) -> Cover {
    if open { Cover::Open } else { Cover::Closed }
}
