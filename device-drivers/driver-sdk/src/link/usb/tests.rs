//! The choice of an interface. Transfers are tested in the lab, against a kernel.

use super::choice::{Candidate, Choice, ChoiceError, Pipe, choose};
use crate::address::Address;
use crate::link::{LinkError, open_with_usb};

const OUT: Option<Pipe> = Some(Pipe { endpoint: 0x01 });
const IN: Option<Pipe> = Some(Pipe { endpoint: 0x82 });

fn setting(interface: u8, alternate: u8, class: u8, protocol: u8, input: Option<Pipe>) -> Candidate {
    Candidate { interface, alternate, class, protocol, out: OUT, input }
}

fn chosen(candidates: &[Candidate]) -> (u8, u8) {
    let Choice { interface, alternate, .. } = choose(candidates, None).unwrap();
    (interface, alternate)
}

#[test]
fn a_printer_that_answers_comes_before_one_that_does_not() {
    let settings = [setting(0, 0, 7, 1, None), setting(0, 1, 7, 2, IN), setting(0, 2, 7, 4, IN)];
    let choice = choose(&settings, None).unwrap();
    assert_eq!((choice.interface, choice.alternate, choice.needs_setting), (0, 1, true));
    assert!(choice.is_printer && choice.input == IN);
    assert_eq!(chosen(&settings[..1]), (0, 0));
}

#[test]
fn a_makers_own_interface_will_do_where_there_is_no_printer_class() {
    assert_eq!(chosen(&[setting(0, 0, 3, 1, IN), setting(1, 0, 0xFF, 0, IN)]), (1, 0));
    assert_eq!(chosen(&[setting(0, 0, 0xFF, 0, IN), setting(1, 0, 7, 1, None)]), (1, 0));
    let vendor = choose(&[setting(1, 0, 0xFF, 0, IN)], None).unwrap();
    assert!(!vendor.is_printer && !vendor.needs_setting);
}

#[test]
fn a_one_way_printer_is_not_listened_to() {
    assert_eq!(choose(&[setting(0, 0, 7, 1, IN)], None).unwrap().input, None);
}

#[test]
fn what_cannot_be_used_is_refused_with_what_there_is() {
    let ipp_only = [setting(0, 0, 7, 4, IN)];
    assert_eq!(choose(&ipp_only, None), Err(ChoiceError::None));
    let no_way_out = [Candidate { out: None, ..setting(0, 0, 7, 2, IN) }];
    assert_eq!(choose(&no_way_out, None), Err(ChoiceError::None));
    let two = [setting(0, 0, 7, 2, IN), setting(2, 0, 7, 2, IN)];
    assert_eq!(choose(&two, Some(2)).unwrap().interface, 2);
    let error = choose(&two, Some(1)).unwrap_err();
    assert_eq!(error, ChoiceError::NotThat { asked: 1, there: vec![0, 2] });
    assert!(error.to_string().contains("`interface=2`"), "{error}");
}

#[test]
fn an_address_that_names_no_device_is_refused_and_one_that_is_not_attached_is_absent() {
    let refusal = |text: &str| {
        let address = Address::parse(text).unwrap();
        open_with_usb(&address, std::time::Duration::from_millis(10)).err().expect("nothing to open")
    };
    for (text, names) in [
        ("usb:printer", "lsusb"),
        ("usb:04b8:0202?port=left", "port=left"),
        ("usb:04b8:0202?interface=x", "interface=x"),
        ("usb:04b8:0202?baud=9600", "`baud`"),
    ] {
        let error = refusal(text);
        assert!(matches!(&error, LinkError::BadAddress(what) if what.contains(names)), "{text}: {error:?}");
    }
    let error = refusal("usb:ffff:fffe?serial=none-has-this");
    assert!(matches!(&error, LinkError::Absent { reason, .. } if reason.contains("ffff:fffe")), "{error:?}");
}
