//! The states of a case, and which arrows between them are lawful.

#[cfg(test)]
mod tests;

macro_rules! states {
    ($($(#[$doc:meta])* $state:ident = $name:literal,)*) => {
        /// Where a case is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum State { $($(#[$doc])* $state,)* }

        impl State {
            /// All of them, in the order of a case that goes well.
            pub const ALL: &[Self] = &[$(Self::$state,)*];

            /// Its name in the database, in exports and for people.
            pub fn name(self) -> &'static str {
                match self { $(Self::$state => $name,)* }
            }
        }
    };
}

states! {
    /// A citizen has begun.
    Opened = "opened",
    /// The pages are scanned.
    Captured = "captured",
    /// The text is read.
    Recognised = "recognised",
    /// The person is identified.
    Identified = "identified",
    /// The copy is composed.
    Prepared = "prepared",
    /// An officer is to look at it.
    AwaitingOfficer = "awaiting officer",
    /// An officer certifies it.
    Approved = "approved",
    /// An officer does not.
    Refused = "refused",
    /// An officer wants it scanned or prepared anew.
    SentBack = "sent back",
    /// It has its number in the register.
    Numbered = "numbered",
    /// It is in the transparency log.
    Logged = "logged",
    /// It is signed.
    Signed = "signed",
    /// At least one delivery is confirmed.
    Delivered = "delivered",
    /// The central store has it.
    Stored = "stored",
    /// Nothing personal is left of it.
    Purged = "purged",
}

impl State {
    /// The state of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.name() == name)
    }

    /// Whether a case may go from here to there. (To [`State::Purged`] also from any state of a case whose entry is revoked:
    /// [`crate::Store::purge`].)
    pub fn may_become(self, to: Self) -> bool {
        use State::{
            Approved, AwaitingOfficer, Captured, Delivered, Identified, Logged, Numbered, Opened, Prepared, Purged,
            Recognised, Refused, SentBack, Signed, Stored,
        };
        match self {
            // Who goes away leaves a case that can only be purged, but not once an officer has certified it.
            Opened => matches!(to, Captured | Purged),
            Captured => matches!(to, Recognised | Purged),
            Recognised => matches!(to, Identified | Purged),
            Identified => matches!(to, Prepared | Purged),
            Prepared => matches!(to, AwaitingOfficer | Purged),
            AwaitingOfficer => matches!(to, Approved | Refused | SentBack | Purged),
            SentBack => matches!(to, Captured | Prepared | Purged),
            Refused | Stored => to == Purged,
            Approved => to == Numbered,
            Numbered => to == Logged,
            Logged => to == Signed,
            // What nobody collects is put away; its entry of the register stays.
            Signed => matches!(to, Delivered | Purged),
            Delivered => to == Stored,
            Purged => false,
        }
    }

    /// Whether something outside the database happens on the way to this state, so that an intent must stand before it.
    /// (Deliveries have intents of their own.)
    pub fn needs_intent(self) -> bool {
        matches!(self, Self::Logged | Self::Signed | Self::Stored)
    }

    /// Whether a case in this state has its number.
    pub fn is_numbered(self) -> bool {
        matches!(self, Self::Numbered | Self::Logged | Self::Signed | Self::Delivered | Self::Stored)
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
