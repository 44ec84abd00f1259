//! A serial line without hardware: a pseudo terminal.

use std::fs::File;
use std::io::Write;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

/// A device's end of a serial line; dropped, it is unplugged.
pub struct Line {
    /// The device's end.
    pub far: File,
    /// The host's end: its device node.
    pub port: String,
    /// The host's end: as on a real line nothing is echoed, and it stays alive while no driver has it open.
    pub near: File,
}

impl Line {
    /// A new line.
    ///
    /// # Panics
    /// If the machine gives none.
    pub fn plug() -> Self {
        // Not for the children of this process: a line is gone when nobody has its far end any more.
        let far = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a pseudo terminal");
        grantpt(&far).expect("a pseudo terminal");
        unlockpt(&far).expect("a pseudo terminal");
        let port = ptsname(&far, Vec::new()).expect("a pseudo terminal").into_string().expect("a pseudo terminal");
        let near = File::options().read(true).write(true).open(&port).expect("a pseudo terminal");
        let mut settings = tcgetattr(&near).expect("a pseudo terminal");
        settings.make_raw();
        tcsetattr(&near, OptionalActions::Now, &settings).expect("a pseudo terminal");
        Self { far: far.into(), port, near }
    }

    /// The device says something.
    ///
    /// # Panics
    /// If it cannot be said.
    pub fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.far.write_all(bytes.as_ref()).expect("a pseudo terminal");
    }
}
