//! The virtual serial device under the kernel's own driver, `cdc_acm`.

use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::{self, usb};
use kiosk_tests::peers::{Peer, peer};

use super::usb_peers::lsusb;

#[tokio::test]
async fn cdc_acm_sends_bytes_there_and_back_and_sets_the_line() {
    let plugged = Plugged::start(&["serial,serial=ACM-1"]).await;
    let node = usb::node("tty", &usb::device("ACM-1").await).await;
    let node = node.display();
    let script = format!(
        "stty -F {node} raw -echo 57600; exec 3<>{node}; stty -F {node} -a | grep -o 'speed [0-9]*'; \
         printf 'xin chao' >&3; timeout 60 head -c 8 <&3"
    );
    let said = lab::run(Peer::new(&peer("sh")).args(["-c", &script])).await.ok();
    assert_eq!(said.trim_end(), "speed 57600\nxin chao");
    assert_eq!(plugged.state("serial").await["baud"], 57600);
    lsusb("0525:a4a7", &[]).await;
}
