//! A device at a TCP port.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::{LinkError, Sliced};
use crate::address::Address;

pub(super) struct Tcp(TcpStream);

impl Tcp {
    pub(super) fn connect(address: &Address, within: Duration) -> Result<Self, LinkError> {
        let absent = |reason: String| LinkError::Absent { address: address.text.clone(), reason };
        let targets: Vec<_> = address
            .rest
            .to_socket_addrs()
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::InvalidInput => {
                    LinkError::BadAddress(format!("address `{}` is not `tcp:HOST:PORT`: {error}", address.text))
                }
                _ => absent(error.to_string()),
            })?
            .collect();
        let mut last = "the name has no address".to_owned();
        for target in targets {
            match TcpStream::connect_timeout(&target, within) {
                Ok(stream) => {
                    stream.set_nodelay(true).map_err(LinkError::Io)?;
                    return Ok(Self(stream));
                }
                Err(error) => last = error.to_string(),
            }
        }
        Err(absent(last))
    }
}

impl Sliced for Tcp {
    fn read_slice(&mut self, buffer: &mut [u8], slice: Duration) -> std::io::Result<usize> {
        self.0.set_read_timeout(Some(slice))?;
        self.0.read(buffer)
    }

    fn write_slice(&mut self, bytes: &[u8], slice: Duration) -> std::io::Result<usize> {
        self.0.set_write_timeout(Some(slice))?;
        self.0.write(bytes)
    }
}
