use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

async fn panel(protocol: Protocol) -> (Panel, TcpStream) {
    let panel = Panel::start(Options { port: 0, protocol, seed: 1 }).await.unwrap();
    let line = TcpStream::connect(panel.inner.plug.address()).await.unwrap();
    (panel, line)
}

/// Says something and reads an answer of this length.
async fn asked(line: &mut TcpStream, bytes: &[u8], length: usize) -> Vec<u8> {
    line.write_all(bytes).await.unwrap();
    let mut answer = vec![0; length];
    line.read_exact(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_nextion_panel_answers_as_its_level_says() {
    let (panel, mut line) = panel(Protocol::Nextion).await;
    // At the level of a start only errors are told: the one answer is that to the second instruction.
    assert_eq!(asked(&mut line, b"qr0.txt=\"x\"\xFF\xFF\xFFqr1.txt=\"x\"\xFF\xFF\xFF", 4).await, b"\x1A\xFF\xFF\xFF");
    assert_eq!(asked(&mut line, b"bkcmd=3\xFF\xFF\xFF", 4).await, b"\x01\xFF\xFF\xFF");
    assert_eq!(asked(&mut line, b"qr0.txt=\"a \\\"b\\\" \\\\\"\xFF\xFF\xFF", 4).await, b"\x01\xFF\xFF\xFF");
    assert_eq!(asked(&mut line, b"vis qr0,1\xFF\xFF\xFF", 4).await, b"\x01\xFF\xFF\xFF");
    assert_eq!(asked(&mut line, b"nonsense\xFF\xFF\xFF", 4).await, b"\x00\xFF\xFF\xFF");
    assert_eq!(asked(&mut line, b"sendme\xFF\xFF\xFF", 9).await, b"\x01\xFF\xFF\xFF\x66\x00\xFF\xFF\xFF");
    assert_eq!((&panel.state()["qr"], &panel.state()["visible"]), (&json!("a \"b\" \\"), &json!(true)));
}

#[tokio::test]
async fn a_dgus_panel_shows_its_variables() {
    let (panel, mut line) = panel(Protocol::Dgus).await;
    let done = b"\x5A\xA5\x03\x82OK";
    assert_eq!(asked(&mut line, b"\x00\x5A\xA5\x09\x82\x50\x00abc\0\0\0", 6).await, done);
    assert_eq!(asked(&mut line, b"\x5A\xA5\x07\x82\x52\x00\x1E\xA7\xFF\xFF", 6).await, done);
    assert_eq!(asked(&mut line, b"\x5A\xA5\x04\x83\x50\x00\x01", 9).await, b"\x5A\xA5\x06\x83\x50\x00\x01ab");
    assert_eq!((&panel.state()["qr"], &panel.state()["caption"]), (&json!("abc"), &json!("ầ")));
    panel.fault(json!({ "fault": "refuse", "code": 0 })).unwrap();
    assert_eq!(asked(&mut line, b"\x5A\xA5\x05\x82\x50\x00\0\0", 6).await, b"\x5A\xA5\x03\x82\0\0");
    assert_eq!(panel.state()["qr"], "abc", "what is refused is not done");
}
