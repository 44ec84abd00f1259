//! Method calls to UPower, each with a time limit, nothing cached. Names: UPower's D-Bus reference,
//! `org.freedesktop.UPower` and `org.freedesktop.UPower.Device`.

use std::collections::HashMap;
use std::time::Duration;

use zbus::{OwnedObjectPath, OwnedVariant};

use crate::status::Properties;

const SERVICE: &str = "org.freedesktop.UPower";
const PATH: &str = "/org/freedesktop/UPower";
const DEVICE: &str = "org.freedesktop.UPower.Device";
/// D-Bus specification, "Standard Interfaces".
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
/// More devices than this are not looked at.
const DEVICES_MAX: usize = 64;

/// Why UPower did not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BusError {
    /// There is no bus, or it went away.
    #[error("the system's D-Bus cannot be reached: {0}")]
    NoBus(String),
    /// UPower does not run.
    #[error("UPower does not run; install and start it (Debian: the package upower)")]
    NoService,
    /// It has no such device any more.
    #[error("UPower does not know `{0}` any more")]
    Gone(String),
    /// No answer in time.
    #[error("UPower did not answer in time")]
    Late,
    /// The bus or UPower does not allow it.
    #[error("UPower may not be asked: {0}")]
    Refused(String),
    /// The answer is not what it should be.
    #[error("UPower answered something that is not understood: {0}")]
    Nonsense(String),
}

/// A connection to a bus.
pub(crate) struct Bus {
    runtime: tokio::runtime::Runtime,
    connection: zbus::Connection,
    within: Duration,
}

impl Bus {
    /// Connects to this bus, or the system's.
    pub(crate) fn connect(address: Option<&str>, within: Duration) -> Result<Self, BusError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| BusError::NoBus(error.to_string()))?;
        let connect = async {
            let builder = match address {
                Some(address) => zbus::connection::Builder::address(address),
                None => zbus::connection::Builder::system(),
            };
            tokio::time::timeout(within, builder.method_timeout(within).build()).await
        };
        match runtime.block_on(connect) {
            Ok(Ok(connection)) => Ok(Self { runtime, connection, within }),
            Ok(Err(error)) => Err(BusError::NoBus(error.to_string())),
            Err(_) => Err(BusError::Late),
        }
    }

    /// The paths of all devices.
    pub(crate) fn devices(&mut self) -> Result<Vec<String>, BusError> {
        let reply = self.call(PATH, SERVICE, "EnumerateDevices", &())?;
        let paths: Vec<OwnedObjectPath> = reply.body().deserialize().map_err(nonsense)?;
        Ok(paths.into_iter().take(DEVICES_MAX).map(|path| path.to_string()).collect())
    }

    /// What UPower knows of a device at this moment.
    pub(crate) fn properties(&mut self, path: &str) -> Result<Properties, BusError> {
        let reply = self.call(path, PROPERTIES, "GetAll", &DEVICE)?;
        let properties: HashMap<String, OwnedVariant> = reply.body().deserialize().map_err(nonsense)?;
        Ok(Properties::new(properties))
    }

    /// Has UPower ask the device.
    pub(crate) fn refresh(&mut self, path: &str) -> Result<(), BusError> {
        self.call(path, DEVICE, "Refresh", &()).map(drop)
    }

    fn call<B>(&mut self, path: &str, interface: &str, method: &str, body: &B) -> Result<zbus::Message, BusError>
    where
        B: serde::Serialize + zbus::DynamicType + Sync,
    {
        let call = self.connection.call_method(Some(SERVICE), path, Some(interface), method, body);
        let answered = self.runtime.block_on(async { tokio::time::timeout(self.within, call).await });
        answered.map_err(|_| BusError::Late)?.map_err(|error| why(error, path))
    }
}

/// The D-Bus specification's error names; `UnknownMethod` is what a service says of an object that it does not have.
fn why(error: zbus::Error, path: &str) -> BusError {
    let zbus::Error::MethodError(name, detail, _) = &error else {
        return match error {
            zbus::Error::InputOutput(io) if io.kind() == std::io::ErrorKind::TimedOut => BusError::Late,
            other => BusError::NoBus(other.to_string()),
        };
    };
    match name.as_str().strip_prefix("org.freedesktop.DBus.Error.").unwrap_or_default() {
        "ServiceUnknown" | "NameHasNoOwner" | "Disconnected" | "Spawn.ChildExited" | "Spawn.ServiceNotFound" => {
            BusError::NoService
        }
        "UnknownObject" | "UnknownMethod" | "UnknownInterface" => BusError::Gone(path.into()),
        "NoReply" | "Timeout" | "TimedOut" => BusError::Late,
        "AccessDenied" | "AuthFailed" => BusError::Refused(detail.clone().unwrap_or_else(|| name.to_string())),
        _ => BusError::Nonsense(name.to_string()),
    }
}

fn nonsense(error: impl std::fmt::Display) -> BusError {
    BusError::Nonsense(error.to_string())
}
