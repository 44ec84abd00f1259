//! What runs on the scanning thread: opening, then one order after the other, and closing.

use std::sync::mpsc::{Receiver, SyncSender};

use kiosk_driver_sdk::OpenError;
use kiosk_driver_sdk::protocol::scanner::AdfState;

use super::{Doing, Found, Order, Post, Senses};
use crate::config::Config;
use crate::ffi::{Device, Functions, Sane, set_config_dir};
use crate::job::{Said, Scan};
use crate::names;
use crate::options::{OptionError, Options};
use crate::place::Place;
use crate::settings::{self, Habits};
use crate::status::Status;
use crate::trouble::Trouble;

/// What is to be opened.
pub(crate) struct Plan {
    pub(crate) place: Place,
    pub(crate) config: Config,
}

/// Opens the scanner, says how that went, and takes orders until there are no more.
pub(super) fn run(
    load: impl FnOnce() -> Result<Functions, OpenError>,
    plan: Plan,
    opened: &SyncSender<Result<Found, OpenError>>,
    orders: &Receiver<Order>,
    post: &Post,
) {
    if let Err(error) = serve(load, plan, opened, orders, post) {
        // Whoever opens has given up by itself if nobody hears it.
        let _ = opened.send(Err(error));
    }
    post.set(Doing::Closed);
}

fn serve(
    load: impl FnOnce() -> Result<Functions, OpenError>,
    Plan { place, config }: Plan,
    opened: &SyncSender<Result<Found, OpenError>>,
    orders: &Receiver<Order>,
    post: &Post,
) -> Result<(), OpenError> {
    let folder = config.folder(place.backend())?;
    set_config_dir(folder.path());
    let sane = Sane::init(load()?).map_err(|status| OpenError::Fault(format!("libsane does not start: {status}")))?;
    let devices = sane.devices(!names::is_network(place.backend()));
    let devices =
        devices.map_err(|status| OpenError::Fault(format!("libsane does not list its scanners: {status}")))?;
    let listed = place.choose(&devices)?;
    let device = sane.open(&listed.name).map_err(|status| not_opened(&place, &listed.name, status))?;
    // All has been read; so nothing is left behind even if the process is killed.
    drop(folder);
    let mut options = Options::of(&device);
    let habits = Habits {
        sheet_fed: names::is_sheet_fed(&listed.kind),
        words: config.sources.clone(),
        extra: config.options.clone(),
    };
    settings::set_extra(&mut options, &habits).map_err(wrong_option)?;
    let capabilities = settings::survey(&device, &mut options, &habits).map_err(|trouble| match trouble {
        Trouble::Unsupported(_) => OpenError::BadConfig(trouble.to_string()),
        other => other.open_error(),
    })?;
    let (senses, has_sensors) = (senses(&options), has_sensors(&options));
    let found = Found { listed, capabilities, senses, has_sensors, canceller: device.canceller() };
    if opened.send(Ok(found)).is_ok() {
        take_orders(&device, &mut options, &habits, orders, post);
    }
    Ok(())
}

fn take_orders(device: &Device<'_>, options: &mut Options<'_>, habits: &Habits, orders: &Receiver<Order>, post: &Post) {
    while let Ok(order) = orders.recv() {
        match order {
            Order::Scan { request, give_up, deadline, out } => {
                let outcome = Scan { device, give_up: &give_up, deadline, out: &out }.run(options, &request, habits);
                // The client need not wait until the lamp is home.
                post.ending();
                // Nobody hears it if the scan was given up.
                let _ = out.send(Said::End(outcome));
                device.end_scan();
            }
            Order::Sense(out) => {
                // The same.
                let _ = out.send(senses(options));
            }
        }
        post.set(Doing::Nothing);
    }
}

fn wrong_option(error: OptionError) -> OpenError {
    match error {
        OptionError::Refused { status: Status::Invalid | Status::Unsupported, .. }
        | OptionError::Unknown(_)
        | OptionError::Value { .. }
        | OptionError::Inactive(_) => OpenError::BadConfig(format!("config.options: {error}")),
        OptionError::Refused { .. } => OpenError::Fault(error.to_string()),
    }
}

/// Why a scanner was not opened.
fn not_opened(place: &Place, name: &str, status: Status) -> OpenError {
    let backend = place.backend();
    match status {
        Status::AccessDenied => OpenError::NoPermission(format!("cannot open `{name}`: {status}")),
        Status::Invalid => OpenError::Absent(format!(
            "the SANE backend `{backend}` finds no scanner `{name}`; is it on and plugged in?"
        )),
        other => OpenError::Fault(format!("cannot open `{name}`: {other}")),
    }
}

fn has_sensors(options: &Options<'_>) -> bool {
    names::LOADED.iter().chain([&names::COVER_OPEN]).any(|name| options.number(name).is_some())
}

fn senses(options: &Options<'_>) -> Senses {
    let yes = |name: &str| options.number(name).map(|value| value != 0.0);
    if yes(names::COVER_OPEN) == Some(true) {
        return Senses { adf: Some(AdfState::CoverOpen) };
    }
    let loaded = names::LOADED.iter().find_map(|name| yes(name));
    Senses { adf: loaded.map(|loaded| if loaded { AdfState::Loaded } else { AdfState::Empty }) }
}
