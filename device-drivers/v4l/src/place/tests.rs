use super::*;

fn place(text: &str) -> Result<Place, String> {
    Place::of(&Address::parse(text).unwrap()).map_err(|error| error.to_string())
}

#[test]
fn a_node_or_a_link_to_one_is_a_place() {
    assert_eq!(place("video:/dev/video0"), Ok(Place::Node("/dev/video0".into())));
    let link = "/dev/v4l/by-id/usb-046d_0825_A1B2-video-index0";
    assert_eq!(place(&format!("video:{link}")), Ok(Place::Node(link.into())));
}

#[test]
fn a_usb_device_is_a_place() {
    let Ok(Place::Usb(usb)) = place("usb:046d:0825?serial=A1") else { panic!() };
    assert_eq!((usb.vendor, usb.product, usb.serial.as_deref()), (0x046d, 0x0825, Some("A1")));
}

#[test]
fn what_is_no_camera_is_refused_with_an_example() {
    for wrong in ["video:video0", "video:/etc/passwd", "video:/dev/../etc/passwd", "video:/dev/video0?fps=3"] {
        assert!(place(wrong).unwrap_err().contains("video:/dev/video0"), "{wrong}");
    }
    assert!(place("tcp:127.0.0.1:80").unwrap_err().contains("`usb:`, `video:`"));
    assert!(place("usb:046d").unwrap_err().contains("usb:04b8:0202"));
}

#[test]
fn a_usb_device_that_is_not_there_is_absent() {
    let nowhere = place("usb:f0f0:0f0f?serial=none").unwrap().nodes().unwrap_err();
    assert!(nowhere.is_gone(), "{nowhere}");
}
