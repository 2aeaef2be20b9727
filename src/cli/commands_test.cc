#include "cli/commands.h"

#include "cli/test_fixture.h"
#include "cli/version.h"

namespace orchestra::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(CliTest, NothingShowsTheHelp) {
  EXPECT_EQ(run({}), 0);
  EXPECT_THAT(console.printed, HasSubstr("Start here:"));
  for (const char* name : {"serve", "query", "chat", "models", "ps", "load", "unload", "health", "resources", "usage",
                           "explain", "doctor", "config", "version", "completion"}) {
    EXPECT_THAT(console.printed, HasSubstr(fmt::format("\n  {} ", name))) << name;
  }
}

TEST_F(CliTest, EveryCommandHasHelpWithExamples) {
  for (const char* name : {"serve", "query", "chat", "models", "ps", "load", "unload", "health", "resources", "usage",
                           "explain", "doctor", "config", "version", "completion"}) {
    EXPECT_EQ(run({name, "--help"}), 0) << name;
    EXPECT_THAT(console.printed, HasSubstr(fmt::format("Usage: ai-orchestra {}", name)));
    EXPECT_THAT(console.printed, HasSubstr("Examples:\n  ")) << name;
    EXPECT_THAT(console.complained, IsEmpty());
  }
  EXPECT_EQ(run({"help"}), 0);
  EXPECT_EQ(run({"config", "check", "-h"}), 0);
  EXPECT_THAT(console.printed, HasSubstr("--verbose"));
}

TEST_F(CliTest, MisspeltWordsGetASuggestion) {
  EXPECT_EQ(run({"modles"}), 2);
  EXPECT_THAT(console.complained, HasSubstr("'modles' is no command of 'ai-orchestra'. Did you mean 'models'?"));
  EXPECT_EQ(run({"query", "-p", "x", "--modle", "y"}), 2);
  EXPECT_THAT(console.complained, HasSubstr("'--modle' is no option of 'ai-orchestra query'. Did you mean '--model'?"));
  EXPECT_EQ(run({"config", "chekc"}), 2);
  EXPECT_THAT(console.complained, HasSubstr("Did you mean 'check'?"));
  EXPECT_EQ(run({"config"}), 2);
}

TEST_F(CliTest, WrongUsageIsTwoAlsoInJson) {
  EXPECT_EQ(run({"query"}), 2);
  EXPECT_THAT(console.complained, HasSubstr("is required. Try"));
  EXPECT_EQ(run({"query", "--format", "json"}), 2);
  EXPECT_EQ(find_string(*find(printed_json(), "error"), "code"), "usage");
  EXPECT_EQ(run({"nonsense", "--json"}), 2);
  printed_json();
  EXPECT_EQ(run({"usage", "--since", "soon"}), 2);
  EXPECT_EQ(run({"usage", "--by", "moon"}), 2);
  EXPECT_EQ(run({"query", "-p", "x", "--temperature", "9"}), 2);
  EXPECT_EQ(run({"models", "--format", "xml"}), 2);
  EXPECT_EQ(run({"health", "--url", "nonsense"}), 2);
  EXPECT_THAT(console.complained, HasSubstr("--url: This must be a URL"));
  EXPECT_THAT(server.sent(), IsEmpty());
}

TEST_F(CliTest, ServeHandsItsOptionsOver) {
  serve_code = 7;
  EXPECT_EQ(run({"serve", "-c", "o.yaml", "-p", "9", "-d", "data", "--host", "::1", "--readme-ports"}), 7);
  ASSERT_TRUE(served);
  EXPECT_EQ(served->config, "o.yaml");
  EXPECT_EQ(served->flags.port, 9);
  EXPECT_EQ(served->flags.data_dir, "data");
  EXPECT_EQ(served->flags.host, "::1");
  EXPECT_TRUE(served->flags.readme_ports);
  EXPECT_EQ(run({"serve"}), 7);
  EXPECT_EQ(served->config, std::nullopt);
  EXPECT_EQ(run({"serve", "--port", "http"}), 2);
}

TEST_F(CliTest, FindsTheServer) {
  server.answer("GET /health", 200, "{}");
  server.answer("GET /api/v1/health", 200, R"({"status":"healthy"})");
  const auto endpoint = [&](std::vector<std::string> more) {
    more.insert(more.begin(), "health");
    EXPECT_EQ(run(more), 0) << console.complained;
    return server.sent().back().endpoint;
  };
  EXPECT_EQ(endpoint({}), (Endpoint{.host = "localhost", .port = 8080}));
  variables = {{"ORCHESTRATOR_HOST", "box"}, {"API_PORT", "81"}};
  EXPECT_EQ(endpoint({}), (Endpoint{.host = "box", .port = 81}));
  variables["ORCHESTRATOR_HOST"] = "0.0.0.0";
  EXPECT_EQ(endpoint({}), (Endpoint{.host = "localhost", .port = 81}));
  variables["ORCHESTRATOR_HOST"] = "::1";
  EXPECT_EQ(endpoint({}), (Endpoint{.host = "::1", .port = 81}));
  variables["ORCHESTRA_URL"] = "https://ai.example.com";
  EXPECT_EQ(endpoint({}), (Endpoint{.tls = true, .host = "ai.example.com", .port = 443}));
  EXPECT_EQ(endpoint({"--url", "http://h:7"}), (Endpoint{.host = "h", .port = 7}));
  EXPECT_EQ(server.sent().back().fields.find("authorization"), std::nullopt);
  variables["ORCHESTRA_API_KEY"] = "k1";
  endpoint({});
  EXPECT_EQ(server.sent().back().fields.find("authorization"), "Bearer k1");
  endpoint({"--api-key", "k2"});
  EXPECT_EQ(server.sent().back().fields.find("authorization"), "Bearer k2");
}

TEST_F(CliTest, SharedOptionsMayStandBeforeTheCommand) {
  server.answer("GET /v1/models", 200, R"({"data":[]})");
  EXPECT_EQ(run({"--url", "http://h:7", "--format", "json", "models"}), 0) << console.complained;
  EXPECT_EQ(server.sent().back().endpoint, (Endpoint{.host = "h", .port = 7}));
  EXPECT_EQ(find_int(printed_json(), "total"), 0);
}

TEST_F(CliTest, SettingsAreLoadedFromTheProcessesVariablesOnly) {
  environment.emplace()["LOG_LEVEL"] = "debug";
  variables = {{"LOG_LEVEL", "debug"}, {"API_PORT", "from .env, which `load` reads itself"}};
  EXPECT_EQ(run({"serve"}), 0);
  EXPECT_EQ(served->environment, *environment);
  EXPECT_EQ(run({"config", "check"}), 0) << console.complained;
}

TEST_F(CliTest, AnAbsentServerSaysHowToStartIt) {
  server.answer("GET /v1/models",
                {.refused = Error{.fault = Fault::kUpstream, .what = "Connection refused", .unsent = true}});
  EXPECT_EQ(run({"models"}), 1);
  EXPECT_THAT(console.complained, HasSubstr("No server answers at http://localhost:8080. Start one "
                                            "with 'ai-orchestra serve'"));
  EXPECT_THAT(console.printed, IsEmpty());
  EXPECT_EQ(run({"models", "--json"}), 1);
  EXPECT_EQ(find_string(*find(printed_json(), "error"), "code"), "server_unreachable");
  EXPECT_THAT(console.complained, IsEmpty());
}

TEST_F(CliTest, ErrorsOfTheServerKeepMessageAndCode) {
  server.answer("GET /api/ps", 401, R"({"error":{"message":"No key.","code":"unauthenticated"}})");
  EXPECT_EQ(run({"ps"}), 1);
  EXPECT_THAT(console.complained, HasSubstr("No key. Give a key with --api-key"));
  server.answer("GET /api/v1/decisions/x", 404, R"({"detail":"No such request.","code":"request_not_found"})");
  EXPECT_EQ(run({"explain", "x", "--json"}), 1);
  EXPECT_EQ(find_string(*find(printed_json(), "error"), "code"), "request_not_found");
  server.answer("GET /v1/models", 200, "<html>");
  EXPECT_EQ(run({"models"}), 1);
  EXPECT_THAT(console.complained, HasSubstr("is no AI Orchestra"));
}

TEST_F(CliTest, VersionIsTheSameEverywhere) {
  EXPECT_EQ(run({"version"}), 0);
  EXPECT_EQ(console.printed, fmt::format("ai-orchestra {} (engine: {})\n", kVersion, kEngineRelease));
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_THAT(console.printed, HasSubstr(std::string(kVersion)));
  EXPECT_EQ(run({"version", "--json"}), 0);
  EXPECT_EQ(find_string(printed_json(), "version"), kVersion);
}

}  // namespace
}  // namespace orchestra::cli
