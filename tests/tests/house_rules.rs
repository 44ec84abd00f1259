//! The house rules that no compiler keeps, each with its reason.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::path::{Path, PathBuf};

use kiosk_tests::rig::programs::source_tree;
use regex::Regex;

/// The rooms of the gateway, in order.
const ROOMS: [&str; 12] = [
    "config",
    "metrics",
    "registry",
    "hotplug",
    "host",
    "supervisor",
    "devices",
    "store",
    "pipeline",
    "session",
    "api",
    "run",
];

/// What drivers share, beside the SDK: crates without a program, which know no driver and no simulator.
const DRIVER_LIBRARIES: [&str; 4] = ["kiosk-attached", "kiosk-hid-reports", "kiosk-jpeg", "kiosk-qr-content"];

/// The kinds of device of `tests/FAULTS.md`.
const DEVICE_KINDS: [&str; 8] =
    ["scanner", "camera", "card_reader", "barcode_reader", "receipt_printer", "page_printer", "qr_display", "ups"];

/// All files under a folder of the source tree, without what is built or generated.
fn files(folder: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![source_tree().join(folder)];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" && name != "node_modules" {
                    folders.push(path);
                }
            } else if extensions.is_empty()
                || path.extension().is_some_and(|own| extensions.iter().any(|it| own == *it))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "there are files in {folder}");
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn shown(path: &Path) -> String {
    path.strip_prefix(source_tree()).unwrap_or(path).display().to_string()
}

fn manifest(path: &Path) -> toml::Table {
    read(path).parse().unwrap_or_else(|error| panic!("{}: {error}", shown(path)))
}

/// The manifests of all crates.
fn manifests() -> Vec<PathBuf> {
    let root = source_tree();
    let mut all: Vec<PathBuf> = [
        "protocol",
        "gateway",
        "gateway/emrtd",
        "gateway/pades",
        "gateway/pades-http",
        "gateway/compose",
        "gateway/proof",
        "gateway/register",
        "gateway/mail",
        "gateway/sandbox",
        "gateway/signer",
        "gateway/verify",
        "simulators",
        "tests",
    ]
    .map(|own| root.join(own).join("Cargo.toml"))
    .into();
    for entry in std::fs::read_dir(root.join("device-drivers")).unwrap() {
        all.push(entry.unwrap().path().join("Cargo.toml"));
    }
    all.retain(|path| path.is_file());
    assert!(all.len() >= 9, "{all:?}");
    all
}

/// The workspace's crates that a crate is built with.
fn own_dependencies(manifest: &toml::Table) -> Vec<String> {
    let names = manifest.get("dependencies").and_then(toml::Value::as_table);
    names.map_or_else(Vec::new, |names| names.keys().filter(|name| name.starts_with("kiosk-")).cloned().collect())
}

#[test]
fn a_room_of_the_gateway_uses_only_the_rooms_above_it() {
    let source = source_tree().join("gateway/src");
    let single = Regex::new(r"\bcrate::(\w+)").unwrap();
    let group = Regex::new(r"\bcrate::\{([^;]*)\}").unwrap();
    let mut looked_at = 0;
    for path in files("gateway/src", &["rs"]) {
        let relative = path.strip_prefix(&source).unwrap();
        let room = relative.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
        if ["lib", "main", "bin"].contains(&room.as_str()) {
            continue;
        }
        let place = ROOMS.iter().position(|known| *known == room);
        let place = place.unwrap_or_else(|| panic!("{} is in no known room: give `{room}` its place", shown(&path)));
        // Comments may point anywhere.
        let text = read(&path);
        let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let text = code.join("\n");
        let mut used: Vec<&str> = single.captures_iter(&text).map(|found| found.get(1).unwrap().as_str()).collect();
        for found in group.captures_iter(&text) {
            let names = found.get(1).unwrap().as_str().split(',').map(|part| part.trim().split("::").next().unwrap());
            used.extend(names);
        }
        for name in used {
            let Some(other) = ROOMS.iter().position(|known| *known == name) else { continue };
            assert!(other <= place, "{} uses `{name}`, which is below its own room `{room}`", shown(&path));
            looked_at += 1;
        }
    }
    assert!(looked_at > 20, "the rule looks at something: {looked_at}");
}

#[test]
fn the_rooms_are_declared_in_their_order() {
    let lib = read(&source_tree().join("gateway/src/lib.rs"));
    let declared = Regex::new(r"(?m)^pub mod (\w+);").unwrap();
    let rooms: Vec<&str> = declared.captures_iter(&lib).map(|found| found.get(1).unwrap().as_str()).collect();
    assert_eq!(rooms, ROOMS);
}

#[test]
fn crates_know_only_those_that_they_may_know() {
    for path in manifests() {
        let manifest = manifest(&path);
        let name = manifest["package"]["name"].as_str().unwrap();
        let drivers_may: Vec<&str> = [&DRIVER_LIBRARIES[..], &["kiosk-driver-sdk", "kiosk-protocol"]].concat();
        let allowed: &[&str] = match name {
            "kiosk-protocol" | "kiosk-simulators" | "kiosk-attached" | "kiosk-emrtd" | "kiosk-pades" | "kiosk-mail"
            | "kiosk-proof" | "kiosk-register" | "kiosk-sandbox" => &[],
            // Values in, values out: what opens connections stands beside.
            "kiosk-pades-http" => &["kiosk-pades"],
            // Its pictures come from scanners.
            "kiosk-compose" => &["kiosk-sandbox"],
            // The one crate that has all of a certified copy; it is a child like a driver.
            "kiosk-signer" => &[
                "kiosk-compose",
                "kiosk-driver-sdk",
                "kiosk-mail",
                "kiosk-pades",
                "kiosk-pades-http",
                "kiosk-proof",
                "kiosk-protocol",
                "kiosk-register",
                "kiosk-verify",
            ],
            "kiosk-verify" => &["kiosk-pades", "kiosk-proof"],
            "kiosk-driver-sdk" => &["kiosk-protocol", "kiosk-attached"],
            library if DRIVER_LIBRARIES.contains(&library) => &["kiosk-protocol"],
            // What the chip says stays in the driver's process.
            "kiosk-driver-pcsc" => &["kiosk-driver-sdk", "kiosk-attached", "kiosk-emrtd"],
            name if name.starts_with("kiosk-driver-") => &drivers_may,
            // Its worker is a child like a driver.
            "kiosk-gateway" => &[
                "kiosk-protocol",
                "kiosk-driver-sdk",
                "kiosk-attached",
                "kiosk-emrtd",
                "kiosk-pades",
                "kiosk-pades-http",
                "kiosk-proof",
                "kiosk-sandbox",
                "kiosk-verify",
            ],
            // Tests know all.
            _ => continue,
        };
        for dependency in own_dependencies(&manifest) {
            assert!(
                allowed.contains(&dependency.as_str()),
                "{name} must not know {dependency}: a driver and its simulator share no code, and the gateway no driver"
            );
        }
    }
}

#[test]
fn the_protocol_does_no_input_or_output() {
    let forbidden = Regex::new(r"\b(tokio|std::net|std::fs|std::process|std::thread|async fn)\b").unwrap();
    for path in files("protocol/src", &["rs"]) {
        // Its tests read the frozen examples and the generated files.
        if path.ends_with("tests.rs") || shown(&path).contains("/tests/") {
            continue;
        }
        let text = read(&path);
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            assert!(!forbidden.is_match(line), "{}:{}: {line}", shown(&path), number + 1);
        }
    }
}

#[test]
fn no_file_of_rust_is_longer_than_450_lines() {
    let folders = ["protocol", "gateway", "device-drivers", "simulators", "tests"];
    for path in folders.iter().flat_map(|folder| files(folder, &["rs"])) {
        let lines = read(&path).lines().count();
        assert!(lines <= 450, "{} has {lines} lines: give one of its matters a file of its own", shown(&path));
    }
}

#[test]
fn a_module_is_a_file_beside_its_folder() {
    for path in ["protocol", "gateway", "device-drivers", "simulators"].iter().flat_map(|folder| files(folder, &["rs"]))
    {
        assert!(!path.ends_with("mod.rs"), "{}: write `name.rs` beside `name/`", shown(&path));
    }
}

#[test]
fn every_driver_says_in_driver_toml_what_its_crate_is() {
    let mut drivers = 0;
    for path in manifests().into_iter().filter(|path| shown(path).starts_with("device-drivers/")) {
        let package = manifest(&path)["package"]["name"].as_str().unwrap().to_owned();
        if package == "kiosk-driver-sdk" || DRIVER_LIBRARIES.contains(&package.as_str()) {
            continue;
        }
        drivers += 1;
        let folder = path.parent().unwrap();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let said = manifest(&folder.join("driver.toml"));
        assert_eq!(said["name"].as_str(), Some(name.as_str()), "a driver is called like its folder");
        assert_eq!(said["program"].as_str(), Some(package.as_str()), "and its program like its crate");
        assert_eq!(package, format!("kiosk-driver-{name}"));
        assert!(said["addresses"].as_array().is_some_and(|addresses| !addresses.is_empty()));
        let mut main = read(&folder.join("src/main.rs"));
        let library = folder.join("src/lib.rs");
        if library.is_file() {
            main += &read(&library);
        }
        assert!(
            main.contains(&format!("const NAME: &'static str = \"{name}\"")),
            "{name} says another name in its hello"
        );
    }
    assert!(drivers >= 4, "{drivers} drivers");
}

#[test]
fn every_crate_keeps_the_lints_of_the_workspace() {
    for path in manifests() {
        let manifest = manifest(&path);
        let inherits = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        assert_eq!(inherits, Some(true), "{}: add `[lints] workspace = true`", shown(&path));
        for key in ["version", "edition", "rust-version", "license"] {
            let inherits = manifest["package"].get(key).and_then(|value| value.get("workspace"));
            assert_eq!(
                inherits.and_then(toml::Value::as_bool),
                Some(true),
                "{}: `{key}.workspace = true`",
                shown(&path)
            );
        }
    }
}

#[test]
fn no_number_could_be_a_citizens() {
    // Twelve digits that stand alone and begin with the code of a province, 001 to 096, as real ones do.
    let number = Regex::new(r"(?:^|[^0-9A-Za-z_.+%/=-])(0[0-9]{11})(?:[^0-9A-Za-z_.+%/=-]|$)").unwrap();
    let texts = ["rs", "toml", "md", "txt", "json", "js", "ts", "html", "css", "py", "sh", "svg", "xml"];
    for path in
        ["protocol", "gateway", "device-drivers", "simulators", "tests"].iter().flat_map(|folder| files(folder, &texts))
    {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for found in number.captures_iter(&text) {
            let digits = found.get(1).unwrap().as_str();
            // No province has 000: a payment code of EMVCo begins like that.
            assert!(
                digits.starts_with("099") || digits.starts_with("000"),
                "{}: {digits} could be a citizen's number; invented ones begin with 099",
                shown(&path)
            );
        }
    }
}

#[test]
fn every_fault_of_every_kind_of_device_has_its_tests() {
    let table = source_tree().join("tests/FAULTS.md");
    let text = read(&table);
    let kinds = Regex::new(r"(?m)^## (\w+)$").unwrap();
    let said: Vec<&str> = kinds.captures_iter(&text).map(|found| found.get(1).unwrap().as_str()).collect();
    assert_eq!(said, DEVICE_KINDS, "a section for each kind of device");
    let link = Regex::new(r"\[(\w+)\]\(([\w./-]+)\)").unwrap();
    for section in text.split("\n## ").skip(1) {
        let kind = section.lines().next().unwrap();
        let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| F")).collect();
        assert_eq!(rows.len(), 10, "{kind}: the rows F1 to F10");
        for (number, row) in (1..).zip(rows) {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            assert_eq!(cells[1], format!("F{number}"), "{kind}: {row}");
            let tests: Vec<_> = link.captures_iter(cells[3]).collect();
            assert!(
                !tests.is_empty() || cells[3].starts_with("Cannot happen: ") || cells[3].starts_with("Not held yet: "),
                "{kind}, F{number}: name the tests that hold it, or say why it cannot happen, or that none does"
            );
            for test in tests {
                let (name, path) = (&test[1], table.parent().unwrap().join(&test[2]));
                let there = Regex::new(&format!(r"fn {name}\b")).unwrap().is_match(&read(&path));
                assert!(there, "{kind}, F{number}: {} has no test {name}", shown(&path));
            }
        }
    }
}

#[test]
fn every_fault_of_copies_names_tests_that_exist() {
    let table = source_tree().join("tests/FAULTS-COPIES.md");
    let text = read(&table);
    let link = Regex::new(r"\[(\w+)\]\(([\w./-]+)\)").unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| fault")).collect();
    assert!(rows.len() > 8, "{rows:?}");
    for row in rows {
        let tests: Vec<_> = link.captures_iter(row).collect();
        assert!(!tests.is_empty() || row.contains("Not held yet: "), "name the tests that hold it: {row}");
        for test in tests {
            let (name, path) = (&test[1], table.parent().unwrap().join(&test[2]));
            let there = Regex::new(&format!(r"fn {name}\b")).unwrap().is_match(&read(&path));
            assert!(there, "{} has no test {name}", shown(&path));
        }
    }
}

#[test]
fn the_code_of_a_copy_has_one_name_in_vietnamese() {
    // Who is told two names looks for two codes: it is "Mã tra cứu" on paper, pages, receipts and in letters.
    let other = Regex::new("(?i)mã xác (minh|thực)").unwrap();
    for folder in ["gateway", "simulators", "protocol"] {
        for path in files(folder, &["rs", "js", "html", "toml", "md"]) {
            assert!(!other.is_match(&read(&path)), "{} names the code otherwise", shown(&path));
        }
    }
}
