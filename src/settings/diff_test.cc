#include "settings/diff.h"

#include <gmock/gmock.h>

#include "settings/fake_folder.h"

namespace orchestra::settings {
namespace {

Settings from(std::string_view yaml, Variables variables = {}) {
  FakeFolder folder;
  LoadOptions options = folder.options();
  options.config = folder.write("orchestra.yaml", yaml);
  options.environment = std::move(variables);
  auto loaded = load(options);
  EXPECT_TRUE(loaded) << text(loaded.error());
  Settings settings = loaded ? *loaded : Settings{};
  settings.prices.path = "built-in";  // The folder's name differs between two calls.
  return settings;
}

TEST(Diff, NothingChanged) {
  const Changes changes = diff(from("log: {level: info}"), from(""));
  EXPECT_THAT(changes.live, testing::IsEmpty());
  EXPECT_THAT(changes.restart, testing::IsEmpty());
}

TEST(Diff, TellsLiveFromRestart) {
  const Changes changes =
      diff(from("server: {port: 1}\naliases: {a: b}\n", {{"OPENAI_API_KEY", "one"}}),
           from("server: {port: 2}\naliases: {c: d}\nlog: {level: debug}\nmodels: {context: 1, dir: m}\n",
                {{"OPENAI_API_KEY", "two"}}));
  EXPECT_THAT(changes.live,
              testing::ElementsAre("aliases.a", "aliases.c", "log.level", "models.dir", "providers.openai.key"));
  EXPECT_THAT(changes.restart, testing::ElementsAre("models.context", "server.port"));
}

TEST(Effective, HidesSecrets) {
  const Settings settings = from("providers: [{name: x, base_url: 'http://h', headers: {a: sk-header}}]",
                                 {{"OPENAI_API_KEY", "sk-env"}, {"ORCHESTRA_API_KEY", "sk-own"}});
  std::string all;
  for (const EffectiveKey& one : effective(settings)) all += one.key + ": " + one.value + "\n";
  EXPECT_THAT(all, testing::HasSubstr("providers.openai.key: (set)\n"));
  EXPECT_THAT(all, testing::HasSubstr("server.port: 8080\n"));
  EXPECT_THAT(all, testing::HasSubstr("providers.anthropic.auth: x-api-key\n"));
  EXPECT_THAT(all, testing::Not(testing::HasSubstr("sk-")));
}

}  // namespace
}  // namespace orchestra::settings
