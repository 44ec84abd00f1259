use http_body_util::BodyExt;
use hyper::{Method, StatusCode};
use image::GenericImageView;
use serde_json::json;

use super::{PAGE, Rig, feeder, flatbed, settings};
use crate::device::Device;
use crate::kiosk;
use crate::scanner::{Options, Scanner, documents};

#[tokio::test]
async fn capabilities_are_well_formed_and_name_both_sources() {
    let rig = Rig::new(1).await;
    let (status, body) = rig.get("/eSCL/ScannerCapabilities").await;
    assert_eq!(status, StatusCode::OK);
    let text = String::from_utf8(body.to_vec()).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let has = |name: &str| document.descendants().any(|node| node.tag_name().name() == name);
    for name in ["Platen", "AdfSimplexInputCaps", "AdfDuplexInputCaps", "DocumentFormatExt", "XResolution"] {
        assert!(has(name), "{name}");
    }
    assert_eq!(text, documents::capabilities(&rig.scanner.inner.serial, &rig.scanner.inner.uuid));
}

#[tokio::test]
async fn the_glass_gives_its_file_unchanged_once() {
    let rig = Rig::new(2).await;
    let job = rig.job(&flatbed()).await;
    assert_eq!(rig.status("State").await, "Processing");
    let (status, page) = rig.next(&job).await;
    assert_eq!((status, page.as_ref()), (StatusCode::OK, rig.file("page0.jpg").as_slice()));
    assert_eq!(rig.next(&job).await.0, StatusCode::NOT_FOUND);
    assert_eq!(rig.status("JobState").await, "Completed");
    assert_eq!(rig.status("ImagesCompleted").await, "1");
    assert_eq!(rig.status("State").await, "Idle");
    let (status, info) = rig.get(&format!("{job}/ScanImageInfo")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(String::from_utf8_lossy(&info).contains(&format!("<scan:ActualWidth>{}<", PAGE.0)));
}

#[tokio::test]
async fn the_sample_documents_are_served_byte_for_byte() {
    let options = Options { port: 0, samples: kiosk::samples(), reload: false, seed: 1 };
    let rig = Rig { scanner: Scanner::start(options).await.unwrap(), folder: tempfile::tempdir().unwrap() };
    let whole = settings("<pwg:InputSource>Feeder</pwg:InputSource>")
        .replace("<pwg:Height>320", "<pwg:Height>3508")
        .replace("<pwg:Width>240", "<pwg:Width>2480");
    let job = rig.job(&whole).await;
    for name in ["birth-certificate", "diploma", "marriage-status", "residence-form"] {
        let file = std::fs::read(kiosk::samples().join(format!("{name}.jpg"))).unwrap();
        let (status, page) = rig.next(&job).await;
        assert_eq!((status, page == file), (StatusCode::OK, true), "{name}");
        let truth = std::fs::read_to_string(kiosk::samples().join(format!("{name}.txt"))).unwrap();
        assert!(unicode_normalization::is_nfc(&truth) && truth.lines().count() > 20, "{name}");
    }
    assert_eq!(rig.next(&job).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn resolution_colour_region_and_format_are_as_asked() {
    let rig = Rig::new(1).await;
    let grey = settings(
        "<pwg:InputSource>Platen</pwg:InputSource><scan:ColorMode>Grayscale8</scan:ColorMode>\
         <scan:XResolution>150</scan:XResolution><scan:YResolution>75</scan:YResolution>\
         <scan:DocumentFormatExt>image/png</scan:DocumentFormatExt>",
    );
    let (_, page) = rig.next(&rig.job(&grey).await).await;
    let image = image::load_from_memory(&page).unwrap();
    assert_eq!(image.dimensions(), (PAGE.0 / 2, PAGE.1 / 4));
    assert_eq!(image.color(), image::ColorType::L8);

    let corner = flatbed()
        .replace("<pwg:XOffset>0", "<pwg:XOffset>40")
        .replace("<pwg:YOffset>0", "<pwg:YOffset>30")
        .replace("<pwg:Width>240", "<pwg:Width>100")
        .replace("<pwg:Height>320", "<pwg:Height>60");
    let (_, page) = rig.next(&rig.job(&corner).await).await;
    let part = image::load_from_memory(&page).unwrap().into_rgb8();
    let whole = image::load_from_memory(&rig.file("page0.jpg")).unwrap().into_rgb8();
    assert_eq!(part.dimensions(), (100, 60));
    let apart = |a: u8, b: u8| i32::from(a.abs_diff(b));
    let difference: i32 =
        part.enumerate_pixels().map(|(x, y, pixel)| apart(pixel[1], whole.get_pixel(x + 40, y + 30)[1])).sum();
    assert!(difference / 6000 < 16, "the part differs from the whole by {}", difference / 6000);
}

#[tokio::test]
async fn a_pdf_holds_the_page_as_it_is() {
    let rig = Rig::new(1).await;
    let job = rig
        .job(&settings(
            "<pwg:InputSource>Platen</pwg:InputSource><pwg:DocumentFormat>application/pdf</pwg:DocumentFormat>",
        ))
        .await;
    let (_, page) = rig.next(&job).await;
    let file = rig.file("page0.jpg");
    assert!(page.starts_with(b"%PDF-1.4") && page.ends_with(b"%%EOF\n"));
    assert!(page.windows(file.len()).any(|part| part == file));
}

#[tokio::test]
async fn the_feeder_gives_every_sheet_and_is_empty_then() {
    let rig = Rig::new(3).await;
    assert_eq!(rig.status("AdfState").await, "ScannerAdfLoaded");
    let job = rig.job(&feeder()).await;
    assert_eq!(rig.status("AdfState").await, "ScannerAdfProcessing");
    for number in 0..3 {
        let (status, page) = rig.next(&job).await;
        assert_eq!((status, page.as_ref()), (StatusCode::OK, rig.file(&format!("page{number}.jpg")).as_slice()));
    }
    assert_eq!(rig.next(&job).await.0, StatusCode::NOT_FOUND);
    assert_eq!(rig.status("AdfState").await, "ScannerAdfEmpty");
    assert_eq!(rig.job_refused(&feeder()).await, StatusCode::CONFLICT);
    // Without a source it takes the glass when the feeder is empty.
    assert_eq!(rig.next(&rig.job(&settings("")).await).await.0, StatusCode::OK);
    rig.scanner.set(json!({ "adf": ["page1.jpg"], "platen": "page2.jpg" })).unwrap();
    assert_eq!(rig.next(&rig.job(&settings("")).await).await.1.as_ref(), rig.file("page1.jpg"));
    assert_eq!(rig.next(&rig.job(&flatbed()).await).await.1.as_ref(), rig.file("page2.jpg"));
}

#[tokio::test]
async fn duplex_gives_two_sides_of_each_sheet() {
    let rig = Rig::new(2).await;
    super::write_page(&rig.folder.path().join("page0.back.jpg"), 77);
    rig.scanner.set(json!({ "adf": ["page0.jpg", "page1.jpg"] })).unwrap();
    let duplex = settings("<pwg:InputSource>Feeder</pwg:InputSource><scan:Duplex>true</scan:Duplex>");
    let job = rig.job(&duplex).await;
    let mut pages = Vec::new();
    while let (StatusCode::OK, page) = rig.next(&job).await {
        pages.push(page);
    }
    assert_eq!(pages.len(), 4);
    assert_eq!(pages[1].as_ref(), rig.file("page0.back.jpg"));
    let blank = image::load_from_memory(&pages[3]).unwrap().into_rgb8();
    assert!(blank.pixels().all(|pixel| pixel.0.iter().all(|part| *part > 250)));
}

#[tokio::test]
async fn a_second_job_waits_for_the_first_and_a_cancelled_one_ends_at_once() {
    let rig = Rig::new(1).await;
    let job = rig.job(&flatbed()).await;
    assert_eq!(rig.job_refused(&flatbed()).await, StatusCode::SERVICE_UNAVAILABLE);
    let deleted = rig.request(Method::DELETE, &job, "").await.unwrap();
    assert_eq!(deleted.status(), StatusCode::OK);
    assert_eq!(rig.status("JobState").await, "Canceled");
    assert_eq!(rig.next(&job).await.0, StatusCode::NOT_FOUND);
    let again = rig.job(&flatbed()).await;
    assert_eq!(rig.next(&again).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_job_cancelled_in_the_middle_of_a_page_breaks_the_page_off() {
    let rig = Rig::new(1).await;
    rig.fault(json!({ "fault": "endless" }));
    let job = rig.job(&flatbed()).await;
    let mut page = rig.open_page(&job).await;
    assert!(page.frame().await.unwrap().is_ok());
    rig.request(Method::DELETE, &job, "").await.unwrap();
    assert!(page.collect().await.is_err());
    assert_eq!(rig.status("JobState").await, "Canceled");
    rig.job(&flatbed()).await;
}

#[tokio::test]
async fn bad_requests_get_the_status_that_says_so() {
    let rig = Rig::new(1).await;
    assert_eq!(rig.job_refused("no xml").await, StatusCode::BAD_REQUEST);
    assert_eq!(rig.job_refused("<a/>").await, StatusCode::BAD_REQUEST);
    assert_eq!(rig.job_refused(&flatbed().replace("Platen", "Camera")).await, StatusCode::CONFLICT);
    assert_eq!(rig.job_refused(&"x".repeat(100_000)).await, StatusCode::PAYLOAD_TOO_LARGE);
    for path in ["/", "/eSCL", "/eSCL/Nothing", "/eSCL/ScanJobs/none/NextDocument", "/eSCL/ScanJobs/none/ScanImageInfo"]
    {
        assert_eq!(rig.get(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let put = rig.request(Method::PUT, "/eSCL/ScanJobs", "").await.unwrap();
    assert_eq!(put.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(rig.scanner.state()["jobs_started"], 0);
}

#[tokio::test]
async fn a_folder_without_pictures_is_an_error_that_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { port: 0, samples: folder.path().to_owned(), reload: false, seed: 1 };
    let error = anyhow::Error::from(Scanner::start(options).await.unwrap_err());
    assert!(format!("{error:#}").contains("holds no .jpg"), "{error:#}");
}
