//! Makes a copy from JPEG files, so that one can look at it. People, agency and numbers are invented.
//!
//! ```text
//! compose OUT.pdf PAGE.jpg… [--dpi 300] [--template FILE] [--fonts FOLDER] [--agency NAME] [--title TITLE] [--officer NAME]
//!         [--english] [--marks] [--preview] [--time [ROUNDS] [--composer PROGRAM]]
//! ```
//!
//! `PAGE.tsv` beside a page (`tesseract PAGE.jpg PAGE -l vie tsv`) gives its words. `--marks` draws signature and seal, which
//! otherwise come with the signatures. `--time` composes it several times and tells the quickest and the median; with `--composer` also in a
//! process of its own each time (`kiosk-composer`), one after the other.
#![expect(clippy::print_stdout, reason = "a program of the command line")]

#[path = "../src/testing.rs"]
mod testing;

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use kiosk_compose::{
    Book, Composer, DEFAULT_TEMPLATE, Document, Facts, Fonts, Language, LocalTime, Mark, Page, PageImage, Request,
    Template, TextLine, Verification, Word, compose,
};

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
                Some(name @ ("english" | "marks" | "preview")) => drop(named.insert(name.to_owned(), String::new())),
                Some("time") => {
                    let rounds = arguments.next_if(|next| next.parse::<u32>().is_ok());
                    named.insert("time".to_owned(), rounds.unwrap_or_else(|| "5".to_owned()));
                }
                Some(name) => drop(named.insert(name.to_owned(), arguments.next().unwrap_or_default())),
                None => plain.push(argument),
            }
        }
        Self { plain, named }
    }

    fn text(&self, name: &str, default: &str) -> String {
        self.named.get(name).cloned().unwrap_or_else(|| default.to_owned())
    }
}

/// The words of a table of Tesseract.
fn words(path: &Path) -> Result<Vec<TextLine>, Box<dyn Error>> {
    let Ok(table) = std::fs::read_to_string(path.with_extension("tsv")) else { return Ok(Vec::new()) };
    let mut lines: Vec<TextLine> = Vec::new();
    let mut before = Vec::new();
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        // Level 5 is a word; cells 2 to 4 are its block, paragraph and line.
        let &["5", _, block, paragraph, line, _, left, top, width, height, _, text] = &cells[..] else { continue };
        if before != [block, paragraph, line] {
            before = vec![block, paragraph, line];
            lines.push(TextLine { words: Vec::new() });
        }
        let [left, top, width, height]: [f32; 4] = [left.parse()?, top.parse()?, width.parse()?, height.parse()?];
        let word = Word { text: text.to_owned(), rect: [left, top, left + width, top + height] };
        lines.last_mut().ok_or("a line is there")?.words.push(word);
    }
    Ok(lines)
}

fn page(path: &Path, dpi: f32) -> Result<Page, Box<dyn Error>> {
    let file = std::fs::read(path)?;
    let (width, height) =
        image::ImageReader::new(std::io::Cursor::new(&file)).with_guessed_format()?.into_dimensions()?;
    let is_png = file.starts_with(b"\x89PNG");
    let image = if is_png { PageImage::Png(file) } else { PageImage::Jpeg(file) };
    Ok(Page { image, size_px: [width, height], dpi, lines: words(path)? })
}

fn request(options: &Options, pages: Vec<Page>) -> Result<Request, Box<dyn Error>> {
    let time = |unix| LocalTime::from_unix(unix).ok_or("the time is out of range");
    let with_marks = options.named.contains_key("marks");
    let mark = |size_mm, png: fn() -> Vec<u8>| Mark { size_mm, png: with_marks.then(png) };
    let language =
        if options.named.contains_key("english") { Language::VietnameseAndEnglish } else { Language::Vietnamese };
    let mut request = Request {
        pages,
        facts: Facts {
            number: Some(1834),
            book: Book { volume: 12, year: 2026 },
            certified_at: Some(time(1_796_008_500)?),
            converted_at: time(1_796_007_930)?,
            officer_title: options.text("title", "Chủ tịch"),
            officer: options.text("officer", "Trần Thị Minh Nguyệt"),
            agency: options.text("agency", "Ủy ban nhân dân phường Hồng Mai, thành phố Hà Nội"),
            place: "Hồng Mai".to_owned(),
            form_of_copy: "Bản sao chứng thực điện tử".to_owned(),
            language,
        },
        verification: Some(Verification {
            url: "https://chungthuc.example.vn/c".to_owned(),
            code: "HN1-7K3M-Q0ZX-4T9C-VB2E-8D".to_owned(),
            qr: format!("https://chungthuc.example.vn/c/HN17K3MQ0ZX4T9CVB2E8D#{}", "6BF%D0.Q4".repeat(20)).into_bytes(),
        }),
        signature: mark([40.0, 18.0], testing::signature_png),
        seal: mark([36.0, 36.0], testing::seal_png),
        document: Document {
            title: "Bản sao chứng thực điện tử số 1834".to_owned(),
            producer: "Kiosk gateway".to_owned(),
            created: time(1_796_008_500)?,
        },
    };
    if options.named.contains_key("preview") {
        (request.facts.number, request.facts.certified_at, request.verification) = (None, None, None);
    }
    Ok(request)
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::read();
    let (out, paths) = options.plain.split_first().ok_or("OUT.pdf PAGE.jpg…")?;
    let start = Instant::now();
    let fonts = match options.named.get("fonts") {
        Some(folder) => Fonts::open(Path::new(folder))?,
        None => Fonts::installed()?,
    };
    let template = match options.named.get("template") {
        Some(file) => std::fs::read_to_string(file)?,
        None => DEFAULT_TEMPLATE.to_owned(),
    };
    let template = Template::load(&template, &fonts)?;
    let loaded = start.elapsed();
    let dpi = options.text("dpi", "300").parse()?;
    let pages = paths.iter().map(|path| page(Path::new(path), dpi)).collect::<Result<_, _>>()?;
    let request = request(&options, pages)?;

    if let Some(rounds) = options.named.get("time") {
        let composer = options.named.get("composer").map(|program| Composer {
            program: program.into(),
            fonts: options.named.get("fonts").map(Into::into),
            template: options.named.get("template").map(Into::into),
        });
        let (mut here, mut apart) = (Vec::new(), Vec::new());
        for _ in 0..rounds.parse::<u32>()? {
            let (one, other) = (request.clone(), request.clone());
            let start = Instant::now();
            compose(one, &template, &fonts)?;
            here.push(start.elapsed());
            if let Some(composer) = &composer {
                let start = Instant::now();
                composer.compose(other, Duration::from_secs(600))?;
                apart.push(start.elapsed());
            }
        }
        println!("fonts and template: {loaded:?}");
        for (name, mut times) in [("in this process", here), ("in one of its own", apart)] {
            times.sort();
            if let (Some(least), Some(median)) = (times.first(), times.get(times.len() / 2)) {
                println!("{} pages {name}: quickest {least:?}, median {median:?}", paths.len());
            }
        }
    }
    let copy = compose(request, &template, &fonts)?;
    std::fs::write(out, &copy.pdf)?;
    println!("{} bytes, pages of {:?} points", copy.pdf.len(), copy.pages);
    println!("signature {:?}, seal {:?}", copy.signature, copy.seal);
    println!("attestation {:?}, first page {:?}", copy.attestation, copy.first_page);
    Ok(())
}
