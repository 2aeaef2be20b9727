#include "host/spawner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "base/log.h"
#include "host/child.h"
#include "host/sandbox.h"

namespace orchestra {
namespace {

// What an engine may need of the server's environment: where libraries are, which GPUs it may use, how to speak. One
// bad LLAMA_ARG_* would change or refuse every start, and keys are none of its business.
constexpr std::array kPassedOn = {"PATH",
                                  "LANG",
                                  "LC_ALL",
                                  "TZ",
                                  "LD_LIBRARY_PATH",
                                  "CUDA_VISIBLE_DEVICES",
                                  "CUDA_DEVICE_ORDER",
                                  "NVIDIA_VISIBLE_DEVICES",
                                  "NVIDIA_DRIVER_CAPABILITIES",
                                  "GGML_VK_VISIBLE_DEVICES",
                                  "VK_ICD_FILENAMES",
                                  "VK_DRIVER_FILES"};

class PosixProcess final : public Process {
 public:
  explicit PosixProcess(std::shared_ptr<Child> child) : child_(std::move(child)) {}
  ~PosixProcess() override {
    child_->silence();
    child_->close_input();
    child_->kill();
  }
  int pid() const noexcept override { return child_->pid(); }
  void say(std::string_view bytes) override { child_->say(bytes); }
  void close_input() override { child_->close_input(); }
  void kill() override { child_->kill(); }
  std::vector<std::string> last_lines() const override { return child_->last_lines(); }

 private:
  std::shared_ptr<Child> child_;  // shared with its asynchronous operations
};

std::unexpected<Error> system_error(std::string_view what, int error) {
  return fail(Fault::kInternal, fmt::format("A worker cannot be started: {}: {}.", what, ::strerror(error)));
}

// The ends that the child gets as 0, 1 and 2.
struct ChildEnds {
  OwnedFd input, output, errors;
};

Result<void> make_pipes(ChildFds& ours, ChildEnds& theirs) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) return system_error("socketpair", errno);
  ours.input = OwnedFd(pair[0]);
  theirs.input = OwnedFd(pair[1]);
  for (auto [our, their] : {std::pair(&ours.output, &theirs.output), std::pair(&ours.errors, &theirs.errors)}) {
    if (::pipe2(pair.data(), O_CLOEXEC) != 0) return system_error("pipe", errno);
    ::fcntl(pair[0], F_SETFL, O_NONBLOCK);  // this end only: the child's stays as programs expect it
    *our = OwnedFd(pair[0]);
    *their = OwnedFd(pair[1]);
  }
  return {};
}

std::vector<std::string> environment_of(const SpawnSpec& spec, const PosixSpawner::Options& options) {
  std::vector<std::string> out;
  const auto pass = [&](const std::string& name) {
    const auto same = [&](const auto& own) { return own.first == name; };
    if (std::ranges::any_of(spec.environment, same)) return;
    if (const char* value = ::getenv(name.c_str())) out.push_back(name + "=" + value);
  };
  for (const auto* name : kPassedOn) pass(name);
  for (const auto& name : options.pass_on) pass(name);
  for (const auto& [name, value] : spec.environment) out.push_back(name + "=" + value);
  out.push_back("HOME=" + options.run_folder);
  out.push_back("TMPDIR=" + options.run_folder);
  return out;
}

std::vector<std::string> command_of(const SpawnSpec& spec, const PosixSpawner::Options& options,
                                    const std::string& record) {
  std::vector<std::string> argv = {"ai-orchestra", "_launch",  "--record",
                                   record,         "--parent", std::to_string(::getpid())};
  for (const auto& path : spec.read_only) argv.insert(argv.end(), {"--ro", path});
  for (const auto& path : spec.read_write) argv.insert(argv.end(), {"--rw", path});
  if (!options.cgroup.empty()) argv.insert(argv.end(), {"--cgroup", options.cgroup});
  argv.emplace_back("--");
  argv.insert(argv.end(), spec.argv.begin(), spec.argv.end());
  return argv;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  out.reserve(strings.size() + 1);
  for (auto& text : strings) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// posix_spawn's settings: the three streams, every other descriptor closed, signals as a fresh program expects them.
class SpawnSettings {
 public:
  explicit SpawnSettings(const ChildEnds& ends) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_adddup2(&actions_, ends.input.get(), 0);
    ::posix_spawn_file_actions_adddup2(&actions_, ends.output.get(), 1);
    ::posix_spawn_file_actions_adddup2(&actions_, ends.errors.get(), 2);
    // The server's sockets must not live on in a worker: their clients would never see them close.
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none{}, all{};
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  const posix_spawn_file_actions_t* actions() const noexcept { return &actions_; }
  const posix_spawnattr_t* attributes() const noexcept { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

PosixSpawner::PosixSpawner(boost::asio::io_context& loop, Options options) : loop_(loop), options_(std::move(options)) {
  std::error_code ignored;
  std::filesystem::create_directories(options_.run_folder, ignored);
  ::chmod(options_.run_folder.c_str(), 0700);
  if (landlock_version() < 1) {
    log::warning("This kernel has no landlock: workers can read what the server can read.");
  }
}

Result<std::unique_ptr<Process>> PosixSpawner::spawn(const SpawnSpec& spec, ProcessEvents events) {
  const std::string record = fmt::format("{}/{}.pid", options_.run_folder, spec.name);
  for (const auto& path : spec.remove_after) ::unlink(path.c_str());
  ChildFds ours;
  ChildEnds theirs;
  TRY_VOID(make_pipes(ours, theirs));
  auto argv = command_of(spec, options_, record);
  auto environment = environment_of(spec, options_);
  const SpawnSettings settings(theirs);
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, options_.launcher.c_str(), settings.actions(), settings.attributes(),
                                  pointers(argv).data(), pointers(environment).data());
  if (error != 0) return system_error("posix_spawn", error);
  // The child cannot be reaped by anybody else, so that its number still names it.
  ours.pidfd = OwnedFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (ours.pidfd.get() < 0) {
    const int reason = errno;
    ::kill(pid, SIGKILL);
    return system_error("pidfd_open", reason);
  }
  auto remove = spec.remove_after;
  remove.push_back(record);
  auto child = std::make_shared<Child>(loop_, pid, std::move(ours), std::move(events), std::move(remove));
  child->watch();
  return std::make_unique<PosixProcess>(std::move(child));
}

}  // namespace orchestra
