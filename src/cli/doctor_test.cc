#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/doctor_checks.h"
#include "cli/test_fixture.h"
#include "settings/fake_folder.h"

namespace orchestra::cli {
namespace {

using settings::FakeFolder;
using testing::HasSubstr;

// A socket that listens on a free port of 127.0.0.1.
class Listening {
 public:
  Listening() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(fd_, 1), 0);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~Listening() { close(fd_); }
  std::uint16_t port() const { return port_; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

std::string shown(const Findings& findings) {
  std::string out;
  for (const Finding& one : findings) {
    out += fmt::format("{} {}: {} -> {}\n", severity_name(one.severity), one.area, one.what, one.mend);
  }
  return out;
}

TEST(DoctorChecks, ABusyPortIsAProblemUnlessItIsOurs) {
  const Listening listening;
  settings::Settings settings;
  settings.server.host = "127.0.0.1";
  settings.server.port = listening.port();
  Findings findings;
  check_ports(settings, false, findings);
  EXPECT_THAT(shown(findings), HasSubstr(fmt::format("problem ports: Port {} is held by cli_test (process {}).",
                                                     listening.port(), getpid())));
}

TEST(DoctorChecks, DamagedModelsAreNamed) {
  FakeFolder folder;
  settings::Settings settings;
  settings.models.dir = folder.path();
  Findings findings;
  Inspectors inspectors;
  inspectors.model_file = [](const std::string& path) -> Result<std::string> {
    if (path.ends_with("good.gguf")) return "llama";
    return orchestra::fail(Fault::kUnprocessable, "It ends inside its header.");
  };
  check_models(settings, inspectors, findings);
  EXPECT_THAT(shown(findings), HasSubstr("note models: No GGUF file lies in"));
  folder.write("good.gguf", "x");
  folder.write("sub/short.gguf", "x");
  folder.write("note.txt", "no model");
  findings.clear();
  check_models(settings, inspectors, findings);
  const std::string all = shown(findings);
  EXPECT_THAT(all, HasSubstr("sub/short.gguf cannot be used. It ends inside its header. -> Download"));
  EXPECT_THAT(all, HasSubstr("ok models: 1 model file in "));
  settings.models.dir = folder.path() + "/nowhere";
  findings.clear();
  check_models(settings, inspectors, findings);
  EXPECT_THAT(shown(findings), HasSubstr("warning models: The model folder"));
}

TEST(DoctorChecks, ChainsThatNameNobody) {
  settings::Settings settings;
  settings.routes.path = "config/routes.yaml";
  settings.routes.chains[0] = {"quick", "gpt-9", "quik", "gpt-4*", "local/mine"};
  settings.aliases = {{.name = "quick", .chain = {"a"}}};
  Findings findings;
  check_chains(settings, findings);
  ASSERT_EQ(findings.size(), 2U) << shown(findings);
  EXPECT_THAT(shown(findings), HasSubstr("warning chains: config/routes.yaml: chains.simple: 'gpt-9' is no alias"));
  EXPECT_THAT(shown(findings), HasSubstr("Did you mean 'quick'?"));
}

TEST(DoctorChecks, Keys) {
  settings::Settings settings;
  Findings findings;
  check_providers(settings, findings);
  EXPECT_THAT(shown(findings), HasSubstr("No provider is switched on. -> Set a key, for example OPENAI_API_KEY"));
  settings.providers.push_back({.name = "lab",
                                .base_url = settings::BaseUrl{.host = "gpu1", .port = 80},
                                .key = Secret("sk-secret"),
                                .enabled = true});
  settings.providers.push_back({.name = "azure", .key = Secret("sk-x"), .why = "No address: set A or base_url."});
  findings.clear();
  check_providers(settings, findings);
  EXPECT_THAT(shown(findings), HasSubstr("warning keys: 'azure' has a key and is off. -> No address: set A or"));
  EXPECT_THAT(shown(findings), HasSubstr("The key of 'lab' travels unencrypted to http://gpu1."));
  EXPECT_THAT(shown(findings), HasSubstr("Providers switched on: lab."));
  EXPECT_THAT(shown(findings), testing::Not(HasSubstr("sk-secret")));
}

TEST(DoctorChecks, DataFolder) {
  FakeFolder folder;
  settings::Settings settings;
  settings.data_dir = folder.path() + "/not/yet/there";
  Findings findings;
  check_data_dir(settings, findings);
  EXPECT_NE(findings.at(0).severity, Severity::kProblem) << shown(findings);
  settings.data_dir = folder.write("file", "x") + "/data";
  findings.clear();
  check_data_dir(settings, findings);
  EXPECT_EQ(findings.at(0).severity, Severity::kProblem) << shown(findings);
}

TEST(DoctorChecks, Engine) {
  settings::Settings settings;
  Inspectors inspectors;
  inspectors.engine = [](const settings::Settings& given) -> Result<std::string> {
    if (given.llama.path == "/good") return "your own llama-server at /good";
    return orchestra::fail(Fault::kNotFound, "There is none.");
  };
  Findings findings;
  check_engine(settings, inspectors, findings);
  settings.llama.path = "/bad";
  check_engine(settings, inspectors, findings);
  settings.llama.path = "/good";
  check_engine(settings, inspectors, findings);
  EXPECT_EQ(
      shown(findings),
      "warning engine: There is none. -> Run scripts/deps, or name your own llama-server in engines.llama.path.\n"
      "problem engine: There is none. -> Correct engines.llama.path, or remove it to use the one that scripts/deps "
      "builds.\n"
      "ok engine: your own llama-server at /good -> \n");
}

TEST_F(CliTest, DoctorWorksWithTheServerDown) {
  FakeFolder folder;
  const std::string config = folder.write(
      "o.yaml", fmt::format("server: {{port: 1}}\nmodels: {{dir: {0}}}\ndata_dir: {0}/data\n", folder.path()));
  server.answer("GET /health", {.refused = Error{.fault = Fault::kUpstream, .what = "refused", .unsent = true}});
  variables["REDIS_URL"] = "redis://x";
  EXPECT_EQ(run({"doctor", "--config", config}), 0) << console.printed;
  EXPECT_THAT(console.printed, HasSubstr("note     server     No server runs at http://localhost:1."))
      << "where it would";
  EXPECT_THAT(console.printed, HasSubstr("-> Start it with 'ai-orchestra serve'."));
  EXPECT_THAT(console.printed, HasSubstr("REDIS_URL is set but not used yet"));
  EXPECT_THAT(console.printed, HasSubstr("ok       machine    "));
  EXPECT_EQ(run({"doctor", "--config", config, "--json"}), 0);
  EXPECT_GT(find(printed_json(), "findings")->as_array().size(), 6U);
  server.answer("GET /health", 200, R"({"status":"healthy"})");
}

TEST_F(CliTest, DoctorNamesABadConfiguration) {
  FakeFolder folder;
  const std::string config = folder.write("o.yaml", "server:\n  prot: 1\n");
  server.answer("GET /health", 200, R"({"status":"healthy"})");
  EXPECT_EQ(run({"doctor", "--config", config}), 1);
  EXPECT_THAT(console.printed, HasSubstr("o.yaml:2:3: server.prot: This key is not known. Did you mean 'port'?"));
  EXPECT_THAT(console.printed, HasSubstr("The server at http://localhost:8080 is healthy."));
}

TEST_F(CliTest, ConfigCheck) {
  FakeFolder folder;
  const std::string good = folder.write("good.yaml", "log: {level: debug}\n");
  variables["OPENAI_API_KEY"] = "sk-secret";
  EXPECT_EQ(run({"config", "check", good}), 0);
  EXPECT_EQ(console.printed, fmt::format("Valid: {}\n", good));
  EXPECT_EQ(run({"config", "check", "--config", good, "--verbose"}), 0);
  EXPECT_THAT(console.printed, HasSubstr("log.level: debug\n"));
  EXPECT_THAT(console.printed, HasSubstr("providers.openai.key: (set)\n"));
  EXPECT_THAT(console.printed, testing::Not(HasSubstr("sk-secret")));
  const std::string bad = folder.write("bad.yaml", "server:\n  port: x\n  hots: y\n");
  EXPECT_EQ(run({"config", "check", bad}), 2);
  EXPECT_THAT(console.complained, HasSubstr("bad.yaml:2:9: server.port: "));
  EXPECT_THAT(console.complained, HasSubstr("2 problems found"));
  EXPECT_EQ(run({"config", "check", bad, "--format", "json"}), 2);
  const json::value out = printed_json();
  EXPECT_EQ(find_bool(out, "valid"), false);
  EXPECT_EQ(find_int(find(out, "problems")->as_array()[1], "line"), 3);
  EXPECT_EQ(find_string(find(out, "problems")->as_array()[1], "nearest"), "host");
}

}  // namespace
}  // namespace orchestra::cli
