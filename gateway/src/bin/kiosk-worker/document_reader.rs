//! The worker as the gateway sees it: a child of kind `document_reader` that answers `ocr.read`.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use kiosk_driver_sdk::protocol::ocr::{
    DocumentReader, DocumentText, Language, ReadProgress, ReadRequest, ReadStage, ReaderCapabilities, ReaderEvent,
    ReaderRequest, ReaderStatus,
};
use kiosk_driver_sdk::{Address, Cx, Driver, OpenError, Opened};
use kiosk_gateway::pipeline::models::{DEBIAN_TESSDATA, MODEL_FOLDER, ModelPaths};
use kiosk_gateway::pipeline::page::{CapturedPage, Limits, PageError};
use kiosk_gateway::pipeline::reader::{ReadError, Reader};
use serde::Deserialize;

use crate::with_causes;
use kiosk_gateway::pipeline::sandbox;

/// `[devices.NAME.config]` of the worker.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The folder of the text detection model.
    #[serde(default = "model_folder")]
    models: PathBuf,
    /// The folder of tesseract's language data.
    #[serde(default = "tessdata_folder")]
    tessdata: PathBuf,
    /// Address space that the worker may use, MiB.
    #[serde(default = "memory_mib")]
    memory_mib: u64,
}

fn model_folder() -> PathBuf {
    MODEL_FOLDER.into()
}

fn tessdata_folder() -> PathBuf {
    DEBIAN_TESSDATA.into()
}

fn memory_mib() -> u64 {
    sandbox::MEMORY_MIB
}

/// Holds the loaded models.
pub(crate) struct DocumentWorker {
    reader: Reader,
    sandbox: Vec<String>,
}

impl Driver for DocumentWorker {
    type Kind = DocumentReader;
    type Config = Config;
    const NAME: &'static str = "kiosk-worker";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    /// Loads the models, then locks the process in. Takes an address like `worker:documents`.
    fn open(address: &Address, config: Config) -> Result<Opened<Self>, OpenError> {
        address.expect_scheme(&["worker"])?;
        let paths = ModelPaths { tessdata: config.tessdata, ..ModelPaths::in_folder(&config.models) };
        // A missing or wrong model does not come right by trying again.
        let reader = Reader::load(&paths).map_err(|error| OpenError::BadConfig(with_causes(&error)))?;
        let sandbox = sandbox::lock_in(sandbox::Layers::All, config.memory_mib)
            .map_err(|error| OpenError::BadConfig(with_causes(&error)))?;
        tracing::info!(sandbox = sandbox.join(", "), engine = reader.engine(), "locked in and ready to read");
        let identity = Identity { model: Some("document reader".into()), ..Identity::default() };
        let languages = vec![Language::Vi, Language::En];
        let capabilities = ReaderCapabilities { languages, engine: reader.engine() };
        let status = ReaderStatus { sandbox: sandbox.clone() };
        Ok(Opened { driver: Self { reader, sandbox }, identity, capabilities, status })
    }

    fn handle(&mut self, request: ReaderRequest, cx: &mut Cx<DocumentReader>) -> Result<DocumentText, Failure> {
        let ReaderRequest::Read(request) = request;
        self.read(&request, cx)
    }

    fn idle(&mut self) -> Result<ReaderStatus, Failure> {
        Ok(ReaderStatus { sandbox: self.sandbox.clone() })
    }

    fn idle_every(&self) -> Duration {
        Duration::from_secs(60)
    }
}

impl DocumentWorker {
    fn read(&mut self, request: &ReadRequest, cx: &mut Cx<DocumentReader>) -> Result<DocumentText, Failure> {
        if request.languages.is_empty() {
            return Err(Failure::invalid("payload.languages", "name at least one language: `vi`, `en`"));
        }
        cx.emit(ReaderEvent::Progress(ReadProgress { stage: ReadStage::Decoding, done: 0, total: 0 }));
        let page =
            CapturedPage::decode(cx.attachment(&request.blob)?, Limits::default()).map_err(|e| unreadable(&e))?;
        let (signal, deadline) = (cx.cancel_signal(), cx.deadline());
        let give_up = || signal.is_set() || Instant::now() >= deadline;
        let mut progress = |progress| cx.emit(ReaderEvent::Progress(progress));
        match self.reader.read(&page, &request.languages, &mut progress, &give_up) {
            Ok(text) => Ok(text),
            Err(ReadError::Cancelled) => {
                cx.check()?;
                Err(Failure::new(ErrorCode::Cancelled, "the request was cancelled"))
            }
            Err(error) => Err(Failure::new(ErrorCode::DeviceFault, with_causes(&error))),
        }
    }
}

fn unreadable(error: &PageError) -> Failure {
    let code = match error {
        PageError::TooLarge { .. } => ErrorCode::TooLarge,
        PageError::Empty | PageError::UnknownFormat | PageError::Truncated | PageError::Malformed { .. } => {
            ErrorCode::Unreadable
        }
    };
    Failure::new(code, error.to_string())
}
