//! Signs and judges files from the command line, with keys in files or on a token, and authorities over HTTP.
//!
//! ```text
//! pades sign IN OUT --key key.der|--token MODULE,SLOT-LABEL,PIN,KEY-LABEL --chain a.der,b.der --root root.der
//!            [--name Officer] [--level B|T|LT|LTA] [--tsa URL] [--image seal.png --rect 1,2,3,4]
//! pades renew IN OUT --root root.der --tsa URL
//! pades judge IN --root root.der [--days N] [--online]
//! pades bench IN COUNT … as for sign
//! ```
#![expect(clippy::print_stdout, reason = "a program of the command line")]

use std::collections::HashMap;
use std::error::Error;
use std::time::{Duration, Instant, SystemTime};

use kiosk_pades::{
    Fetch, KeyName, SignatureField, Signer, SoftwareSigner, TimeStamper, Token, TokenPlace, add_document_timestamp,
    add_validation_data, judge, sign,
};
use kiosk_pades_http::{Http, HttpTimeStamper};

struct Options {
    plain: Vec<String>,
    named: HashMap<String, String>,
}

impl Options {
    fn read() -> Self {
        let (mut plain, mut named) = (Vec::new(), HashMap::new());
        let mut arguments = std::env::args().skip(1).peekable();
        while let Some(argument) = arguments.next() {
            match argument.strip_prefix("--") {
                Some("online") => drop(named.insert("online".to_owned(), String::new())),
                Some(name) => drop(named.insert(name.to_owned(), arguments.next().unwrap_or_default())),
                None => plain.push(argument),
            }
        }
        Self { plain, named }
    }

    fn files(&self, name: &str) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
        let names = self.named.get(name).map(String::as_str).unwrap_or_default();
        names.split(',').filter(|name| !name.is_empty()).map(|name| Ok(std::fs::read(name)?)).collect()
    }

    fn time_stamps(&self) -> HttpTimeStamper {
        HttpTimeStamper::new(Http::new(), self.named.get("tsa").map_or("", String::as_str), 10 * 1024)
    }

    fn signer(&self) -> Result<Box<dyn Signer>, Box<dyn Error>> {
        let chain = self.files("chain")?;
        if let Some(token) = self.named.get("token") {
            let parts: Vec<&str> = token.split(',').collect();
            let [module, token, pin, key] = parts[..] else { return Err("--token has four parts".into()) };
            let key = KeyName::Label(key.to_owned());
            let place = TokenPlace { module: module.into(), token: token.to_owned(), key };
            // Its first certificate is on the token.
            return Ok(Box::new(Token::open(place, pin, chain.into_iter().skip(1).collect())?));
        }
        let key = self.files("key")?;
        Ok(Box::new(SoftwareSigner::new(key.first().ok_or("--key is missing")?, chain)?))
    }

    fn field(&self, time: SystemTime) -> Result<SignatureField, Box<dyn Error>> {
        let name = self.named.get("name").map_or("Officer", String::as_str);
        let mut field = SignatureField::invisible(name, time);
        field.image = self.files("image")?.pop();
        if let Some(rect) = self.named.get("rect") {
            let sides = rect.split(',').map(str::parse).collect::<Result<Vec<f32>, _>>()?;
            field.rect = Some(sides.try_into().map_err(|_| "--rect has four numbers")?);
        }
        Ok(field)
    }
}

fn signed(options: &Options, pdf: &[u8], signer: &mut dyn Signer) -> Result<Vec<u8>, Box<dyn Error>> {
    let level = options.named.get("level").map_or("B", String::as_str);
    let (http, stamps) = (Http::new(), options.time_stamps());
    let now = SystemTime::now();
    let authority = (level != "B").then_some(&stamps as &dyn TimeStamper);
    let mut pdf = sign(pdf, &options.field(now)?, signer, authority)?;
    if level.starts_with("LT") {
        pdf = add_validation_data(&pdf, &options.files("root")?, SystemTime::now(), &http)?;
    }
    if level == "LTA" {
        pdf = add_document_timestamp(&pdf, &stamps)?;
    }
    Ok(pdf)
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::read();
    let plain: Vec<&str> = options.plain.iter().map(String::as_str).collect();
    match plain[..] {
        ["sign", from, to] => {
            let signer = &mut *options.signer()?;
            std::fs::write(to, signed(&options, &std::fs::read(from)?, signer)?)?;
        }
        ["renew", from, to] => {
            let pdf = std::fs::read(from)?;
            let pdf = add_validation_data(&pdf, &options.files("root")?, SystemTime::now(), &Http::new())?;
            std::fs::write(to, add_document_timestamp(&pdf, &options.time_stamps())?)?;
        }
        ["judge", from] => {
            let days: u64 = options.named.get("days").map_or(Ok(0), |days| days.parse())?;
            let at = SystemTime::now() + Duration::from_secs(days * 86_400);
            let http = Http::new();
            let online = options.named.contains_key("online").then_some(&http as &dyn Fetch);
            let report = judge(&std::fs::read(from)?, &options.files("root")?, at, online)?;
            for one in &report.signatures {
                let intact = one.intact.as_ref().map_or_else(ToString::to_string, |()| "intact".to_owned());
                let trust = one.trust.as_ref().map_or_else(ToString::to_string, |()| "trusted".to_owned());
                println!(
                    "{} {:?} {:?}: {intact}; {trust}; {:?}; level {:?}; covers all {}; after: {:?}; shown: {:?}",
                    one.field,
                    one.kind,
                    one.verdict(),
                    one.revocation,
                    one.level,
                    one.covers_all,
                    one.after,
                    one.shown
                );
            }
            println!("verdict {:?}", report.verdict());
        }
        ["bench", from, count] => {
            let pdf = std::fs::read(from)?;
            let signer = &mut *options.signer()?;
            let mut times = Vec::new();
            for _ in 0..count.parse::<usize>()? {
                let start = Instant::now();
                signed(&options, &pdf, signer)?;
                times.push(start.elapsed());
            }
            times.sort();
            println!("median {:?}", times[times.len() / 2]);
        }
        _ => return Err("sign IN OUT, renew IN OUT, judge IN or bench IN COUNT".into()),
    }
    Ok(())
}
