use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

async fn camera(login: Option<&str>) -> Camera {
    let login = login.map(str::to_owned);
    Camera::start(Options { port: 0, shows: Shows::Test, size: (320, 240), fps: 30, people: None, login, seed: 1 })
        .await
        .unwrap()
}

/// What comes until `enough`, or the end.
async fn asked(camera: &Camera, request: &str, enough: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut stream = TcpStream::connect(camera.inner.plug.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut all, mut bytes) = (Vec::new(), [0; 4096]);
    while !enough(&all) {
        match stream.read(&mut bytes).await {
            Ok(count @ 1..) => all.extend_from_slice(&bytes[..count]),
            _ => break,
        }
    }
    all
}

fn count(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).filter(|part| *part == what).count()
}

const STREAM: &str = "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n";

#[tokio::test]
async fn a_stream_is_parts_with_numbered_pictures() {
    let camera = camera(None).await;
    let stream = asked(&camera, STREAM, |bytes| count(bytes, b"--frame") > 3).await;
    assert!(stream.starts_with(b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n"));
    assert!(count(&stream, b"frame=1 ") == 1 && count(&stream, b"frame=2 ") == 1);
    assert!(count(&stream, b"Content-Length: ") >= 3);
}

#[tokio::test]
async fn a_single_picture_is_a_jpeg() {
    let camera = camera(None).await;
    let answer = asked(&camera, "GET /snapshot HTTP/1.1\r\n\r\n", |_| false).await;
    let body = answer.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
    let picture = image::load_from_memory(&answer[body..]).unwrap();
    assert_eq!((picture.width(), picture.height()), (320, 240));
    assert!(asked(&camera, "GET / HTTP/1.1\r\n\r\n", |_| false).await.starts_with(b"HTTP/1.1 404"));
}

#[tokio::test]
async fn a_login_is_asked_for_and_taken() {
    let camera = camera(Some("Aladdin:open sesame")).await;
    assert!(asked(&camera, STREAM, |_| false).await.starts_with(b"HTTP/1.1 401"));
    // The example of RFC 7617, section 2.
    let with = "GET /snapshot HTTP/1.1\r\nauthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n";
    assert!(asked(&camera, with, |_| false).await.starts_with(b"HTTP/1.1 200"));
    assert_eq!(
        ["", "f", "fo", "foo", "foob"].map(|text| server::base64(text.as_bytes())),
        ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]
    );
}

#[tokio::test]
async fn each_fault_does_what_it_says() {
    let camera = camera(None).await;
    let fault = |order: Value| {
        camera.clear(None);
        camera.fault(order).unwrap();
    };
    fault(json!({ "fault": "refuse" }));
    assert!(asked(&camera, STREAM, |_| false).await.starts_with(b"HTTP/1.1 503"));
    fault(json!({ "fault": "drop", "after": 2 }));
    assert_eq!(count(&asked(&camera, STREAM, |_| false).await, b"--frame"), 3, "the third is cut");
    fault(json!({ "fault": "garbage", "of": "http" }));
    assert!(!asked(&camera, STREAM, |_| false).await.starts_with(b"HTTP"));
    fault(json!({ "fault": "cut_frame" }));
    assert_eq!(count(&asked(&camera, STREAM, |bytes| count(bytes, b"--frame") > 2).await, &[0xff, 0xd9]), 0);
    fault(json!({ "fault": "garbage", "of": "stream" }));
    assert_eq!(count(&asked(&camera, STREAM, |bytes| bytes.len() > 50_000).await, b"--frame"), 0);
    assert!(camera.fault(json!({ "fault": "jam" })).unwrap_err().to_string().contains("wrong_length"));
    camera.clear(None);
    camera.set(json!({ "lengths": false, "quoted": true, "boundary": "--x" })).unwrap();
    let stream = asked(&camera, STREAM, |bytes| count(bytes, b"----x") > 2).await;
    assert!(count(&stream, b"boundary=\"--x\"") == 1 && count(&stream, b"Content-Length") == 0);
    assert!(camera.set(json!({ "fps": 0 })).is_err());
}
