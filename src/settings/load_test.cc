#include "settings/load.h"

#include <gmock/gmock.h>

#include "settings/diff.h"
#include "settings/embedded.h"
#include "settings/fake_folder.h"

namespace orchestra::settings {
namespace {

using testing::HasSubstr;
using testing::Not;

class Load : public testing::Test {
 protected:
  std::expected<Settings, Problems> from(std::string_view yaml, Variables variables = {}, Flags flags = {}) {
    LoadOptions options = folder_.options();
    options.config = folder_.write("orchestra.yaml", yaml);
    options.environment = std::move(variables);
    options.flags = std::move(flags);
    return load(options);
  }
  // The problems' text, without the folder's random name.
  std::string problems(std::string_view yaml, Variables variables = {}, Flags flags = {}) {
    const auto loaded = from(yaml, std::move(variables), std::move(flags));
    if (loaded) return "none";
    std::string out = text(loaded.error());
    for (auto at = out.find(folder_.path() + "/"); at != std::string::npos; at = out.find(folder_.path() + "/")) {
      out.erase(at, folder_.path().size() + 1);
    }
    return out;
  }
  static const Provider& provider(const Settings& settings, std::string_view name) {
    return *std::ranges::find(settings.providers, name, &Provider::name);
  }

  FakeFolder folder_;
};

TEST_F(Load, NothingGivesTheDefaults) {
  const auto loaded = load(folder_.options());
  ASSERT_TRUE(loaded) << text(loaded.error());
  EXPECT_EQ(loaded->server.host, "localhost");
  EXPECT_EQ(loaded->server.port, 8080);
  EXPECT_EQ(loaded->models.dir, "./models");
  EXPECT_EQ(loaded->file, "");
  for (const Provider& one : loaded->providers) EXPECT_FALSE(one.enabled) << one.name;
}

TEST_F(Load, AnEmptyFileIsValid) {
  for (const char* yaml : {"", "\n", "# only a comment\n", "---\n"}) EXPECT_EQ(problems(yaml), "none") << yaml;
}

TEST_F(Load, ANamedFileMustExist) {
  LoadOptions options = folder_.options();
  options.config = folder_.path() + "/missing.yaml";
  const auto loaded = load(options);
  ASSERT_FALSE(loaded);
  EXPECT_THAT(text(loaded.error()), HasSubstr("missing.yaml: There is no such file."));
}

TEST_F(Load, TheExampleIsValidAndShowsTheDefaults) {
  const auto plain = from(embedded_example());
  ASSERT_TRUE(plain) << text(plain.error());
  std::string uncommented;
  std::string_view rest = embedded_example();
  rest.remove_prefix(rest.find("\n\n"));  // The prose.
  for (std::size_t end = 0; !rest.empty(); rest.remove_prefix(end)) {
    end = std::min(rest.find('\n'), rest.size() - 1) + 1;
    const std::string_view line = rest.substr(0, end);
    uncommented += line.starts_with("# ") ? line.substr(2) : line;
  }
  const auto spelled = from(uncommented);
  ASSERT_TRUE(spelled) << text(spelled.error());
  const Changes changes = diff(*plain, *spelled);
  EXPECT_THAT(changes.live, testing::IsEmpty());
  EXPECT_THAT(changes.restart, testing::IsEmpty());
  EXPECT_THAT(uncommented, HasSubstr("\nserver:\n  host: localhost"));
}

TEST_F(Load, UnknownKeyNamesLineColumnAndNearest) {
  EXPECT_THAT(problems("server:\n  host: localhost\n  prot: 81\n"),
              HasSubstr("orchestra.yaml:3:3: server.prot: This key is not known. Did you mean 'port'? Allowed: "));
  EXPECT_THAT(problems("severs: {}\n"),
              HasSubstr("orchestra.yaml:1:1: severs: This key is not known. Did you mean 'server'?"));
}

TEST_F(Load, AllProblemsAreFoundAtOnce) {
  const auto loaded =
      from("server: {port: 0, threads: x}\nlog: {level: loud}\njournal: {durability: none}\nbogus: 1\n");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().size(), 5U) << text(loaded.error());
}

TEST_F(Load, ValuesAreChecked) {
  const std::pair<const char*, const char*> cases[] = {
      {"server:\n  port: 70000\n", "orchestra.yaml:2:9: server.port: This must be a whole number from 1 to 65535."},
      {"server:\n  port: 8o\n", "orchestra.yaml:2:9: server.port: This must be a whole number"},
      {"server:\n  port: [1]\n", "orchestra.yaml:2:9: server.port: This must be a single value, not a list."},
      {"server: 5\n", "orchestra.yaml:1:9: server: This must be a mapping of keys to values, not a single value."},
      {"gpu:\n  use: maybe\n", "orchestra.yaml:2:8: gpu.use: This must be true or false. Allowed: true, false."},
      {"log:\n  level: warnin\n",
       "orchestra.yaml:2:10: log.level: This is not one of the known values. Did you mean "
       "'warning'? Allowed: debug, info, warning, error."},
      {"server:\n  drain_limit: 5 bananas\n", "orchestra.yaml:2:16: server.drain_limit: This must be a duration"},
      {"server:\n  drain_limit: 48h\n", "server.drain_limit: This must be from 0s to 24h."},
      {"memory:\n  limit: 5XB\n", "orchestra.yaml:2:10: memory.limit: This must be a size"},
      {"server:\n  limits: {body: 1B}\n", "server.limits.body: This must be from 1KiB to 4GiB."},
      {"models:\n  pinned: {a: b}\n", "models.pinned: This must be a list, not a mapping."},
      {"server:\n  tls: {cert: a.pem}\n", "server.tls: TLS needs both 'cert' and 'key'"},
      {"server:\n  tls:\n    cert: /none.pem\n    key: /none.key\n",
       "orchestra.yaml:3:11: server.tls.cert: There is no file /none.pem."},
      {"server:\n  cors: {origins: [app.example.com]}\n", "server.cors.origins: An origin is a scheme and a host"},
      {"server:\n  host: example.com\n", "orchestra.yaml:2:9: server.host: This must be localhost, an IPv4 address"},
      {"server:\n  listeners: [{surface: '001'}]\n", "server.listeners[0].port: A listener needs a port."},
      {"server:\n  listeners: [{port: 8000, surface: '009'}]\n", "server.listeners[0].surface: This is not one of"},
      {"server:\n  listeners:\n    - port: 8080\n",
       "orchestra.yaml:3:13: server.listeners[0].port: Port 8080 is taken"},
      {"auth:\n  api_keys: [{name: a, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}]\n",
       "auth.api_keys[0].sha256: This is the SHA-256 of an empty key"},
      {"auth:\n  api_keys: [{name: a, sha256: abc}]\n", "auth.api_keys[0].sha256: This must be the SHA-256 of the key"},
      {"engines: {llama: {path: /none}}\n", "orchestra.yaml:1:25: engines.llama.path: There is no file /none."},
      {"engines: {apertium: {data: /none}}\n",
       "orchestra.yaml:1:28: engines.apertium.data: There is no folder /none/modes."},
      {"routing: {hedge_budget_percent: 200}\n", "routing.hedge_budget_percent"},
      {"hybrid_policy_file: /none.yaml\n", "/none.yaml: There is no such file."},
      {"engines: {llama: {extra_args: [--host, 0.0.0.0]}}\n", "The flag '--host' is not among those"},
      {"engines: {llama: {extra_args: [--thread, '8']}}\n", "Did you mean '--threads'?"},
      {"aliases: {a: b, b: [c, a]}\n", "aliases.a: This chain of aliases leads back into itself: a -> b -> a."},
      {"aliases: {auto: [x, smart], smart: [auto]}\n",
       "aliases.auto: This chain of aliases leads back into itself: auto -> smart -> auto."},
      {"aliases: {a: []}\n", "aliases.a: An alias needs at least one model name."},
      {"server: {limits: {body: 1GiB, buffered_bodies: 64MiB}}\n", "One body may not be larger"},
      {"prices: nowhere.yaml\n", "nowhere.yaml: There is no such file."},
  };
  for (const auto& [yaml, expected] : cases) EXPECT_THAT(problems(yaml), HasSubstr(expected)) << yaml;
}

TEST_F(Load, BadYamlIsLocated) {
  EXPECT_THAT(problems("server:\n  host: [a\n"), HasSubstr("orchestra.yaml:3:1: This is not valid YAML"));
  EXPECT_THAT(problems("a: &x [*x]\n"), HasSubstr("orchestra.yaml"));
  EXPECT_THAT(problems("log: {level: info}\nlog: {level: debug}\n"),
              HasSubstr("orchestra.yaml:2:1: log: This key stands here twice; the first is in line 1."));
  EXPECT_THAT(problems("---\na: 1\n---\nb: 1\n"), HasSubstr("more than one YAML document"));
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 9; ++i) {
    bomb += fmt::format("a{0}: &a{0} [*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1}]\n", i, i - 1);
  }
  EXPECT_THAT(problems(bomb), HasSubstr("expands to too many values"));
}

TEST_F(Load, ReadsEverything) {
  const auto loaded = from(R"(
server:
  host: 127.0.0.1
  port: 9000
  threads: 3
  listeners: [{port: 8000, surface: 001}]
  limits: {body: 1MiB, connections: 7}
  timeouts: {keep_alive: 5s}
  allowed_hosts: [ai.example.com]
  cors: {origins: "https://app.example.com"}
listeners: [{port: 8008, surface: 000, host: "::1"}]
auth:
  api_keys:
    - {name: ci, sha256: 9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08, admin: yes}
models: {dir: /srv/models, keep_alive: never, parallel: 4, context: 4096, pinned: [a], load_on_start: b, default: c}
engines: {llama: {path: /bin/sh, gpu_layers: 20, extra_args: [--threads, "8", --rope-freq-scale, "-0.5"]}}
memory: {limit: 12GiB}
gpu: {use: off, limit: 8GiB}
aliases: {fast: [groq/x, local/y], one: openai/z}
routing: {timeouts: {connect: 250ms}, max_attempts: 5, retry_budget_percent: 20, hedge_after: 800ms, hedge_budget_percent: 3,
          breaker: {failures: 4, reset: 20s}}
learning: {outcomes: 0, refit_every: 30m}
journal: {durability: power, segment: 1MiB}
log: {level: warning, folder: logs, keep_days: 3}
data_dir: /var/lib/orchestra
environment: production
)");
  ASSERT_TRUE(loaded) << text(loaded.error());
  EXPECT_EQ(loaded->server.listeners, (std::vector<Listener>{{"127.0.0.1", 8000, "001"}, {"::1", 8008, "000"}}));
  EXPECT_EQ(loaded->server.limits.body, mebibytes(1));
  EXPECT_EQ(loaded->server.timeouts.keep_alive, Micros(5'000'000));
  EXPECT_EQ(loaded->server.cors_origins, std::vector<std::string>{"https://app.example.com"});
  EXPECT_EQ(loaded->auth.api_keys.at(0).sha256.substr(0, 4), "9f86");
  EXPECT_TRUE(loaded->auth.api_keys.at(0).admin);
  EXPECT_EQ(loaded->models.keep_alive, Micros::max());
  EXPECT_EQ(loaded->models.load_on_start, std::vector<std::string>{"b"});
  EXPECT_EQ(loaded->llama.gpu_layers, 20);
  EXPECT_EQ(loaded->llama.extra_args.size(), 4U);
  EXPECT_EQ(loaded->memory_limit, mebibytes(12 * 1024));
  EXPECT_FALSE(loaded->gpu.use);
  EXPECT_EQ(loaded->aliases.at(0).chain, (std::vector<std::string>{"groq/x", "local/y"}));
  EXPECT_EQ(loaded->routing.timeouts.connect, Micros(250'000));
  EXPECT_EQ(loaded->routing.breaker.failures, 4);
  EXPECT_EQ(loaded->learning.outcomes, 0);
  EXPECT_EQ(loaded->learning.refit_every, std::chrono::minutes(30));
  EXPECT_EQ(loaded->routing.hedge_after, Micros(800'000));
  EXPECT_EQ(loaded->routing.hedge_budget_percent, 3);
  EXPECT_EQ(loaded->journal.durability, Durability::kPower);
  EXPECT_EQ(loaded->log.level, log::Level::kWarning);
  EXPECT_EQ(loaded->environment, Environment::kProduction);
  EXPECT_EQ(provider(*loaded, "openai").timeouts.connect, Micros(250'000));
}

TEST_F(Load, TheEnvironmentWinsOverTheFile) {
  const auto loaded =
      from("server: {port: 1234}\nmodels: {dir: a}\nlog: {level: error}\n", {{"MODEL_DIR", "b"},
                                                                             {"USE_GPU", "False"},
                                                                             {"GPU_MEMORY_LIMIT", "2048"},
                                                                             {"LOG_LEVEL", "DEBUG"},
                                                                             {"ENVIRONMENT", "Production"},
                                                                             {"ORCHESTRATOR_HOST", "127.0.0.1"},
                                                                             {"API_PORT", "9999"},
                                                                             {"ORCHESTRA_API_KEY", "sesame"}});
  ASSERT_TRUE(loaded) << text(loaded.error());
  EXPECT_EQ(loaded->models.dir, "b");
  EXPECT_FALSE(loaded->gpu.use);
  EXPECT_EQ(loaded->gpu.limit, mebibytes(2048));
  EXPECT_EQ(loaded->log.level, log::Level::kDebug);
  EXPECT_EQ(loaded->environment, Environment::kProduction);
  EXPECT_EQ(loaded->server.host, "127.0.0.1");
  EXPECT_EQ(loaded->server.port, 9999);
  EXPECT_TRUE(loaded->auth.api_key.matches("sesame"));
}

TEST_F(Load, DebugSetsTheLogLevelUnlessItIsNamed) {
  EXPECT_EQ(from("", {{"ORCHESTRATOR_DEBUG", "true"}})->log.level, log::Level::kDebug);
  EXPECT_EQ(from("", {{"ORCHESTRATOR_DEBUG", "1"}, {"LOG_LEVEL", "warning"}})->log.level, log::Level::kWarning);
}

TEST_F(Load, BadVariablesAreNamed) {
  EXPECT_THAT(problems("", {{"API_PORT", "80a"}}), HasSubstr("environment: API_PORT: This must be a port"));
  EXPECT_THAT(problems("", {{"LOG_LEVEL", "warnig"}}), HasSubstr("environment: LOG_LEVEL: This is not one of the known "
                                                                 "values. Did you mean 'warning'?"));
  EXPECT_THAT(problems("", {{"ENVIRONMENT", "prod"}}),
              HasSubstr("Allowed: development, testing, staging, production."));
  EXPECT_THAT(problems("", {{"USE_GPU", "perhaps"}}), HasSubstr("environment: USE_GPU: This must be true or false."));
  EXPECT_THAT(problems("", {{"GPU_MEMORY_LIMIT", "8GB"}}),
              HasSubstr("GPU_MEMORY_LIMIT: This must be a whole number of"));
  EXPECT_EQ(problems("", {{"API_PORT", ""}}), "none") << "an empty variable is not set";
}

TEST_F(Load, FlagsWinOverAll) {
  const auto loaded = from("data_dir: x\n", {{"API_PORT", "9"}, {"ORCHESTRATOR_HOST", "0.0.0.0"}},
                           {.host = "::1", .port = 7, .data_dir = "y"});
  ASSERT_TRUE(loaded) << text(loaded.error());
  EXPECT_EQ(loaded->server.host, "::1");
  EXPECT_EQ(loaded->server.port, 7);
  EXPECT_EQ(loaded->data_dir, "y");
  EXPECT_THAT(problems("", {}, {.port = 65536}), HasSubstr("command line: --port: This must be a port"));
  EXPECT_EQ(from("", {}, {.port = 0})->server.port, 0) << "any free port";
}

TEST_F(Load, ReadmePortsOpenTheReadmesSurfaces) {
  const auto loaded = from("server: {listeners: [{port: 8001}]}\n", {}, {.readme_ports = true});
  ASSERT_TRUE(loaded) << text(loaded.error());
  EXPECT_EQ(loaded->server.listeners, (std::vector<Listener>{{"localhost", 8001, ""},
                                                             {"localhost", 8000, "001"},
                                                             {"localhost", 8002, "004"},
                                                             {"localhost", 8008, "000"}}));
}

TEST_F(Load, AnOpenAddressNeedsAKey) {
  EXPECT_THAT(problems("server:\n  host: 0.0.0.0\n"),
              testing::AllOf(HasSubstr("orchestra.yaml:2:9: server.host: Listening on 0.0.0.0"),
                             HasSubstr("export ORCHESTRA_API_KEY=")));
  EXPECT_THAT(problems("", {{"ORCHESTRATOR_HOST", "192.168.1.5"}}),
              HasSubstr("environment: server.host: Listening on"));
  EXPECT_THAT(problems("", {}, {.host = "::"}), HasSubstr("command line: server.host: Listening on ::"));
  EXPECT_THAT(problems("listeners: [{host: 10.0.0.1, port: 81}]\n"), HasSubstr("Listening on 10.0.0.1"));
  EXPECT_EQ(problems("server: {host: 0.0.0.0}\n", {{"ORCHESTRA_API_KEY", "k"}}), "none");
  for (const char* host : {"localhost", "127.0.0.1", "127.8.8.8", "::1"}) {
    EXPECT_EQ(problems(fmt::format("server: {{host: '{}'}}\n", host)), "none") << host;
  }
}

TEST_F(Load, EnvFileFillsGapsOnly) {
  folder_.write(".env", "MODEL_DIR=from-file\nAPI_PORT=81\nOPENAI_API_KEY=sk-from-file\n");
  const auto loaded = from("", {{"MODEL_DIR", "from-environment"}});
  ASSERT_TRUE(loaded) << text(loaded.error());
  EXPECT_EQ(loaded->models.dir, "from-environment");
  EXPECT_EQ(loaded->server.port, 81);
  EXPECT_TRUE(provider(*loaded, "openai").key.matches("sk-from-file"));
  folder_.write(".env", "API_PORT=x\nbroken line with sk-secret\n");
  EXPECT_THAT(problems(""),
              testing::AllOf(HasSubstr(".env:1: API_PORT: This must be a port"),
                             HasSubstr(".env:2: A line must read NAME=value"), Not(HasSubstr("sk-secret"))));
}

TEST_F(Load, TextsMayHoldVariables) {
  const auto loaded =
      from("data_dir: ${HOME}/x\nmodels: {dir: '${NOPE:/srv}/m', default: '${NOPE:-auto}'}\n", {{"HOME", "/home/ada"}});
  ASSERT_TRUE(loaded) << text(loaded.error());
  EXPECT_EQ(loaded->data_dir, "/home/ada/x");
  EXPECT_EQ(loaded->models.dir, "/srv/m");
  EXPECT_EQ(loaded->models.default_model, "auto");
  EXPECT_THAT(problems("data_dir: ${NOPE}\n"),
              HasSubstr("orchestra.yaml:1:11: data_dir: The variable NOPE is not set"));
  EXPECT_THAT(problems("data_dir: ${NOPE\n"), HasSubstr("'${' has no closing '}'"));
}

TEST_F(Load, UnusedVariablesAreReported) {
  const auto loaded =
      from("", {{"REDIS_URL", "redis://x"}, {"JWT_SECRET", "s3cret"}, {"PATH", "/bin"}, {"UI_PORT", ""}});
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->unused.size(), 2U);
  EXPECT_EQ(loaded->unused[0].name, "REDIS_URL");
  EXPECT_EQ(loaded->unused[1].name, "JWT_SECRET");
}

TEST_F(Load, NoProblemShowsASecret) {
  const std::string all = problems(
      "providers:\n"
      "  - {name: a, key: sk-one, dialect: opnai, base_url: 'http://u:sk-two@h', headers: {x: \"sk-three\\n\"}}\n"
      "  - {name: b, key: [sk-four]}\n"
      "  - {name: c, key: {sk-five: sk-six}}\n"
      "server: {port: '${KEY}', host: '${KEY}', drain_limit: '${KEY}'}\n"
      "log: {level: '${KEY}'}\n",
      {{"KEY", "sk-seven"}, {"MISTRAL_API_KEY", "sk-\neight"}, {"GROQ_BASE_URL", "sk-nine"}});
  EXPECT_NE(all, "none");
  EXPECT_THAT(all, Not(HasSubstr("sk-")));
  EXPECT_THAT(all, HasSubstr("environment: MISTRAL_API_KEY: A key holds visible ASCII characters only"));
}

}  // namespace
}  // namespace orchestra::settings
