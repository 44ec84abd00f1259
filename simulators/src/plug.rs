//! The cable of a device: a TCP port on 127.0.0.1 that can be pulled out (listener closed, connections reset) and put
//! back on the same port. What is said over the cable is each device's own room.
//!
//! The port stays ours while it is out: a second socket is bound to it and never listens, so that the system gives
//! the number to nobody else, and a client that tries is refused at once, as by a device that has lost its power.

#[cfg(test)]
mod tests;
mod wire;

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::device::{Cable, KnobError};
pub use wire::Wire;

/// Connections that wait for their turn before the system refuses more.
const BACKLOG: u32 = 16;

/// Between two tries to listen.
const RETRY: std::time::Duration = std::time::Duration::from_millis(20);

/// How many clients a device serves at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clients {
    /// One; the others wait, as at a printer's port 9100.
    One,
    /// All of them.
    Many,
}

/// Whether the cable is in; each change has a new generation, so that no change goes unseen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Position {
    inserted: bool,
    generation: u64,
}

#[derive(Debug)]
struct Shared {
    address: SocketAddr,
    receive_buffer: Option<u32>,
    /// Bound, never listening; holds the number while the cable is out.
    _reserve: TcpSocket,
    wanted: watch::Sender<Position>,
    listening: watch::Sender<bool>,
    /// The latest generation whose listener is closed.
    closed: watch::Sender<Option<u64>>,
    open: watch::Sender<u64>,
    accepted: watch::Sender<u64>,
}

/// A device's end of the cable. Clones are the same cable.
#[derive(Debug, Clone)]
pub struct Plug(Arc<Shared>);

impl Plug {
    /// Takes a port on 127.0.0.1 (0: any free one). Nobody is served before [`Plug::serve`].
    ///
    /// # Errors
    /// When the port is taken.
    pub fn bind(port: u16) -> io::Result<Self> {
        Self::bind_with(port, None)
    }

    /// As [`Plug::bind`], with the size of the system's receive buffer (a device with little memory pushes back early).
    ///
    /// # Errors
    /// When the port is taken.
    pub fn bind_with(port: u16, receive_buffer: Option<u32>) -> io::Result<Self> {
        let reserve = TcpSocket::new_v4()?;
        reserve.set_reuseaddr(true)?;
        reserve.bind((Ipv4Addr::LOCALHOST, port).into())?;
        let address = reserve.local_addr()?;
        // Another process may listen there already; a bind alone does not tell.
        drop(listen(address, receive_buffer)?);
        Ok(Self(Arc::new(Shared {
            address,
            receive_buffer,
            _reserve: reserve,
            wanted: watch::Sender::new(Position { inserted: true, generation: 0 }),
            listening: watch::Sender::new(false),
            closed: watch::Sender::new(None),
            open: watch::Sender::new(0),
            accepted: watch::Sender::new(0),
        })))
    }

    /// The address clients connect to; the same for the life of the cable.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// True while the device listens.
    #[must_use]
    pub fn is_in(&self) -> bool {
        *self.0.listening.borrow()
    }

    /// Connections open now, and accepted so far.
    #[must_use]
    pub fn connections(&self) -> (u64, u64) {
        (*self.0.open.borrow(), *self.0.accepted.borrow())
    }

    /// Pulls the cable out: returns when nobody listens and every connection is reset.
    pub async fn unplug(&self) {
        self.want(false);
        self.wait(|listening, open| !listening && open == 0).await;
    }

    /// Pulls the cable out without waiting, for a device that does so in the middle of an answer.
    pub fn unplug_now(&self) {
        self.want(false);
    }

    /// Puts the cable back: returns when the same port listens again.
    pub async fn insert(&self) {
        self.want(true);
        self.wait(|listening, _| listening).await;
    }

    /// Waits until `until(connections open)` holds.
    pub async fn wait_connections(&self, until: impl Fn(u64) -> bool) {
        // The sender lives in self, so this cannot fail.
        let _ = self.0.open.subscribe().wait_for(|open| until(*open)).await;
    }

    /// Serves clients until the returned guard is dropped.
    pub fn serve<H, F>(&self, clients: Clients, handler: H) -> Serving
    where
        H: Fn(Wire) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        Serving(tokio::spawn(accept(Arc::clone(&self.0), clients, Arc::new(handler))))
    }

    fn want(&self, inserted: bool) {
        self.0.wanted.send_if_modified(|position| {
            let change = position.inserted != inserted;
            if change {
                *position = Position { inserted, generation: position.generation + 1 };
            }
            change
        });
    }

    async fn wait(&self, until: impl Fn(bool, u64) -> bool) {
        let (mut listening, mut open) = (self.0.listening.subscribe(), self.0.open.subscribe());
        while !until(*listening.borrow_and_update(), *open.borrow_and_update()) {
            // The senders live in self, so neither can end.
            tokio::select! { _ = listening.changed() => {} _ = open.changed() => {} }
        }
    }
}

impl Cable for Plug {
    fn address(&self) -> String {
        Plug::address(self).to_string()
    }

    fn is_in(&self) -> bool {
        Plug::is_in(self)
    }

    fn state(&self) -> Value {
        let (open, accepted) = self.connections();
        json!({ "connections": { "open": open, "accepted": accepted } })
    }

    fn insert(&self, _order: Value) -> BoxFuture<'_, Result<(), KnobError>> {
        Box::pin(async {
            Plug::insert(self).await;
            Ok(())
        })
    }

    fn unplug(&self) -> BoxFuture<'_, ()> {
        Box::pin(Plug::unplug(self))
    }
}

/// A device is served as long as this lives; dropping it ends the listener and every connection.
#[derive(Debug)]
pub struct Serving(JoinHandle<()>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn listen(address: SocketAddr, receive_buffer: Option<u32>) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    if let Some(size) = receive_buffer {
        socket.set_recv_buffer_size(size)?;
    }
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn accept<H, F>(shared: Arc<Shared>, clients: Clients, handler: Arc<H>)
where
    H: Fn(Wire) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let mut wanted = shared.wanted.subscribe();
    let mut running = JoinSet::new();
    loop {
        let Ok(position) = wanted.wait_for(|position| position.inserted).await.map(|position| *position) else {
            return;
        };
        let Ok(listener) = listen(shared.address, shared.receive_buffer) else {
            // The reserve keeps the number ours; only a want of file descriptors gets here, and that may pass.
            tokio::time::sleep(RETRY).await;
            continue;
        };
        shared.listening.send_replace(true);
        loop {
            let full = clients == Clients::One && !running.is_empty();
            tokio::select! {
                biased;
                _ = wanted.wait_for(|now| now.generation != position.generation) => break,
                Some(_) = running.join_next() => {}
                accepted = listener.accept(), if !full => if let Ok((stream, _)) = accepted {
                    let wire = Wire::new(stream, &shared, position.generation);
                    let (mut wanted, serve) = (shared.wanted.subscribe(), handler(wire));
                    let mut closed = shared.closed.subscribe();
                    running.spawn(async move {
                        let pulled = async {
                            // The listener goes first: whoever notices the reset must not find it still open.
                            let _ = wanted.wait_for(|now| now.generation != position.generation).await.map(drop);
                            let _ = closed.wait_for(|closed| *closed >= Some(position.generation)).await.map(drop);
                        };
                        tokio::select! {
                            () = serve => {}
                            () = pulled => {}
                        }
                    });
                }
            }
        }
        drop(listener);
        shared.closed.send_replace(Some(position.generation));
        shared.listening.send_replace(false);
    }
}
