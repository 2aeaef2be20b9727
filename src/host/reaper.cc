#include "host/reaper.h"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "base/log.h"
#include "host/child.h"
#include "host/pid_record.h"

namespace orchestra {
namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

// Kills the process of a record if it is still that process. The pidfd is opened first: what it names cannot change
// between the comparison and the signal.
OwnedFd kill_if_same(const PidRecord& record) {
  OwnedFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, record.pid, 0)));
  if (pidfd.get() < 0 || identify(record.pid) != record) return {};
  if (::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0) != 0) return {};
  return pidfd;
}

void wait_for_end(const OwnedFd& pidfd, SteadyClock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - SteadyClock::now()).count();
  pollfd watched{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
  ::poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
}

}  // namespace

Result<int> reap_orphans(const std::string& run_folder) {
  std::error_code error;
  fs::create_directories(run_folder, error);
  if (error) return fail(Fault::kInternal, "The run folder cannot be made. Check the data folder's permissions.");
  ::chmod(run_folder.c_str(), 0700);
  const auto until = SteadyClock::now() + std::chrono::seconds(5);
  std::vector<OwnedFd> killed;
  for (const auto& entry : fs::directory_iterator(run_folder, error)) {
    if (entry.path().extension() != ".pid") continue;
    const auto record = read_record(entry.path().string());
    if (!record) continue;
    if (auto pidfd = kill_if_same(*record); pidfd.get() >= 0) {
      log::warning("A worker of an earlier run, process {}, was still there and is ended.", record->pid);
      killed.push_back(std::move(pidfd));
    }
  }
  if (error) return fail(Fault::kInternal, "The run folder cannot be read. Check the data folder's permissions.");
  for (const auto& pidfd : killed) wait_for_end(pidfd, until);
  for (const auto& entry : fs::directory_iterator(run_folder, error)) {
    const auto extension = entry.path().extension();
    std::error_code ignored;
    if (extension == ".pid" || extension == ".new" || extension == ".sock") fs::remove(entry.path(), ignored);
  }
  return static_cast<int>(killed.size());
}

}  // namespace orchestra
