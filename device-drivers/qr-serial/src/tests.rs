use std::sync::{Arc, Mutex};

use kiosk_driver_sdk::LinkError;
use kiosk_driver_sdk::protocol::blob::BlobId;
use kiosk_driver_sdk::protocol::qr_display::QrContent;
use kiosk_driver_sdk::protocol::session::Empty;
use kiosk_driver_sdk::testing::Bench;

use super::*;

/// A Nextion panel that does everything, or nothing, and what it was told.
#[derive(Clone, Default)]
struct Obedient(Arc<Mutex<Told>>);

#[derive(Default)]
struct Told {
    instructions: Vec<String>,
    answer: Vec<u8>,
    heard: Vec<u8>,
    silent: bool,
    /// Successes are not told: `bkcmd` is that of a start.
    terse: bool,
}

impl Link for Obedient {
    fn read(&mut self, buffer: &mut [u8], _until: &Until) -> Result<usize, LinkError> {
        let mut told = self.0.lock().unwrap();
        let count = told.answer.len().min(buffer.len());
        buffer[..count].copy_from_slice(&told.answer[..count]);
        told.answer.drain(..count);
        if count == 0 { Err(LinkError::Timeout { done: 0 }) } else { Ok(count) }
    }

    fn write_all(&mut self, bytes: &[u8], _until: &Until) -> Result<(), LinkError> {
        let mut told = self.0.lock().unwrap();
        told.heard.extend_from_slice(bytes);
        while let Some(end) = told.heard.windows(3).position(|end| end == [0xFF; 3]) {
            let instruction: Vec<u8> = told.heard.drain(..end + 3).take(end).collect();
            let answer: &[u8] = match &instruction[..] {
                b"sendme" => &[0x66, 0, 0xFF, 0xFF, 0xFF],
                b"" => &[0x00, 0xFF, 0xFF, 0xFF],
                b"bkcmd=3" => {
                    told.terse = false;
                    &[0x01, 0xFF, 0xFF, 0xFF]
                }
                _ if told.terse => &[],
                _ => &[0x01, 0xFF, 0xFF, 0xFF],
            };
            if !told.silent {
                told.answer.extend_from_slice(answer);
            }
            told.instructions.push(String::from_utf8(instruction).unwrap());
        }
        Ok(())
    }
}

impl Obedient {
    fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().instructions)
    }

    /// It starts anew, and says so or not.
    fn restart(&self, greeting: &[u8]) {
        let mut told = self.0.lock().unwrap();
        told.terse = true;
        told.answer.extend_from_slice(greeting);
    }

    fn silent(&self, silent: bool) {
        self.0.lock().unwrap().silent = silent;
    }
}

fn opened() -> (QrSerial, Obedient) {
    let link = Obedient::default();
    let config = config::Nextion { qr: "qr0".into(), caption: "t0".into(), qr_max: 192, caption_max: 240 };
    let opened = QrSerial::begin(Box::new(link.clone()), Config::Nextion(config)).unwrap();
    assert!(opened.capabilities.captions && !opened.capabilities.images);
    assert_eq!(link.told(), ["", "bkcmd=3", "vis qr0,0", "qr0.txt=\"\"", "t0.txt=\"\""]);
    (opened.driver, link)
}

fn show(content: QrContent) -> QrDisplayRequest {
    QrDisplayRequest::Show(ShowRequest { content, caption: Some(PersonalText::new("Le\u{302}\u{323}")), expires_s: 1 })
}

fn text(text: &str) -> QrDisplayRequest {
    show(QrContent::Text { text: PersonalText::new(text) })
}

#[test]
fn a_code_is_hidden_while_it_and_its_caption_change() {
    let (mut driver, panel) = opened();
    let shown = driver.handle(text("a\"b"), &mut Bench::new().cx()).unwrap();
    assert!(shown.showing);
    assert_eq!(panel.told(), ["vis qr0,0", "qr0.txt=\"a\\\"b\"", "t0.txt=\"Lệ\"", "vis qr0,1"]);
    assert!(!driver.handle(QrDisplayRequest::Clear(Empty {}), &mut Bench::new().cx()).unwrap().showing);
    assert_eq!(panel.told(), ["vis qr0,0", "qr0.txt=\"\"", "t0.txt=\"\""]);
}

#[test]
fn it_is_taken_away_when_its_time_is_over_and_when_the_driver_ends() {
    let (mut driver, panel) = opened();
    driver.handle(text("x"), &mut Bench::new().cx()).unwrap();
    assert!(driver.idle().unwrap().showing);
    driver.state = State::Until(Instant::now());
    panel.told();
    assert!(!driver.idle().unwrap().showing);
    assert_eq!(panel.told()[0], "vis qr0,0");
    driver.handle(text("x"), &mut Bench::new().cx()).unwrap();
    panel.told();
    drop(driver);
    assert_eq!(panel.told(), ["vis qr0,0", "qr0.txt=\"\"", "t0.txt=\"\""]);
}

#[test]
fn after_a_failure_the_panel_is_set_up_and_cleared_before_anything_else() {
    let (mut driver, panel) = opened();
    panel.silent(true);
    let failure = driver.handle(text("x"), &mut Bench::new().cx()).unwrap_err();
    assert_eq!(failure.code, ErrorCode::DeviceSilent);
    assert_eq!(driver.idle().unwrap_err().code, ErrorCode::DeviceSilent);
    panel.silent(false);
    panel.told();
    assert!(!driver.idle().unwrap().showing);
    assert_eq!(panel.told()[..3], ["", "bkcmd=3", "vis qr0,0"]);
}

#[test]
fn a_code_is_shown_although_the_panel_has_started_anew() {
    let (mut driver, panel) = opened();
    panel.restart(&[0, 0, 0, 0xFF, 0xFF, 0xFF, 0x88, 0xFF, 0xFF, 0xFF]);
    assert!(driver.handle(text("x"), &mut Bench::new().cx()).unwrap().showing);
    let told = panel.told();
    assert_eq!(told[..2], ["", "bkcmd=3"], "it has said so: nothing was tried in vain");
    assert_eq!(told.last().unwrap(), "vis qr0,1");
    panel.restart(&[]);
    assert!(driver.handle(text("y"), &mut Bench::new().cx()).unwrap().showing);
    let told = panel.told();
    assert!(told[0] == "vis qr0,0" && told.contains(&"bkcmd=3".to_owned()), "{told:?}");
    assert_eq!(told[told.len() - 3..], ["qr0.txt=\"y\"", "t0.txt=\"Lệ\"", "vis qr0,1"]);
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_sent() {
    let (mut driver, panel) = opened();
    let long = driver.handle(text(&"x".repeat(193)), &mut Bench::new().cx()).unwrap_err();
    assert_eq!(long.code, ErrorCode::TooLarge);
    assert!(long.detail.contains("193") && long.detail.contains("192 (config.qr_max)"), "{}", long.detail);
    let image = show(QrContent::Image { blob: BlobId("b1".into()) });
    assert_eq!(driver.handle(image, &mut Bench::new().cx()).unwrap_err().code, ErrorCode::Unsupported);
    assert_eq!(driver.handle(text("a\0b"), &mut Bench::new().cx()).unwrap_err().code, ErrorCode::Unsupported);
    assert!(panel.told().is_empty());
}
