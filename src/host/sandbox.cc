#include "host/sandbox.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace orchestra {
namespace {

// The access rights of landlock's third version; older kernels know fewer. Newer than the headers of Debian 12.
constexpr std::uint64_t kTruncate = 1ULL << 14;

constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE;
constexpr std::uint64_t kUse =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kChange = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                  LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                  LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK;
constexpr std::uint64_t kForbidden = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                                     LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
// What a plain file may be given; the kernel refuses the rights of folders on it.
constexpr std::uint64_t kOfFiles =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | kTruncate;

// The programs are for an engine that is a shell script around the real one.
constexpr std::array kSystem = {"/bin",
                                "/usr/bin",
                                "/lib",
                                "/lib64",
                                "/usr/lib",
                                "/usr/lib64",
                                "/usr/local/lib",
                                "/etc/ld.so.cache",
                                "/proc",
                                "/sys",
                                "/opt/cuda",
                                "/usr/local/cuda",
                                "/usr/share/vulkan",
                                "/etc/vulkan",
                                "/etc/OpenCL",
                                "/etc/localtime",
                                "/usr/share/zoneinfo"};
constexpr std::array kDevices = {"/dev/null",
                                 "/dev/zero",
                                 "/dev/random",
                                 "/dev/urandom",
                                 "/dev/shm",
                                 "/dev/dri",
                                 "/dev/kfd",
                                 "/dev/nvidiactl",
                                 "/dev/nvidia-uvm",
                                 "/dev/nvidia-uvm-tools",
                                 "/dev/nvidia-modeset",
                                 "/dev/nvidia-caps"};
constexpr int kMaxGpus = 16;

std::unexpected<Error> system_error(std::string_view what) {
  return fail(Fault::kInternal, fmt::format("{} failed: {}", what, std::strerror(errno)));
}

class Ruleset {
 public:
  static constexpr std::uint64_t kAllKnown = kRead | kChange | kForbidden;

  Result<void> open(long version) {
    handled_ = kAllKnown | (version >= 3 ? kTruncate : 0);
    const landlock_ruleset_attr attributes{.handled_access_fs = handled_};
    fd_ = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0U));
    if (fd_ < 0) return system_error("landlock_create_ruleset");
    return {};
  }
  ~Ruleset() {
    if (fd_ >= 0) ::close(fd_);
  }

  // A path that does not exist needs no rule.
  Result<void> allow(const std::string& path, std::uint64_t rights) const {
    const int parent = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (parent < 0) return errno == ENOENT || errno == ENOTDIR ? Result<void>() : system_error("open");
    struct stat facts{};
    const bool folder = ::fstat(parent, &facts) == 0 && S_ISDIR(facts.st_mode);
    const landlock_path_beneath_attr rule{.allowed_access = rights & handled_ & (folder ? ~0ULL : kOfFiles),
                                          .parent_fd = parent};
    const auto failed = ::syscall(SYS_landlock_add_rule, fd_, LANDLOCK_RULE_PATH_BENEATH, &rule, 0U) != 0;
    ::close(parent);
    if (failed) return system_error("landlock_add_rule");
    return {};
  }

  Result<void> enforce() const {
    if (::syscall(SYS_landlock_restrict_self, fd_, 0U) != 0) return system_error("landlock_restrict_self");
    return {};
  }

 private:
  int fd_ = -1;
  std::uint64_t handled_ = 0;
};

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "The seccomp filter knows x86-64 and AArch64."
#endif

constexpr sock_filter load(std::uint32_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset);
}
constexpr sock_filter verdict(std::uint32_t value) {
  return BPF_STMT(BPF_RET | BPF_K, value);
}
constexpr sock_filter refuse(int error) {
  return verdict(SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error));
}
// Goes on when equal, else jumps over `otherwise` instructions.
constexpr sock_filter unless_equal(std::uint32_t value, std::uint8_t otherwise) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, otherwise);
}

}  // namespace

long landlock_version() noexcept {
  return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

Result<bool> restrict_files(const std::vector<std::string>& read_only, const std::vector<std::string>& read_write) {
  const long version = landlock_version();
  if (version < 1) return false;
  Ruleset rules;
  TRY_VOID(rules.open(version));
  for (const auto* path : kSystem) TRY_VOID(rules.allow(path, kRead));
  for (const auto* path : kDevices) TRY_VOID(rules.allow(path, kUse | kChange | kTruncate));
  for (int gpu = 0; gpu < kMaxGpus; ++gpu) TRY_VOID(rules.allow(fmt::format("/dev/nvidia{}", gpu), kUse));
  for (const auto& path : read_only) TRY_VOID(rules.allow(path, kRead));
  for (const auto& path : read_write) TRY_VOID(rules.allow(path, kUse | kChange | kTruncate));
  TRY_VOID(rules.enforce());
  return true;
}

Result<bool> restrict_sockets() {
  constexpr std::uint32_t kX32 = 0x40000000;  // the x32 table of x86-64; no AArch64 call is as high
  const std::array<sock_filter, 14> program = {{
      load(offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
      verdict(SECCOMP_RET_KILL_PROCESS),
      load(offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kX32, 0, 1),
      verdict(SECCOMP_RET_KILL_PROCESS),
      unless_equal(SYS_io_uring_setup, 1),
      refuse(ENOSYS),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0),
      unless_equal(SYS_socketpair, 3),
      load(offsetof(seccomp_data, args)),  // the low half of the first argument: both machines are little-endian
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 1, 0),
      refuse(EAFNOSUPPORT),
      verdict(SECCOMP_RET_ALLOW),
  }};
  const sock_fprog filter{.len = static_cast<unsigned short>(program.size()),
                          .filter = const_cast<sock_filter*>(program.data())};
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0) return true;
  if (errno == EINVAL || errno == ENOSYS) return false;
  return system_error("seccomp");
}

}  // namespace orchestra
