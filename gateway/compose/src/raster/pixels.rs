//! Pixels that are packed when the file is written.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use krilla::image::{BitsPerComponent, CustomImage, ImageColorspace};
use sha2::{Digest, Sha256};

/// Red, green, blue.
#[derive(Clone)]
pub(super) struct Pixels {
    rgb: Arc<Vec<u8>>,
    digest: [u8; 32],
    size: [u32; 2],
}

impl Pixels {
    /// Of three bytes for each pixel.
    pub(super) fn new(rgb: Vec<u8>, size: [u32; 2]) -> Self {
        Self { digest: Sha256::digest(&rgb).into(), rgb: Arc::new(rgb), size }
    }
}

impl Hash for Pixels {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.digest, self.size).hash(state);
    }
}

impl CustomImage for Pixels {
    fn color_channel(&self) -> &[u8] {
        &self.rgb
    }

    fn alpha_channel(&self) -> Option<&[u8]> {
        None
    }

    fn bits_per_component(&self) -> BitsPerComponent {
        BitsPerComponent::Eight
    }

    fn size(&self) -> (u32, u32) {
        self.size.into()
    }

    fn icc_profile(&self) -> Option<&[u8]> {
        None
    }

    fn color_space(&self) -> ImageColorspace {
        ImageColorspace::Rgb
    }
}
