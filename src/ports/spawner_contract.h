// What every Spawner promises, as a typed test. A fixture gives: `Spawner& spawner()`, `void run_until(predicate)`,
// `SpawnSpec patient()` (a process that ends with code 0 when it is told "q" or, for fakes, when its input ends), and
// `void speak()` (makes it print a line, if it does not by itself).
#pragma once

#include <gtest/gtest.h>

#include <optional>

#include "ports/spawner.h"

namespace orchestra {

template <class Fixture>
class SpawnerContract : public Fixture {};
TYPED_TEST_SUITE_P(SpawnerContract);

TYPED_TEST_P(SpawnerContract, ReportsTheEndOnceAndNotFromWithin) {
  int ends = 0;
  std::optional<ProcessExit> exit;
  const auto process = this->spawner().spawn(this->patient(), {.line = {}, .exited = [&](ProcessExit how) {
                                                                 ++ends;
                                                                 exit = how;
                                                               }});
  ASSERT_TRUE(process) << process.error().what;
  EXPECT_GT((*process)->pid(), 0);
  (*process)->say("q");
  (*process)->close_input();
  EXPECT_EQ(ends, 0);
  this->run_until([&] { return ends > 0; });
  EXPECT_EQ(exit->code, 0);
  EXPECT_EQ(exit->signal, 0);
  (*process)->kill();
  this->settle();
  EXPECT_EQ(ends, 1);
}

TYPED_TEST_P(SpawnerContract, KillIsSeenAsASignal) {
  std::optional<ProcessExit> exit;
  const auto process =
      this->spawner().spawn(this->patient(), {.line = {}, .exited = [&](ProcessExit how) { exit = how; }});
  ASSERT_TRUE(process);
  (*process)->kill();
  this->run_until([&] { return exit.has_value(); });
  EXPECT_EQ(exit->signal, 9);
}

TYPED_TEST_P(SpawnerContract, DestroyingSilences) {
  bool heard = false;
  auto process = this->spawner().spawn(
      this->patient(), {.line = [&](std::string_view) { heard = true; }, .exited = [&](ProcessExit) { heard = true; }});
  ASSERT_TRUE(process);
  process->reset();
  this->settle();
  EXPECT_FALSE(heard);
}

TYPED_TEST_P(SpawnerContract, MayBeDestroyedFromWithinItsEnd) {
  std::unique_ptr<Process> process;
  bool ended = false;
  auto spawned = this->spawner().spawn(this->patient(), {.line = {}, .exited = [&](ProcessExit) {
                                                           process.reset();
                                                           ended = true;
                                                         }});
  ASSERT_TRUE(spawned);
  process = std::move(*spawned);
  process->kill();
  this->run_until([&] { return ended; });
  this->settle();
}

REGISTER_TYPED_TEST_SUITE_P(SpawnerContract, ReportsTheEndOnceAndNotFromWithin, KillIsSeenAsASignal, DestroyingSilences,
                            MayBeDestroyedFromWithinItsEnd);

}  // namespace orchestra
