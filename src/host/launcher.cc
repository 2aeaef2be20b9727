#include "host/launcher.h"

#include <errno.h>
#include <fmt/format.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "host/pid_record.h"
#include "host/sandbox.h"

namespace orchestra {
namespace {

constexpr int kCannotRun = 126;  // as a shell says it
constexpr std::string_view kOomScoreAdjustment = "500";

struct Orders {
  std::string record, cgroup;
  int parent = 0;
  std::vector<std::string> read_only, read_write;
  std::vector<char*> program;  // null-terminated, into argv
};

Result<Orders> parse(int argc, char** argv) {
  Orders orders;
  int i = 2;
  for (; i + 1 < argc && std::string_view(argv[i]) != "--"; i += 2) {
    const std::string_view option = argv[i], value = argv[i + 1];
    if (option == "--record") {
      orders.record = value;
    } else if (option == "--cgroup") {
      orders.cgroup = value;
    } else if (option == "--ro") {
      orders.read_only.emplace_back(value);
    } else if (option == "--rw") {
      orders.read_write.emplace_back(value);
    } else if (option == "--parent") {
      std::from_chars(value.data(), value.data() + value.size(), orders.parent);
    } else {
      return fail(Fault::kInvalid, fmt::format("unknown option {}", option));
    }
  }
  if (i + 1 >= argc || orders.record.empty() || orders.parent <= 0) {
    return fail(Fault::kInvalid, "this command is started by the server alone");
  }
  orders.program.assign(argv + i + 1, argv + argc);
  orders.program.push_back(nullptr);
  return orders;
}

// Whatever the kernel refuses here makes a worker less tidy, not less safe: say it and go on.
void write_or_warn(const std::string& path, std::string_view text) {
  std::ofstream out(path);
  out << text;
  if (!out.flush()) fmt::print(stderr, "launcher: cannot write {}\n", path);
}

Result<void> tie_to_parent(int parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return fail(Fault::kInternal, "no parent-death signal");
  // The parent may have died before the signal was set.
  if (::getppid() != parent) return fail(Fault::kCancelled, "the server is gone");
  return {};
}

Result<void> lock_in(const Orders& orders) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail(Fault::kInternal, "no_new_privs refused");
  TRY(const bool files, restrict_files(orders.read_only, orders.read_write));
  if (!files) fmt::print(stderr, "launcher: this kernel has no landlock; the file system stays open\n");
  TRY(const bool sockets, restrict_sockets());
  if (!sockets) fmt::print(stderr, "launcher: this kernel has no seccomp; the network stays open\n");
  return {};
}

Result<void> launch(int argc, char** argv) {
  TRY(const auto orders, parse(argc, argv));
  TRY_VOID(tie_to_parent(orders.parent));
  // Ctrl-C on the server's terminal is the server's to handle: it drains first.
  ::setsid();
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  const auto self = identify(::getpid());
  if (!self) return fail(Fault::kInternal, "/proc is not mounted");
  TRY_VOID(write_record(orders.record, *self));
  if (!orders.cgroup.empty()) write_or_warn(orders.cgroup + "/cgroup.procs", std::to_string(self->pid));
  write_or_warn("/proc/self/oom_score_adj", kOomScoreAdjustment);
  TRY_VOID(lock_in(orders));
  ::execv(orders.program.front(), orders.program.data());
  return fail(Fault::kInternal, fmt::format("cannot run the engine: {}", ::strerror(errno)));
}

}  // namespace

int launch_main(int argc, char** argv) {
  if (const auto launched = launch(argc, argv); !launched) {
    fmt::print(stderr, "launcher: error: {}\n", launched.error().what);
  }
  return kCannotRun;
}

}  // namespace orchestra
