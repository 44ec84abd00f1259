//! A chip, opened: which way it was opened, and its files.

use crate::access::AccessKey;
use crate::bac;
use crate::curve::CurveError;
use crate::error::ChipError;
use crate::files::{self, File, select_application};
use crate::pace::Pace;
use crate::security::{PaceInfo, pace_infos};
use crate::session::Session;
use crate::transport::Transport;

/// How a chip was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// Password Authenticated Connection Establishment.
    Pace,
    /// Basic access control.
    Bac,
}

/// A chip that has let us in.
pub(crate) struct Chip<T> {
    pub(crate) session: Session<T>,
    pub(crate) opened: Opened,
    /// The ways of PACE that EF.CardAccess listed when it was opened, which nobody vouches for.
    pub(crate) offered: Vec<PaceInfo>,
}

impl<T: Transport> Chip<T> {
    /// Opens a chip: by PACE if it offers a way that is known here, else by BAC. PACE that was offered and fails is not
    /// followed by BAC: whoever stands between could make it fail. That it was offered at all, data group 14 says later.
    ///
    /// # Errors
    /// [`ChipError::WrongKey`] if the access data is not this card's.
    pub(crate) fn open(transport: T, access: &AccessKey) -> Result<Self, ChipError> {
        let mut chip = Self { session: Session::new(transport), opened: Opened::Bac, offered: Vec::new() };
        chip.reopen(access)?;
        Ok(chip)
    }

    /// Opens it from its beginning, also after the keys were lost.
    pub(crate) fn reopen(&mut self, access: &AccessKey) -> Result<(), ChipError> {
        let session = &mut self.session;
        // What opens it lies outside of the application that may be selected.
        session.reset()?;
        // By its identifier, without selecting the master file before: Vietnamese cards refuse that.
        let card_access = match files::read(session, File::CardAccess, &mut |_, _| {}) {
            Ok(content) => content,
            // Chips without PACE refuse it in many ways.
            Err(ChipError::Refused { .. } | ChipError::Malformed { .. }) => None,
            Err(error) => return Err(error),
        };
        let infos = card_access.map(|content| pace_infos(&content).map_err(ChipError::malformed("EF.CardAccess")));
        self.offered = infos.transpose()?.unwrap_or_default();
        let infos = &self.offered;
        // The strongest that it offers.
        let known = infos.iter().filter_map(|info| Some((info, info.known()?))).max_by_key(|(_, (_, cipher))| *cipher);
        if let Some((info, (curve, cipher))) = known {
            let several = infos.windows(2).any(|pair| pair[0].parameter_id != pair[1].parameter_id);
            let pace = Pace { info, curve, cipher, several };
            session.secure = Some(pace.run(session, access, || curve.private_key())?);
            self.opened = Opened::Pace;
            return select_application(session);
        }
        select_application(session)?;
        let random = |bytes: &mut [u8]| getrandom::fill(bytes).map_err(|_| CurveError::Random);
        session.secure = Some(bac::run(session, access, random)?);
        self.opened = Opened::Bac;
        Ok(())
    }

    /// Reads a file whole; `None` if the chip has none. `progress` hears how many of how many bytes are here.
    pub(crate) fn read(
        &mut self,
        file: File,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Option<Vec<u8>>, ChipError> {
        files::read(&mut self.session, file, progress)
    }
}
