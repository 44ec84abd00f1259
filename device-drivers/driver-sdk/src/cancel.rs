//! The wish to give up, carried from the thread that reads the gateway's messages to the one that works.

use std::sync::{Arc, Mutex, PoisonError};

/// Set once, seen everywhere. Clones share it.
#[derive(Clone, Default)]
pub struct CancelSignal(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    set: bool,
    callbacks: Vec<Box<dyn FnOnce() + Send>>,
}

impl CancelSignal {
    /// A signal that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets it and runs what was registered.
    pub fn set(&self) {
        let callbacks = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.set = true;
            std::mem::take(&mut state.callbacks)
        };
        for callback in callbacks {
            callback();
        }
    }

    /// Was it set?
    pub fn is_set(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).set
    }

    /// Runs `callback` when it is set; at once if it is already. For drivers that wait on something that can be woken.
    pub fn on_set(&self, callback: impl FnOnce() + Send + 'static) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.set {
            drop(state);
            callback();
        } else {
            state.callbacks.push(Box::new(callback));
        }
    }
}

impl std::fmt::Debug for CancelSignal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("CancelSignal").field(&self.is_set()).finish()
    }
}
