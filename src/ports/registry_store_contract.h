// What every RegistryStore must do. An implementation's test derives a fixture and instantiates the suite:
//
//   struct SqliteFixture {
//     RegistryStore& store();  // the same one until reopen()
//     void reopen();           // as after a restart
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, RegistryStoreContract, SqliteFixture);
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "ports/registry_store.h"

namespace orchestra {

// A record that says everything that a record can say.
inline ModelRecord full_record(std::string id) {
  const WallTime at{std::chrono::seconds(1'767'348'000)};
  ModelRecord record{.id = {std::move(id)},
                     .tasks = kCanChat | kCanTranscribe,
                     .features = kCanUseTools,
                     .context = Tokens(4096),
                     .price = {.input = MicroUsd(1), .output = MicroUsd(2), .audio_output = MicroUsd(3)},
                     .cost_per_token = 0.000123456789,
                     .display_name = "One \"quoted\" \xC3\xA9",
                     .family = "family",
                     .version = "2",
                     .type = "llm",
                     .description = "line\nline",
                     .currency = "USD",
                     .maturity = Maturity::kBeta,
                     .active = false,
                     .fast = true,
                     .on_gpu = false,
                     .on_cpu = true,
                     .skills = kSkilledInCode | kSkilledInRefinement,
                     .megabytes = 700.5,
                     .million_parameters = 1100,
                     .quantization = "Q4_0"};
  record.claimed = {.first_content = Micros(150'000),
                    .completion = Micros(2'500'000),
                    .tokens_per_second = 40.25,
                    .success_rate = 0.98,
                    .quality = 0.92};
  record.limits = {.output = Tokens(512), .requests_per_minute = 10, .tokens_per_minute = 1000};
  record.tags = {"a", "b"};
  record.recommended_for = std::vector<std::string>{};
  record.release_date = "2026-01-02";
  record.metadata = R"({"owner":"team"})";
  record.configuration = R"({"k":1})";
  record.versions = {{.version = "1", .path = "x/v1.gguf", .created = at},
                     {.version = "2", .created = at, .active = true}};
  record.created = record.updated = at;
  return record;
}

template <class Fixture>
class RegistryStoreContract : public ::testing::Test {
 protected:
  Result<void> run(Task<void> task) {
    boost::asio::io_context loop(1);
    std::optional<Result<void>> result;
    boost::asio::co_spawn(
        loop,
        [](Task<void> inner, std::optional<Result<void>>& out) -> boost::asio::awaitable<void, Executor> {
          out.emplace(co_await std::move(inner));
        }(std::move(task), result),
        boost::asio::detached);
    loop.run();
    return std::move(*result);
  }
  RegistryContents after_restart() {
    fixture_.reopen();
    auto contents = fixture_.store().load();
    EXPECT_TRUE(contents.has_value());
    return contents ? std::move(*contents) : RegistryContents{};
  }
  static PerformanceRow row(std::string subject, CellKey key, double weight) {
    PerformanceRow row{.subject = std::move(subject), .key = key, .cell = {.at = WallTime(std::chrono::seconds(9))}};
    for (Moments& moments : row.cell.measures) moments = {.weight = weight, .mean = -0.1, .squares = 1e-9};
    return row;
  }

  // The i-th; it says everything that an outcome can say.
  static QueryOutcome outcome(int i) {
    const WallTime at{std::chrono::seconds(1'767'348'000 + i)};
    return {.id = *RequestId::parse(fmt::format("req_01J9ZK3V6T8Q2W4E5R6T7Y8Z{:02}", i)),
            .at = at,
            .features = {{.place = 1, .value = 4096}, {.place = 32767, .value = 65535}},
            .type = QueryType::kResearch,
            .complexity = Complexity::kComplex,
            .type_label = QueryType::kTechnical,
            .complexity_label = Complexity::kModerate,
            .cheap = false,
            .success = true,
            .quality = 0.875,
            .retried = true,
            .abandoned = true};
  }
  std::vector<QueryOutcome> outcomes_after_restart() {
    fixture_.reopen();
    std::vector<QueryOutcome> kept;
    boost::asio::io_context loop(1);
    boost::asio::co_spawn(loop, fixture_.store().outcomes(),
                          [&](std::exception_ptr, Result<std::vector<QueryOutcome>> read) {
                            ASSERT_TRUE(read.has_value());
                            kept = std::move(*read);
                          });
    loop.run();
    return kept;
  }

  Fixture fixture_;
};

TYPED_TEST_SUITE_P(RegistryStoreContract);

TYPED_TEST_P(RegistryStoreContract, IsEmptyAtFirst) {
  const auto contents = this->fixture_.store().load();
  ASSERT_TRUE(contents.has_value());
  EXPECT_TRUE(contents->records.empty());
  EXPECT_TRUE(contents->performance.empty());
}

TYPED_TEST_P(RegistryStoreContract, RecordsComeBackAsTheyWere) {
  const ModelRecord full = full_record("openai/a"), plain{.id = {"x/y:z/w"}};
  ASSERT_TRUE(this->run(this->fixture_.store().save({full, plain}, {})));
  EXPECT_THAT(this->after_restart().records, testing::UnorderedElementsAre(full, plain));
}

TYPED_TEST_P(RegistryStoreContract, RecordsAreReplacedAndRemoved) {
  ASSERT_TRUE(this->run(this->fixture_.store().save({full_record("x/a"), full_record("x/b")}, {})));
  const ModelRecord changed{.id = {"x/a"}, .description = "new"};
  ASSERT_TRUE(this->run(this->fixture_.store().save({changed}, {{"x/b"}, {"x/never"}})));
  EXPECT_THAT(this->after_restart().records, testing::ElementsAre(changed));
}

TYPED_TEST_P(RegistryStoreContract, CellsAreReplacedAndForgotten) {
  auto& store = this->fixture_.store();
  ASSERT_TRUE(this->run(
      store.save_performance({this->row("x/a", kWhole, 1), this->row("x/a", 7, 2), this->row("x/b", 7, 3)}, {})));
  ASSERT_TRUE(this->run(store.save_performance({this->row("x/a", 7, 9)}, {"x/b"})));
  EXPECT_THAT(this->after_restart().performance,
              testing::UnorderedElementsAre(this->row("x/a", kWhole, 1), this->row("x/a", 7, 9)));
}

TYPED_TEST_P(RegistryStoreContract, OutcomesComeBackWithWhatBecameKnown) {
  const QueryOutcome full = this->outcome(3);
  QueryOutcome bare{.id = this->outcome(4).id, .at = full.at};
  ASSERT_TRUE(this->run(this->fixture_.store().save_outcomes({.kept = {full, bare}, .signals = {}})));
  this->fixture_.reopen();
  const OutcomeSignal about{.id = bare.id,
                            .quality = 0.25,
                            .type_label = QueryType::kSimple,
                            .complexity_label = Complexity::kExpert,
                            .retried = true};
  const OutcomeSignal of_nobody{.id = this->outcome(9).id, .quality = 1};
  ASSERT_TRUE(this->run(this->fixture_.store().save_outcomes({.kept = {}, .signals = {about, of_nobody}})));
  apply(about, bare);
  EXPECT_THAT(this->outcomes_after_restart(), testing::ElementsAre(full, bare));
  ASSERT_TRUE(this->run(this->fixture_.store().save_outcomes({.kept = {}, .signals = {{.id = full.id}}})));
  EXPECT_THAT(this->outcomes_after_restart(), testing::ElementsAre(full, bare)) << "what says nothing changes nothing";
}

TYPED_TEST_P(RegistryStoreContract, TheOldestOutcomesAreDroppedBeyondTheMost) {
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE(
        this->run(this->fixture_.store().save_outcomes({.kept = {this->outcome(i)}, .signals = {}, .most = 3})));
  }
  EXPECT_THAT(this->outcomes_after_restart(),
              testing::ElementsAre(this->outcome(4), this->outcome(5), this->outcome(6)));
  ASSERT_TRUE(this->run(this->fixture_.store().save_outcomes({.kept = {}, .signals = {}, .most = 0})));
  EXPECT_THAT(this->outcomes_after_restart(), testing::IsEmpty());
}

REGISTER_TYPED_TEST_SUITE_P(RegistryStoreContract, IsEmptyAtFirst, RecordsComeBackAsTheyWere,
                            RecordsAreReplacedAndRemoved, CellsAreReplacedAndForgotten,
                            OutcomesComeBackWithWhatBecameKnown, TheOldestOutcomesAreDroppedBeyondTheMost);

}  // namespace orchestra
