//! The card as a terminal sees it.

mod examples;
mod faults;
mod hostile;
mod reading;
mod terminal;
mod trust;
