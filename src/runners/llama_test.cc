#include "runners/llama.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "ports/fake_runner.h"
#include "ports/runner_contract.h"
#include "runners/llama_model.h"
#include "runners/scan.h"
#include "runners/testing/gguf_writer.h"

namespace orchestra {
namespace {

namespace fs = std::filesystem;

// An engine that answers one health check.
class OneAnswer final : public HttpClient {
 public:
  class Response final : public ClientResponse {
   public:
    explicit Response(int status) : status_(status) {}
    int status() const noexcept override { return status_; }
    const HttpFields& fields() const noexcept override { return fields_; }
    Task<std::string_view> read(TimePoint) override { co_return std::string_view(); }

   private:
    int status_;
    HttpFields fields_;
  };
  Task<std::unique_ptr<ClientResponse>> send(const ClientRequest& request) override {
    asked = fmt::format("{} {} {} {}", request.method, request.target, request.endpoint.unix_path,
                        request.reuse ? "pooled" : "alone");
    co_return std::make_unique<Response>(status);
  }

  int status = 200;
  std::string asked;
};

class LlamaTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "llama_test_XXXXXX").string();
    folder_ = fs::canonical(::mkdtemp(pattern.data())).string();
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& bytes) {
    const fs::path path = fs::path(folder_) / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path.string();
  }
  Scan scan() { return scan_models(folder_, runner_); }
  std::vector<std::string> ids() {
    std::vector<std::string> out;
    for (const auto& model : scan().models) out.push_back(model.model.id.text);
    return out;
  }
  std::string line(const SpawnSpec& spec) { return fmt::format("{}", fmt::join(spec.argv, " ")); }

  std::string folder_;
  OneAnswer client_;
  LlamaRunner runner_{
      client_, {.program = "/engine/llama-server", .slots = 3, .context = Tokens(256), .prompt_cache = mebibytes(8)}};
};

TEST_F(LlamaTest, InspectsAChatModel) {
  const auto model = runner_.inspect(write("Tiny Model.GGUF", small_llama().finish()));
  ASSERT_TRUE(model) << model.error().what;
  EXPECT_EQ(model->model.id.text, "local/tiny-model");
  EXPECT_EQ(model->model.display_name, "Small");
  EXPECT_EQ(model->mode, WorkerMode::kChat);
  EXPECT_EQ(model->context_per_slot, Tokens(256));
  EXPECT_EQ(model->model.context, Tokens(256));
  EXPECT_EQ(model->model.capabilities, kCanChat | kCanComplete | kCanStream | kCanJsonSchema | kCanUseTools);
  EXPECT_EQ(model->model.facts->quantization, "F32");
  EXPECT_EQ(model->model.facts->layers, 2);
  EXPECT_EQ(model->need.weights, Bytes(1024));
  EXPECT_EQ(model->model.price.input, MicroUsd(0));
}

TEST_F(LlamaTest, TheModelsOwnWindowIsNeverExceeded) {
  const LlamaRunner wide(client_, {.program = "/e", .context = Tokens(1'000'000)});
  EXPECT_EQ(wide.inspect(write("a.gguf", small_llama().finish()))->context_per_slot, Tokens(512));
}

TEST_F(LlamaTest, EncodersEmbedAndRerankersWait) {
  GgufWriter bert;
  bert.text("general.architecture", "bert").u32("bert.block_count", 1).u32("bert.context_length", 512);
  bert.u32("bert.embedding_length", 8).u32("bert.attention.head_count", 2).tensor("t", {8}, std::vector<float>(8));
  const auto model = runner_.inspect(write("e.gguf", bert.finish()));
  ASSERT_TRUE(model);
  EXPECT_EQ(model->mode, WorkerMode::kEmbed);
  EXPECT_EQ(model->model.capabilities, Capabilities{kCanEmbed});
  EXPECT_EQ(model->need.kv, Bytes(0));
  const auto spec = runner_.command(*model, {"/r/x.sock", "/r", std::nullopt});
  EXPECT_THAT(line(*spec), testing::HasSubstr("--embeddings --batch-size 256 --ubatch-size 256 --pooling mean"));
  EXPECT_THAT(runner_.inspect(write("r.gguf", bert.u32("bert.pooling_type", 4).finish())).error().what,
              testing::HasSubstr("reranking"));
}

TEST_F(LlamaTest, PassesOnWhatTheUserAddsAndLimitsTheGpuLayers) {
  const auto path = write("a.gguf", small_llama().finish());
  LlamaRunner::Options options{.program = "/engine/llama-server"};
  options.gpu_layers = 1;
  options.extra_args = {"--threads", "3"};
  const LlamaRunner runner(client_, options);
  const auto spec = runner.command(*runner.inspect(path), {"/run/x.sock", "/run", 0});
  ASSERT_TRUE(spec);
  EXPECT_THAT(line(*spec), testing::EndsWith("-ngl 1 --split-mode none --threads 3"));
}

TEST_F(LlamaTest, TheCommandLineIsTheOneThatKeepsTheLedgerTrue) {
  const auto path = write("a.gguf", small_llama().finish());
  const auto model = runner_.inspect(path);
  const auto spec = runner_.command(*model, {"/run/x.sock", "/run", std::nullopt});
  ASSERT_TRUE(spec);
  EXPECT_EQ(line(*spec),
            "/engine/llama-server --model " + path +
                " --alias local/a --host /run/x.sock --offline --no-ui --fit off --parallel 3 --no-kv-unified "
                "--ctx-size 768 --cache-ram 8 --ctx-checkpoints 0 --jinja --no-mmproj -ngl 0 --device none");
  EXPECT_THAT(spec->environment, testing::Contains(testing::Pair("LLAMA_SERVER_ROUTER_PORT", "1")));
  EXPECT_EQ(spec->read_only, (std::vector<std::string>{path, "/engine"}));
  EXPECT_EQ(spec->read_write, std::vector<std::string>{"/run"});
  const auto on_gpu = runner_.command(*model, {"/run/x.sock", "/run", 1});
  EXPECT_THAT(line(*on_gpu), testing::EndsWith("-ngl 3 --split-mode none"));
  EXPECT_THAT(on_gpu->environment, testing::Contains(testing::Pair("CUDA_VISIBLE_DEVICES", "1")));
}

TEST_F(LlamaTest, AnEngineBehindALinkFindsItsLibraries) {
  const auto path = write("a.gguf", small_llama().finish());
  const std::string folder = fs::canonical(fs::path(path).parent_path()).string();
  fs::create_directories(folder + "/real");
  std::ofstream(folder + "/real/llama-server").put('x');
  fs::create_symlink(folder + "/real/llama-server", folder + "/link");
  const LlamaRunner runner(client_, {.program = folder + "/link"});
  const auto spec = runner.command(*runner.inspect(path), {"/run/x.sock", "/run", std::nullopt});
  ASSERT_TRUE(spec);
  EXPECT_THAT(spec->read_only, testing::IsSupersetOf({folder, folder + "/real"}));
}

TEST(LocalModelId, IsPlainAndKeepsLettersOfEveryScript) {
  EXPECT_EQ(local_model_id("My Model (v2).Q4_K_M.gguf").text, "local/my-model--v2-.q4_k_m");
  EXPECT_EQ(local_model_id("split-00001-of-00002.GGUF").text, "local/split");
  EXPECT_EQ(local_model_id("\xE9\x80\x9A\xE4\xB9\x89 7b.gguf").text, "local/\xE9\x80\x9A\xE4\xB9\x89-7b");
  EXPECT_EQ(local_model_id("\xFF\xFE.gguf").text, "local/--");
}

TEST_F(LlamaTest, AFileThatChangedIsNotStarted) {
  const auto path = write("a.gguf", small_llama().finish());
  const auto model = runner_.inspect(path);
  write("a.gguf", small_llama(3).finish());
  EXPECT_EQ(runner_.command(*model, {"/run/x.sock", "/run", std::nullopt}).error().fault, Fault::kConflict);
  fs::remove(path);
  EXPECT_EQ(runner_.command(*model, {"/run/x.sock", "/run", std::nullopt}).error().fault, Fault::kConflict);
  EXPECT_EQ(LlamaRunner(client_, {}).command(*model, {"/run/x.sock", "/run", std::nullopt}).error().fault,
            Fault::kUnavailable);
}

TEST_F(LlamaTest, ReadsTheProgressProtocol) {
  const auto loading = runner_.progress(
      R"(cmd_child_to_router:state:{"state":"loading","payload":{"stages":["text_model","mmproj"],"current":"mmproj","value":0.5}})");
  ASSERT_TRUE(loading);
  EXPECT_EQ(loading->stage, "mmproj");
  EXPECT_EQ(loading->fraction, 0.75);
  EXPECT_FALSE(loading->ready);
  const auto ready = runner_.progress(R"(cmd_child_to_router:state:{"state":"ready","payload":{"id":"x"}})");
  ASSERT_TRUE(ready);
  EXPECT_TRUE(ready->ready);
  for (const char* line : {"", "0.00.000 I srv", "cmd_child_to_router:state:", "cmd_child_to_router:state:{",
                           "cmd_child_to_router:state:[]", R"(cmd_child_to_router:state:{"state":"loading"})",
                           R"(cmd_child_to_router:state:{"state":"sleeping","payload":{}})"}) {
    EXPECT_FALSE(runner_.progress(line)) << line;
  }
  const auto odd = runner_.progress(
      R"(cmd_child_to_router:state:{"state":"loading","payload":{"stages":[1],"current":5,"value":1e300}})");
  ASSERT_TRUE(odd);
  EXPECT_LE(odd->fraction, 1.0);
}

TEST_F(LlamaTest, ChecksHealthOverItsSocket) {
  boost::asio::io_context loop;
  std::optional<Result<void>> result;
  const auto check = [&](int status) {
    client_.status = status;
    boost::asio::co_spawn(loop.get_executor(), runner_.check({.host = "x", .unix_path = "/x.sock"}, TimePoint::max()),
                          [&](const std::exception_ptr&, Result<void> r) { result = std::move(r); });
    loop.restart();
    loop.run();
    return result->has_value();
  };
  EXPECT_TRUE(check(200));
  EXPECT_EQ(client_.asked, "GET /health /x.sock alone");
  EXPECT_FALSE(check(503));
}

TEST_F(LlamaTest, ScanFindsModelsInFoldersAndSaysWhatIsWrong) {
  write("b.gguf", small_llama().finish());
  write("deep/er/a.gguf", small_llama().finish());
  write("notes.txt", "x");
  write("bad.gguf", "GGUFgarbage");
  write("other/B.gguf", small_llama().finish());
  const auto found = scan();
  EXPECT_EQ(ids(), (std::vector<std::string>{"local/a", "local/b"}));
  ASSERT_EQ(found.findings.size(), 2U);
  EXPECT_EQ(found.findings[0].file, "bad.gguf");
  EXPECT_EQ(found.findings[1].file, "other/B.gguf");
  EXPECT_THAT(found.findings[1].what, testing::AllOf(testing::HasSubstr("b.gguf"), testing::HasSubstr("Rename")));
}

TEST_F(LlamaTest, ScanFollowsNoLinkOutAndOpensNoFifo) {
  const auto inside = write("real.gguf", small_llama().finish());
  const std::string outside = folder_ + "-outside.gguf";
  std::ofstream(outside, std::ios::binary) << small_llama().finish();
  fs::create_symlink(outside, fs::path(folder_) / "out.gguf");
  fs::create_symlink(inside, fs::path(folder_) / "in.gguf");
  fs::create_symlink("/no/where", fs::path(folder_) / "dead.gguf");
  fs::create_directory_symlink("/", fs::path(folder_) / "root");
  ASSERT_EQ(::mkfifo((folder_ + "/pipe.gguf").c_str(), 0600), 0);
  const auto found = scan();
  EXPECT_EQ(ids(), (std::vector<std::string>{"local/in", "local/real"}));
  EXPECT_EQ(found.findings.size(), 3U);
  fs::remove(outside);
}

TEST_F(LlamaTest, ScanJoinsTheSplitPartsOfAModel) {
  const auto part = [](std::uint32_t number, std::uint32_t count) {
    auto writer = number == 0
                      ? small_llama()
                      : GgufWriter().text("general.architecture", "llama").tensor("more", {8}, std::vector<float>(8));
    return writer.u32("split.no", number).u32("split.count", count).finish();
  };
  write("m-00001-of-00002.gguf", part(0, 2));
  EXPECT_THAT(scan().findings.at(0).what, testing::HasSubstr("m-00002-of-00002.gguf"));
  write("m-00002-of-00002.gguf", part(1, 2));
  const auto found = scan();
  EXPECT_TRUE(found.findings.empty());
  ASSERT_EQ(found.models.size(), 1U);
  EXPECT_EQ(found.models[0].model.id.text, "local/m");
  EXPECT_EQ(found.models[0].files.size(), 2U);
  EXPECT_EQ(found.models[0].need.weights, Bytes(1024 + 32));
}

TEST_F(LlamaTest, AProjectorBesideItsModelGivesItEyes) {
  write("v/model.gguf", small_llama().finish());
  auto clip = GgufWriter()
                  .text("general.architecture", "clip")
                  .flag("clip.has_vision_encoder", true)
                  .tensor("v", {8}, std::vector<float>(8));
  const auto projector = write("v/mmproj-model.gguf", clip.finish());
  const auto found = scan();
  ASSERT_EQ(found.models.size(), 1U);
  EXPECT_TRUE(found.findings.empty());
  EXPECT_EQ(found.models[0].projector, projector);
  EXPECT_NE(found.models[0].model.capabilities & kCanSeeImages, 0U);
  EXPECT_THAT(line(*runner_.command(found.models[0], {"/r/x.sock", "/r", std::nullopt})),
              testing::HasSubstr("--mmproj " + projector));
  write("v/second.gguf", small_llama().finish());
  for (const auto& model : scan().models) EXPECT_EQ(model.projector, "") << "whose it is would be a guess";
}

TEST_F(LlamaTest, AnUnchangedFileIsNotReadAgain) {
  FakeRunner fake;
  const auto path = write("a.gguf", "x");
  LocalModel known;
  known.model.id = ModelId{"local/a"};
  known.files = {stamp_file(path).value()};
  EXPECT_EQ(scan_models(folder_, fake, {known}).models.size(), 1U);
  write("a.gguf", "changed");
  EXPECT_EQ(scan_models(folder_, fake, {known}).findings.size(), 1U);
  EXPECT_TRUE(scan_models(folder_ + "/none", fake).models.empty());
}

struct RealRunner {
  LocalModel model() const {
    LocalModel model;
    model.files = {stamp_file("/proc/self/exe").value()};
    return model;
  }
  OneAnswer client;
  LlamaRunner runner{client, {.program = "/engine/llama-server"}};
};
struct FakedRunner {
  LocalModel model() const { return {}; }
  FakeRunner runner;
};
using Runners = testing::Types<RealRunner, FakedRunner>;
INSTANTIATE_TYPED_TEST_SUITE_P(Every, RunnerContract, Runners);

}  // namespace
}  // namespace orchestra
