//! What must be installed for the configured drivers, the attached devices and the workers.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use kiosk_emrtd::passive::TrustFolder;

use super::{Finding, Patient};
use crate::config::Device;
use crate::pipeline::faces;
use crate::pipeline::faces::thresholds::Thresholds;
use crate::pipeline::models::{DEBIAN_TESSDATA, DETECTOR, MODEL_FOLDER, PinnedFile, ZONE_READER};

/// The smart card class (USB-IF, base class 0Bh).
const CLASS_CARD: u8 = 0x0b;
/// Where pcscd looks for its readers' drivers (Debian's build: `--enable-usbdropdir`), and its socket.
const CCID: &str = "/usr/lib/pcsc/drivers/ifd-ccid.bundle";
const PCSCD_SOCKET: &str = "/run/pcscd/pcscd.comm";

pub(super) fn findings(patient: &Patient<'_>) -> Vec<Finding> {
    let mut findings = card_readers(patient);
    findings.extend(scanners(patient));
    findings.extend(reader(patient));
    findings.extend(face_models(patient));
    findings
}

fn card_readers(patient: &Patient<'_>) -> Vec<Finding> {
    let system = patient.system;
    let attached = patient.survey.usb.iter().find(|found| found.device.has_class(CLASS_CARD));
    let about = match (patient.devices_of("pcsc").next(), attached) {
        (Some((name, _)), _) => name.to_owned(),
        (None, Some(found)) => format!("port {}", found.port),
        (None, None) => return Vec::new(),
    };
    let about = about.as_str();
    let mut findings = Vec::new();
    if !system.has("/usr/sbin/pcscd") {
        findings.push(Finding::problem(
            about,
            "pcscd, through which card readers are reached, is not installed",
            "apt-get install pcscd libccid",
        ));
        return findings;
    }
    if !system.has(CCID) && !patient.survey.usb.is_empty() {
        let what = "pcscd has no driver for USB readers (package libccid)";
        findings.push(Finding::problem(about, what, "apt-get install libccid && systemctl restart pcscd"));
    }
    let own = |device: &'_ Device| device.environment.get("PCSCLITE_CSOCK_NAME").cloned();
    let mut sockets: Vec<String> =
        patient.devices_of("pcsc").map(|(_, device)| own(device).unwrap_or_else(|| PCSCD_SOCKET.into())).collect();
    if sockets.is_empty() {
        sockets.push(PCSCD_SOCKET.into());
    }
    sockets.sort();
    sockets.dedup();
    for socket in sockets.iter().filter(|socket| !system.has(socket)) {
        let what = format!("pcscd is installed but does not listen: there is no {socket}");
        findings.push(Finding::problem(about, what, "systemctl enable --now pcscd.socket"));
    }
    if !system.has_library("libpcsclite.so.1") {
        findings.push(Finding::problem(
            about,
            "the library libpcsclite.so.1 is missing",
            "apt-get install libpcsclite1",
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(about, "pcscd listens and has its driver for USB readers"));
    }
    findings.extend(patient.devices_of("pcsc").flat_map(|(name, device)| trusted(patient, name, device)));
    findings
}

/// Whom a card reader trusts to sign cards.
fn trusted(patient: &Patient<'_>, name: &str, device: &Device) -> Vec<Finding> {
    let Some(folder) = device.config.get("trusted").and_then(toml::Value::as_str) else {
        let what = "it has no folder of trusted authorities: no identity card is proven genuine";
        return vec![Finding::note(name, what).with("set config.trusted, see gateway.example.toml")];
    };
    let trusted = match TrustFolder::load(&patient.system.path(Path::new(folder))) {
        Ok(trusted) => trusted,
        Err(error) => {
            let next = "put the authorities' certificates (*.cer) and revocation lists (*.crl) there, DER";
            return vec![Finding::problem(name, format!("config.trusted: {error}"), next)];
        }
    };
    let left_out = trusted.left_out.iter().map(|(file, problem)| {
        Finding::note(name, format!("config.trusted: {} is left out: {problem}", file.display()))
    });
    let old = trusted.list.outdated(SystemTime::now()).into_iter().map(|authority| {
        Finding::note(name, format!("config.trusted: the revocation list of {authority} is out of date"))
            .with("fetch a newer one")
    });
    let bare = trusted.list.without_list().into_iter().map(|authority| {
        let what =
            format!("config.trusted: without a revocation list of {authority} nobody sees that a signer was revoked");
        Finding::note(name, what).with("fetch its list (*.crl)")
    });
    let mut findings: Vec<Finding> = left_out.chain(old).chain(bare).collect();
    findings.push(match trusted.list.len() {
        0 => Finding::problem(
            name,
            format!("config.trusted: no authority in {folder} can be used, so no identity card is proven genuine"),
            "put the authorities' certificates (*.cer) there, DER",
        ),
        count => Finding::ok(name, format!("authorities that are trusted to sign identity cards: {count}")),
    });
    findings
}

fn scanners(patient: &Patient<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some((name, _)) = patient.devices_of("sane").next() {
        for (library, package) in [("libsane.so.1", "libsane1"), ("libturbojpeg.so.0", "libturbojpeg0")] {
            findings.push(if patient.system.has_library(library) {
                Finding::ok(name, format!("{library} is installed"))
            } else {
                let what = format!("the library {library} is missing");
                Finding::problem(name, what, format!("apt-get install {package}"))
            });
        }
    }
    let over_usb =
        patient.survey.usb.iter().find(|found| found.interfaces.iter().any(|interface| interface.class == "070104"));
    if let Some(found) = over_usb.filter(|_| !patient.system.has("/usr/sbin/ipp-usb")) {
        let what = "it speaks IPP over USB; the service ipp-usb, which is not installed, makes a network device of it for the drivers `escl` and `ipp`";
        findings.push(Finding::note(&format!("port {}", found.port), what).with("apt-get install ipp-usb"));
    }
    findings
}

/// What `[reader]` needs.
fn reader(patient: &Patient<'_>) -> Vec<Finding> {
    let Some(reader) = &patient.config.reader else { return Vec::new() };
    let about = "reader";
    let mut findings = Vec::new();
    if !patient.system.has_library("libtesseract.so.5") {
        findings.push(Finding::problem(
            about,
            "the library libtesseract.so.5 is missing",
            "apt-get install libtesseract5",
        ));
    }
    let data = |name: &str| patient.system.has(Path::new(DEBIAN_TESSDATA).join(format!("{name}.traineddata")));
    for (language, names, package) in [
        ("Vietnamese", &["Vietnamese", "script/Vietnamese", "vie"][..], "tesseract-ocr-script-viet"),
        ("English", &["eng"][..], "tesseract-ocr-eng"),
    ] {
        if !names.iter().any(|name| data(name)) {
            let what = format!("tesseract has no data for {language} in {DEBIAN_TESSDATA}");
            findings.push(Finding::problem(about, what, format!("apt-get install {package}")));
        }
    }
    findings.extend(models(patient, about, reader.models.as_ref(), &[&DETECTOR, &ZONE_READER]));
    if findings.is_empty() {
        findings.push(Finding::ok(about, "the library, the data of both languages and the models are there"));
    }
    findings
}

/// What `[faces]` needs.
fn face_models(patient: &Patient<'_>) -> Vec<Finding> {
    let Some(config) = &patient.config.faces else { return Vec::new() };
    let about = "faces";
    let mut findings = models(patient, about, config.models.as_ref(), &faces::FILES);
    match (&config.thresholds, &config.thresholds_sha256) {
        (None, None) => {}
        (Some(file), Some(hash)) => {
            if let Err(error) = Thresholds::load(&patient.system.path(file), hash) {
                let what = format!("thresholds: {error}");
                let next = format!("sha256sum {}    # and compare it with what was approved", file.display());
                findings.push(Finding::problem(about, what, next));
            }
        }
        _ => findings.push(Finding::problem(
            about,
            "thresholds and thresholds_sha256 go together; one of them is missing",
            "set both, or neither for the built-in ones",
        )),
    }
    if findings.is_empty() {
        findings.push(Finding::ok(about, "the models are there"));
    }
    findings
}

/// The models that are missing.
fn models(patient: &Patient<'_>, about: &str, folder: Option<&PathBuf>, files: &[&PinnedFile]) -> Vec<Finding> {
    let folder = folder.cloned().unwrap_or_else(|| PathBuf::from(MODEL_FOLDER));
    let missing = files.iter().map(|file| folder.join(file.name)).filter(|path| !patient.system.has(path));
    missing
        .map(|path| {
            let what = format!("a model is missing: there is no {}", path.display());
            let run = format!(
                "gateway/models/fetch.sh {}    # in the source tree; or install the package anew",
                folder.display()
            );
            Finding::problem(about, what, run)
        })
        .collect()
}
