use kiosk_driver_sdk::protocol::scanner::{ColorMode, ScanSource};
use proptest::prelude::*;

use super::super::WireError;
use super::Capabilities;

/// A multifunction device: flatbed with its own profile, feeder with shared ones, resolutions as list and range.
pub(crate) const DEVICE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<scan:ScannerCapabilities xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm">
 <pwg:Version>2.63</pwg:Version>
 <pwg:MakeAndModel>Acme Scan 7</pwg:MakeAndModel>
 <pwg:SerialNumber>A-0001</pwg:SerialNumber>
 <scan:Manufacturer>Acme</scan:Manufacturer>
 <scan:SettingProfiles>
  <scan:SettingProfile name="p0">
   <scan:ColorModes><scan:ColorMode>BlackAndWhite1</scan:ColorMode><scan:ColorMode>Grayscale8</scan:ColorMode></scan:ColorModes>
   <scan:DocumentFormats><pwg:DocumentFormat>application/pdf</pwg:DocumentFormat><scan:DocumentFormatExt>image/jpeg</scan:DocumentFormatExt></scan:DocumentFormats>
   <scan:SupportedResolutions><scan:ResolutionRange>
    <scan:XResolutionRange><scan:Min>100</scan:Min><scan:Max>400</scan:Max><scan:Normal>200</scan:Normal><scan:Step>50</scan:Step></scan:XResolutionRange>
   </scan:ResolutionRange></scan:SupportedResolutions>
  </scan:SettingProfile>
 </scan:SettingProfiles>
 <scan:Platen><scan:PlatenInputCaps>
  <scan:MinWidth>16</scan:MinWidth><scan:MaxWidth>2550</scan:MaxWidth><scan:MinHeight>16</scan:MinHeight><scan:MaxHeight>3508</scan:MaxHeight>
  <scan:SettingProfiles><scan:SettingProfile>
   <scan:ColorModes><scan:ColorMode>Grayscale8</scan:ColorMode><scan:ColorMode>RGB24</scan:ColorMode></scan:ColorModes>
   <scan:DocumentFormats><pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat></scan:DocumentFormats>
   <scan:SupportedResolutions><scan:DiscreteResolutions>
    <scan:DiscreteResolution><scan:XResolution>600</scan:XResolution><scan:YResolution>600</scan:YResolution></scan:DiscreteResolution>
    <scan:DiscreteResolution><scan:XResolution>300</scan:XResolution><scan:YResolution>300</scan:YResolution></scan:DiscreteResolution>
    <scan:DiscreteResolution><scan:XResolution>600</scan:XResolution><scan:YResolution>300</scan:YResolution></scan:DiscreteResolution>
    <scan:DiscreteResolution><scan:XResolution>2400</scan:XResolution><scan:YResolution>2400</scan:YResolution></scan:DiscreteResolution>
   </scan:DiscreteResolutions></scan:SupportedResolutions>
  </scan:SettingProfile></scan:SettingProfiles>
 </scan:PlatenInputCaps></scan:Platen>
 <scan:Adf><scan:AdfSimplexInputCaps>
  <scan:MaxWidth>2550</scan:MaxWidth><scan:MaxHeight>4200</scan:MaxHeight>
  <scan:SettingProfiles><scan:SettingProfile ref="p0"/></scan:SettingProfiles>
 </scan:AdfSimplexInputCaps></scan:Adf>
</scan:ScannerCapabilities>"#;

#[test]
fn sources_resolutions_colours_and_sizes_are_read() {
    let capabilities = Capabilities::parse(DEVICE.as_bytes()).unwrap();
    assert_eq!(capabilities.version, "2.63");
    let told = capabilities.told();
    let [flatbed, adf] = &told.sources[..] else { panic!("{told:?}") };
    assert_eq!((flatbed.source, flatbed.resolutions_dpi.as_slice()), (ScanSource::Flatbed, &[300, 600][..]));
    assert_eq!(flatbed.colors, [ColorMode::Color, ColorMode::Gray]);
    assert!((flatbed.max_width_mm - 215.9).abs() < 0.01 && (flatbed.max_height_mm - 297.01).abs() < 0.01);
    assert_eq!((adf.source, adf.resolutions_dpi.as_slice()), (ScanSource::Adf, &[100, 150, 200, 300, 400][..]));
    assert_eq!(adf.colors, [ColorMode::Gray]);
}

#[test]
fn maker_model_and_serial_are_told_apart_only_where_the_scanner_does() {
    let identity = Capabilities::parse(DEVICE.as_bytes()).unwrap().identity;
    assert_eq!((identity.maker.as_deref(), identity.model.as_deref()), (Some("Acme"), Some("Scan 7")));
    assert_eq!(identity.serial.as_deref(), Some("A-0001"));
    let without = DEVICE.replace("<scan:Manufacturer>Acme</scan:Manufacturer>", "");
    let identity = Capabilities::parse(without.as_bytes()).unwrap().identity;
    assert_eq!((identity.maker, identity.model.as_deref()), (None, Some("Acme Scan 7")));
}

#[test]
fn a_source_without_jpeg_is_left_out_and_none_at_all_is_an_error() {
    let no_jpeg = DEVICE.replace("<scan:DocumentFormatExt>image/jpeg</scan:DocumentFormatExt>", "");
    assert_eq!(Capabilities::parse(no_jpeg.as_bytes()).unwrap().sources.len(), 1);
    let none = DEVICE.replace("image/jpeg", "image/tiff");
    assert_eq!(Capabilities::parse(none.as_bytes()), Err(WireError::NothingUsable));
    let sizeless = DEVICE.replace("MaxWidth", "Other");
    assert_eq!(Capabilities::parse(sizeless.as_bytes()), Err(WireError::NothingUsable));
}

#[test]
fn a_version_that_is_none_does_not_go_into_a_job() {
    let odd = DEVICE.replace("2.63", "&lt;evil/>");
    assert_eq!(Capabilities::parse(odd.as_bytes()).unwrap().version, "2.0");
}

proptest! {
    #[test]
    fn a_changed_document_never_panics(at in 0..DEVICE.len(), with in "[ -~]{0,6}") {
        let mut bytes = DEVICE.as_bytes().to_vec();
        let end = (at + with.len()).min(bytes.len());
        bytes.splice(at..end, with.bytes());
        if let Ok(capabilities) = Capabilities::parse(&bytes) {
            prop_assert!(!capabilities.sources.is_empty());
            prop_assert!(capabilities.sources.iter().all(|source| !source.resolutions.is_empty()));
        }
    }
}
