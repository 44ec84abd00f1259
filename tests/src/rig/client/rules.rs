//! The rules that are true of every conversation, held against each message as it is noted.

use kiosk_protocol::device::DeviceView;
use kiosk_protocol::message::ServerMessage;

use super::Client;

impl Client {
    /// Notes a message; panics if it breaks a rule.
    pub(super) fn note(&mut self, message: ServerMessage) {
        let (seq, over) = match &message {
            ServerMessage::Acknowledge { seq, id, queued, error } => {
                if let (Some(id), Some(queued)) = (id, queued) {
                    self.acknowledged.insert(*id, *queued);
                }
                // A number that was used before is refused without a change to what it was used for.
                let is_new = |id: &u64| !self.acknowledged.contains_key(id) && !self.completions.contains_key(id);
                let refusal = error.clone().zip(*id).filter(|(_, id)| is_new(id));
                if let Some((_, id)) = &refusal {
                    self.refused.insert(*id);
                }
                (*seq, refusal.map(|(error, id)| (id, Err(error))))
            }
            ServerMessage::Event { seq, id, .. } => {
                assert!(!self.completions.contains_key(id), "an event after the end of its command: {message:?}");
                (Some(*seq), None)
            }
            ServerMessage::Completion { seq, id, payload, error } => {
                let result = match (payload.clone(), error.clone()) {
                    (Some(payload), None) => Ok(payload),
                    (None, Some(error)) => Err(error),
                    _ => panic!("a completion has either a payload or an error: {message:?}"),
                };
                (*seq, Some((*id, result)))
            }
            ServerMessage::Notice { seq, name, payload } => {
                if name == "device.changed" {
                    let view: DeviceView = serde_json::from_value(payload.clone()).expect("a view has its shape");
                    self.devices.insert(view.device.clone(), view);
                }
                (Some(*seq), None)
            }
        };
        assert_eq!(seq, Some(self.cursor + 1), "messages are numbered one by one: {message:?}");
        self.cursor += 1;
        if let Some((id, result)) = over {
            let before = self.completions.insert(id, result);
            assert!(before.is_none(), "a command has one end, {id} has a second: {message:?}");
        }
        self.heard.push(message);
    }
}
