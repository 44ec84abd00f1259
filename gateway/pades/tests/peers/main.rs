//! Judges that none of us wrote, about files that this crate signed: pyHanko, poppler's pdfsig, qpdf, OpenSSL. The authorities
//! are certomancer's. Each level, each key, one and two signatures, changed in many ways, online and offline, three days
//! later, and after a certificate was revoked.
//!
//! Our judge must say the same as pyHanko, or be stricter for a reason that stands in [`STRICTER`]; and `kiosk-verify`, which is
//! built on it, that a copy is genuine if and only if all its signatures are valid.

#![expect(clippy::unwrap_used, reason = "a test program")]

mod authorities;
mod document;
mod programs;
mod tamper;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use kiosk_pades::{
    Fetch, Kind, Level, SignatureField, SoftwareSigner, TimeStamper, Verdict, add_document_timestamp,
    add_validation_data, judge, sign,
};

use kiosk_verify::{Evidence, Reason, Report, Trust, verify};

use authorities::{Authorities, Holder};
use programs::{Ran, python, run};

const LEVELS: [Level; 4] = [Level::BB, Level::BT, Level::BLT, Level::BLTA];
const THREE_DAYS: Duration = Duration::from_secs(3 * 86_400);

/// Where our judge says less than pyHanko: the question, the file, the fields, and why.
const STRICTER: [(&str, &str, &[&str], &str); 5] = [
    ("online", "rubbish-behind", &["seal", "TimeStamp1"], "what stands behind the end is nobody's"),
    ("online", "rubbish-between", &["seal", "TimeStamp1"], "what no revision accounts for is nobody's"),
    ("online", "title-changed", &["seal", "TimeStamp1"], "what the information dictionary says is content"),
    ("online", "validation-data-stripped", &["seal"], "what was known may not be taken away"),
    ("online", "picture-by-a-stranger", &["seal", "TimeStamp1"], "only who is trusted draws on what others signed"),
];

/// Signs a file to a level.
fn signed(
    pdf: &[u8],
    holder: &Holder,
    level: Level,
    authorities: &Authorities,
    shown: Option<(usize, [f32; 4])>,
) -> Vec<u8> {
    let mut field = SignatureField::invisible(&holder.name, SystemTime::now());
    if let Some((page, rect)) = shown {
        (field.page, field.rect, field.image) = (page, Some(rect), Some(document::seal()));
    }
    let mut signer = SoftwareSigner::new(&holder.key, holder.chain.clone()).unwrap();
    let authority = (level > Level::BB).then_some(authorities as &dyn TimeStamper);
    let mut pdf = sign(pdf, &field, &mut signer, authority).unwrap();
    if level >= Level::BLT {
        pdf = add_validation_data(&pdf, &authorities.roots, SystemTime::now(), authorities).unwrap();
    }
    if level >= Level::BLTA {
        pdf = add_document_timestamp(&pdf, authorities).unwrap();
    }
    pdf
}

/// What is asked, and about which files.
struct Questions<'a> {
    folder: &'a Path,
    authorities: &'a Authorities,
    later: Duration,
}

/// Whether each signature is valid: by question, file and field.
type Answers = BTreeMap<(String, String, String), (bool, String)>;

impl Questions<'_> {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.pdf"))
    }

    /// What pyHanko answers.
    fn theirs(&self, questions: &[(&str, &str)]) -> Answers {
        let lines: Vec<String> =
            questions.iter().map(|(question, name)| format!("{question}\t{}\n", self.path(name).display())).collect();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/judge.py");
        let [root, issuing] = ["root", "issuing"].map(|name| self.authorities.certificate(name));
        let arguments = [script, root, issuing].map(|path| path.display().to_string());
        let ran = programs::run_at(self.later, &python(), &arguments, lines.concat().as_bytes());
        let line = |line: &str| {
            let [question, name, field, verdict, details] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            let name = Path::new(name).file_stem().unwrap().to_string_lossy().into_owned();
            ((question.to_owned(), name, field.to_owned()), (verdict == "valid", details.to_owned()))
        };
        ran.ok().lines().map(line).collect()
    }

    /// What `kiosk-verify` says of a copy that so many should have signed.
    fn verified(&self, question: &str, name: &str, signatures: usize) -> Report {
        let roots = &self.authorities.roots;
        let trust = Trust::new(roots.clone(), roots.clone()).unwrap().with_signatures(signatures).unwrap();
        let pdf = std::fs::read(self.path(name)).unwrap();
        let online = (question != "offline").then_some(self.authorities as &dyn Fetch);
        verify(&Evidence { pdf: &pdf, ..Evidence::default() }, &trust, SystemTime::now() + self.later, online)
    }

    /// What our judge answers.
    fn ours(&self, questions: &[(&str, &str)]) -> Answers {
        let mut answers = Answers::new();
        for (question, name) in questions {
            let pdf = std::fs::read(self.path(name)).unwrap();
            let online = (*question != "offline").then_some(self.authorities as &dyn Fetch);
            let mut answer = |field: &str, is_valid, details| {
                answers.insert(((*question).to_owned(), (*name).to_owned(), field.to_owned()), (is_valid, details));
            };
            match judge(&pdf, &self.authorities.roots, SystemTime::now() + self.later, online) {
                Ok(report) => {
                    let is_valid = report.verdict() == Some(Verdict::Valid);
                    let verified = self.verified(question, name, 1);
                    assert_eq!(verified.verdict.is_genuine(), is_valid, "{question} {name}: {verified:#?}");
                    for one in report.signatures {
                        let details = format!("{:?} {:?} {:?} {:?}", one.intact, one.trust, one.revocation, one.after);
                        answer(&one.field, one.verdict() == Verdict::Valid, details);
                    }
                }
                Err(error) => {
                    assert!(!self.verified(question, name, 1).verdict.is_genuine(), "{question} {name}: {error}");
                    answer("", false, format!("{error:?}"));
                }
            }
        }
        answers
    }

    /// Both must say the same, but where ours is stricter for a reason. Adds the reasons that were needed.
    fn compare(&self, questions: &[(&str, &str)], needed: &mut BTreeSet<usize>) -> Answers {
        let (theirs, ours) = (self.theirs(questions), self.ours(questions));
        let mut wrong = Vec::new();
        for ((question, name, field), (valid, details)) in &theirs {
            let own = ours.get(&(question.clone(), name.clone(), field.clone()));
            // A file that is none to us has no signature.
            let (own, own_details) = own.cloned().unwrap_or((false, "not found".to_owned()));
            let reason = STRICTER.iter().position(|(asked, file, fields, _)| {
                *asked == question.as_str() && *file == name.as_str() && fields.contains(&field.as_str())
            });
            match (valid, own, reason) {
                (true, false, Some(reason)) => drop(needed.insert(reason)),
                (theirs, ours, _) if *theirs == ours => {}
                _ => {
                    wrong.push(format!("{question} {name} {field}: theirs {valid} {details}; ours {own} {own_details}"))
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        // Nobody is asked about what they do not see.
        let unseen = |key: &&(String, String, String)| ours[*key].0 && !theirs.contains_key(*key) && key.0 == "online";
        assert_eq!(ours.keys().find(unseen), None, "a signature that only we see");
        ours
    }
}

#[test]
fn other_judges_say_the_same_or_are_less_strict() {
    let folder = tempfile::tempdir().unwrap();
    let mut authorities = Authorities::start(&folder.path().join("pki"));
    let mut needed = BTreeSet::new();
    let plain = document::plain(folder.path());
    let put = |name: &str, pdf: &[u8]| std::fs::write(folder.path().join(format!("{name}.pdf")), pdf).unwrap();
    let (officer, seal, leaver) =
        (authorities.holder("officer"), authorities.holder("seal"), authorities.holder("leaver"));

    // Each level, each key first, one and two signatures; the second one is shown. P-256 first in a file of streams.
    let mut names = Vec::new();
    for (first, second, pdf) in [(&officer, &seal, &plain.streams), (&seal, &officer, &plain.tables)] {
        for level in LEVELS {
            let one = signed(pdf, first, level, &authorities, None);
            let two = signed(&one, second, level, &authorities, Some((1, [100.0, 100.0, 200.0, 200.0])));
            for (number, pdf) in [(1, one), (2, two)] {
                let name = format!("{}-{level:?}-{number}", first.name);
                put(&name, &pdf);
                names.push((name, level, number));
            }
        }
    }
    let now = Questions { folder: folder.path(), authorities: &authorities, later: Duration::ZERO };
    let mut questions: Vec<(&str, &str)> = Vec::new();
    for (name, level, _) in &names {
        questions.extend([("online", name.as_str()), ("offline", name)]);
        questions.extend((*level == Level::BLTA).then_some(("ades", name.as_str())));
    }
    let answers = now.compare(&questions, &mut needed);
    for ((question, name, field), (valid, details)) in answers {
        assert!(valid || question == "offline", "{question} {name} {field}: {details}");
    }
    for (name, _, number) in &names {
        others(&now.path(name), *number, &authorities);
        // A certified copy has two.
        let verified = now.verified("online", name, 2);
        assert_eq!(verified.verdict.is_genuine(), *number == 2, "{name}: {verified:#?}");
    }
    command_line(&now.path(&names[7].0), &authorities);

    // Changed in many ways.
    let whole = std::fs::read(now.path("seal-BLTA-1")).unwrap();
    let other = signed(&plain.other, &seal, Level::BLTA, &authorities, None);
    let mut stranger = authorities.stranger();
    let changed = tamper::all(&whole, &other, &mut stranger);
    assert!(changed.len() >= 10);
    for (name, pdf) in &changed {
        put(name, pdf);
    }
    let questions: Vec<(&str, &str)> = changed.iter().map(|(name, _)| ("online", *name)).collect();
    let answers = now.compare(&questions, &mut needed);
    for (name, _) in &changed {
        let all_valid = answers.iter().filter(|((_, own, _), _)| own == name).all(|(_, (valid, _))| *valid);
        assert_eq!(all_valid, tamper::HARMLESS.contains(name), "{name}");
        let expected = match *name {
            name if tamper::HARMLESS.contains(&name) => None,
            "cut-tail" | "cut-half" | "rubbish-behind" => {
                Some(kiosk_verify::Verdict::NotProven { reasons: vec![Reason::Unreadable] })
            }
            "signature-by-a-stranger" => {
                Some(kiosk_verify::Verdict::NotProven { reasons: vec![Reason::UntrustedSigner] })
            }
            "picture-by-a-stranger" => Some(kiosk_verify::Verdict::NotProven {
                reasons: vec![Reason::TooFewSignatures, Reason::UntrustedSigner, Reason::DrawnOver],
            }),
            _ => Some(kiosk_verify::Verdict::Altered),
        };
        let verdict = now.verified("online", name, 1).verdict;
        assert!(expected.map_or(verdict.is_genuine(), |expected| expected == verdict), "{name}: {verdict:?}");
    }

    // Three days later, when one has left.
    for level in LEVELS {
        put(&format!("leaver-{level:?}"), &signed(&plain.tables, &leaver, level, &authorities, None));
    }
    authorities.restart(THREE_DAYS);
    let later = Questions { folder: folder.path(), authorities: &authorities, later: THREE_DAYS };
    let leavers = LEVELS.map(|level| format!("leaver-{level:?}"));
    let mut questions: Vec<(&str, &str)> = Vec::new();
    for (name, level, number) in &names {
        questions.extend([("online", name.as_str()), ("offline", name)]);
        questions.extend((*level == Level::BLTA && *number == 1).then_some(("ades", name.as_str())));
    }
    questions.extend(leavers.iter().flat_map(|name| [("timed", name.as_str()), ("offline", name)]));
    let answers = later.compare(&questions, &mut needed);
    for (name, level) in leavers.iter().zip(LEVELS) {
        let (valid, details) = &answers[&("timed".to_owned(), name.clone(), "leaver".to_owned())];
        assert_eq!(*valid, level > Level::BB, "who left later has signed before, if there is proof: {name} {details}");
    }

    let unneeded: Vec<_> = (0..STRICTER.len()).filter(|place| !needed.contains(place)).map(|at| STRICTER[at]).collect();
    assert!(unneeded.is_empty(), "these reasons are not needed any more: {unneeded:?}");
}

/// What other programs say of a file that nobody has changed.
fn others(path: &Path, signatures: usize, authorities: &Authorities) {
    let name = path.display().to_string();
    let said = run("pdfsig", &[&name]).ok();
    assert_eq!(said.matches("Signature is Valid.").count(), signatures, "{name}: {said}");
    run("qpdf", &["--check", &name]).ok();
    let pdf = std::fs::read(path).unwrap();
    let report = judge(&pdf, &authorities.roots, SystemTime::now(), None).unwrap();
    let messages = tamper::messages(&pdf);
    assert_eq!(messages.len(), report.signatures.len());
    let file = |name: &str, bytes: &[u8]| {
        let path = path.with_extension(name);
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let [root, issuing] = ["root", "issuing"].map(|name| authorities.certificate(name).display().to_string());
    for ((message, covered), one) in messages.iter().zip(&report.signatures) {
        let (message, covered) = (file("message", message), file("covered", covered));
        let ran = match one.kind {
            Kind::Signature => run(
                "openssl",
                &[
                    "cms",
                    "-verify",
                    "-binary",
                    "-inform",
                    "DER",
                    "-in",
                    &message,
                    "-content",
                    &covered,
                    "-CAfile",
                    &root,
                    "-certfile",
                    &issuing,
                    "-purpose",
                    "any",
                    "-out",
                    "/dev/null",
                ],
            ),
            Kind::DocumentTimeStamp => run(
                "openssl",
                &[
                    "ts",
                    "-verify",
                    "-token_in",
                    "-in",
                    &message,
                    "-data",
                    &covered,
                    "-CAfile",
                    &root,
                    "-untrusted",
                    &issuing,
                ],
            ),
        };
        ran.ok();
    }
}

/// pyHanko's own command line.
fn command_line(path: &Path, authorities: &Authorities) {
    let program = python().with_file_name("pyhanko").display().to_string();
    let [root, issuing] = ["root", "issuing"].map(|name| authorities.certificate(name).display().to_string());
    for command in ["validate", "adesverify"] {
        let path = path.display().to_string();
        let ran: Ran = run(
            &program,
            &["sign", command, "--executive-summary", "--trust", &root, "--other-certs", &issuing, &path],
        );
        let said = ran.ok();
        assert!(said.contains("VALID") && !said.contains("INVALID"), "{command}: {said}");
    }
}
