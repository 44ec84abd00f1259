//! Kiosk devices as bytes on the wire: an eSCL scanner, an ESC/POS receipt printer and a UPS behind the NUT protocol,
//! virtual USB hardware and a certification authority; each with knobs for the faults that real ones have.
//!
//! A simulator knows nobody: only bytes, the operating system and the makers' documents. It shares no code with the
//! driver that talks to it, so that one misreading cannot sit on both sides and cancel out. Everything listens on
//! 127.0.0.1 only, and every random choice comes from the seed it was started with.
//!
//! | room | what it is |
//! |---|---|
//! | [`plug`] | the TCP cable: a port that can be pulled out and put back |
//! | [`device`] | what the control port asks of every device: knobs, state, exchanges |
//! | [`exchange`], [`random`], [`pace`] | what was said, seeded chance, slow wires |
//! | [`scanner`], [`printer`], [`ups`] | three devices over TCP, two of them over USB too |
//! | [`panel`] | a display panel at a serial line |
//! | [`page_printer`] | CUPS's IPP printer as a program, and its paper |
//! | [`pcscd`] | a card reader behind a real pcscd, and the wire of its cards |
//! | [`people`] | who stands before the camera |
//! | [`authority`] | certificates, time stamps, revocation and a token, by OpenSSL and SoftHSM |
//! | [`usb`] | the USB devices: their common core, serial line, barcode scanners, card reader, camera |
//! | [`control`] | the loopback HTTP port with the knobs, and its small client |
//! | [`kiosk`] | all of them started together |

pub mod authority;
pub mod camera;
mod child;
pub mod control;
pub mod device;
pub mod exchange;
pub mod kiosk;
pub mod pace;
pub mod page_printer;
pub mod panel;
pub mod pcscd;
pub mod people;
pub mod plug;
pub mod printer;
pub mod random;
pub mod scanner;
pub mod ups;
pub mod usb;
