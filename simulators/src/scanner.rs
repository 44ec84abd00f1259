//! A network scanner that speaks eSCL (Mopria eSCL Technical Specification 2.97) over HTTP, with a glass and a feeder.
//!
//! Capabilities, status, one job at a time, pages in chunks. The papers are picture files of 300 dots an inch: a job
//! that asks for just that gets the file byte for byte, any other a picture that was really cropped, scaled and
//! converted. No TLS, no scan to a destination, no stored jobs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde::Deserialize;
use serde_json::Value;
use tokio::sync::watch;

use crate::device::{Cable, Device, Knob, KnobError, read_fault, read_set};
use crate::exchange::ExchangeLog;
use crate::plug::{Clients, Plug, Serving};
use crate::random::Random;

mod body;
pub mod documents;
pub mod fault;
pub mod job;
pub mod page;
pub mod pdf;
mod server;
pub mod settings;
pub mod state;
#[cfg(test)]
mod tests;

use fault::{Fault, Garbage, KNOBS};
use page::{PageError, Sheet};
use state::State;

/// The name in the control port's addresses.
pub const NAME: &str = "scanner";

/// What a scanner is made of.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port on 127.0.0.1; 0: any.
    pub port: u16,
    /// Folder of the picture files; the first lies on the glass, all lie in the feeder.
    pub samples: PathBuf,
    /// Fill the feeder again whenever a job has emptied it.
    pub reload: bool,
    /// Seed of every random choice.
    pub seed: u64,
}

/// Why a scanner does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No papers.
    #[error("the scanner has no papers")]
    Papers(#[from] PageError),
    /// No port.
    #[error("the scanner cannot listen on port {port} of 127.0.0.1")]
    Listen {
        /// The port asked for.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
}

#[derive(Debug)]
struct Inner {
    plug: Plug,
    exchanges: ExchangeLog,
    state: watch::Sender<State>,
    random: Mutex<Random>,
    serial: String,
    uuid: String,
}

impl Inner {
    fn is_silent(&self) -> bool {
        self.state.borrow().faults.any(|fault| matches!(fault, Fault::Silence { after: None }))
    }

    fn is_garbage(&self, which: Garbage) -> bool {
        self.state.borrow().faults.any(|fault| *fault == Fault::Garbage { of: which })
    }

    async fn until_silence_ends(&self) {
        // The sender lives in self, so this cannot fail.
        let _ = self.state.subscribe().wait_for(|state| !is_stalled(state)).await;
    }

    /// As above, but a cancelled job ends it too.
    async fn until_stall_ends(&self, job: &str) {
        // The sender lives in self, so this cannot fail.
        let _ = self.state.subscribe().wait_for(|state| !is_stalled(state) || !state.is_running(job)).await;
    }
}

fn is_stalled(state: &State) -> bool {
    state.faults.any(|fault| matches!(fault, Fault::Silence { .. }))
}

/// A running scanner; dropping it ends it.
#[derive(Debug)]
pub struct Scanner {
    inner: Arc<Inner>,
    samples: PathBuf,
    papers: Vec<Sheet>,
    _serving: Serving,
}

impl Scanner {
    /// Starts a scanner; it listens when this returns.
    ///
    /// # Errors
    /// When there are no papers or the port is taken.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let Options { port, samples, reload, seed } = options;
        let papers = page::folder(&samples)?;
        let plug = Plug::bind(port).map_err(|source| StartError::Listen { port, source })?;
        let mut random = Random::new(seed, NAME);
        let refill = if reload { papers.clone() } else { Vec::new() };
        let inner = Arc::new(Inner {
            plug,
            exchanges: ExchangeLog::default(),
            state: watch::Sender::new(State::new(papers[0].clone(), papers.clone(), refill)),
            serial: format!("SIM{:08X}", random.bits() >> 32),
            uuid: random.uuid(),
            random: Mutex::new(random),
        });
        let served = Arc::clone(&inner);
        let serving = inner.plug.serve(Clients::Many, move |wire| server::serve(Arc::clone(&served), wire));
        inner.plug.insert().await;
        Ok(Self { inner, samples, papers, _serving: serving })
    }

    /// The root of its addresses, `http://127.0.0.1:PORT/eSCL`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/eSCL", self.inner.plug.address())
    }

    #[cfg(test)]
    fn plug(&self) -> &Plug {
        &self.inner.plug
    }

    fn sheet(&self, name: &str) -> Result<Sheet, KnobError> {
        let path = if Path::new(name).is_absolute() { PathBuf::from(name) } else { self.samples.join(name) };
        Sheet::open(&path).map_err(|error| KnobError::BadOrder {
            order: "load".into(),
            problem: format!("{:#}", anyhow::Error::from(error)),
        })
    }
}

/// Papers for the feeder: so many of the samples (from the first, again and again), or these files.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Papers {
    Count(u16),
    Files(Vec<String>),
    File(String),
}

/// What can be set on a scanner.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Load {
    /// Into the feeder.
    #[serde(alias = "count")]
    adf: Option<Papers>,
    /// On the glass.
    platen: Option<String>,
}

impl Device for Scanner {
    fn name(&self) -> &str {
        NAME
    }

    fn knobs(&self) -> &'static [Knob] {
        KNOBS
    }

    fn cable(&self) -> &dyn Cable {
        &self.inner.plug
    }

    fn address(&self) -> String {
        self.url()
    }

    fn exchanges(&self) -> &ExchangeLog {
        &self.inner.exchanges
    }

    fn state(&self) -> Value {
        self.inner.state.borrow().to_json()
    }

    fn fault(&self, order: Value) -> Result<(), KnobError> {
        let fault = read_fault(NAME, KNOBS, order)?;
        self.inner.state.send_modify(|state| state.faults.add(fault));
        Ok(())
    }

    fn clear(&self, fault: Option<&str>) {
        self.inner.state.send_modify(|state| {
            state.faults.clear(fault);
            if fault.is_none_or(|fault| fault == "jam") {
                state.jammed = false;
            }
        });
    }

    fn set(&self, order: Value) -> Result<(), KnobError> {
        let load: Load = read_set(order)?;
        let adf = match load.adf {
            None => None,
            Some(Papers::Count(count)) => Some(self.papers.iter().cycle().take(count.into()).cloned().collect()),
            Some(Papers::Files(files)) => {
                Some(files.iter().map(|file| self.sheet(file)).collect::<Result<Vec<_>, _>>()?)
            }
            Some(Papers::File(file)) => Some(vec![self.sheet(&file)?]),
        };
        if adf.as_ref().is_some_and(|sheets: &Vec<Sheet>| sheets.len() > documents::FEEDER_CAPACITY) {
            let problem = format!("the feeder takes {} sheets at most", documents::FEEDER_CAPACITY);
            return Err(KnobError::BadOrder { order: "load".into(), problem });
        }
        let platen = load.platen.map(|file| self.sheet(&file)).transpose()?;
        self.inner.state.send_modify(|state| {
            if let Some(sheets) = adf {
                state.feeder = sheets.into();
            }
            if let Some(sheet) = platen {
                state.platen = sheet;
            }
        });
        Ok(())
    }
}
