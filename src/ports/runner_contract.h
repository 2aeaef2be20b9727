// What every Runner promises, as a typed test. A subject is a struct with a member `runner` and a
// function `model()` that gives one it would start.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "ports/runner.h"

namespace orchestra {

template <class Subject>
class RunnerContract : public testing::Test {
 protected:
  Subject subject_;
};
TYPED_TEST_SUITE_P(RunnerContract);

TYPED_TEST_P(RunnerContract, WhatIsNoModelIsUnprocessable) {
  for (const char* path : {"/no/such/file.gguf", "/dev/null", "/"}) {
    const auto model = this->subject_.runner.inspect(path);
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().fault, Fault::kUnprocessable);
    EXPECT_FALSE(model.error().what.empty());
    EXPECT_EQ(model.error().what.find(path), std::string::npos) << "a caller may see it";
  }
}

TYPED_TEST_P(RunnerContract, ACommandNamesProgramSocketAndCleanUp) {
  const LocalModel model = this->subject_.model();
  const auto spec = this->subject_.runner.command(model, {.socket_path = "/run/x.sock", .run_folder = "/run"});
  ASSERT_TRUE(spec) << spec.error().what;
  ASSERT_FALSE(spec->argv.empty());
  EXPECT_TRUE(spec->argv.front().starts_with('/'));
  EXPECT_NE(std::find(spec->argv.begin(), spec->argv.end(), "/run/x.sock"), spec->argv.end());
  EXPECT_EQ(spec->remove_after, std::vector<std::string>{"/run/x.sock"});
}

TYPED_TEST_P(RunnerContract, NoiseIsNoProgress) {
  for (const char* line : {"", " ", "loading", "\x01\x02", "{}", "ready?"}) {
    EXPECT_FALSE(this->subject_.runner.progress(line)) << line;
  }
  EXPECT_FALSE(this->subject_.runner.farewell().empty());
}

REGISTER_TYPED_TEST_SUITE_P(RunnerContract, WhatIsNoModelIsUnprocessable, ACommandNamesProgramSocketAndCleanUp,
                            NoiseIsNoProgress);

}  // namespace orchestra
