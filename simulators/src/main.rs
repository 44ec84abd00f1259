//! `kiosk-simulate`: a kiosk's devices as programs on 127.0.0.1, and the knobs on their control port.

use std::io::Read;
use std::process::ExitCode;

use clap::Parser;
use kiosk_simulators::authority;
use kiosk_simulators::kiosk::Plan;
use kiosk_simulators::pcscd;
use kiosk_simulators::usb::reader::card::CardOrder;

mod command;
mod ctl;
mod run;
mod usb_command;

use command::{AuthorityArgs, Command, CommandLine};

/// Largest order for a token, bytes.
const ORDER_MAX: u64 = 64 << 10;

fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let result = runtime.block_on(async {
        match command_line.command {
            Command::Kiosk {
                with_camera,
                with_card_reader,
                with_page_printer,
                with_authority,
                authority_folder,
                leave_out_missing,
                scanner,
                printer,
                ups,
                camera,
                page_printer,
                common,
            } => {
                let mut plans = vec![scanner.plan(&common), printer.plan(&common), ups.plan(&common)];
                if with_card_reader {
                    let portrait = camera.people().map(|people| people.portrait()).transpose()?;
                    plans.push(Plan::CardReader(Box::new(pcscd::Options {
                        card: CardOrder::named("identity"),
                        portrait,
                    })));
                }
                plans.extend(with_camera.then(|| camera.plan(&common)));
                plans.extend(with_page_printer.then(|| page_printer.plan()));
                if with_authority {
                    plans.push(AuthorityArgs::kept_in(authority_folder).plan(&common)?);
                }
                run::run_kiosk(plans, common, leave_out_missing).await
            }
            Command::Scanner { scanner, common } => run::run(vec![scanner.plan(&common)], common).await,
            Command::Printer { printer, common } => run::run(vec![printer.plan(&common)], common).await,
            Command::Ups { ups, common } => run::run(vec![ups.plan(&common)], common).await,
            Command::Camera { camera, common } => run::run(vec![camera.plan(&common)], common).await,
            Command::CardReader { card, common } => {
                let options = pcscd::Options { card: CardOrder::named(&card), portrait: None };
                run::run(vec![Plan::CardReader(Box::new(options))], common).await
            }
            Command::PagePrinter { page_printer, common } => run::run(vec![page_printer.plan()], common).await,
            Command::Authority { authority, common } => {
                run::run_alone(vec![authority.plan(&common)?], common, authority::NAME).await
            }
            Command::AuthorityToken => {
                let mut order = Vec::new();
                std::io::stdin().lock().take(ORDER_MAX).read_to_end(&mut order)?;
                Ok(authority::carry_out(&order)?)
            }
            Command::Panel { panel, common } => run::run(vec![panel.plan(&common)], common).await,
            Command::Usb(usb) => {
                let (plans, common) = usb.plans()?;
                run::run(plans, common).await
            }
            Command::Csca { crl, named_curve } => usb_command::csca(crl, named_curve),
            Command::CardPicture { card, without_code, dpi, out } => {
                usb_command::card_picture(card.as_deref(), !without_code, dpi, &out)
            }
            Command::Ctl(ctl) => ctl::ctl(ctl).await,
            Command::List => ctl::list(),
        }
    });
    // A read of standard input may still wait; it must not hold the end up.
    runtime.shutdown_background();
    result.map_or_else(|error| failed(&error), |()| ExitCode::SUCCESS)
}

#[expect(clippy::print_stderr, reason = "the program's own error message")]
fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("kiosk-simulate: {error:#}");
    ExitCode::FAILURE
}
