//! Focus, exposure, brightness and light: the kernel's controls, each from 0 to 1000 of what the device can.
//!
//! Document: Linux, `Documentation/userspace-api/media/v4l`, "User Controls", "Camera Control Reference" and "Flash
//! Control Reference"; the numbers are those of `include/uapi/linux/v4l2-controls.h`.
//!
//! What is not here: `V4L2_CID_BACKLIGHT_COMPENSATION`, which is no light but a kind of exposure.

#[cfg(test)]
mod tests;

use kiosk_driver_sdk::protocol::camera::CameraControls;
use rustix::io::Errno;

use crate::ffi::abi;
use crate::trouble::Trouble;

/// `V4L2_CID_FOCUS_AUTO`
const FOCUS_AUTO: u32 = 0x009a_090c;
/// `V4L2_CID_FOCUS_ABSOLUTE`
const FOCUS: u32 = 0x009a_090a;
/// `V4L2_CID_EXPOSURE_AUTO`, a menu.
const EXPOSURE_AUTO: u32 = 0x009a_0901;
/// `V4L2_CID_EXPOSURE_ABSOLUTE`
const EXPOSURE: u32 = 0x009a_0902;
/// `V4L2_CID_BRIGHTNESS`
const BRIGHTNESS: u32 = 0x0098_0900;
/// `V4L2_CID_FLASH_TORCH_INTENSITY` and `V4L2_CID_ILLUMINATORS_1`: the first that there is, is the light.
const LIGHTS: [u32; 2] = [0x009c_0908, 0x0098_0925];
/// `V4L2_CID_FLASH_LED_MODE`, a menu that the torch needs on.
const FLASH_LED_MODE: u32 = 0x009c_0901;
/// `V4L2_FLASH_LED_MODE_NONE`, `V4L2_FLASH_LED_MODE_TORCH`
const LED_OFF: i32 = 0;
const LED_TORCH: i32 = 2;
/// Of the exposure menu: what counts as automatic (`V4L2_EXPOSURE_APERTURE_PRIORITY`, which USB cameras have, and
/// `V4L2_EXPOSURE_AUTO`), and what leaves the time to us (`V4L2_EXPOSURE_MANUAL`, `V4L2_EXPOSURE_SHUTTER_PRIORITY`).
const EXPOSES_ITSELF: [i32; 2] = [3, 0];
const EXPOSED_BY_HAND: [i32; 2] = [1, 2];

/// `V4L2_CTRL_FLAG_DISABLED`, `V4L2_CTRL_FLAG_WRITE_ONLY`: not to be read, `V4L2_CTRL_FLAG_READ_ONLY`: not to be set.
const UNREADABLE: u32 = 0x0001 | 0x0040;
const READ_ONLY: u32 = 0x0004;

/// The whole range of a control, as clients see it.
const WHOLE: i64 = 1000;

/// The controls of a device, by number.
pub(crate) trait Board {
    /// What a control can be; EINVAL if there is none.
    fn query(&self, id: u32) -> Result<abi::QueryControl, Errno>;
    /// Does its menu have this entry?
    fn has_entry(&self, id: u32, entry: i32) -> bool;
    /// Its value.
    fn get(&self, id: u32) -> Result<i32, Errno>;
    /// Sets it.
    fn set(&self, id: u32, value: i32) -> Result<(), Errno>;
    /// What a failed call means.
    fn trouble(&self, error: Errno, what: &'static str) -> Trouble;
}

/// The controls as they are; those that the device does not have, or does not let be read now, are absent.
///
/// # Errors
/// If the device is gone or does not answer.
pub(crate) fn read(board: &dyn Board) -> Result<CameraControls, Trouble> {
    let number = |id| match find(board, id)? {
        Some(control) => value(board, id).map(|value| value.map(|value| shown(&control, value))),
        None => Ok(None),
    };
    let exposes_itself = value_of(board, EXPOSURE_AUTO)?.map(|entry| EXPOSES_ITSELF.contains(&entry));
    let light = match light(board)? {
        Some(_) if value_of(board, FLASH_LED_MODE)?.is_some_and(|mode| mode != LED_TORCH) => Some(0),
        Some(id) => number(id)?,
        None => None,
    };
    Ok(CameraControls {
        autofocus: value_of(board, FOCUS_AUTO)?.map(|on| on != 0),
        focus: number(FOCUS)?,
        auto_exposure: exposes_itself,
        exposure: number(EXPOSURE)?,
        brightness: number(BRIGHTNESS)?,
        light,
    })
}

/// Sets what is wanted. Nothing is set if something of it cannot be.
///
/// # Errors
/// [`Trouble::Unsupported`] for what the device does not have, [`Trouble::Invalid`] for what contradicts itself.
pub(crate) fn write(board: &dyn Board, wanted: &CameraControls) -> Result<(), Trouble> {
    for step in plan(board, wanted)? {
        board.set(step.id, step.value).map_err(|error| board.trouble(error, step.what))?;
    }
    Ok(())
}

/// One control to be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    id: u32,
    value: i32,
    what: &'static str,
}

/// All that is to be set, in the order in which devices take it: the automatic goes off before its value is set.
fn plan(board: &dyn Board, wanted: &CameraControls) -> Result<Vec<Step>, Trouble> {
    let CameraControls { autofocus, focus, auto_exposure, exposure, brightness, light: lamp } = *wanted;
    contradiction("payload.focus", "autofocus", autofocus, focus)?;
    contradiction("payload.exposure", "auto_exposure", auto_exposure, exposure)?;
    let mut steps = Vec::new();
    let by_hand = |automatic: Option<bool>, value: Option<u16>| automatic.or(value.map(|_| false));
    if let Some(on) = by_hand(autofocus, focus) {
        match find(board, FOCUS_AUTO)? {
            Some(_) => steps.push(Step { id: FOCUS_AUTO, value: on.into(), what: "autofocus" }),
            None if autofocus == Some(true) || focus.is_none() => return Err(missing("autofocus")),
            // A focus without an automatic is by hand already.
            None => {}
        }
    }
    steps.extend(number(board, FOCUS, "focus", focus)?);
    if let Some(on) = by_hand(auto_exposure, exposure) {
        let entries = if on { EXPOSES_ITSELF } else { EXPOSED_BY_HAND };
        match find(board, EXPOSURE_AUTO)? {
            Some(_) => {
                let entry = entries.into_iter().find(|entry| board.has_entry(EXPOSURE_AUTO, *entry));
                let value = entry.ok_or_else(|| missing(if on { "automatic exposure" } else { "exposure by hand" }))?;
                steps.push(Step { id: EXPOSURE_AUTO, value, what: "auto_exposure" });
            }
            None if auto_exposure == Some(true) || exposure.is_none() => return Err(missing("automatic exposure")),
            None => {}
        }
    }
    steps.extend(number(board, EXPOSURE, "exposure", exposure)?);
    steps.extend(number(board, BRIGHTNESS, "brightness", brightness)?);
    if let Some(level) = lamp {
        let id = light(board)?.ok_or_else(|| missing("light of its own"))?;
        if find(board, FLASH_LED_MODE)?.is_some() {
            let value = if level == 0 { LED_OFF } else { LED_TORCH };
            steps.push(Step { id: FLASH_LED_MODE, value, what: "light" });
        }
        steps.extend(number(board, id, "light", Some(level))?);
    }
    Ok(steps)
}

fn contradiction(field: &'static str, name: &str, automatic: Option<bool>, value: Option<u16>) -> Result<(), Trouble> {
    if automatic == Some(true) && value.is_some() {
        let problem = format!("a value switches {name} off, which the same command switches on: say one of them");
        return Err(Trouble::Invalid { field, problem });
    }
    Ok(())
}

fn number(board: &dyn Board, id: u32, what: &'static str, value: Option<u16>) -> Result<Option<Step>, Trouble> {
    let Some(value) = value else { return Ok(None) };
    if i64::from(value) > WHOLE {
        let field = match what {
            "focus" => "payload.focus",
            "exposure" => "payload.exposure",
            "brightness" => "payload.brightness",
            _ => "payload.light",
        };
        return Err(Trouble::Invalid { field, problem: format!("{what} is {value}; use 0 to {WHOLE}") });
    }
    let control = find(board, id)?.filter(|control| control.flags & READ_ONLY == 0).ok_or_else(|| missing(what))?;
    Ok(Some(Step { id, value: meant(&control, value), what }))
}

fn missing(what: &str) -> Trouble {
    Trouble::Unsupported(format!("the camera has no control for {what}; its status lists those that it has"))
}

fn light(board: &dyn Board) -> Result<Option<u32>, Trouble> {
    for id in LIGHTS {
        if find(board, id)?.is_some() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// A control, if the device has it and it can be read.
fn find(board: &dyn Board, id: u32) -> Result<Option<abi::QueryControl>, Trouble> {
    match board.query(id) {
        Ok(control) => Ok((control.flags & UNREADABLE == 0).then_some(control)),
        Err(error) => absent_or(board, error),
    }
}

fn value_of(board: &dyn Board, id: u32) -> Result<Option<i32>, Trouble> {
    match find(board, id)? {
        Some(_) => value(board, id),
        None => Ok(None),
    }
}

fn value(board: &dyn Board, id: u32) -> Result<Option<i32>, Trouble> {
    match board.get(id) {
        Ok(value) => Ok(Some(value)),
        // A camera that cannot say one of its values is not a broken one.
        Err(Errno::IO | Errno::PIPE | Errno::ACCESS) => Ok(None),
        Err(error) => absent_or(board, error),
    }
}

fn absent_or<T>(board: &dyn Board, error: Errno) -> Result<Option<T>, Trouble> {
    if matches!(error, Errno::INVAL | Errno::NOTTY) { Ok(None) } else { Err(board.trouble(error, "its controls")) }
}

/// A device's value as one from 0 to 1000.
fn shown(control: &abi::QueryControl, value: i32) -> u16 {
    let (least, most) = (i64::from(control.minimum), i64::from(control.maximum));
    let span = most - least;
    if span <= 0 {
        return 0;
    }
    let above = (i64::from(value) - least).clamp(0, span);
    u16::try_from((above * WHOLE + span / 2) / span).expect("between 0 and 1000")
}

/// The device's value nearest to one from 0 to 1000, on one of its steps.
fn meant(control: &abi::QueryControl, value: u16) -> i32 {
    let (least, most) = (i64::from(control.minimum), i64::from(control.maximum));
    let (span, step) = ((most - least).max(0), i64::from(control.step.max(1)));
    let above = (i64::from(value).min(WHOLE) * span + WHOLE / 2) / WHOLE;
    // The highest step may not be the maximum.
    let stepped = ((above + step / 2) / step * step).min(span / step * step);
    i32::try_from(least + stepped).expect("between the device's minimum and maximum, which are i32")
}
