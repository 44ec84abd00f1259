//! The program `kiosk-gateway`.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kiosk_gateway::run;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The local service that owns a kiosk's devices and offers them to its web page over one WebSocket.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run the gateway until SIGTERM or SIGINT
    Run {
        /// The configuration, a TOML file
        #[arg(long, default_value = "/etc/kiosk-gateway/gateway.toml")]
        config: PathBuf,
    },
    /// Check a configuration without touching a device
    Check {
        /// The configuration, a TOML file
        config: PathBuf,
    },
    /// List the installed drivers
    Drivers {
        /// The configuration that says where they are
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// List what is attached to this machine, the drivers that fit, and the configuration to paste
    Discover {
        /// The configuration that says where the drivers are
        #[arg(long)]
        config: Option<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Say what stands between the devices and the gateway, and what to do; fails if there is a problem
    Doctor {
        /// The configuration; absent: /etc/kiosk-gateway/gateway.toml where there is one
        #[arg(long)]
        config: Option<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the udev rules for the devices that the installed drivers know
    UdevRules {
        /// The configuration that says where the drivers are
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Read identity cards, or look at the files of their chips
    Identity {
        #[command(subcommand)]
        task: run::identity::Task,
    },
    /// Look at the faces in pictures, in a locked room
    Face {
        #[command(subcommand)]
        task: run::face::Task,
    },
    /// Say whether a certified copy is genuine: who signed it, when, intact or not, withdrawn or not. Fails if it is not proven
    Verify(Box<run::verify::Options>),
    /// Run the gateway with simulated devices and the demo kiosk page
    Demo(run::demo::Options),
}

/// Whatever `KIOSK_LOG` says: these libraries would write whole messages, with all that is personal in them.
fn tells_nothing_personal(line: &tracing::Metadata<'_>) -> bool {
    let writes_messages =
        ["tungstenite", "tokio_tungstenite", "hyper"].iter().any(|name| line.target().starts_with(name));
    !writes_messages || *line.level() <= tracing::Level::INFO
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let quiet = matches!(&arguments.task, Task::Demo(options) if options.once);
    let level = if quiet { "warn" } else { "info" };
    let wanted = tracing_subscriber::EnvFilter::try_from_env("KIOSK_LOG").unwrap_or_else(|_| level.into());
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    let lines = lines.with_ansi(std::io::stderr().is_terminal());
    tracing_subscriber::registry().with(wanted).with(filter_fn(tells_nothing_personal)).with(lines).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("kiosk-gateway: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(async {
        match arguments.task {
            Task::Run { config } => run::run(&config).await.map(|()| ExitCode::SUCCESS),
            Task::Check { config } => run::check(&config).map(|()| ExitCode::SUCCESS),
            Task::Drivers { config } => run::drivers(config.as_deref()).map(|()| ExitCode::SUCCESS),
            Task::Discover { config, json } => {
                run::discover::discover(config.as_deref(), json).map(|()| ExitCode::SUCCESS)
            }
            Task::Doctor { config, json } => run::doctor::doctor(config.as_deref(), json),
            Task::UdevRules { config } => run::discover::udev_rules(config.as_deref()).map(|()| ExitCode::SUCCESS),
            Task::Identity { task: run::identity::Task::Check(options) } => run::identity::check_files(&options),
            Task::Identity { task: run::identity::Task::Read(options) } => run::identity::read::read(options).await,
            Task::Face { task } => run::face::face(&task),
            Task::Verify(options) => run::verify::judge(&options),
            Task::Demo(options) => run::demo::demo(options).await.map(|()| ExitCode::SUCCESS),
        }
    });
    match result {
        Ok(status) => status,
        Err(error) => {
            eprintln!("kiosk-gateway: {error:#}");
            ExitCode::FAILURE
        }
    }
}
