//! Sends a letter: what is said to the server, in which order, and what its answers mean.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;

use crate::address::Recipient;
use crate::exchange::Exchange;
use crate::letter::Letter;
use crate::message;
use crate::outcome::{BadAnswer, Outcome, Step, Why};
use crate::reply::{Answer, Offers};
use crate::settings::{Login, Security, Settings, SettingsError};
use crate::tls;
use crate::words::Copy;

/// Sends letters through one mail server; a connection for each.
pub struct Mailer {
    settings: Settings,
    from: Recipient,
    login: Option<Login>,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

impl Mailer {
    /// Checks the settings; reads the password and the authorities.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        settings.check()?;
        let tls = match settings.security {
            Security::None => None,
            Security::Tls | Security::StartTls => {
                Some((tls::config(settings.authorities.as_deref())?, settings.server_name()?))
            }
        };
        Ok(Self { from: settings.sender()?, login: settings.login()?, tls, settings })
    }

    /// Sends a letter and waits for what becomes of it: about fourteen times `timeout_s` and once `end_timeout_s` at the longest,
    /// and a second for each 8 KiB.
    pub fn send(&self, letter: &Letter) -> Outcome {
        let prepared = letter.check().map_err(Why::from).and_then(|()| self.prepare(letter));
        let (mut exchange, message, copy) = match prepared {
            Ok(prepared) => prepared,
            Err(why) => return Outcome::not_done(why),
        };
        if let Err(why) = exchange.body(&message) {
            return Outcome::not_done(why);
        }
        // From here on the server may have it, whatever happens, unless it says that it has not.
        let answer = match exchange.end(self.settings.end_timeout()) {
            Ok(answer) => answer,
            Err(why) => return Outcome::Unknown { why },
        };
        exchange.quit();
        let reply = answer.reply();
        match reply.code {
            200..300 => Outcome::Done { reply, attached: copy == Copy::Attached },
            400.. => Outcome::not_done(Why::Refused { step: Step::End, reply }),
            code => Outcome::Unknown { why: Why::Answer { step: Step::End, what: BadAnswer::Unexpected(code) } },
        }
    }

    /// Everything before the first byte of the letter.
    fn prepare(&self, letter: &Letter) -> Result<(Exchange, Vec<u8>, Copy), Why> {
        let copy = match &letter.file {
            Some(file) if u64::try_from(file.bytes.len()).is_ok_and(|size| size <= self.settings.attachment_most) => {
                Copy::Attached
            }
            _ => Copy::ToFetch,
        };
        // Before the connection: a letter that cannot be put together needs none.
        let message = self.message(letter, copy)?;
        let settings = &self.settings;
        let exchange =
            Exchange::connect(&settings.host, settings.port(), settings.only_loopback(), settings.timeout())?;
        let (mut exchange, offers) = self.hello(exchange)?;
        match self.hand_over(&mut exchange, offers, letter, message, copy) {
            Ok((message, copy)) => Ok((exchange, message, copy)),
            Err(why) => {
                if matches!(why, Why::Refused { .. } | Why::NoUtf8 | Why::NoAuth | Why::TooLarge { .. }) {
                    exchange.quit();
                }
                Err(why)
            }
        }
    }

    /// Greets the server, over an encrypted connection if there is to be one.
    fn hello(&self, mut exchange: Exchange) -> Result<(Exchange, Offers), Why> {
        if let (Security::Tls, Some((config, name))) = (self.settings.security, &self.tls) {
            exchange = exchange.encrypt(config, name.clone())?;
        }
        let greeting = exchange.greeting()?;
        expect(Step::Greeting, &greeting, 220)?;
        let mut offers = self.ehlo(&mut exchange)?;
        if let (Security::StartTls, Some((config, name))) = (self.settings.security, &self.tls) {
            if !offers.starttls {
                return Err(Why::NoStartTls);
            }
            say(&mut exchange, Step::StartTls, "STARTTLS", 220)?;
            exchange = exchange.encrypt(config, name.clone())?;
            // What was said before is not known to be the server's.
            offers = self.ehlo(&mut exchange)?;
        }
        Ok((exchange, offers))
    }

    fn ehlo(&self, exchange: &mut Exchange) -> Result<Offers, Why> {
        let name = match (&self.settings.hello_name, exchange.own_address()) {
            (Some(name), _) => name.clone(),
            // RFC 5321 sections 4.1.1.1 and 4.1.3.
            (None, Some(IpAddr::V6(address))) => format!("[IPv6:{address}]"),
            (None, Some(IpAddr::V4(address))) => format!("[{address}]"),
            (None, None) => "[127.0.0.1]".to_owned(),
        };
        Ok(say(exchange, Step::Hello, &format!("EHLO {name}"), 250)?.offers())
    }

    /// Logs in and tells whom the letter is from and for; the message that the server is ready for.
    fn hand_over(
        &self,
        exchange: &mut Exchange,
        offers: Offers,
        letter: &Letter,
        mut message: Vec<u8>,
        mut copy: Copy,
    ) -> Result<(Vec<u8>, Copy), Why> {
        if letter.to.needs_utf8() && !(offers.utf8 && offers.eight_bit) {
            return Err(Why::NoUtf8);
        }
        let most = offers.size.filter(|most| *most > 0).unwrap_or(u64::MAX);
        if size_of(&message) > most && copy == Copy::Attached {
            copy = Copy::ToFetch;
            message = self.message(letter, copy)?;
        }
        let bytes = size_of(&message);
        if bytes > most {
            return Err(Why::TooLarge { bytes, most });
        }
        if let Some(login) = &self.login {
            log_in(exchange, offers, login)?;
        }
        let mut from = format!("MAIL FROM:<{}>", self.from.as_str());
        if offers.size.is_some() {
            // RFC 1870.
            from.push_str(&format!(" SIZE={bytes}"));
        }
        if letter.to.needs_utf8() {
            // RFC 6531 section 3.4; the header has 8-bit signs then.
            from.push_str(" BODY=8BITMIME SMTPUTF8");
        }
        say(exchange, Step::From, &from, 250)?;
        let answer = exchange.command(Step::To, &format!("RCPT TO:<{}>", letter.to.as_str()))?;
        // 251 and 252: it will pass the letter on, or try to.
        if !matches!(answer.reply().code, 250..=252) {
            expect(Step::To, &answer, 250)?;
        }
        say(exchange, Step::Data, "DATA", 354)?;
        Ok((message, copy))
    }

    fn message(&self, letter: &Letter, copy: Copy) -> Result<Vec<u8>, Why> {
        Ok(message::of(letter, &self.from, &self.settings.from.name, copy)?)
    }
}

fn size_of(message: &[u8]) -> u64 {
    u64::try_from(message.len()).unwrap_or(u64::MAX)
}

fn log_in(exchange: &mut Exchange, offers: Offers, Login { user, password }: &Login) -> Result<(), Why> {
    if offers.plain {
        // RFC 4616.
        let secret = STANDARD.encode(format!("\0{user}\0{password}"));
        say(exchange, Step::Auth, &format!("AUTH PLAIN {secret}"), 235)?;
    } else if offers.login {
        say(exchange, Step::Auth, "AUTH LOGIN", 334)?;
        say(exchange, Step::Auth, &STANDARD.encode(user), 334)?;
        say(exchange, Step::Auth, &STANDARD.encode(password), 235)?;
    } else {
        return Err(Why::NoAuth);
    }
    Ok(())
}

/// Sends a command that has one good answer.
fn say(exchange: &mut Exchange, step: Step, command: &str, good: u16) -> Result<Answer, Why> {
    let answer = exchange.command(step, command)?;
    expect(step, &answer, good)?;
    Ok(answer)
}

fn expect(step: Step, answer: &Answer, good: u16) -> Result<(), Why> {
    let reply = answer.reply();
    match reply.code {
        code if code == good => Ok(()),
        _ if reply.refuses() => Err(Why::Refused { step, reply }),
        code => Err(Why::Answer { step, what: BadAnswer::Unexpected(code) }),
    }
}
