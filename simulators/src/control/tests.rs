use bytes::Bytes;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::client::{Client, ClientError};
use crate::device::Attach;
use crate::kiosk::{self, Kiosk, Options, Plan};
use crate::printer::{self, font::DEFAULT_FONT};
use crate::ups::{self, protocol::Account};
use crate::{scanner, ups::battery::Battery};

const ORIGIN: &str = "http://127.0.0.1:7180";

async fn kiosk() -> Kiosk {
    let account = Account { ups: "kiosk".into(), user: "u".into(), password: "p".into() };
    let attach = Attach::Tcp(0);
    let options = Options {
        devices: vec![
            Plan::Scanner(scanner::Options { port: 0, samples: kiosk::samples(), reload: false, seed: 1 }),
            Plan::Printer(printer::Options { attach, width: 576, buffer: 4096, font: DEFAULT_FONT.into(), seed: 1 }),
            Plan::Ups(ups::Options { attach: Attach::Tcp(0), account, acceleration: 0.0, seed: 1 }),
        ],
        control_port: 0,
        allow_origin: Some(ORIGIN.into()),
        leave_out_missing: false,
    };
    Kiosk::start(options).await.unwrap()
}

fn address(kiosk: &Kiosk, of: &str) -> String {
    kiosk.addresses()[of].as_str().unwrap().to_owned()
}

fn json_of(bytes: &Bytes) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// The head of the answer to a request written by hand.
async fn raw(kiosk: &Kiosk, request: &str) -> String {
    let address = address(kiosk, "control").replace("http://", "");
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.write_all(request.replace("HERE", &address).as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.to_lowercase()
}

#[tokio::test]
async fn every_device_is_listed_with_its_faults_and_state() {
    let kiosk = kiosk().await;
    let client = Client::new(&address(&kiosk, "control")).unwrap();
    let list = json_of(&client.get("/devices").await.unwrap());
    let names: Vec<_> = list["devices"].as_array().unwrap().iter().map(|device| device["name"].clone()).collect();
    assert_eq!(names, ["scanner", "printer", "ups"]);
    for name in ["scanner", "printer", "ups"] {
        let state = json_of(&client.get(&format!("/devices/{name}")).await.unwrap());
        assert_eq!((&state["plugged"], &state["faults"]), (&json!(true), &json!([])));
    }
    let state = json_of(&client.get("/devices/ups").await.unwrap());
    assert_eq!(state["charge"].as_f64(), Some(Battery::default().charge));
}

#[tokio::test]
async fn knobs_are_turned_cleared_and_logged() {
    let kiosk = kiosk().await;
    let client = Client::new(&address(&kiosk, "control")).unwrap();
    let state = json_of(&client.post("/devices/scanner/fault", &json!({ "fault": "jam", "page": 2 })).await.unwrap());
    assert_eq!(state["faults"], json!([{ "fault": "jam", "page": 2 }]));
    client.post("/devices/scanner/load", &json!({ "adf": 2 })).await.unwrap();
    let state = json_of(&client.post("/devices/scanner/clear", &Value::Null).await.unwrap());
    assert_eq!((&state["faults"], state["adf"].as_array().unwrap().len()), (&json!([]), 2));
    let state = json_of(&client.post("/devices/ups/set", &json!({ "mains": "off" })).await.unwrap());
    assert_eq!(state["status"], "OB DISCHRG");
    let exchanges = json_of(&client.get("/devices/ups/exchanges").await.unwrap());
    assert!(exchanges["exchanges"][0]["text"].as_str().unwrap().contains("mains"));
    let state = json_of(&client.post("/devices/printer/unplug", &Value::Null).await.unwrap());
    assert_eq!(state["plugged"], false);
    assert!(TcpStream::connect(address(&kiosk, "printer").replace("tcp:", "")).await.is_err());
    let state = json_of(&client.post("/devices/printer/plug", &Value::Null).await.unwrap());
    assert_eq!(state["plugged"], true);
}

#[tokio::test]
async fn paper_and_receipts_are_png_files() {
    let kiosk = kiosk().await;
    let client = Client::new(&address(&kiosk, "control")).unwrap();
    let paper = client.get("/devices/printer/paper.png").await.unwrap();
    assert_eq!(image::guess_format(&paper).unwrap(), image::ImageFormat::Png);
    let mut port = TcpStream::connect(address(&kiosk, "printer").replace("tcp:", "")).await.unwrap();
    port.write_all(b"hello\n\x1dV\x00\x1dr\x01").await.unwrap();
    assert_eq!(port.read_u8().await.unwrap(), 0);
    let receipts = json_of(&client.get("/devices/printer/receipts").await.unwrap());
    assert_eq!(receipts["receipts"][0]["text"], json!(["hello"]));
    let receipt = client.get("/devices/printer/receipts/1.png").await.unwrap();
    assert_eq!(image::load_from_memory(&receipt).unwrap().width(), 576);
    assert_eq!(client.get("/devices/printer/paper.png").await.unwrap(), receipt);
}

#[tokio::test]
async fn wrong_orders_are_refused_with_a_reason() {
    let kiosk = kiosk().await;
    let client = Client::new(&address(&kiosk, "control")).unwrap();
    for (path, order, status, word) in [
        ("/devices/scanner/fault", json!({ "fault": "fire" }), 400, "adf_empty"),
        ("/devices/scanner/fault", json!({}), 400, "must be a JSON object"),
        ("/devices/ups/set", json!({ "charge": 200 }), 400, "0 to 100"),
        ("/devices/toaster/fault", json!({}), 404, "scanner, printer, ups"),
        ("/devices/ups/explode", json!({}), 404, "unplug"),
        ("/nothing", json!({}), 404, "no such address"),
    ] {
        match client.post(path, &order).await {
            Err(ClientError::Refused { status: was, message }) => {
                assert!(was.as_u16() == status && message.contains(word), "{path}: {was} {message}");
            }
            other => panic!("{path}: {other:?}"),
        }
    }
    assert!(client.get("/devices/printer/receipts/9.png").await.is_err());
    assert!(Client::new("nonsense").is_err() && Client::new("https://127.0.0.1:1").is_err());
    let answer = raw(
        &kiosk,
        "POST /devices/ups/set HTTP/1.1\r\nHost: HERE\r\nConnection: close\r\nContent-Length: 3\r\n\r\n{x}",
    )
    .await;
    assert!(answer.starts_with("http/1.1 400") && answer.contains("not json"), "{answer}");
}

#[tokio::test]
async fn only_this_host_and_the_allowed_origin_get_in() {
    let kiosk = kiosk().await;
    let get = |head: &str| format!("GET /devices HTTP/1.1\r\nConnection: close\r\n{head}\r\n\r\n");
    let plain = raw(&kiosk, &get("Host: HERE")).await;
    assert!(plain.starts_with("http/1.1 200") && !plain.contains("access-control"), "{plain}");
    assert!(raw(&kiosk, &get("Host: evil.example")).await.starts_with("http/1.1 421"));
    assert!(raw(&kiosk, &get("Host: 127.0.0.1")).await.starts_with("http/1.1 421"));
    assert!(raw(&kiosk, &get("Host: HERE\r\nOrigin: http://evil.example")).await.starts_with("http/1.1 403"));
    let allowed = raw(&kiosk, &get(&format!("Host: HERE\r\nOrigin: {ORIGIN}"))).await;
    assert!(allowed.contains(&format!("access-control-allow-origin: {ORIGIN}\r\n")), "{allowed}");
    let preflight =
        format!("OPTIONS /devices/ups/set HTTP/1.1\r\nHost: HERE\r\nConnection: close\r\nOrigin: {ORIGIN}\r\n\r\n");
    let answer = raw(&kiosk, &preflight).await;
    assert!(
        answer.starts_with("http/1.1 204") && answer.contains("access-control-allow-headers: content-type"),
        "{answer}"
    );
}
