//! The programs of other people that judge the files.

use std::path::{Path, PathBuf};
use std::process::Output;

use kiosk_compose::Area;

/// Runs a program of a Debian package; one that is missing is a fault of the test's machine, and said so.
#[expect(clippy::disallowed_methods, reason = "short programs that end by themselves, without the rig")]
fn run(package: &str, program: &str, arguments: &[&str]) -> Output {
    let ran = std::process::Command::new(program).args(arguments).output();
    ran.unwrap_or_else(|error| panic!("`{program}` cannot be run ({error}): install the Debian package {package}"))
}

/// What a program says, if it is content.
pub(crate) fn said(package: &str, program: &str, arguments: &[&str]) -> String {
    let output = run(package, program, arguments);
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {words}{complaint}");
    words
}

/// A file as a poppler or qpdf argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("the target folder's name is UTF-8")
}

/// What Preflight says of some files.
pub(crate) fn preflight(files: &[PathBuf]) -> String {
    let folder = "/usr/share/java";
    let mut jars = Vec::new();
    for (jar, package) in [
        ("preflight.jar", "libpdfbox2-java"),
        ("pdfbox2.jar", "libpdfbox2-java"),
        ("xmpbox.jar", "libpdfbox2-java"),
        ("fontbox2.jar", "libfontbox2-java"),
        ("commons-logging.jar", "libcommons-logging-java"),
        ("javax.activation.jar", "libactivation-java"),
        ("jaxb-api.jar", "libjaxb-api-java"),
    ] {
        let path = format!("{folder}/{jar}");
        assert!(Path::new(&path).is_file(), "{path} is not there: install the Debian package {package}");
        jars.push(path);
    }
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/Judge.java");
    let jars = jars.join(":");
    let files = files.iter().map(|file| text(file));
    said("default-jdk-headless", "java", &["-cp", &jars, source].into_iter().chain(files).collect::<Vec<_>>())
}

/// The part of a page around an area as poppler paints it, PNG; the page is so many points high.
pub(crate) fn painted(pdf: &Path, area: Area, page_height: f32, dpi: u16, around: f32) -> PathBuf {
    let out = pdf.with_extension(format!("{}.{dpi}", area.page + 1));
    let (page, scale) = ((area.page + 1).to_string(), f32::from(dpi) / 72.0);
    let [left, lower, right, upper] = area.rect;
    let pixels = |points: f32| ((points * scale).round() as i32).to_string();
    let (x, y) = (pixels(left - around), pixels(page_height - upper - around));
    let (width, height) = (pixels(right - left + 2.0 * around), pixels(upper - lower + 2.0 * around));
    let cut = ["-x", &x, "-y", &y, "-W", &width, "-H", &height];
    let common = ["-png", "-singlefile", "-r", &dpi.to_string(), "-f", &page, "-l", &page];
    said("poppler-utils", "pdftoppm", &[&common[..], &cut, &[text(pdf), text(&out)]].concat());
    let mut name = out.into_os_string();
    name.push(".png");
    name.into()
}

/// What the QR codes of a picture say; nothing if there are none.
pub(crate) fn qr(picture: &Path) -> String {
    // Without `binary` it guesses what a text is written in.
    let arguments = ["--quiet", "--nodbus", "--raw", "-Sdisable", "-Sqrcode.enable", "-Sbinary", text(picture)];
    let output = run("zbar-tools", "zbarimg", &arguments);
    String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned()
}
