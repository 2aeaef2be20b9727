// The whole path of a local model with nothing faked: scan, estimate, launcher, sandbox, llama.cpp's server, lease,
// HTTP. Skips aloud where the engine or the demo model is missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "fleet/fleet.h"
#include "host/gpu_probe.h"
#include "host/launcher.h"
#include "host/memory_probe.h"
#include "host/spawner.h"
#include "net/client.h"
#include "runners/llama.h"
#include "runners/scan.h"

namespace orchestra {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using std::chrono::minutes;
using std::chrono::seconds;

const ModelId kDemo{"local/orchestra-demo"};

class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (fs::temp_directory_path() / "worker_e2e_XXXXXX").string();
    path_ = fs::canonical(::mkdtemp(pattern.data())).string();
  }
  ~TempFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

class WorkerE2e : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(LLAMA_SERVER)) GTEST_SKIP() << "no engine: " << LLAMA_SERVER << " is missing; run scripts/deps";
    if (!fs::exists(DEMO_MODEL)) GTEST_SKIP() << "no demo model: " << DEMO_MODEL << " is missing";
    fs::create_directories(folder_.path("models"));
    fs::copy_file(DEMO_MODEL, folder_.path("models/orchestra-demo.gguf"));
    options_.run_folder = folder_.path("run");
    options_.publish = [this](const FleetViewPtr& view) {
      if (const auto* worker = view->find(kDemo)) states_.push_back(worker->state);
    };
    open();
  }
  void TearDown() override {
    if (fleet_) finish(fleet_->shutdown());
  }
  void open() {
    fleet_ = std::make_unique<Fleet>(loop_, spawner_, runner_, memory_, gpus_, clock_, options_);
    scan_ = scan_models(folder_.path("models"), runner_);
    fleet_->set_models(scan_.models);
  }

  template <class T>
  static asio::awaitable<void, Executor> keep(Task<T> task, std::optional<Result<T>>& out) {
    out.emplace(co_await std::move(task));
  }
  template <class T>
  Result<T> finish(Task<T> task) {
    std::optional<Result<T>> out;
    asio::co_spawn(loop_.get_executor(), keep(std::move(task), out), asio::detached);
    run_until([&] { return out.has_value(); });
    if (!out) return fail(Fault::kTimeout, "The test waited too long.");
    return std::move(*out);
  }
  template <class Done>
  void run_until(const Done& done) {
    const auto until = std::chrono::steady_clock::now() + minutes(1);
    loop_.restart();
    while (!done() && std::chrono::steady_clock::now() < until) loop_.run_one_until(until);
    EXPECT_TRUE(done());
  }
  TimePoint soon() { return clock_.now() + minutes(1); }
  WorkerView worker() { return *finish(fleet_->view()).value()->find(kDemo); }

  Task<json::value> post(const Lease& lease, std::string target, std::string body) {
    const std::vector<std::string_view> pieces = {body};
    const std::vector<std::pair<std::string_view, std::string_view>> fields = {{"content-type", "application/json"}};
    const ClientRequest request{
        .endpoint = lease.endpoint(), .target = target, .fields = fields, .body = pieces, .reuse = false};
    CO_TRY(const auto response, co_await client_.send(request));
    CO_TRY(const std::string text, co_await read_all(*response, 1 << 20, TimePoint::max()));
    if (response->status() != 200) co_return fail(Fault::kUpstream, text);
    co_return parse_json(text);
  }
  std::string chat(const Lease& lease) {
    auto reply = finish(
        post(lease, "/v1/chat/completions",
             R"({"messages":[{"role":"user","content":"What is AI Orchestra?"}],"max_tokens":16,"temperature":0})"));
    if (!reply) return reply.error().what;
    return std::string(reply->at("choices").at(0).at("message").at("content").as_string());
  }

  TempFolder folder_;
  asio::io_context loop_;
  SystemClock clock_;
  net::Client client_{loop_, {}, clock_};
  host::ProcMemoryProbe memory_;
  host::NvmlProbe gpus_;
  LlamaRunner runner_{client_, {.program = LLAMA_SERVER, .slots = 2, .context = Tokens(512)}};
  PosixSpawner spawner_{loop_, {.run_folder = folder_.path("run")}};
  FleetOptions options_;
  std::vector<WorkerState> states_;
  Scan scan_;
  std::unique_ptr<Fleet> fleet_;
};

TEST_F(WorkerE2e, AnswersOnFirstUse) {
  ASSERT_EQ(scan_.models.size(), 1U);
  EXPECT_TRUE((scan_.models[0].model.capabilities & kCanChat) != 0);
  const auto lease = finish(fleet_->lease(kDemo, soon()));
  ASSERT_TRUE(lease) << lease.error().what;
  EXPECT_FALSE(chat(*lease).empty());
  const auto view = worker();
  EXPECT_EQ(view.state, WorkerState::kReady);
  EXPECT_EQ(view.in_flight, 1);
  EXPECT_THAT(states_, testing::IsSupersetOf({WorkerState::kReserved, WorkerState::kReady}));
}

TEST_F(WorkerE2e, TakesNoMoreMemoryThanItsEstimate) {
  const auto lease = finish(fleet_->lease(kDemo, soon()));
  ASSERT_TRUE(lease);
  chat(*lease);
  const auto view = worker();
  std::ifstream status("/proc/" + std::to_string(view.pid) + "/status");
  const std::string text((std::istreambuf_iterator<char>(status)), {});
  const auto resident = host::meminfo_value(text, "VmHWM");
  EXPECT_GT(resident, mebibytes(5));
  EXPECT_LT(resident, view.need);
}

TEST_F(WorkerE2e, RepliesNameTheModelByItsIdAndNoPath) {
  const auto lease = finish(fleet_->lease(kDemo, soon()));
  ASSERT_TRUE(lease);
  const auto reply =
      finish(post(*lease, "/v1/chat/completions", R"({"messages":[{"role":"user","content":"x"}],"max_tokens":1})"));
  ASSERT_TRUE(reply) << reply.error().what;
  EXPECT_EQ(find_string(*reply, "model"), kDemo.text);
}

TEST_F(WorkerE2e, ComesBackAfterKill9) {
  auto first = finish(fleet_->lease(kDemo, soon()));
  ASSERT_TRUE(first);
  const int pid = worker().pid;
  ::kill(pid, SIGKILL);
  const auto broken = finish(post(*first, "/v1/chat/completions", R"({"messages":[]})"));
  EXPECT_FALSE(broken);
  run_until([&] { return !states_.empty() && states_.back() == WorkerState::kFailed; });
  const auto second = finish(fleet_->lease(kDemo, soon()));
  ASSERT_TRUE(second) << second.error().what;
  EXPECT_NE(worker().pid, pid);
  EXPECT_FALSE(chat(*second).empty());
}

TEST_F(WorkerE2e, UnloadEndsTheProcessAndRemovesItsFiles) {
  ASSERT_TRUE(finish(fleet_->load(kDemo, soon())));
  const int pid = worker().pid;
  EXPECT_FALSE(fs::is_empty(folder_.path("run")));
  const auto start = clock_.now();
  ASSERT_TRUE(finish(fleet_->unload(kDemo, soon())));
  EXPECT_LT(clock_.now() - start, options_.end_grace) << "it took the farewell, not the kill";
  EXPECT_NE(::kill(pid, 0), 0);
  EXPECT_TRUE(fs::is_empty(folder_.path("run")));
}

TEST_F(WorkerE2e, EndOfInputAloneEndsTheEngine) {
  // Pins the protocol that saves us when the parent-death signal cannot.
  std::optional<ProcessExit> exit;
  bool ready = false;
  const std::string socket = folder_.path("run/pin.sock");
  auto spec = runner_.command(scan_.models.at(0), {.socket_path = socket, .run_folder = folder_.path("run")}).value();
  spec.name = "pin";
  const auto process = spawner_.spawn(spec, {.line =
                                                 [&](std::string_view line) {
                                                   const auto report = runner_.progress(line);
                                                   ready = ready || (report && report->ready);
                                                 },
                                             .exited = [&](ProcessExit how) { exit = how; }});
  ASSERT_TRUE(process);
  run_until([&] { return ready || exit; });
  ASSERT_TRUE(ready) << testing::PrintToString((*process)->last_lines());
  (*process)->close_input();
  run_until([&] { return exit.has_value(); });
}

TEST_F(WorkerE2e, SaysWhyAModelDoesNotLoad) {
  // A well-formed header over weights that the engine misses.
  std::ifstream in(DEMO_MODEL, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), {});
  for (auto at = bytes.find("blk.0.attn_q.weight"); at != std::string::npos;
       at = bytes.find("blk.0.attn_q.weight", at)) {
    bytes.replace(at, 19, "blk.0.attn_X.weight");
  }
  std::ofstream(folder_.path("models/orchestra-demo.gguf"), std::ios::binary) << bytes;
  open();
  ASSERT_EQ(scan_.models.size(), 1U);
  const auto lease = finish(fleet_->lease(kDemo, soon()));
  ASSERT_FALSE(lease);
  EXPECT_EQ(lease.error().fault, Fault::kUnavailable);
  EXPECT_THAT(lease.error().what, testing::HasSubstr("attn_q"));
  EXPECT_THAT(lease.error().what, testing::Not(testing::HasSubstr(folder_.path("models"))));
}

TEST_F(WorkerE2e, ATruncatedFileIsAFinding) {
  fs::resize_file(folder_.path("models/orchestra-demo.gguf"), fs::file_size(DEMO_MODEL) - 1);
  open();
  EXPECT_TRUE(scan_.models.empty());
  ASSERT_EQ(scan_.findings.size(), 1U);
  EXPECT_EQ(scan_.findings[0].file, "orchestra-demo.gguf");
  EXPECT_EQ(finish(fleet_->lease(kDemo, soon())).error().fault, Fault::kNotFound);
}

TEST_F(WorkerE2e, EmbedsWhenStartedForIt) {
  auto model = scan_.models.at(0);
  model.mode = WorkerMode::kEmbed;
  model.pooling = "mean";
  fleet_->set_models({model});
  const auto lease = finish(fleet_->lease(kDemo, soon()));
  ASSERT_TRUE(lease) << lease.error().what;
  const auto reply = finish(post(*lease, "/v1/embeddings", R"({"input":["one","two"]})"));
  ASSERT_TRUE(reply) << reply.error().what;
  EXPECT_EQ(reply->at("data").as_array().size(), 2U);
  EXPECT_GT(reply->at("data").at(0).at("embedding").as_array().size(), 8U);
}

}  // namespace
}  // namespace orchestra

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "_launch") return orchestra::launch_main(argc, argv);
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
