//! Receipts and pictures as the bytes that go to a printer, without a printer: what is measured.

use kiosk_driver_sdk::protocol::blob::BlobId;
use kiosk_driver_sdk::protocol::receipt::{Cut, PrintRequest};

use crate::config::Config;
use crate::job::Job;
use crate::layout::{Fonts, Paper, Raster, Studio};

/// 80 mm paper and the usual fonts.
pub struct Press {
    fonts: Fonts,
    paper: Paper,
}

impl Press {
    /// Loads the fonts.
    ///
    /// # Errors
    /// A sentence that says which package to install.
    pub fn new() -> Result<Self, String> {
        let config = Config::default();
        let fonts = config.fonts().map_err(|error| error.to_string())?;
        Ok(Self { fonts, paper: config.paper() })
    }

    /// Lays out a receipt and packs it; `blob` finds the bytes of its pictures.
    ///
    /// # Errors
    /// What is wrong with the request.
    pub fn receipt<'a>(
        &'a self,
        request: &PrintRequest,
        blob: &'a dyn Fn(&BlobId) -> Option<&'a [u8]>,
    ) -> Result<Vec<u8>, String> {
        let studio = Studio { paper: self.paper, fonts: &self.fonts, blob };
        let raster = studio.draw(request).map_err(|error| error.to_string())?;
        Ok(self.packed(&raster, request.cut))
    }

    /// Packs dots: 72 bytes a row, the leftmost dot in the highest bit, black is 1.
    pub fn raster(&self, bits: &[u8]) -> Vec<u8> {
        self.packed(&Raster::of(self.paper.width_dots, bits), Cut::Partial)
    }

    fn packed(&self, raster: &Raster, cut: Cut) -> Vec<u8> {
        let job = Job::new(raster, self.paper, cut);
        [&job.opening[..], &job.bands.concat(), job.ending].concat()
    }
}
