//! Copies by e-mail: what waits in the outbox is sent by a thread of its own, tried again as the schedule says, and given up after
//! some days. Addresses are among a case's personal values.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kiosk_mail::{File, Language, Letter, Mailer, Outcome, Recipient, Schedule};
use kiosk_protocol::case::{CaseView, CopyLanguage, MailCopy};
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_register::{CaseId, Channel, Code, Delivery, DeliveryId, Personal, Store};
use sha2::{Digest, Sha256};

use crate::facts::{Facts, hex};
use crate::fault::{Fault, with_causes};
use crate::office::Office;
use crate::view::case_id;

/// The outbox is looked at so often.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Most addresses of a case.
const ADDRESSES_MOST: usize = 5;
/// Most letters of one look.
const AT_ONCE: usize = 20;

/// Sends letters until the office stops.
pub(crate) fn send(office: &Arc<Office>, mailer: &Mailer) {
    // Letters that wait for their next try; `None`: given up. A restart forgets this, and tries them once more.
    let mut resting: HashMap<DeliveryId, Option<Instant>> = HashMap::new();
    while office.pause(LOOK_EVERY) {
        let due = office.store().deliveries_due(Channel::Mail, AT_ONCE + resting.len());
        let due = match due {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(error = with_causes(&error), "the outbox cannot be read");
                continue;
            }
        };
        let rested = |delivery: &Delivery| match resting.get(&delivery.id) {
            Some(Some(until)) => *until <= Instant::now(),
            Some(None) => false,
            None => true,
        };
        for delivery in due.into_iter().filter(rested).take(AT_ONCE).collect::<Vec<_>>() {
            match office.send_one(mailer, &delivery) {
                Ok(None) => drop(resting.remove(&delivery.id)),
                Ok(Some(rest)) => drop(resting.insert(delivery.id, rest.map(|wait| Instant::now() + wait))),
                Err(fault) => {
                    tracing::warn!(case = ?delivery.case, error = with_causes(&fault), "a letter cannot be sent now");
                    resting.insert(delivery.id, Some(Instant::now() + Duration::from_secs(60)));
                }
            }
        }
    }
}

impl Office {
    /// Puts a letter into the outbox; the same address again gives the same letter.
    pub(crate) fn mail(&self, request: &MailCopy) -> Result<CaseView, Fault> {
        if self.settings.mail.is_none() {
            let detail = "no mail is configured: set [copies.mail]";
            return Err(Fault::Refused(Failure::new(ErrorCode::Unsupported, detail)));
        }
        let case = case_id(&request.case)?;
        Recipient::parse(request.address.expose()).map_err(|error| Fault::field("address", error.to_string()))?;
        let address = request.address.expose();
        {
            let mut store = self.store();
            // The address first: a letter without one could never be sent.
            if store.case(case)?.file.is_none() {
                return Err(Fault::not_now("the copy is not signed yet"));
            }
            let mut known = addresses(&store, case)?;
            if !known.iter().any(|known| known == address) {
                if known.len() >= ADDRESSES_MOST {
                    return Err(Fault::not_now(format!("a copy is sent to {ADDRESSES_MOST} addresses at most")));
                }
                known.push(address.to_owned());
                let text = serde_json::to_vec(&known).expect("addresses are plain data");
                store.put_personal(case, &addresses_name(), &Personal(text))?;
            }
            store.queue(case, Channel::Mail, &letter_key(case, address))?;
        }
        self.news_of(case);
        self.view(case)
    }

    /// Sends one letter. `None`: it is done; otherwise how long it rests, for ever if that is `None`.
    fn send_one(&self, mailer: &Mailer, delivery: &Delivery) -> Result<Option<Option<Duration>>, Fault> {
        let case = delivery.case;
        if self.store().case(case)?.revoked {
            // What is withdrawn is not sent any more.
            let mut store = self.store();
            store.start(delivery.id)?;
            store.finish(delivery.id, kiosk_register::Outcome::NotDone)?;
            return Ok(Some(None));
        }
        let letter = self.letter(delivery)?;
        let begun = self.store().start(delivery.id)?;
        let (outcome, rest) = match mailer.send(&letter) {
            Outcome::Done { reply, attached } => {
                tracing::info!(?case, code = reply.code, attached, "a letter was taken by the mail server");
                (kiosk_register::Outcome::Done, None)
            }
            Outcome::NotDone { retry, why } => {
                let rest = if retry { Schedule::default().wait_after(begun.attempts) } else { None };
                tracing::warn!(?case, error = with_causes(&why), given_up = rest.is_none(), "a letter was not taken");
                (kiosk_register::Outcome::NotDone, Some(rest))
            }
            Outcome::Unknown { why } => {
                let rest = Schedule::default().wait_after(begun.attempts);
                tracing::warn!(?case, error = with_causes(&why), "nobody knows whether a letter was taken");
                (kiosk_register::Outcome::Unknown, Some(rest))
            }
        };
        self.store().finish(delivery.id, outcome)?;
        self.news_of(case);
        Ok(rest)
    }

    fn letter(&self, delivery: &Delivery) -> Result<Letter, Fault> {
        let case = delivery.case;
        let damaged = || Fault::Damaged { case, what: "address" };
        let (to, facts, number) = {
            let store = self.store();
            let facts = Facts::load(&store, case)?;
            let number = store.entry(case)?.ok_or(kiosk_register::StoreError::NotNumbered { case })?.number;
            let known = addresses(&store, case)?;
            let to = known.into_iter().find(|address| key_hash(&letter_key(case, address)) == delivery.key.0);
            (to.ok_or_else(damaged)?, facts, number.to_string())
        };
        let file = self.newest_file(case)?;
        Ok(Letter {
            to: Recipient::parse(&to).map_err(|_| damaged())?,
            key: letter_name(delivery),
            language: match facts.language {
                CopyLanguage::Vi => Language::Vietnamese,
                CopyLanguage::ViEn => Language::English,
            },
            agency: self.settings.agency.name.clone(),
            number: number.clone(),
            code: facts.code.ok_or_else(damaged)?,
            url: self.url(),
            file: Some(File {
                name: format!("ban-sao-{}.pdf", number.split('/').next().unwrap_or("chung-thuc")),
                bytes: file.bytes,
            }),
        })
    }
}

/// The name of the addresses among a case's personal values.
fn addresses_name() -> Code {
    Code::new("addresses").expect("this is a code")
}

fn addresses(store: &Store, case: CaseId) -> Result<Vec<String>, Fault> {
    let Some(value) = store.personal(case, &addresses_name())? else { return Ok(Vec::new()) };
    serde_json::from_slice(&value.0).map_err(|_| Fault::Damaged { case, what: "addresses" })
}

/// The key of a letter in the outbox, which keeps a hash of it only.
fn letter_key(case: CaseId, address: &str) -> String {
    let address = hex(&Sha256::digest(address.as_bytes()));
    format!("mail {case} {address}")
}

/// As the outbox keeps a key.
fn key_hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

/// What a letter is known by to who gets it, the same for each try.
fn letter_name(delivery: &Delivery) -> String {
    format!("copy-{}", delivery.key)
}
