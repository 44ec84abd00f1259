//! The scanner over real sockets, and its parts alone.

mod faults;
mod protocol;
mod settings;
mod states;

use std::path::Path;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use image::{Rgb, RgbImage};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;

use super::{Options, Scanner};
use crate::device::Device;

/// Pixels of the test pages.
const PAGE: (u32, u32) = (240, 320);

/// A scanner with small pages of its own.
struct Rig {
    scanner: Scanner,
    folder: TempDir,
}

impl Rig {
    async fn new(pages: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..pages {
            write_page(&folder.path().join(format!("page{number}.jpg")), number);
        }
        let samples = folder.path().to_owned();
        let scanner = Scanner::start(Options { port: 0, samples, reload: false, seed: 1 }).await.unwrap();
        Self { scanner, folder }
    }

    fn fault(&self, order: Value) {
        self.scanner.fault(order).unwrap();
    }

    async fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.scanner.inner.plug.address()).await.unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Client { sender, authority: self.scanner.inner.plug.address().to_string() }
    }

    async fn request(&self, method: Method, path: &str, body: &str) -> hyper::Result<Response<Incoming>> {
        self.connect().await.send(method, path, body).await
    }

    async fn get(&self, path: &str) -> (StatusCode, Bytes) {
        let response = self.request(Method::GET, path, "").await.unwrap();
        let status = response.status();
        (status, response.into_body().collect().await.unwrap().to_bytes())
    }

    /// Begins a job; its path.
    async fn job(&self, settings: &str) -> String {
        let response = self.request(Method::POST, "/eSCL/ScanJobs", settings).await.unwrap();
        assert_eq!(response.status(), StatusCode::CREATED);
        let location = response.headers()["location"].to_str().unwrap();
        location.strip_prefix(self.scanner.url().trim_end_matches("/eSCL")).unwrap().to_owned()
    }

    async fn job_refused(&self, settings: &str) -> StatusCode {
        self.request(Method::POST, "/eSCL/ScanJobs", settings).await.unwrap().status()
    }

    async fn next(&self, job: &str) -> (StatusCode, Bytes) {
        self.get(&format!("{job}/NextDocument")).await
    }

    /// A page whose body is still to be read.
    async fn open_page(&self, job: &str) -> Incoming {
        let response = self.request(Method::GET, &format!("{job}/NextDocument"), "").await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.into_body()
    }

    /// Text of an element of the status.
    async fn status(&self, element: &str) -> String {
        let (status, body) = self.get("/eSCL/ScannerStatus").await;
        assert_eq!(status, StatusCode::OK);
        let text = std::str::from_utf8(&body).unwrap();
        let document = roxmltree::Document::parse(text).unwrap();
        let node = document.descendants().find(|node| node.tag_name().name() == element);
        node.and_then(|node| node.text()).unwrap_or_default().to_owned()
    }

    /// Waits until the newest job's state is this, as the control port tells it.
    async fn until_job(&self, wanted: &str) {
        let mut state = self.scanner.inner.state.subscribe();
        let is_so = |state: &super::State| state.jobs.back().is_some_and(|job| json!(job.state) == json!(wanted));
        state.wait_for(is_so).await.unwrap();
    }

    fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(name)).unwrap()
    }
}

struct Client {
    sender: http1::SendRequest<Full<Bytes>>,
    authority: String,
}

impl Client {
    async fn send(&mut self, method: Method, path: &str, body: &str) -> hyper::Result<Response<Incoming>> {
        let body = Full::new(Bytes::copy_from_slice(body.as_bytes()));
        let request = Request::builder().method(method).uri(path).header("host", &self.authority).body(body).unwrap();
        self.sender.send_request(request).await
    }
}

/// A page that differs from the others and does not compress to nothing.
fn write_page(path: &Path, number: usize) {
    let mut random = crate::random::Random::new(number as u64, "page");
    let page = RgbImage::from_fn(PAGE.0, PAGE.1, |x, y| {
        let noise = (random.bits() % 64) as u8;
        Rgb([(x % 192) as u8 + noise, (y % 192) as u8 + noise, noise])
    });
    page.save(path).unwrap();
}

/// Settings with these elements; the region is the test page.
fn settings(elements: &str) -> String {
    let (width, height) = PAGE;
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
        <scan:ScanSettings xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03"
            xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm"><pwg:Version>2.97</pwg:Version>
        <pwg:ScanRegions><pwg:ScanRegion><pwg:Height>{height}</pwg:Height>
            <pwg:ContentRegionUnits>escl:ThreeHundredthsOfInches</pwg:ContentRegionUnits>
            <pwg:Width>{width}</pwg:Width><pwg:XOffset>0</pwg:XOffset><pwg:YOffset>0</pwg:YOffset>
        </pwg:ScanRegion></pwg:ScanRegions>{elements}</scan:ScanSettings>"#
    )
}

fn flatbed() -> String {
    settings("<pwg:InputSource>Platen</pwg:InputSource>")
}

fn feeder() -> String {
    settings("<pwg:InputSource>Feeder</pwg:InputSource>")
}
