//! Locks this process in: after [`lock_in`] it can compute, read stdin and write stdout and stderr, and nothing else. For
//! programs that work on bytes from outside: they lock themselves in when they have loaded all they need, before they see
//! the first of these bytes.
//!
//! Two layers. Seccomp, for all threads, lets only a short list of system calls through; it must hold or nothing is read.
//! Landlock with no rule at all takes away every file and TCP port; kernels without it are common, so it is used where it
//! is there. Threads that were started before are covered by Landlock only from ABI 8 on: of the gateway's workers those are
//! the SDK's thread which parses the gateway's own frames, and an idle pool; the threads that decode and read are started
//! later.
//!
//! [`selftest`] proves the lock. What is not here: starting programs, and ending those that take too long.

pub mod selftest;

use std::collections::BTreeMap;

use landlock::{ABI, Access, AccessFs, AccessNet, LandlockStatus, RestrictSelfAttr, Ruleset, RulesetAttr, Scope};
use rustix::process::{DumpableBehavior, Resource, Rlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};

/// Less address space than this is refused, MiB: a program, its libraries and the stacks of its threads need some before
/// anything is decoded, and a mistake in a configuration should be told as one.
pub const LEAST_MEMORY_MIB: u64 = 1024;

/// What the process may use from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Address space, MiB.
    pub memory_mib: u64,
    /// Time of the processor, all threads together and from the process's start on, seconds; `None`: no limit.
    pub processor_s: Option<u64>,
}

/// Which layers are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Layers {
    /// All that the kernel has.
    All,
    /// Seccomp alone, as on a kernel without Landlock.
    Seccomp,
}

/// Why the lock does not hold.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A limit was refused.
    #[error("the limit on {what} cannot be set")]
    Limit {
        /// On what.
        what: &'static str,
        /// Why.
        #[source]
        source: rustix::io::Errno,
    },
    /// Less memory than any work needs.
    #[error("a limit of {mebibytes} MiB of memory is too small; give {LEAST_MEMORY_MIB} or more")]
    TooLittleMemory {
        /// The limit.
        mebibytes: u64,
    },
    /// Landlock is there but does not work.
    #[error("Landlock cannot be applied")]
    Landlock(#[source] landlock::RulesetError),
    /// The filter was refused.
    #[error("the seccomp filter cannot be applied; the kernel needs CONFIG_SECCOMP_FILTER")]
    Seccomp(#[source] seccompiler::Error),
    /// The filter does not fit this machine.
    #[error("the seccomp filter cannot be built for this kind of processor")]
    Filter(#[source] seccompiler::BackendError),
}

/// Locks the process in and says what holds, for the record. There is no way back.
///
/// # Errors
/// [`SandboxError`]; the process must not go on then, whatever part of the lock holds already.
pub fn lock_in(layers: Layers, limits: Limits) -> Result<Vec<String>, SandboxError> {
    let mut holds = limit(limits)?;
    if layers == Layers::All {
        holds.extend(landlock()?);
    }
    holds.extend(seccomp()?);
    Ok(holds)
}

fn limit(Limits { memory_mib, processor_s }: Limits) -> Result<Vec<String>, SandboxError> {
    let too_little = SandboxError::TooLittleMemory { mebibytes: memory_mib };
    let bytes = memory_mib.checked_mul(1 << 20).filter(|_| memory_mib >= LEAST_MEMORY_MIB).ok_or(too_little)?;
    let set = |resource, current, maximum, what| {
        rustix::process::setrlimit(resource, Rlimit { current: Some(current), maximum: Some(maximum) })
            .map_err(|source| SandboxError::Limit { what, source })
    };
    set(Resource::As, bytes, bytes, "memory")?;
    // A core file would hold a citizen's page.
    set(Resource::Core, 0, 0, "core files")?;
    let mut holds = vec![format!("memory {memory_mib} MiB"), "no dumps".into()];
    if let Some(seconds) = processor_s {
        // The first limit ends it with SIGXCPU, which says why; the second, where that is caught, with SIGKILL.
        set(Resource::Cpu, seconds, seconds.saturating_add(1), "time of the processor")?;
        holds.push(format!("processor {seconds} s"));
    }
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(|source| SandboxError::Limit { what: "dumps and debuggers", source })?;
    Ok(holds)
}

fn landlock() -> Result<Option<String>, SandboxError> {
    // The newest version known here; on an older kernel the crate asks for what that has.
    let abi = ABI::V6;
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(abi))
        .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(abi)))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(abi)))
        .and_then(Ruleset::create)
        .and_then(|ruleset| ruleset.all_threads(true))
        .and_then(landlock::RulesetCreated::restrict_self)
        .map_err(SandboxError::Landlock)?;
    match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => Ok(Some(format!("landlock ABI {}", effective_abi as i32))),
        LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => {
            tracing::warn!("this kernel has no Landlock; the process is held by seccomp alone");
            Ok(None)
        }
    }
}

fn seccomp() -> Result<Vec<String>, SandboxError> {
    // glibc tries clone3 first, whose flags a filter cannot see, and falls back to clone when it is "not there". Where two
    // filters answer, the stricter answer counts: an error before the other filter's permission.
    let hidden = program(BTreeMap::from([(libc::SYS_clone3, vec![])]), SeccompAction::Allow, errno(libc::ENOSYS));
    let allowed = program(allowed()?, errno(libc::EPERM), SeccompAction::Allow);
    for filter in [hidden?, allowed?] {
        // Sets PR_SET_NO_NEW_PRIVS first, and synchronises all threads.
        seccompiler::apply_filter_all_threads(&filter).map_err(SandboxError::Seccomp)?;
    }
    Ok(vec!["no_new_privs".into(), "seccomp".into()])
}

fn errno(code: i32) -> SeccompAction {
    SeccompAction::Errno(code.unsigned_abs())
}

fn program(
    rules: BTreeMap<i64, Vec<SeccompRule>>,
    otherwise: SeccompAction,
    when: SeccompAction,
) -> Result<BpfProgram, SandboxError> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(SandboxError::Filter)?;
    SeccompFilter::new(rules, otherwise, when, arch).and_then(BpfProgram::try_from).map_err(SandboxError::Filter)
}

/// The system calls that work on a page needs. None takes a path, an address or another process.
fn allowed() -> Result<BTreeMap<i64, Vec<SeccompRule>>, SandboxError> {
    let anyway = [
        // The pipes that are open already.
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_readv,
        libc::SYS_writev,
        libc::SYS_lseek,
        libc::SYS_close,
        libc::SYS_ppoll,
        // Memory.
        libc::SYS_brk,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        // Threads.
        libc::SYS_clone3,
        libc::SYS_futex,
        libc::SYS_set_robust_list,
        libc::SYS_rseq,
        libc::SYS_membarrier,
        libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity,
        libc::SYS_getpid,
        libc::SYS_gettid,
        // Signals of its own.
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_restart_syscall,
        // Time, chance, and the machine's size.
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_nanosleep,
        libc::SYS_gettimeofday,
        libc::SYS_getrandom,
        libc::SYS_sysinfo,
        // The end.
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = anyway.into_iter().map(|call| (call, vec![])).collect();
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_poll, vec![]);

    let thread = u64::try_from(libc::CLONE_THREAD).expect("a flag");
    let executable = u64::try_from(libc::PROT_EXEC).expect("a flag");
    let self_only = u64::from(std::process::id());
    let name = u64::try_from(libc::PR_SET_NAME).expect("a small number");
    let masked = SeccompCmpOp::MaskedEq;
    for (call, argument, operator, value) in [
        // Threads, but no processes.
        (libc::SYS_clone, 0, masked(thread), thread),
        // Memory, but none to run code from.
        (libc::SYS_mmap, 2, masked(executable), 0),
        (libc::SYS_mprotect, 2, masked(executable), 0),
        // To abort oneself.
        (libc::SYS_tgkill, 0, SeccompCmpOp::Eq, self_only),
        (libc::SYS_prctl, 0, SeccompCmpOp::Eq, name),
    ] {
        let rule = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
            .and_then(|condition| SeccompRule::new(vec![condition]))
            .map_err(SandboxError::Filter)?;
        rules.insert(call, vec![rule]);
    }
    Ok(rules)
}
