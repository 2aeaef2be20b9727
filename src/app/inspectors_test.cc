#include "app/inspectors.h"

#include <gmock/gmock.h>

namespace orchestra::app {
namespace {

TEST(Inspectors, AnEngineOfTheUsersOwnMustRun) {
  settings::Settings settings;
  for (const char* path : {"/nowhere/llama-server", "/etc/passwd"}) {
    settings.llama.path = path;
    const auto engine = inspectors().engine(settings);
    ASSERT_FALSE(engine) << path;
    EXPECT_EQ(engine.error().what, std::string(path) + " is no program that can be run.");
  }
  settings.llama.path = "/bin/sh";
  EXPECT_EQ(inspectors().engine(settings), "your own llama-server at /bin/sh");
}

TEST(Inspectors, ADamagedModelIsASentence) {
  const auto model = inspectors().model_file("/etc/passwd");
  ASSERT_FALSE(model);
  EXPECT_TRUE(model.error().what.ends_with(".")) << model.error().what;
}

}  // namespace
}  // namespace orchestra::app
