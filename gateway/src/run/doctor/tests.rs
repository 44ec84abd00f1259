use std::path::Path;

use super::super::discover::table::Paint;
use super::super::discover::tests::machine::Machine;
use super::{Finding, Level, examine, told};
use crate::registry::udev;

const EPSON: (u16, u16) = (0x04b8, 0x0202);
const PRINTER: [u8; 3] = [7, 1, 2];
const CONFIG: &str = "/etc/kiosk-gateway/gateway.toml";

/// What doctor says of a machine with these devices configured.
fn findings(machine: &Machine, devices: &str) -> Vec<Finding> {
    let dirs = Machine::drivers().dirs;
    // Each driver's program lies beside its driver.toml, in the temporary copy of a package.
    let drivers = machine.path("/usr/lib/kiosk-gateway/drivers");
    for entry in std::fs::read_dir(&dirs[0]).unwrap() {
        let from = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(from.join("driver.toml")) else { continue };
        let name = from.file_name().unwrap().to_str().unwrap().to_owned();
        machine.file(&format!("/usr/lib/kiosk-gateway/drivers/{name}/driver.toml"), &text);
        machine.file(&format!("/usr/lib/kiosk-gateway/drivers/{name}/kiosk-driver-{name}"), "");
    }
    machine.file(CONFIG, &format!("[drivers]\ndirs = [{drivers:?}]\n{devices}"));
    examine(&machine.system(), None)
}

fn with_rules(machine: &Machine) {
    machine.file(udev::RULES_FILE, &udev::rules(&Machine::registry()));
}

#[track_caller]
fn has(findings: &[Finding], level: Level, about: &str, what: &str, run: &str) {
    let fits = |finding: &&Finding| {
        finding.level == level
            && finding.about == about
            && finding.what.contains(what)
            && finding.run.as_deref().unwrap_or_default().contains(run)
    };
    assert!(findings.iter().any(|finding| fits(&finding)), "no {level:?} {about}: {what} → {run} in\n{findings:#?}");
}

#[track_caller]
fn without_problem(findings: &[Finding]) {
    assert!(findings.iter().all(|finding| finding.level != Level::Problem), "{findings:#?}");
}

const RECEIPT: &str = "[devices.receipt]\ndriver = \"escpos\"\naddress = \"usb:04b8:0202\"\n";

#[test]
fn a_machine_without_drivers_is_told_where_they_were_looked_for() {
    let machine = Machine::new();
    let empty = machine.file("/opt/none/README", "").path("/opt/none");
    machine.file(CONFIG, &format!("[drivers]\ndirs = [{empty:?}]\n"));
    let findings = examine(&machine.system(), None);
    has(&findings, Level::Problem, "drivers", empty.to_str().unwrap(), "install the drivers' packages");
}

#[test]
fn a_machine_as_it_should_be_has_no_problem() {
    let machine = Machine::new();
    machine.group("kiosk").usb("1-1", EPSON, Some("A"), PRINTER, "usblp").node("/dev/bus/usb/001/001", 0o660);
    with_rules(&machine);
    let findings = findings(&machine, RECEIPT);
    without_problem(&findings);
    has(&findings, Level::Ok, "receipt", "Model is attached at port 1-1", "");
    has(&findings, Level::Ok, "receipt", "may be opened by the group kiosk", "");
    has(&findings, Level::Note, "receipt", "usblp has it now; that does no harm", "");
    has(&findings, Level::Ok, "udev", "has the rules of the installed drivers", "");
}

#[test]
fn a_machine_without_rules_and_group_is_told_how_to_get_them() {
    let machine = Machine::new();
    machine.group("lp").usb("1-1", EPSON, Some("A"), PRINTER, "usblp").node("/dev/bus/usb/001/001", 0o664);
    let findings = findings(&machine, RECEIPT);
    has(&findings, Level::Problem, "machine", "no group `kiosk`", "groupadd --system kiosk");
    has(&findings, Level::Problem, "udev", "are not installed", "udevadm control --reload");
    has(&findings, Level::Problem, "receipt", "belongs to the group lp with mode 0664", "kiosk-gateway udev-rules >");
    assert_eq!(findings[0].level, Level::Problem, "problems come first");
}

#[test]
fn rules_of_other_drivers_than_the_installed_ones_are_noticed() {
    let machine = Machine::new();
    machine.file(udev::RULES_FILE, "# old\n");
    has(&findings(&machine, ""), Level::Note, "udev", "is not what the installed drivers", "udev-rules >");
}

#[test]
fn an_attached_device_that_a_driver_knows_is_looked_at_without_configuration() {
    let machine = Machine::new();
    machine.group("lp").usb("1-1", EPSON, Some("A"), PRINTER, "usblp");
    with_rules(&machine);
    has(&findings(&machine, ""), Level::Problem, "port 1-1", "so the group kiosk may not open it", "udev-rules");
}

#[test]
fn a_configured_device_that_is_absent_ambiguous_or_misspelt_is_a_problem() {
    let machine = Machine::new();
    machine.usb("1-1", EPSON, Some("A"), PRINTER, "usblp").usb("1-2", EPSON, None, PRINTER, "usblp");
    let device =
        |name: &str, address: &str| format!("[devices.{name}]\ndriver = \"escpos\"\naddress = \"{address}\"\n");
    let all = [
        device("both", "usb:04b8:0202"),
        device("gone", "usb:04b8:0202?serial=Z"),
        device("wrong", "usb:epson"),
        device("port", "serial:/dev/ttyUSB7?baud=9600"),
    ];
    let findings = findings(&machine, &all.concat());
    has(
        &findings,
        Level::Problem,
        "both",
        "?serial=A` for the one at port 1-1 or `usb:04b8:0202?port=1-2`",
        "write one",
    );
    has(&findings, Level::Problem, "gone", "is attached; of the same kind there is", "plug it in");
    has(&findings, Level::Problem, "wrong", "four hexadecimal digits", "discover");
    has(&findings, Level::Problem, "port", "there is no /dev/ttyUSB7", "plug the device in");
}

#[test]
fn a_name_that_leads_nowhere_or_to_another_device_is_an_absent_device() {
    let machine = Machine::new();
    machine.usb("1-2", (0x051d, 2), Some("B"), [3, 0, 0], "usbhid").kernel_node("1-2", "hidraw", "hidraw0", 0o660);
    machine.link("/dev/kiosk/ups-1-1", "../hidraw9").link("/dev/kiosk/ups-A", "../hidraw0");
    machine.link("/dev/kiosk/ups-B", "../hidraw0");
    let device = |name: &str, at: &str| format!("[devices.{name}]\ndriver = \"hid-ups\"\naddress = \"hid:{at}\"\n");
    let all = ["nowhere", "other", "right", "plain"].into_iter();
    let all = all.zip(["/dev/kiosk/ups-1-1", "/dev/kiosk/ups-A", "/dev/kiosk/ups-B", "/dev/hidraw0"]);
    let findings = findings(&machine, &all.map(|(name, at)| device(name, at)).collect::<String>());
    has(&findings, Level::Problem, "nowhere", "there is no /dev/kiosk/ups-1-1", "plug the device in");
    has(&findings, Level::Problem, "other", "leads to another device's `/dev/hidraw0`", "rm /dev/kiosk/ups-A");
    has(&findings, Level::Ok, "right", "/dev/kiosk/ups-B is there", "");
    has(&findings, Level::Ok, "plain", "/dev/hidraw0 is there", "");
}

#[test]
fn two_names_for_one_device_are_a_problem() {
    let machine = Machine::new();
    machine.usb("1-1", EPSON, Some("A"), PRINTER, "usblp");
    let twice = format!("{RECEIPT}[devices.second]\ndriver = \"escpos\"\naddress = \"usb:04b8:0202?port=1-1\"\n");
    has(
        &findings(&machine, &twice),
        Level::Problem,
        "second",
        "`receipt` and `second` are one and the same",
        "remove one",
    );
}

#[test]
fn a_broken_configuration_is_a_finding_with_its_line_and_the_rest_is_still_looked_at() {
    let machine = Machine::new();
    machine.usb("1-1", EPSON, Some("A"), PRINTER, "usblp");
    let findings = findings(&machine, "[servre]\n");
    has(&findings, Level::Problem, "configuration", "gateway.toml:3", "kiosk-gateway check");
}

#[test]
fn a_driver_that_is_not_installed_is_a_problem() {
    let machine = Machine::new();
    let findings = findings(&machine, "[devices.x]\ndriver = \"escposs\"\naddress = \"tcp:1:2\"\n");
    has(&findings, Level::Problem, "x", "did you mean `escpos`", "kiosk-gateway drivers");
}

#[test]
fn a_serial_port_of_another_group_asks_for_membership() {
    let machine = Machine::new();
    machine.group("dialout").node("/dev/ttyS0", 0o660);
    let gid_of_root = std::os::unix::fs::MetadataExt::gid(&machine.path("/dev/ttyS0").metadata().unwrap()) == 0;
    let findings = findings(&machine, "[devices.x]\ndriver = \"escpos\"\naddress = \"serial:/dev/ttyS0?baud=9600\"\n");
    // The files of a test that runs as root belong to root's group, which nobody should be told to join.
    let run = if gid_of_root { "GROUP=\"kiosk\"" } else { "usermod --append --groups dialout kiosk" };
    has(&findings, Level::Problem, "x", "belongs to the group dialout", run);
}

#[test]
fn a_program_that_holds_a_node_is_named() {
    let machine = Machine::new();
    machine.node("/dev/ttyS0", 0o660);
    let node = machine.path("/dev/ttyS0").canonicalize().unwrap();
    machine.process(77, "minicom", &[Path::new("/dev/null"), &node]).process(78, "kiosk-driver-es", &[&node]);
    let findings = findings(&machine, "[devices.x]\ndriver = \"escpos\"\naddress = \"serial:/dev/ttyS0?baud=9600\"\n");
    has(&findings, Level::Problem, "x", "minicom (process 77) has", "kill 77");
    assert!(!findings.iter().any(|finding| finding.what.contains("process 78")), "that is ours");
}

#[test]
fn two_services_for_one_ups_are_a_problem() {
    let machine = Machine::new();
    machine.usb("1-1", (0x051d, 2), Some("U"), [3, 0, 0], "usbhid");
    machine.process(5, "upowerd", &[]);
    without_problem(&findings(&machine, ""));
    machine.process(6, "usbhid-ups", &[]);
    has(
        &findings(&machine, ""),
        Level::Problem,
        "port 1-1",
        "usbhid-ups (process 6) and upowerd (process 5)",
        "upower",
    );
}

#[test]
fn a_ups_behind_a_server_that_does_not_run_is_a_problem() {
    let machine = Machine::new();
    let ups = "[devices.ups]\ndriver = \"nut\"\naddress = \"nut://localhost/kiosk\"\n";
    has(&findings(&machine, ups), Level::Problem, "ups", "upsd does not run", "nut-server");
    machine.process(9, "upsd", &[]);
    without_problem(&findings(&machine, ups));
}

#[test]
fn ipp_usb_on_a_printer_that_a_driver_opens_is_a_problem() {
    let machine = Machine::new();
    machine.group("kiosk").usb("1-1", EPSON, Some("A"), [7, 1, 4], "usbfs").node("/dev/bus/usb/001/001", 0o660);
    machine.process(3, "ipp-usb", &[]);
    with_rules(&machine);
    has(
        &findings(&machine, RECEIPT),
        Level::Problem,
        "receipt",
        "ipp-usb (process 3) holds it",
        "http://localhost:60000/",
    );
}

#[test]
fn a_card_reader_needs_pcscd_and_its_driver() {
    let machine = Machine::new();
    machine.usb("1-1", (0x08e6, 0x3437), None, [0x0b, 0, 0], "none");
    has(&findings(&machine, ""), Level::Problem, "port 1-1", "is not installed", "apt-get install pcscd libccid");
    machine.file("/usr/sbin/pcscd", "");
    let some = findings(&machine, "");
    has(&some, Level::Problem, "port 1-1", "libccid", "apt-get install libccid");
    has(&some, Level::Problem, "port 1-1", "does not listen", "systemctl enable --now pcscd.socket");
    machine.file("/usr/lib/pcsc/drivers/ifd-ccid.bundle/x", "").file("/run/pcscd/pcscd.comm", "");
    machine.file("/usr/lib/x86_64-linux-gnu/libpcsclite.so.1", "");
    without_problem(&findings(&machine, ""));
}

#[test]
fn whom_a_card_reader_trusts_is_looked_at() {
    let machine = Machine::new();
    machine.file("/usr/sbin/pcscd", "").file("/run/pcscd/pcscd.comm", "");
    let card = |config: &str| {
        findings(&machine, &format!("[devices.card]\ndriver = \"pcsc\"\naddress = \"pcsc:any\"\n{config}"))
    };
    has(&card(""), Level::Note, "card", "no identity card is proven genuine", "config.trusted");
    let trusted = "config.trusted = \"/etc/csca\"\n";
    has(&card(trusted), Level::Problem, "card", "cannot be read", "*.cer");
    machine.file("/etc/csca/broken.cer", "no certificate");
    has(&card(trusted), Level::Note, "card", "broken.cer is left out", "");
    has(&card(trusted), Level::Problem, "card", "no authority in /etc/csca", "*.cer");
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("emrtd/testdata");
    std::fs::copy(testdata.join("ec.crt"), machine.path("/etc/csca/ec.crt")).unwrap();
    has(&card(trusted), Level::Note, "card", "without a revocation list of", "*.crl");
    std::fs::copy(testdata.join("ec.crl"), machine.path("/etc/csca/ec.crl")).unwrap();
    has(&card(trusted), Level::Ok, "card", "trusted to sign identity cards: 1", "");
    machine.file("/etc/csca/ec.crl", "no list");
    has(&card(trusted), Level::Problem, "card", "the revocation list", "");
}

#[test]
fn thresholds_of_faces_must_be_those_that_were_approved() {
    let machine = Machine::new();
    let with = |more: &str| findings(&machine, &format!("[faces]\n{more}"));
    has(&with("thresholds = \"/etc/faces.toml\"\n"), Level::Problem, "faces", "go together", "set both");
    machine.file("/etc/faces.toml", "accept = 0.1");
    let other = format!("thresholds = \"/etc/faces.toml\"\nthresholds_sha256 = \"{}\"\n", "0".repeat(64));
    has(&with(&other), Level::Problem, "faces", "thresholds:", "sha256sum");
}

#[test]
fn a_scanner_of_sane_needs_the_library_and_what_packs_its_pages() {
    let machine = Machine::new();
    let scanner = "[devices.scanner]\ndriver = \"sane\"\naddress = \"sane:test:0\"\n";
    let all = findings(&machine, scanner);
    has(&all, Level::Problem, "scanner", "libsane.so.1 is missing", "apt-get install libsane1");
    has(&all, Level::Problem, "scanner", "libturbojpeg.so.0 is missing", "apt-get install libturbojpeg0");
    machine.file("/usr/lib/x86_64-linux-gnu/libsane.so.1", "").file("/usr/lib/libturbojpeg.so.0", "");
    without_problem(&findings(&machine, scanner));
}

#[test]
fn a_usb_scanner_that_sane_knows_must_be_open_to_the_gateway() {
    let machine = Machine::new();
    machine.group("lp").usb("1-1", (0x04a9, 0x1909), None, [0xff, 0, 0], "none").property(1, "libsane_matched=yes");
    with_rules(&machine);
    has(&findings(&machine, ""), Level::Problem, "port 1-1", "so the group kiosk may not open it", "udev-rules");
}

#[test]
fn a_reader_of_pages_needs_its_library_data_and_model() {
    let machine = Machine::new();
    let all = findings(&machine, "[reader]\nmodels = \"/models\"\n");
    for (what, run) in [
        ("libtesseract.so.5", "apt-get install libtesseract5"),
        ("data for Vietnamese", "tesseract-ocr-script-viet"),
        ("data for English", "tesseract-ocr-eng"),
        ("there is no /models/", "fetch.sh /models"),
    ] {
        has(&all, Level::Problem, "reader", what, run);
    }
    let all = findings(&machine, "[faces]\nmodels = \"/models\"\n");
    has(&all, Level::Problem, "faces", "there is no /models/face_recognition_sface", "fetch.sh /models");
}

#[test]
fn a_braille_service_that_takes_serial_adapters_is_found() {
    let machine = Machine::new();
    machine.usb("1-1", (0x1a86, 0x7523), None, [0xff, 0, 0], "ch341").file("/usr/lib/udev/rules.d/85-brltty.rules", "");
    has(&findings(&machine, ""), Level::Problem, "port 1-1", "brltty", "apt-get remove brltty");
}

#[test]
fn what_is_told_ends_with_the_number_of_problems() {
    let findings = [Finding::problem("x", "is broken", "mend it"), Finding::ok("long name", "is well")];
    let text = told(&findings, Paint::Plain);
    assert_eq!(
        text,
        "PROBLEM  x          is broken\n                    → mend it\nok       long name  is well\n\nOne problem."
    );
}
