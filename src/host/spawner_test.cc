#include "host/spawner.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "host/pid_record.h"
#include "host/sandbox.h"
#include "ports/fake_spawner.h"
#include "ports/spawner_contract.h"

namespace orchestra {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using std::chrono::seconds;

class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (fs::temp_directory_path() / "host_test_XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  std::string path(const std::string& name = "") const { return name.empty() ? path_ : path_ + "/" + name; }

 private:
  std::string path_;
};

class RealSpawner : public testing::Test {
 protected:
  Spawner& spawner() { return spawner_; }
  SpawnSpec child(std::vector<std::string> arguments) {
    SpawnSpec spec;
    spec.name = "child";
    spec.argv = {HOST_CHILD};
    spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
    spec.read_only = {HOST_CHILD};
    return spec;
  }
  SpawnSpec patient() { return child({"input"}); }

  template <class Done>
  void run_until(const Done& done) {
    const auto until = std::chrono::steady_clock::now() + seconds(20);
    loop_.restart();
    while (!done() && std::chrono::steady_clock::now() < until) loop_.run_one_until(until);
    ASSERT_TRUE(done());
  }
  // Runs until every process is reaped: no operation is left.
  void settle() {
    loop_.restart();
    loop_.run_for(seconds(20));
  }

  struct Ran {
    std::vector<std::string> lines, last_lines;
    ProcessExit exit;
  };
  Ran finish(const SpawnSpec& spec) {
    Ran ran;
    std::optional<ProcessExit> exit;
    const auto process = spawner_.spawn(spec, {.line = [&](std::string_view line) { ran.lines.emplace_back(line); },
                                               .exited = [&](ProcessExit how) { exit = how; }});
    EXPECT_TRUE(process);
    run_until([&] { return exit.has_value(); });
    ran.exit = exit.value_or(ProcessExit{});
    ran.last_lines = (*process)->last_lines();
    return ran;
  }

  TempFolder folder_;
  asio::io_context loop_;
  PosixSpawner spawner_{loop_, {.run_folder = folder_.path("run"), .launcher = HOST_CHILD}};
};

class FakedSpawner : public testing::Test {
 protected:
  Spawner& spawner() { return fake_; }
  SpawnSpec patient() { return {.name = "x", .argv = {"/x"}}; }
  template <class Done>
  void run_until(const Done& done) {
    settle();
    ASSERT_TRUE(done());
  }
  void settle() {
    loop_.restart();
    loop_.poll();
  }

  asio::io_context loop_;
  FakeSpawner fake_{loop_};
};

using Spawners = testing::Types<RealSpawner, FakedSpawner>;
INSTANTIATE_TYPED_TEST_SUITE_P(Every, SpawnerContract, Spawners);

TEST_F(RealSpawner, SaysHowAProcessEnded) {
  EXPECT_EQ(finish(child({"exit", "5"})).exit.code, 5);
  const auto missing = finish([&] {
    auto spec = child({});
    spec.argv = {"/no/such/engine"};
    return spec;
  }());
  EXPECT_EQ(missing.exit.code, 126);
  EXPECT_THAT(missing.last_lines, testing::Contains(testing::HasSubstr("cannot run the engine")));
}

TEST_F(RealSpawner, DrainsOutputThatNobodyReadsAndKeepsTheLastLines) {
  const auto ran = finish(child({"chatter", "20000"}));
  EXPECT_EQ(ran.exit.code, 1);
  EXPECT_EQ(ran.lines.size(), 20'000U);
  EXPECT_EQ(ran.last_lines.size(), 200U);
  EXPECT_THAT(ran.last_lines, testing::Contains("last words"));
}

TEST_F(RealSpawner, EndOfInputEndsAWorker) {
  std::optional<ProcessExit> exit;
  const auto process = spawner_.spawn(patient(), {.line = {}, .exited = [&](ProcessExit how) { exit = how; }});
  ASSERT_TRUE(process);
  (*process)->close_input();
  run_until([&] { return exit.has_value(); });
  EXPECT_EQ(exit->code, 7);
}

TEST_F(RealSpawner, RecordsThePidWhileItRunsAndRemovesItAfter) {
  std::ofstream(folder_.path("run/child.sock")) << "stale";
  auto spec = child({"deaf"});
  spec.remove_after = {folder_.path("run/child.sock")};
  bool up = false;
  std::optional<ProcessExit> exit;
  const auto process = spawner_.spawn(
      spec, {.line = [&](std::string_view) { up = true; }, .exited = [&](ProcessExit how) { exit = how; }});
  ASSERT_TRUE(process);
  EXPECT_FALSE(fs::exists(folder_.path("run/child.sock"))) << "a stale socket refuses the start";
  run_until([&] { return up; });
  const auto record = read_record(folder_.path("run/child.pid"));
  ASSERT_TRUE(record);
  EXPECT_EQ(record, identify((*process)->pid()));
  (*process)->kill();
  run_until([&] { return exit.has_value(); });
  EXPECT_FALSE(fs::exists(folder_.path("run/child.pid")));
}

TEST_F(RealSpawner, PassesOnOnlyTheAllowedEnvironment) {
  ::setenv("OPENAI_API_KEY", "secret", 1);
  ::setenv("LLAMA_ARG_CTX_SIZE", "nonsense", 1);
  auto spec = child({"environment"});
  spec.environment = {{"OWN", "value"}};
  const auto ran = finish(spec);
  EXPECT_THAT(ran.lines, testing::Contains("OWN=value"));
  EXPECT_THAT(ran.lines, testing::Contains(testing::StartsWith("PATH=")));
  EXPECT_THAT(ran.lines,
              testing::Each(testing::Not(testing::AnyOf(testing::StartsWith("OPENAI"), testing::StartsWith("LLAMA")))));
}

TEST_F(RealSpawner, InheritsNoDescriptor) {
  const int leaky = ::open("/dev/null", O_RDONLY);
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(finish(child({"descriptors"})).lines, (std::vector<std::string>{"fd 0", "fd 1", "fd 2"}));
  ::close(leaky);
  ::close(socket);
}

TEST_F(RealSpawner, OnlyUnixSockets) {
  const auto lines = finish(child({"sockets"})).lines;
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0], "unix yes");
  for (std::size_t i = 1; i < lines.size(); ++i) EXPECT_THAT(lines[i], testing::EndsWith("no"));
}

TEST_F(RealSpawner, SeesOnlyItsFiles) {
  if (landlock_version() < 1) GTEST_SKIP() << "This kernel has no landlock.";
  fs::create_directories(folder_.path("models"));
  fs::create_directories(folder_.path("secret"));
  auto spec =
      child({"files", folder_.path("models"), folder_.path("run"), folder_.path("secret"), "/etc/passwd", "/root"});
  spec.read_only.push_back(folder_.path("models"));
  spec.read_write = {folder_.path("run")};
  const auto lines = finish(spec).lines;
  const auto says = [&](const std::string& what, const std::string& path, const std::string& verdict) {
    EXPECT_THAT(lines, testing::Contains(what + " " + path + " " + verdict));
  };
  says("read", folder_.path("models"), "yes");
  says("make", folder_.path("models"), "no");
  says("read", folder_.path("run"), "yes");
  says("make", folder_.path("run"), "yes");
  says("read", folder_.path("secret"), "no");
  says("make", folder_.path("secret"), "no");
  says("read", "/etc/passwd", "no");
  says("read", "/root", "no");
}

TEST_F(RealSpawner, AnEngineMayBeAShellScriptAroundTheRealOne) {
  const std::string script = folder_.path("engine.sh");
  std::ofstream(script) << "#!/bin/sh\nexec " << HOST_CHILD << " \"$@\"\n";
  fs::permissions(script, fs::perms::owner_all);
  auto spec = child({"listen", folder_.path("run/x.sock")});
  spec.argv.front() = script;
  spec.read_only.push_back(script);
  spec.read_write = {folder_.path("run")};
  const auto ran = finish(spec);
  EXPECT_EQ(ran.lines, std::vector<std::string>{"bind yes"}) << testing::PrintToString(ran.last_lines);
}

TEST_F(RealSpawner, WhatAnEngineStartedEndsWithIt) {
  const auto runs = [](const std::string& pid) {
    std::ifstream stat("/proc/" + pid + "/stat");
    const std::string text((std::istreambuf_iterator<char>(stat)), {});
    return !text.empty() && !text.contains(") Z ");
  };
  for (const bool by_itself : {false, true}) {
    const std::string script = folder_.path("engine.sh");
    std::ofstream(script) << "#!/bin/sh\n/bin/sleep 1000 &\necho $!\n" << (by_itself ? "exit 3\n" : "wait\n");
    fs::permissions(script, fs::perms::owner_all);
    auto spec = child({});
    spec.argv = {script};
    spec.read_only = {script};
    std::string grandchild;
    std::optional<ProcessExit> exit;
    const auto process = spawner_.spawn(spec, {.line = [&](std::string_view line) { grandchild = line; },
                                               .exited = [&](ProcessExit how) { exit = how; }});
    ASSERT_TRUE(process);
    run_until([&] { return !grandchild.empty() || exit; });
    if (!by_itself) (*process)->kill();
    run_until([&] { return exit.has_value(); });
    ASSERT_FALSE(grandchild.empty()) << testing::PrintToString((*process)->last_lines());
    EXPECT_EQ(exit->code, by_itself ? 3 : 0);
    EXPECT_EQ(exit->signal, by_itself ? 0 : SIGKILL);
    run_until([&] { return !runs(grandchild); });
  }
}

TEST_F(RealSpawner, MayListenInItsRunFolder) {
  auto spec = child({"listen", folder_.path("run/x.sock")});
  spec.read_write = {folder_.path("run")};
  EXPECT_EQ(finish(spec).lines, std::vector<std::string>{"bind yes"});
}

TEST_F(RealSpawner, TheRunFolderIsPrivate) {
  struct stat facts{};
  ASSERT_EQ(::stat(folder_.path("run").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0700U);
}

// Starts host_child as a server of its own and reads what it says.
class Server {
 public:
  explicit Server(const std::string& run_folder) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(ends[1], 1);
      ::execl(HOST_CHILD, HOST_CHILD, "server", run_folder.c_str(), nullptr);
      ::_exit(1);
    }
    ::close(ends[1]);
    out_ = ::fdopen(ends[0], "r");
  }
  ~Server() {
    if (pid_ > 0) kill();
    ::fclose(out_);
  }
  std::string line() {
    std::array<char, 256> text{};
    if (::fgets(text.data(), text.size(), out_) == nullptr) return "";
    std::string out = text.data();
    while (!out.empty() && out.back() == '\n') out.pop_back();
    return out;
  }
  void kill() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  int pid_ = 0;
  FILE* out_ = nullptr;
};

bool runs(const PidRecord& record) {
  std::ifstream in("/proc/" + std::to_string(record.pid) + "/stat");
  std::string stat;
  std::getline(in, stat);
  const auto state = stat.rfind(')');
  // A zombie that nobody reaps here is as dead.
  return identify(record.pid) == record && state != std::string::npos && stat.substr(state + 2, 1) != "Z";
}

TEST(ParentDeath, KillOfTheServerKillsItsDeafWorker) {
  const TempFolder folder;
  for (int round = 0; round < 5; ++round) {
    Server server(folder.path("run"));
    const int pid = std::stoi(server.line());
    ASSERT_EQ(server.line(), "ready");
    const auto worker = identify(pid);
    ASSERT_TRUE(worker);
    server.kill();
    const auto until = std::chrono::steady_clock::now() + seconds(10);
    while (runs(*worker) && std::chrono::steady_clock::now() < until) ::usleep(1000);
    EXPECT_FALSE(runs(*worker));
  }
}

class Orphans : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_.path("run"));
    orphan_ = ::fork();
    if (orphan_ == 0) {
      ::execl(HOST_CHILD, HOST_CHILD, "deaf", nullptr);
      ::_exit(1);
    }
    record_ = identify(orphan_).value();
  }
  void TearDown() override {
    ::kill(orphan_, SIGKILL);
    ::waitpid(orphan_, nullptr, 0);
  }
  int reap(const PidRecord& record) {
    EXPECT_TRUE(write_record(folder_.path("run/w.pid"), record));
    std::ofstream(folder_.path("run/w.sock")) << "x";
    return reap_orphans(folder_.path("run")).value();
  }

  TempFolder folder_;
  pid_t orphan_ = 0;
  PidRecord record_;
};

TEST_F(Orphans, AreKilledAndTheirFilesRemoved) {
  EXPECT_EQ(reap(record_), 1);
  EXPECT_FALSE(runs(record_));
  EXPECT_TRUE(fs::is_empty(folder_.path("run")));
}

TEST_F(Orphans, AStrangerWithTheirNumberIsSpared) {
  auto other = record_;
  other.start_time += 1;
  EXPECT_EQ(reap(other), 0);
  other = record_;
  other.boot_id = "another-boot";
  EXPECT_EQ(reap(other), 0);
  EXPECT_TRUE(runs(record_));
  EXPECT_FALSE(fs::exists(folder_.path("run/w.pid")));
}

TEST_F(Orphans, DamagedRecordsAreDropped) {
  for (const char* text : {"", "garbage", "-1 5 boot", "1 5 boot", "99999999999999 1 b"}) {
    std::ofstream(folder_.path("run/w.pid")) << text;
    EXPECT_EQ(reap_orphans(folder_.path("run")).value(), 0);
    EXPECT_FALSE(fs::exists(folder_.path("run/w.pid")));
  }
  EXPECT_TRUE(runs(record_));
}

TEST(PidRecord, KnowsItself) {
  const auto self = identify(::getpid());
  ASSERT_TRUE(self);
  EXPECT_EQ(self->boot_id.size(), 36U);
  EXPECT_GT(self->start_time, 0U);
  EXPECT_EQ(identify(::getpid()), self);
  EXPECT_FALSE(identify(-1));
}

}  // namespace
}  // namespace orchestra
