//! `kiosk-simulate ctl` and `list`.

use anyhow::{Context, bail};
use kiosk_simulators::control::client::Client;
use kiosk_simulators::{kiosk, usb};
use serde_json::{Map, Value};

use crate::command::CtlArgs;

/// Turns one knob, or looks.
pub(crate) async fn ctl(arguments: CtlArgs) -> anyhow::Result<()> {
    let CtlArgs { control, device, action, rest } = arguments;
    let client = Client::new(&control)?;
    let Some(device) = device else { return show(&client.get("/devices").await?) };
    let path = format!("/devices/{device}");
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    match (action.as_deref(), rest.as_slice()) {
        (None, _) => show(&client.get(&path).await?),
        (Some(list @ ("exchanges" | "receipts")), []) => show(&client.get(&format!("{path}/{list}")).await?),
        (Some("paper"), [file]) => save(file, &client.get(&format!("{path}/paper.png")).await?),
        (Some("receipt"), [number, file]) => save(file, &client.get(&format!("{path}/receipts/{number}.png")).await?),
        (Some(action @ "fault"), [name, parameters @ ..]) | (Some(action @ "clear"), [name, parameters @ ..]) => {
            let mut order = pairs(parameters)?;
            order.insert("fault".into(), (*name).into());
            show(&client.post(&format!("{path}/{action}"), &order.into()).await?)
        }
        (Some(action), parameters) => {
            let order = pairs(parameters)?;
            show(&client.post(&format!("{path}/{action}"), &order.into()).await?)
        }
    }
}

/// `key=value` words as a JSON object; a value that is JSON is taken as such, `a,b` as it stands otherwise.
fn pairs(words: &[&str]) -> anyhow::Result<Map<String, Value>> {
    let mut object = Map::new();
    for word in words {
        let Some((key, value)) = word.split_once('=') else { bail!("{word:?} is not key=value") };
        object.insert(key.into(), serde_json::from_str(value).unwrap_or_else(|_| Value::from(value)));
    }
    Ok(object)
}

fn save(file: &str, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(file, bytes).with_context(|| format!("cannot write {file}"))
}

#[expect(clippy::print_stdout, reason = "what the user asked to see")]
fn show(answer: &[u8]) -> anyhow::Result<()> {
    let answer: Value = serde_json::from_slice(answer).context("the control port's answer is not JSON")?;
    println!("{answer:#}");
    Ok(())
}

/// Names all devices and faults.
#[expect(clippy::print_stdout, reason = "what the user asked to see")]
pub(crate) fn list() -> anyhow::Result<()> {
    let cable = "pulls the cable; puts it back (USB: port=N); both";
    println!("every device\n  {:<16} {cable}", "unplug, plug, replug");
    for (device, knobs) in kiosk::KINDS.iter().chain([&("every USB device", usb::fault::KNOBS)]) {
        println!("{device}");
        for knob in *knobs {
            let parameters = if knob.parameters.is_empty() { String::new() } else { format!(" [{}]", knob.parameters) };
            println!("  {:<16} {}{parameters}", knob.name, knob.what);
        }
    }
    Ok(())
}
