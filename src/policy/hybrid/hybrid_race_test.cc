#include "policy/hybrid/hybrid_race.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace orchestra {
namespace {

using testing::ElementsAre;

const TimePoint kStart{std::chrono::seconds(1000)};
constexpr Micros kNever = std::chrono::hours(1);

// What a provider does when it is asked.
struct Script {
  bool local = true;
  Micros after{};
  std::optional<double> confidence = 0.9;
  bool fails = false;
  bool ready = true;
  Micros timeout = std::chrono::milliseconds(4000);
};
Micros ms(int count) {
  return std::chrono::milliseconds(count);
}

struct Outcome {
  int winner = -1;  // -1: nobody
  Micros took{};
  std::vector<std::string> asked;  // "0 first @0"
};

// Plays a race over scripted providers with a clock of its own.
struct Playing {
  HybridService service;
  RetryBudget extra{{.percent = 100, .floor_per_second = 0, .burst = 10, .start = 10}};
  Micros limit = kNever;

  Outcome play(const std::vector<Script>& scripts) {
    std::vector<HybridMember> members;
    for (const Script& one : scripts)
      members.push_back({.local = one.local, .ready = one.ready, .timeout = one.timeout});
    HybridRace race(service, members, extra, kStart + limit);
    struct Due {
      TimePoint when;
      HybridInput input;
    };
    std::vector<Due> due;
    TimePoint now = kStart;
    Outcome outcome;
    HybridInput input = HybridTick{};
    for (int steps = 0; steps < 100; ++steps) {
      const HybridStep step = race.step(now, input);
      input = HybridTick{};
      outcome.took = std::chrono::duration_cast<Micros>(now - kStart);
      if (const auto* take = std::get_if<TakeAnswer>(&step)) {
        outcome.winner = static_cast<int>(take->member);
        return outcome;
      }
      if (std::holds_alternative<NoAnswer>(step)) return outcome;
      if (const auto* ask = std::get_if<AskMember>(&step)) {
        const Script& script = scripts[ask->member];
        outcome.asked.push_back(fmt::format("{} {} @{}", ask->member, cause_name(ask->cause),
                                            std::chrono::duration_cast<Millis>(now - kStart).count()));
        const bool late = script.after > ask->limit;
        HybridInput ended = MemberAnswered{ask->member, script.confidence};
        if (late || script.fails) ended = MemberFailed{ask->member};
        due.push_back({now + (late ? ask->limit : script.after), ended});
        continue;
      }
      now = std::get<AwaitUntil>(step).when;
      const auto first = std::ranges::min_element(due, {}, &Due::when);
      if (first == due.end() || first->when > now) continue;
      now = first->when;
      input = first->input;
      due.erase(first);
    }
    ADD_FAILURE() << "the race does not end";
    return outcome;
  }
};

// local: fast, slow, wrong, failing. cloud: fast, slow, failing. Times in ms; the threshold is 500.
const Script kLocalFast{.after = ms(50)};
const Script kLocalSlow{.after = ms(3000)};
const Script kLocalWrong{.after = ms(50), .confidence = 0.3};
const Script kLocalFailing{.after = ms(50), .fails = true};
const Script kCloudFast{.local = false, .after = ms(200)};
const Script kCloudSlow{.local = false, .after = ms(3500)};
const Script kCloudFailing{.local = false, .after = ms(100), .fails = true};

struct Row {
  std::string_view name;
  Script local, cloud;
  int winner;
  int took;
  std::vector<std::string> asked;
};

class HybridTable : public testing::TestWithParam<Row> {};

TEST_P(HybridTable, LocalFirst) {
  const Row& row = GetParam();
  Playing playing;
  const Outcome outcome = playing.play({row.local, row.cloud});
  EXPECT_EQ(outcome.winner, row.winner);
  EXPECT_EQ(outcome.took, ms(row.took));
  EXPECT_EQ(outcome.asked, row.asked);
}

INSTANTIATE_TEST_SUITE_P(
    Truth, HybridTable,
    testing::Values(Row{"FastFast", kLocalFast, kCloudFast, 0, 50, {"0 first @0"}},
                    Row{"FastSlow", kLocalFast, kCloudSlow, 0, 50, {"0 first @0"}},
                    Row{"FastFailing", kLocalFast, kCloudFailing, 0, 50, {"0 first @0"}},
                    Row{"SlowFast", kLocalSlow, kCloudFast, 1, 700, {"0 first @0", "1 latency @500"}},
                    Row{"SlowSlow", kLocalSlow, kCloudSlow, 0, 3000, {"0 first @0", "1 latency @500"}},
                    Row{"SlowFailing", kLocalSlow, kCloudFailing, 0, 3000, {"0 first @0", "1 latency @500"}},
                    Row{"WrongFast", kLocalWrong, kCloudFast, 1, 250, {"0 first @0", "1 low_confidence @50"}},
                    Row{"WrongSlow", kLocalWrong, kCloudSlow, 1, 3550, {"0 first @0", "1 low_confidence @50"}},
                    Row{"WrongFailing", kLocalWrong, kCloudFailing, 0, 150, {"0 first @0", "1 low_confidence @50"}},
                    Row{"FailingFast", kLocalFailing, kCloudFast, 1, 250, {"0 first @0", "1 error @50"}},
                    Row{"FailingSlow", kLocalFailing, kCloudSlow, 1, 3550, {"0 first @0", "1 error @50"}},
                    Row{"FailingFailing", kLocalFailing, kCloudFailing, -1, 150, {"0 first @0", "1 error @50"}}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(HybridRaceTest, AConfidenceThatIsNotKnownStands) {
  Script plain = kLocalFast;
  plain.confidence.reset();
  EXPECT_THAT(Playing().play({plain, kCloudFast}).asked, ElementsAre("0 first @0"));
}

TEST(HybridRaceTest, WithoutALocalProviderTheCloudStartsAtOnce) {
  EXPECT_THAT(Playing().play({kCloudFast}).asked, ElementsAre("0 first @0"));
  EXPECT_EQ(Playing().play({}).winner, -1);
}

TEST(HybridRaceTest, ErrorsGoThroughAllProvidersOfBothGroupsInOrder) {
  const Outcome outcome = Playing().play({kLocalFailing, kLocalFailing, kCloudFailing, kCloudFast});
  EXPECT_THAT(outcome.asked, ElementsAre("0 first @0", "1 error @50", "2 error @100", "3 error @200"));
  EXPECT_EQ(outcome.winner, 3);
  EXPECT_EQ(Playing().play({kLocalFailing, kLocalFailing, kCloudFailing}).winner, -1);
}

TEST(HybridRaceTest, HedgesAndSecondOpinionsGoToTheOtherGroupFirst) {
  EXPECT_THAT(Playing().play({kLocalSlow, kLocalFast, kCloudFast}).asked, ElementsAre("0 first @0", "2 latency @500"));
  EXPECT_THAT(Playing().play({kLocalWrong, kLocalFast, kCloudFast}).asked,
              ElementsAre("0 first @0", "2 low_confidence @50"));
  EXPECT_THAT(Playing().play({kLocalSlow, kLocalFast}).asked, ElementsAre("0 first @0", "1 latency @500"))
      << "where there is none, to the next of the same";
}

TEST(HybridRaceTest, ASecondOpinionIsAskedForOnce) {
  Script cloud_wrong = kCloudFast;
  cloud_wrong.confidence = 0.2;
  const Outcome outcome = Playing().play({kLocalWrong, cloud_wrong, kCloudFast});
  EXPECT_THAT(outcome.asked, ElementsAre("0 first @0", "1 low_confidence @50"));
  EXPECT_EQ(outcome.winner, 0) << "the more confident of the two";
  EXPECT_EQ(Playing().play({cloud_wrong, kLocalWrong}).winner, 1);
  Playing first;
  first.service.hedging.prefer_confidence = false;
  EXPECT_EQ(first.play({cloud_wrong, kLocalWrong}).winner, 0);
}

TEST(HybridRaceTest, ASecondOpinionThatFailsIsAskedOfTheNext) {
  const Outcome outcome = Playing().play({kLocalWrong, kCloudFailing, kCloudFast});
  EXPECT_THAT(outcome.asked, ElementsAre("0 first @0", "1 low_confidence @50", "2 error @150"));
  EXPECT_EQ(outcome.winner, 2);
}

TEST(HybridRaceTest, ALowAnswerWaitsForWhatStillRuns) {
  Script hesitant = kCloudFast;
  hesitant.confidence = 0.1;
  const Outcome outcome = Playing().play({kLocalSlow, hesitant});
  EXPECT_EQ(outcome.winner, 0);
  EXPECT_EQ(outcome.took, ms(3000));
  Script stuck = kLocalSlow;
  stuck.after = kNever;
  const Outcome timed_out = Playing().play({stuck, hesitant});
  EXPECT_EQ(timed_out.winner, 1) << "nothing better came";
  EXPECT_EQ(timed_out.took, ms(4000));
}

TEST(HybridRaceTest, EveryCallHasItsTimeout) {
  Script stuck = kLocalSlow;
  stuck.after = kNever;
  stuck.timeout = ms(300);
  const Outcome outcome = Playing().play({stuck, kCloudFast});
  EXPECT_THAT(outcome.asked, ElementsAre("0 first @0", "1 error @300"));
  EXPECT_EQ(outcome.took, ms(500));
}

TEST(HybridRaceTest, TheDeadlineEndsItWithWhatThereIs) {
  Playing playing;
  playing.limit = ms(1000);
  EXPECT_EQ(playing.play({kLocalSlow, kCloudSlow}).winner, -1);
  EXPECT_EQ(playing.play({kLocalWrong, kCloudSlow}).winner, 0);
  EXPECT_EQ(playing.play({kLocalWrong, kCloudSlow}).took, ms(1000));
}

TEST(HybridRaceTest, NoMoreThanMaxParallelCallsRun) {
  const std::vector<Script> slow = {kLocalSlow, kCloudSlow, kCloudSlow, kCloudSlow};
  Playing playing;
  EXPECT_THAT(playing.play(slow).asked, ElementsAre("0 first @0", "1 latency @500"));
  playing.service.hedging.max_parallel = 3;
  EXPECT_THAT(playing.play(slow).asked, ElementsAre("0 first @0", "1 latency @500", "2 latency @1000"));
  playing.service.hedging.max_parallel = 1;
  EXPECT_THAT(playing.play(slow).asked, ElementsAre("0 first @0"));
}

TEST(HybridRaceTest, EveryReasonCanBeSwitchedOff) {
  Playing latency;
  latency.service.hedging.on_latency = false;
  EXPECT_EQ(latency.play({kLocalSlow, kCloudFast}).winner, 0);
  Playing confidence;
  confidence.service.hedging.on_low_confidence = false;
  EXPECT_THAT(confidence.play({kLocalWrong, kCloudFast}).asked, ElementsAre("0 first @0"));
  Playing error;
  error.service.hedging.on_error = false;
  EXPECT_EQ(error.play({kLocalFailing, kCloudFast}).winner, -1);
  EXPECT_EQ(error.play({kLocalWrong, kCloudFailing, kCloudFast}).winner, 0);
  Playing none;
  none.service.hedging.enabled = false;
  EXPECT_EQ(none.play({kLocalSlow, kCloudFast}).winner, 0);
  EXPECT_THAT(none.play({kLocalWrong, kCloudFast}).asked, ElementsAre("0 first @0"));
  EXPECT_EQ(none.play({kLocalFailing, kCloudFast}).winner, 1) << "one after the other";
}

TEST(HybridRaceTest, WhatIsNotReadyComesLast) {
  Script cold = kLocalFast;
  cold.ready = false;
  EXPECT_THAT(Playing().play({cold, kCloudFast}).asked, ElementsAre("1 first @0"));
  EXPECT_THAT(Playing().play({cold, kCloudFailing}).asked, ElementsAre("1 first @0", "0 error @100"));
}

TEST(HybridRaceTest, ABudgetThatHasNothingIsAskedAgainNowAndThen) {
  Playing playing;
  playing.extra = RetryBudget({.percent = 5, .floor_per_second = 1, .burst = 20, .start = 0});
  EXPECT_THAT(playing.play({kLocalSlow, kCloudFast}).asked, ElementsAre("0 first @0", "1 latency @2000"));
  playing.extra = RetryBudget({.percent = 0, .floor_per_second = 0, .burst = 20, .start = 0});
  EXPECT_THAT(playing.play({kLocalSlow, kCloudFast}).asked, ElementsAre("0 first @0"));
  playing.service.latency_threshold = {};
  EXPECT_THAT(playing.play({kLocalSlow, kCloudFast}).asked, ElementsAre("0 first @0"));
}

TEST(HybridRaceTest, HedgesOnLatencyKeepToTheirBudgetAndOthersDoNotCount) {
  Playing playing;
  playing.extra = RetryBudget({.percent = 5, .floor_per_second = 0, .burst = 20, .start = 1});
  int hedges = 0;
  for (int i = 0; i < 1000; ++i) {
    playing.extra.deposit(kStart);
    hedges += static_cast<int>(playing.play({kLocalSlow, kCloudFast}).asked.size()) - 1;
    EXPECT_EQ(playing.play({kLocalFailing, kCloudFast}).winner, 1);
    EXPECT_EQ(playing.play({kLocalWrong, kCloudFast}).winner, 1);
  }
  EXPECT_LE(hedges, 51);
  EXPECT_GE(hedges, 50);
}

}  // namespace
}  // namespace orchestra
