//! Cameras at a USB port.
