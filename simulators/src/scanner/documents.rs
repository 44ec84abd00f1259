//! The XML documents a scanner answers with (Mopria eSCL Technical Specification 2.97, chapters 6 and 9), as text.

use std::time::Instant;

use super::job::{Job, JobState};
use super::settings::{Format, MAX_HEIGHT, MAX_WIDTH, MIN_SIDE, RESOLUTIONS};
use super::state::State;

/// `pwg:Version`: the version of the specification spoken.
const VERSION: &str = "2.97";
/// Namespace of eSCL's own elements (eSCL 2.97, chapter 5).
const SCAN: &str = "http://schemas.hp.com/imaging/escl/2011/05/03";
/// Namespace of the PWG semantic model's elements (eSCL 2.97, chapter 5).
const PWG: &str = "http://www.pwg.org/schemas/2010/12/sm";
/// `pwg:MakeAndModel`
pub const MODEL: &str = "Kiosk Simulators Flatbed 300";
/// Optical resolution told for both axes.
const OPTICAL_DPI: u32 = 600;
/// Sheets the feeder takes.
pub const FEEDER_CAPACITY: usize = 50;

fn document(root: &str, content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<scan:{root} xmlns:scan=\"{SCAN}\" xmlns:pwg=\"{PWG}\">\
         <pwg:Version>{VERSION}</pwg:Version>{content}</scan:{root}>\n"
    )
}

/// `GET /eSCL/ScannerCapabilities`
#[must_use]
pub fn capabilities(serial: &str, uuid: &str) -> String {
    let formats: String = [Format::Pdf, Format::Jpeg, Format::Png]
        .map(|format| {
            let media = format.media_type();
            format!(
                "<pwg:DocumentFormat>{media}</pwg:DocumentFormat><scan:DocumentFormatExt>{media}</scan:DocumentFormatExt>"
            )
        })
        .concat();
    let resolutions: String = RESOLUTIONS
        .map(|dpi| {
            format!(
                "<scan:DiscreteResolution><scan:XResolution>{dpi}</scan:XResolution>\
                 <scan:YResolution>{dpi}</scan:YResolution></scan:DiscreteResolution>"
            )
        })
        .concat();
    let input = format!(
        "<scan:MinWidth>{MIN_SIDE}</scan:MinWidth><scan:MaxWidth>{MAX_WIDTH}</scan:MaxWidth>\
         <scan:MinHeight>{MIN_SIDE}</scan:MinHeight><scan:MaxHeight>{MAX_HEIGHT}</scan:MaxHeight>\
         <scan:MaxScanRegions>1</scan:MaxScanRegions><scan:SettingProfiles><scan:SettingProfile>\
         <scan:ColorModes><scan:ColorMode>Grayscale8</scan:ColorMode><scan:ColorMode>RGB24</scan:ColorMode>\
         </scan:ColorModes><scan:DocumentFormats>{formats}</scan:DocumentFormats>\
         <scan:SupportedResolutions><scan:DiscreteResolutions>{resolutions}</scan:DiscreteResolutions>\
         </scan:SupportedResolutions><scan:ColorSpaces><scan:ColorSpace>sRGB</scan:ColorSpace></scan:ColorSpaces>\
         </scan:SettingProfile></scan:SettingProfiles>\
         <scan:SupportedIntents><scan:Intent>Document</scan:Intent><scan:Intent>Photo</scan:Intent>\
         <scan:Intent>TextAndGraphic</scan:Intent></scan:SupportedIntents>\
         <scan:MaxOpticalXResolution>{OPTICAL_DPI}</scan:MaxOpticalXResolution>\
         <scan:MaxOpticalYResolution>{OPTICAL_DPI}</scan:MaxOpticalYResolution>"
    );
    document(
        "ScannerCapabilities",
        &format!(
            "<pwg:MakeAndModel>{MODEL}</pwg:MakeAndModel><pwg:SerialNumber>{serial}</pwg:SerialNumber>\
             <scan:Manufacturer>Kiosk Simulators</scan:Manufacturer><scan:UUID>{uuid}</scan:UUID>\
             <scan:Platen><scan:PlatenInputCaps>{input}</scan:PlatenInputCaps></scan:Platen>\
             <scan:Adf><scan:AdfSimplexInputCaps>{input}</scan:AdfSimplexInputCaps>\
             <scan:AdfDuplexInputCaps>{input}</scan:AdfDuplexInputCaps>\
             <scan:FeederCapacity>{FEEDER_CAPACITY}</scan:FeederCapacity><scan:AdfOptions>\
             <scan:AdfOption>DetectPaperLoaded</scan:AdfOption><scan:AdfOption>Duplex</scan:AdfOption>\
             </scan:AdfOptions></scan:Adf>"
        ),
    )
}

/// `GET /eSCL/ScannerStatus`
#[must_use]
pub fn status(state: &State, now: Instant) -> String {
    let jobs: String = state.jobs.iter().rev().map(|job| job_info(job, now)).collect();
    document(
        "ScannerStatus",
        &format!(
            "<pwg:State>{:?}</pwg:State><scan:AdfState>{:?}</scan:AdfState><scan:Jobs>{jobs}</scan:Jobs>",
            state.scanner(),
            state.adf()
        ),
    )
}

fn job_info(job: &Job, now: Instant) -> String {
    let to_transfer = match job.state {
        JobState::Processing => 1,
        JobState::Completed | JobState::Canceled | JobState::Aborted => 0,
    };
    let Job { uuid, images_completed, reason, .. } = job;
    format!(
        "<scan:JobInfo><pwg:JobUri>/eSCL/ScanJobs/{uuid}</pwg:JobUri><pwg:JobUuid>urn:uuid:{uuid}</pwg:JobUuid>\
         <scan:Age>{age}</scan:Age><pwg:ImagesCompleted>{images_completed}</pwg:ImagesCompleted>\
         <pwg:ImagesToTransfer>{to_transfer}</pwg:ImagesToTransfer><pwg:JobState>{state:?}</pwg:JobState>\
         <pwg:JobStateReasons><pwg:JobStateReason>{reason}</pwg:JobStateReason></pwg:JobStateReasons></scan:JobInfo>",
        age = now.saturating_duration_since(job.started).as_secs(),
        state = job.state,
    )
}

/// `GET /eSCL/ScanJobs/{uuid}/ScanImageInfo`: the size of the page fetched last, as it really was.
#[must_use]
pub fn image_info(job: &Job, (width, height, bytes_per_line): (u32, u32, u32)) -> String {
    let uuid = &job.uuid;
    document(
        "ScanImageInfo",
        &format!(
            "<pwg:JobUri>/eSCL/ScanJobs/{uuid}</pwg:JobUri><pwg:JobUuid>urn:uuid:{uuid}</pwg:JobUuid>\
             <scan:ActualWidth>{width}</scan:ActualWidth><scan:ActualHeight>{height}</scan:ActualHeight>\
             <scan:ActualBytesPerLine>{bytes_per_line}</scan:ActualBytesPerLine>"
        ),
    )
}
