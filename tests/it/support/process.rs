//! What this process holds: connections, files, memory. Other tests hold some, too, unless each is in a process of its own, which
//! nextest sees to, or whoever sets `ALONE` and runs one.

use std::{
    alloc::System,
    fs,
    time::{Duration, Instant},
};

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use super::TestServer;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Whether this test is alone in its process.
pub(crate) fn is_alone() -> bool {
    ["NEXTEST", "ALONE"].iter().any(|name| std::env::var_os(name).is_some())
}

/// Waits for what must be so at that time.
pub(crate) async fn by(deadline: Instant, what: &str, count: impl Fn() -> usize) {
    while count() != 0 {
        assert!(Instant::now() < deadline, "there are still {} {what}", count());
        actix_rt::task::yield_now().await;
    }
}

/// Connections of which the server has not let go, whether or not their clients have.
pub(crate) fn connections(server: &TestServer) -> usize {
    const ESTABLISHED: &str = "01";
    const CLOSE_WAIT: &str = "08";
    let port = format!(":{:04X}", server.addr.port());
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    let of_the_server = |line: &&str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        fields[1].ends_with(&port) && [ESTABLISHED, CLOSE_WAIT].contains(&fields[3])
    };
    table.lines().skip(1).filter(of_the_server).count()
}

/// Memory of this process as the system sees it, in bytes.
pub(crate) fn memory() -> usize {
    kilobytes("VmRSS:") * 1024
}

/// The most that it has been since the last [`forget_peak`], in bytes.
pub(crate) fn peak_memory() -> usize {
    kilobytes("VmHWM:") * 1024
}

/// The memory in use now is the peak.
pub(crate) fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}

fn kilobytes(name: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

/// Threads of this process.
pub(crate) fn threads() -> usize {
    fs::read_dir("/proc/self/task").unwrap().count()
}

/// Time that the threads of this process have had a processor.
pub(crate) fn processor_time() -> Duration {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let times =
        tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("schedstat")).ok());
    times.map(|time| Duration::from_nanos(time.split(' ').next().unwrap().parse().unwrap())).sum()
}

/// Open file descriptors.
pub(crate) fn files() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// What has been allocated and not been freed: how many pieces, and how many bytes. The allocator's own reserves are none of it.
pub(crate) fn allocated() -> (usize, usize) {
    let stats = ALLOCATOR.stats();
    let pieces = stats.allocations - stats.deallocations;
    (pieces, stats.bytes_allocated - stats.bytes_deallocated)
}

/// A number from the environment, for the long form of a test.
pub(crate) fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}

/// How late a busy machine may be.
pub(crate) const GRACE: Duration = Duration::from_secs(5);
