#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "host/cpu_probe.h"
#include "host/gpu_probe.h"
#include "host/memory_probe.h"
#include "host/port_holder.h"

namespace orchestra::host {
namespace {

namespace fs = std::filesystem;

TEST(ProcMemoryProbe, ThisMachineHasMemory) {
  ProcMemoryProbe probe;
  const auto memory = probe.host();
  EXPECT_GT(memory.total, mebibytes(64));
  EXPECT_GT(memory.available, Bytes(0));
  EXPECT_LE(memory.available, memory.total);
  EXPECT_GT(probe.unbacked(::getpid()), Bytes(0));
  EXPECT_EQ(probe.unbacked(-5), Bytes(0));
}

class FakeRoot : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "probe_test_XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    write("/proc/meminfo", "MemTotal:       16000000 kB\nMemFree: 1 kB\nMemAvailable:    8000000 kB\n");
  }
  void TearDown() override { fs::remove_all(root_); }
  void write(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text;
  }

  std::string root_;
};

TEST_F(FakeRoot, WithoutLimitsItIsTheMachine) {
  write("/proc/self/cgroup", "0::/a/b\n");
  EXPECT_EQ(ProcMemoryProbe(root_).host().total, kibibytes(16'000'000));
  EXPECT_EQ(ProcMemoryProbe(root_).host().available, kibibytes(8'000'000));
}

TEST(ProcCpuProbe, ThisMachineWorks) {
  const auto times = ProcCpuProbe().times();
  ASSERT_TRUE(times);
  EXPECT_GT(times->busy, 0U);
  EXPECT_GT(times->all, times->busy);
}

TEST_F(FakeRoot, TheCoresAreIdleWhileTheyWait) {
  EXPECT_EQ(ProcCpuProbe(root_).times(), std::nullopt);
  write("/proc/stat", "cpu  10 1 5 100 20 2 3 4 7 0\ncpu0 10 1 5 100 20 2 3 4 7 0\n");
  EXPECT_EQ(ProcCpuProbe(root_).times(), (CpuTimes{.busy = 25, .all = 145}));
  write("/proc/stat", "cpu  10 1\n");
  EXPECT_EQ(ProcCpuProbe(root_).times(), std::nullopt);
}

TEST_F(FakeRoot, SwapIsTheMachines) {
  write("/proc/meminfo", "MemTotal: 100 kB\nMemAvailable: 50 kB\nSwapTotal: 30 kB\nSwapFree: 20 kB\n");
  EXPECT_EQ(ProcMemoryProbe(root_).host().swap_total, kibibytes(30));
  EXPECT_EQ(ProcMemoryProbe(root_).host().swap_free, kibibytes(20));
}

TEST_F(FakeRoot, ACgroupAboveLimitsIt) {
  write("/proc/self/cgroup", "0::/a/b\n");
  write("/sys/fs/cgroup/a/b/memory.max", "max\n");
  write("/sys/fs/cgroup/a/b/memory.current", "5\n");
  write("/sys/fs/cgroup/a/memory.max", "4000000000\n");
  write("/sys/fs/cgroup/a/memory.current", "3500000000\n");
  write("/sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 1000000000\n");
  const auto memory = ProcMemoryProbe(root_).host();
  EXPECT_EQ(memory.total, Bytes(4'000'000'000));
  EXPECT_EQ(memory.available, Bytes(1'500'000'000)) << "the page cache counts as free";
}

TEST_F(FakeRoot, AContainerSeesItsOwnRoot) {
  write("/proc/self/cgroup", "0::/somewhere/else\n");
  write("/sys/fs/cgroup/memory.max", "2000000000\n");
  write("/sys/fs/cgroup/memory.current", "500000000\n");
  EXPECT_EQ(ProcMemoryProbe(root_).host().available, Bytes(1'500'000'000));
}

TEST_F(FakeRoot, VersionOneLimitsToo) {
  write("/proc/self/cgroup", "4:memory:/x\n3:cpu:/y\n");
  write("/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "1000000000\n");
  write("/sys/fs/cgroup/memory/x/memory.usage_in_bytes", "400000000\n");
  EXPECT_EQ(ProcMemoryProbe(root_).host().available, Bytes(600'000'000));
}

TEST(NvmlProbe, NoDriverIsANormalState) {
  NvmlProbe none("libdoes-not-exist.so.1");
  EXPECT_TRUE(none.devices().empty());
  EXPECT_EQ(none.detail(), "No NVIDIA driver is installed.");
  NvmlProbe wrong("libm.so.6");
  EXPECT_TRUE(wrong.devices().empty());
  EXPECT_THAT(wrong.detail(), testing::HasSubstr("too old"));
}

TEST(NvmlProbe, WhatTheDriverSaysMakesSense) {
  NvmlProbe probe;
  EXPECT_FALSE(probe.detail().empty());
  for (const auto& gpu : probe.devices()) {
    EXPECT_FALSE(gpu.name.empty());
    EXPECT_GT(gpu.total, mebibytes(256));
    EXPECT_LE(gpu.free, gpu.total);
  }
}

TEST(PortHolder, APortIsTakenAlsoWhereReusePortWouldShareIt) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const int yes = 1;
  ASSERT_EQ(::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes), 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof address;
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(::listen(fd, 1), 0);
  ASSERT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
  const auto port = ntohs(address.sin_port);
  for (const char* host : {"127.0.0.1", "localhost", "0.0.0.0"}) EXPECT_TRUE(port_taken(host, port)) << host;
  EXPECT_FALSE(port_taken("127.0.0.2", port));
  ::close(fd);
  EXPECT_FALSE(port_taken("127.0.0.1", port));
}

TEST(PortHolder, NamesThisProcess) {
  for (const int family : {AF_INET, AF_INET6}) {
    const int fd = ::socket(family, SOCK_STREAM, 0);
    sockaddr_in6 address{};
    socklen_t length = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    address.sin6_family = static_cast<sa_family_t>(family);
    if (fd < 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&address), length) != 0) continue;
    ASSERT_EQ(::listen(fd, 1), 0);
    ASSERT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
    const auto port = ntohs(address.sin6_port);
    const auto holder = port_holder(port);
    ASSERT_TRUE(holder);
    EXPECT_EQ(holder->pid, ::getpid());
    EXPECT_EQ(holder->command, "host_test");
    ::close(fd);
    EXPECT_FALSE(port_holder(port));
  }
}

}  // namespace
}  // namespace orchestra::host
