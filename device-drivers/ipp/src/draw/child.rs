//! The process that draws: reads an order and a document from stdin, writes PWG Raster to stdout page by page, and says
//! on stderr why it cannot. It sets its own limits before it looks at the first byte of the document.

use std::io::{BufRead, Read, Write};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, Signal, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use super::{Kind, Order, pdf, picture};
use crate::raster::Raster;

/// What makes this program draw instead of serving the gateway.
pub(crate) const ARGUMENT: &str = "draw-a-document";
/// Exit statuses.
pub(super) const UNREADABLE: i32 = 65;
pub(super) const TOO_LARGE: i32 = 66;
/// Drawing recurses into forms and patterns.
const STACK: usize = 64 << 20;
/// Longest order, bytes.
const ORDER_MAX: u64 = 4096;

/// Why a document is not drawn.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("{0}")]
    Unreadable(String),
    #[error("{0}")]
    TooLarge(String),
    #[error("{what}: {source}")]
    System { what: &'static str, source: std::io::Error },
}

/// Draws what stdin says.
pub(crate) fn draw() -> ExitCode {
    // On a thread with a stack of its own size; a panic there is one more way to end without success.
    let drawing = std::thread::Builder::new().stack_size(STACK).spawn(whole);
    let code = match drawing.map(std::thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => return ExitCode::SUCCESS,
        Ok(Ok(Err(refusal))) => {
            eprintln!("{refusal}");
            match refusal {
                Refusal::Unreadable(_) => UNREADABLE,
                Refusal::TooLarge(_) => TOO_LARGE,
                Refusal::System { .. } => 1,
            }
        }
        Ok(Err(_)) | Err(_) => 1,
    };
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

fn whole() -> Result<(), Refusal> {
    let system = |what| move |source| Refusal::System { what, source };
    let mut stdin = std::io::stdin().lock();
    let mut order = Vec::new();
    (&mut stdin).take(ORDER_MAX).read_until(b'\n', &mut order).map_err(system("no order"))?;
    let order: Order = serde_json::from_slice(&order).map_err(|error| system("the order is none")(error.into()))?;
    live_no_longer_than(order.driver).map_err(|error| system("no driver waits for it")(error.into()))?;
    let mut document = Vec::new();
    stdin.read_to_end(&mut document).map_err(system("no document"))?;
    limit(&order).map_err(|error| system("the limits cannot be set")(error.into()))?;
    let mut stdout = std::io::stdout().lock();
    let mut raster = Raster::new(order.sheet.clone());
    let mut page = |dots: Vec<u8>| {
        raster.page(&dots);
        stdout.write_all(&raster.take()).map_err(system("nobody takes the pages"))?;
        more_time(order.page_seconds).map_err(|error| system("the limits cannot be set")(error.into()))
    };
    match order.kind {
        Kind::Pdf => pdf::draw(document, &order.sheet, &mut page)?,
        Kind::Jpeg => page(picture::jpeg(&document, &order.sheet)?)?,
    }
    stdout.flush().map_err(system("nobody takes the pages"))
}

/// From now on: no life after the driver. One that ended before the signal was asked for sends none, and this process has
/// another parent already.
fn live_no_longer_than(driver: u32) -> rustix::io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    let parent = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get());
    let is_driver = parent.and_then(|pid| u32::try_from(pid).ok()) == Some(driver);
    if is_driver { Ok(()) } else { Err(rustix::io::Errno::SRCH) }
}

/// From now on: so much memory, no file or socket beside those that are open, no core file with a citizen's page in it.
fn limit(order: &Order) -> rustix::io::Result<()> {
    for (resource, most) in [(Resource::As, order.memory), (Resource::Nofile, 3), (Resource::Core, 0)] {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    more_time(order.page_seconds)
}

/// Gives the next page its time; the kernel ends the process when it is over.
fn more_time(seconds: u64) -> rustix::io::Result<()> {
    let used = u64::try_from(clock_gettime(ClockId::ProcessCPUTime).tv_sec).unwrap_or_default();
    setrlimit(Resource::Cpu, Rlimit { current: Some(used + 1 + seconds), maximum: None })
}
