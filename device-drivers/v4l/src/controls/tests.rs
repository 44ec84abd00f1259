use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// A camera's controls in memory.
#[derive(Default)]
struct Fake {
    controls: BTreeMap<u32, (abi::QueryControl, Vec<i32>)>,
    values: RefCell<BTreeMap<u32, i32>>,
    set: RefCell<Vec<(u32, i32)>>,
    broken: Option<Errno>,
}

fn range(minimum: i32, maximum: i32, step: i32) -> abi::QueryControl {
    abi::QueryControl { minimum, maximum, step, ..abi::QueryControl::default() }
}

impl Fake {
    fn with(mut self, id: u32, control: abi::QueryControl, value: i32) -> Self {
        self.controls.insert(id, (control, vec![]));
        self.values.borrow_mut().insert(id, value);
        self
    }

    fn with_menu(mut self, id: u32, entries: &[i32], value: i32) -> Self {
        self.controls.insert(id, (range(0, 3, 1), entries.to_vec()));
        self.values.borrow_mut().insert(id, value);
        self
    }

    /// As a usual USB camera has them.
    fn usual() -> Self {
        Self::default()
            .with(FOCUS_AUTO, range(0, 1, 1), 1)
            .with(FOCUS, range(0, 250, 5), 100)
            .with_menu(EXPOSURE_AUTO, &[1, 3], 3)
            .with(EXPOSURE, range(3, 2047, 1), 250)
            .with(BRIGHTNESS, range(-64, 64, 1), 0)
    }
}

impl Board for Fake {
    fn query(&self, id: u32) -> Result<abi::QueryControl, Errno> {
        match self.broken {
            Some(error) => Err(error),
            None => self.controls.get(&id).map(|(control, _)| *control).ok_or(Errno::INVAL),
        }
    }

    fn has_entry(&self, id: u32, entry: i32) -> bool {
        self.controls.get(&id).is_some_and(|(_, entries)| entries.contains(&entry))
    }

    fn get(&self, id: u32) -> Result<i32, Errno> {
        self.values.borrow().get(&id).copied().ok_or(Errno::INVAL)
    }

    fn set(&self, id: u32, value: i32) -> Result<(), Errno> {
        self.set.borrow_mut().push((id, value));
        self.values.borrow_mut().insert(id, value);
        Ok(())
    }

    fn trouble(&self, error: Errno, what: &'static str) -> Trouble {
        Trouble::of(error, what, "/dev/video9".as_ref())
    }
}

#[test]
fn values_are_told_as_a_part_of_what_the_device_can() {
    let expected = CameraControls {
        autofocus: Some(true),
        focus: Some(400),
        auto_exposure: Some(true),
        exposure: Some(121),
        brightness: Some(500),
        light: None,
    };
    assert_eq!(read(&Fake::usual()).unwrap(), expected);
    assert_eq!(read(&Fake::default()).unwrap(), CameraControls::default());
}

#[test]
fn a_value_by_hand_switches_the_automatic_off_first() {
    let fake = Fake::usual();
    write(&fake, &CameraControls { focus: Some(503), exposure: Some(1000), ..CameraControls::default() }).unwrap();
    assert_eq!(*fake.set.borrow(), [(FOCUS_AUTO, 0), (FOCUS, 125), (EXPOSURE_AUTO, 1), (EXPOSURE, 2047)]);
    let now = read(&fake).unwrap();
    assert_eq!(
        (now.autofocus, now.focus, now.auto_exposure, now.exposure),
        (Some(false), Some(500), Some(false), Some(1000))
    );
}

#[test]
fn the_automatic_is_the_one_that_the_camera_has() {
    let usb = Fake::usual();
    write(&usb, &CameraControls { auto_exposure: Some(true), ..CameraControls::default() }).unwrap();
    assert_eq!(*usb.set.borrow(), [(EXPOSURE_AUTO, 3)]);
    let other = Fake::default().with_menu(EXPOSURE_AUTO, &[0, 1], 1);
    write(&other, &CameraControls { auto_exposure: Some(true), ..CameraControls::default() }).unwrap();
    assert_eq!(*other.set.borrow(), [(EXPOSURE_AUTO, 0)]);
    let never = Fake::default().with_menu(EXPOSURE_AUTO, &[1], 1);
    assert!(matches!(
        write(&never, &CameraControls { auto_exposure: Some(true), ..CameraControls::default() }),
        Err(Trouble::Unsupported(_))
    ));
}

#[test]
fn what_the_camera_does_not_have_is_refused_and_nothing_is_set() {
    let fake = Fake::usual();
    let error = write(&fake, &CameraControls { brightness: Some(9), light: Some(1000), ..CameraControls::default() })
        .unwrap_err();
    assert!(matches!(&error, Trouble::Unsupported(text) if text.contains("light")), "{error}");
    let read_only = Fake::default().with(BRIGHTNESS, abi::QueryControl { flags: READ_ONLY, ..range(0, 9, 1) }, 1);
    let bright = CameraControls { brightness: Some(9), ..CameraControls::default() };
    assert!(matches!(write(&read_only, &bright), Err(Trouble::Unsupported(_))));
    for no_automatic in
        [CameraControls { autofocus: Some(false), ..bright }, CameraControls { auto_exposure: Some(true), ..bright }]
    {
        let bare = Fake::default().with(BRIGHTNESS, range(0, 9, 1), 1);
        assert!(matches!(write(&bare, &no_automatic), Err(Trouble::Unsupported(_))));
        assert!(bare.set.borrow().is_empty());
    }
    assert!(fake.set.borrow().is_empty());
}

#[test]
fn contradictions_and_values_out_of_range_are_refused() {
    let fake = Fake::usual();
    let both = CameraControls { autofocus: Some(true), focus: Some(1), ..CameraControls::default() };
    assert!(matches!(write(&fake, &both), Err(Trouble::Invalid { field: "payload.focus", .. })));
    let both = CameraControls { auto_exposure: Some(true), exposure: Some(1), ..CameraControls::default() };
    assert!(matches!(write(&fake, &both), Err(Trouble::Invalid { field: "payload.exposure", .. })));
    let much = CameraControls { brightness: Some(1001), ..CameraControls::default() };
    assert!(matches!(write(&fake, &much), Err(Trouble::Invalid { field: "payload.brightness", .. })));
    assert!(fake.set.borrow().is_empty());
}

#[test]
fn a_torch_is_switched_on_with_its_level_and_off_with_none() {
    let torch = Fake::default().with(LIGHTS[0], range(0, 200, 10), 0).with_menu(FLASH_LED_MODE, &[0, 1, 2], 0);
    let lit = |light| CameraControls { light: Some(light), ..CameraControls::default() };
    assert_eq!(read(&torch).unwrap().light, Some(0));
    write(&torch, &lit(500)).unwrap();
    assert_eq!(read(&torch).unwrap().light, Some(500));
    write(&torch, &lit(0)).unwrap();
    assert_eq!(*torch.set.borrow(), [(FLASH_LED_MODE, 2), (LIGHTS[0], 100), (FLASH_LED_MODE, 0), (LIGHTS[0], 0)]);
    let lamp = Fake::default().with(LIGHTS[1], range(0, 1, 1), 0);
    write(&lamp, &lit(1000)).unwrap();
    assert_eq!(read(&lamp).unwrap().light, Some(1000));
}

#[test]
fn a_camera_that_is_gone_is_no_camera_without_controls() {
    let gone = Fake { broken: Some(Errno::NODEV), ..Fake::usual() };
    assert!(read(&gone).unwrap_err().is_gone());
}

proptest! {
    #[test]
    fn any_range_gives_a_value_within_it(minimum: i32, maximum: i32, step: i32, value: u16, stray: i32) {
        let control = range(minimum, maximum, step);
        let meant = meant(&control, value);
        prop_assert!(meant == minimum || (minimum..=maximum).contains(&meant));
        prop_assert!(shown(&control, stray) <= 1000);
    }

    #[test]
    fn what_was_set_is_told_again(minimum in -5000i32..5000, span in 1000i32..9000, value in 0u16..=1000) {
        let control = range(minimum, minimum + span, 1);
        prop_assert_eq!(shown(&control, meant(&control, value)), value);
    }
}
