//! The printer's operations, each one exchange (RFC 8011, section 4).

use std::time::Duration;

use ipp::model::Operation;
use ipp::value::IppValue;
use kiosk_driver_sdk::Guard;

use crate::http::{self, ANSWER_WITHIN};
use crate::place::Place;
use crate::trouble::Trouble;
use crate::wire::job::{self, Job};
use crate::wire::printer::{self, Abilities, Now};
use crate::wire::{Answer, Question, keyword, name};

/// How long a printer may take to make a job; some wake up first.
const JOB_WITHIN: Duration = Duration::from_secs(20);

/// A job attribute.
pub(crate) type Attribute = (&'static str, IppValue);

/// Asks for all that is needed when a printer is opened.
///
/// # Errors
/// If it does not say.
pub(crate) async fn about(place: &Place, guard: &Guard) -> Result<(Abilities, Now), Trouble> {
    let answer = attributes(place, printer::ATTRIBUTES, guard).await?;
    Ok((Abilities::read(&answer)?, Now::read(&answer)?))
}

/// Asks how it is.
///
/// # Errors
/// If it does not say.
pub(crate) async fn now(place: &Place, guard: &Guard) -> Result<Now, Trouble> {
    Ok(Now::read(&attributes(place, printer::STATUS, guard).await?)?)
}

async fn attributes(place: &Place, wanted: &[&str], guard: &Guard) -> Result<Answer, Trouble> {
    let mut question = Question::new(Operation::GetPrinterAttributes, place, None)?;
    question.operation("requested-attributes", keywords(wanted)?)?;
    ask(place, &question, "its status", ANSWER_WITHIN, guard).await
}

fn keywords(words: &[&str]) -> Result<IppValue, Trouble> {
    words.iter().map(|word| keyword(word)).collect::<Result<Vec<_>, _>>().map(IppValue::Array)
}

async fn ask(
    place: &Place,
    question: &Question,
    what: &'static str,
    within: Duration,
    guard: &Guard,
) -> Result<Answer, Trouble> {
    let answer = http::exchange(place, question.bytes(&[]), what, within, guard).await?;
    Answer::parse(answer)?.good(what)
}

/// Makes a job without a document; returns its number.
///
/// # Errors
/// If the printer does not want to.
pub(crate) async fn create_job(
    place: &Place,
    title: &str,
    template: Vec<Attribute>,
    guard: &Guard,
) -> Result<i32, Trouble> {
    let mut question = Question::new(Operation::CreateJob, place, None)?;
    question.operation("job-name", name(title)?)?;
    for (key, value) in template {
        question.template(key, value)?;
    }
    Ok(job::id(&ask(place, &question, "a new job", JOB_WITHIN, guard).await?)?)
}

/// Sends the one document of a job. Takes as long as the printer takes its bytes.
///
/// # Errors
/// If it is not clear that the printer has all of it.
pub(crate) async fn send_document(
    place: &Place,
    job: i32,
    format: &str,
    document: &[u8],
    within: Duration,
    guard: &Guard,
) -> Result<(), Trouble> {
    let mut question = Question::new(Operation::SendDocument, place, Some(job))?;
    question.operation("document-format", media_type(format)?)?;
    question.operation("last-document", IppValue::new_boolean(true))?;
    let what = "the document";
    let answer = http::exchange(place, question.bytes(document), what, within, guard).await?;
    Answer::parse(answer)?.good(what).map(|_| ())
}

/// Makes a job and sends its document in one message, for printers that know nothing else.
///
/// # Errors
/// If it is not clear that the printer has all of it.
pub(crate) async fn print_job(
    place: &Place,
    title: &str,
    template: Vec<Attribute>,
    format: &str,
    document: &[u8],
    within: Duration,
    guard: &Guard,
) -> Result<i32, Trouble> {
    let mut question = Question::new(Operation::PrintJob, place, None)?;
    question.operation("job-name", name(title)?)?;
    question.operation("document-format", media_type(format)?)?;
    for (key, value) in template {
        question.template(key, value)?;
    }
    let what = "the document";
    let answer = http::exchange(place, question.bytes(document), what, within, guard).await?;
    Ok(job::id(&Answer::parse(answer)?.good(what)?)?)
}

fn media_type(format: &str) -> Result<IppValue, Trouble> {
    IppValue::new_mime_media_type(format)
        .map_err(|_| Trouble::Unsupported(format!("`{format}` is no media type for IPP")))
}

/// Asks how a job is.
///
/// # Errors
/// If the printer does not say.
pub(crate) async fn look(place: &Place, id: i32, guard: &Guard) -> Result<Job, Trouble> {
    let mut question = Question::new(Operation::GetJobAttributes, place, Some(id))?;
    question.operation("requested-attributes", keywords(job::ATTRIBUTES)?)?;
    Ok(Job::read(&ask(place, &question, "the state of the job", ANSWER_WITHIN, guard).await?)?)
}

/// Cancels a job.
///
/// # Errors
/// If the printer does not want to, for example because the job is over.
pub(crate) async fn cancel(place: &Place, id: i32, guard: &Guard) -> Result<(), Trouble> {
    let question = Question::new(Operation::CancelJob, place, Some(id))?;
    ask(place, &question, "the end of the job", ANSWER_WITHIN, guard).await.map(|_| ())
}
