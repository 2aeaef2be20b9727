#include "settings/providers.h"

#include <gmock/gmock.h>

#include "settings/fake_folder.h"

namespace orchestra::settings {
namespace {

using testing::HasSubstr;

class ProviderRowsTest : public testing::Test {
 protected:
  std::expected<Settings, Problems> from(std::string_view yaml, Variables variables = {}) {
    LoadOptions options = folder_.options();
    options.config = folder_.write("orchestra.yaml", yaml);
    options.environment = std::move(variables);
    return load(options);
  }
  Provider provider(std::string_view name, std::string_view yaml, Variables variables = {}) {
    const auto loaded = from(yaml, std::move(variables));
    if (!loaded) {
      ADD_FAILURE() << text(loaded.error());
      return {};
    }
    const auto found = std::ranges::find(loaded->providers, name, &Provider::name);
    if (found == loaded->providers.end()) return {};
    return *found;
  }
  std::string problems(std::string_view yaml, Variables variables = {}) {
    const auto loaded = from(yaml, std::move(variables));
    return loaded ? "none" : text(loaded.error());
  }
  FakeFolder folder_;
};

TEST_F(ProviderRowsTest, ShipsTheKnownServices) {
  const auto loaded = from("");
  ASSERT_TRUE(loaded) << text(loaded.error());
  std::vector<std::string> names;
  for (const Provider& one : loaded->providers) names.push_back(one.name);
  EXPECT_THAT(names, testing::ElementsAre("anthropic", "azure", "deepseek", "fireworks", "google", "groq",
                                          "huggingface", "lmstudio", "mistral", "ollama", "openai", "openrouter",
                                          "sglang", "together", "vllm", "xai"));
}

TEST_F(ProviderRowsTest, AKeyEnables) {
  const Provider openai = provider("openai", "", {{"OPENAI_API_KEY", "sk-1"}});
  EXPECT_TRUE(openai.enabled);
  EXPECT_EQ(openai.base_url->text(), "https://api.openai.com/v1");
  EXPECT_TRUE(openai.key.matches("sk-1"));
  const Provider anthropic = provider("anthropic", "", {{"ANTHROPIC_API_KEY", "k"}});
  EXPECT_EQ(anthropic.auth, AuthScheme::kXApiKey);
  EXPECT_EQ(anthropic.headers.at(0).first, "anthropic-version");
  const Provider off = provider("openai", "");
  EXPECT_FALSE(off.enabled);
  EXPECT_EQ(off.why, "No key: set OPENAI_API_KEY.");
}

TEST_F(ProviderRowsTest, GoogleAndHuggingFaceTakeTheNamesThatTheirUsersKnow) {
  for (const char* name : {"GEMINI_API_KEY", "GOOGLE_API_KEY"}) {
    EXPECT_TRUE(provider("google", "", {{name, "k"}}).enabled) << name;
  }
  for (const char* name : {"HF_TOKEN", "HUGGINGFACE_API_KEY"}) {
    EXPECT_TRUE(provider("huggingface", "", {{name, "k"}}).enabled) << name;
  }
  const Provider google = provider("google", "", {{"GOOGLE_BASE_URL", "http://127.0.0.1:9/v1"}});
  EXPECT_EQ(google.base_url->text(), "http://127.0.0.1:9/v1");
  EXPECT_EQ(google.list_prefix, "models/");
  EXPECT_EQ(google.why, "No key: set GEMINI_API_KEY or GOOGLE_API_KEY.");
}

TEST_F(ProviderRowsTest, TheEnvironmentMovesABaseUrl) {
  EXPECT_EQ(provider("openai", "", {{"OPENAI_BASE_URL", "http://127.0.0.1:9/v1/"}}).base_url->text(),
            "http://127.0.0.1:9/v1");
  EXPECT_EQ(provider("openai", "", {{"OPENAI_API_BASE", "http://h"}}).base_url->text(), "http://h");
  EXPECT_EQ(provider("groq", "", {{"GROQ_BASE_URL", "http://h"}}).base_url->host, "h");
  EXPECT_THAT(problems("", {{"GROQ_BASE_URL", "ftp://h"}}),
              HasSubstr("environment: GROQ_BASE_URL: This must be a URL"));
}

TEST_F(ProviderRowsTest, KeylessServicesAreOnOnceTheirUrlIsSet) {
  EXPECT_FALSE(provider("ollama", "").enabled);
  EXPECT_TRUE(provider("ollama", "", {{"OLLAMA_URL", "http://box:11434"}}).enabled);
  EXPECT_TRUE(provider("ollama", "", {{"OLLAMA_BASE_URL", "http://box:11434"}}).enabled);
  const Provider by_port = provider("ollama", "", {{"RESOURCE_PORTS_OLLAMA", "11500"}});
  EXPECT_TRUE(by_port.enabled);
  EXPECT_EQ(by_port.base_url->text(), "http://localhost:11500");
  EXPECT_TRUE(provider("ollama", "providers: [{name: ollama, enabled: true}]").enabled);
  EXPECT_FALSE(provider("ollama", "providers: [{name: ollama, enabled: false}]", {{"OLLAMA_URL", "http://b"}}).enabled);
  EXPECT_THAT(problems("", {{"RESOURCE_PORTS_OLLAMA", "x"}}), HasSubstr("RESOURCE_PORTS_OLLAMA: This must be a port"));
}

TEST_F(ProviderRowsTest, UserRowsChangeShippedOnesKeyByKey) {
  const Provider openai =
      provider("openai", "providers:\n  - name: openai\n    timeouts: {total: 1h}\n    models: [x]\n",
               {{"OPENAI_API_KEY", "k"}});
  EXPECT_TRUE(openai.enabled);
  EXPECT_EQ(openai.base_url->host, "api.openai.com");
  EXPECT_EQ(openai.timeouts.total, std::chrono::hours(1));
  EXPECT_EQ(openai.models, std::vector<std::string>{"x"});
  EXPECT_EQ(openai.key_env, std::vector<std::string>{"OPENAI_API_KEY"});
}

TEST_F(ProviderRowsTest, UserRowsAddServices) {
  const Provider lab = provider("lab-1", "providers: [{name: lab-1, base_url: 'http://gpu:8000/v1'}]");
  EXPECT_TRUE(lab.enabled) << lab.why;
  EXPECT_EQ(lab.key_env, std::vector<std::string>{"LAB_1_API_KEY"});
  const Provider keyed =
      provider("lab", "providers: [{name: lab, base_url: 'http://gpu/v1', key_env: LAB_KEY}]", {{"LAB_KEY", "k"}});
  EXPECT_TRUE(keyed.enabled);
  EXPECT_TRUE(keyed.key.matches("k"));
  EXPECT_FALSE(provider("lab", "providers: [{name: lab, base_url: 'http://gpu/v1', key_env: LAB_KEY}]").enabled);
  EXPECT_EQ(provider("c", "providers: [{name: c, dialect: anthropic, base_url: 'https://h', key: k}]").auth,
            AuthScheme::kXApiKey);
}

TEST_F(ProviderRowsTest, AzureNamesDeployments) {
  const Provider azure =
      provider("azure", "providers: [{name: azure, azure: {deployments: {gpt-4o: prod-4o}}}]",
               {{"AZURE_OPENAI_API_KEY", "k"}, {"AZURE_OPENAI_ENDPOINT", "https://res.openai.azure.com/"}});
  EXPECT_TRUE(azure.enabled) << azure.why;
  EXPECT_EQ(azure.auth, AuthScheme::kApiKey);
  EXPECT_EQ(azure.azure->api_version, "2024-10-21");
  EXPECT_EQ(azure.azure->deployments.at("gpt-4o"), "prod-4o");
  const Provider no_address = provider("azure", "", {{"AZURE_API_KEY", "k"}});
  EXPECT_FALSE(no_address.enabled);
  EXPECT_THAT(no_address.why, HasSubstr("No address: set AZURE_OPENAI_ENDPOINT or AZURE_OPENAI_BASE_URL"));
}

TEST_F(ProviderRowsTest, BadRowsAreLocated) {
  const std::pair<const char*, const char*> cases[] = {
      {"providers:\n  - dialect: openai\n", ":2:5: providers[0].name: A provider needs a name."},
      {"providers:\n  - name: local\n", "'local' is the name of this machine's own models"},
      {"providers:\n  - name: a/b\n", "A provider's name is made of"},
      {"providers: [{name: a, base_url: 'http://h'}, {name: a}]\n", "A provider of this name stands further up"},
      {"providers:\n  - name: x\n    dialect: openapi\n",
       ":3:14: providers[0].dialect: This is not one of the known values. "
       "Did you mean 'openai'? Allowed: openai, anthropic, ollama."},
      {"providers:\n  - name: x\n    base_url: h:80\n", ":3:15: providers[0].base_url: This must be a URL"},
      {"providers: [{name: x, enabled: true}]\n", "providers[0].base_url: This provider has no base_url."},
      {"providers: [{name: openai, enabled: true}]\n",
       "This provider is switched on but has no key: No key: set OPENAI"},
      {"providers: [{name: x, base_url: 'http://h', auht: none}]\n",
       "providers[0].auht: This key is not known. Did you mean 'auth'?"},
      {"providers: [{name: x, base_url: 'http://h', headers: {'a b': c}}]\n", "This is not a valid header name."},
      {"providers: [7]\n", "providers[0]: This must be a mapping"},
      {"providers: {openai: {}}\n", "providers: This must be a list, not a mapping."},
  };
  for (const auto& [yaml, expected] : cases) EXPECT_THAT(problems(yaml), HasSubstr(expected)) << yaml;
}

TEST_F(ProviderRowsTest, AFileBesideTheConfigurationReplacesTheShippedOne) {
  folder_.write("providers.yaml",
                "providers:\n  - name: only\n    base_url: http://h\n    key_optional: true\n    enabled: true\n");
  const auto loaded = from("");
  ASSERT_TRUE(loaded) << text(loaded.error());
  ASSERT_EQ(loaded->providers.size(), 1U);
  EXPECT_TRUE(loaded->providers[0].enabled);
}

}  // namespace
}  // namespace orchestra::settings
