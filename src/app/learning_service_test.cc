#include "app/learning_service.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include "app/test_service.h"
#include "base/fake_clock.h"
#include "policy/classify/test_outcomes.h"
#include "ports/fake_registry_store.h"

namespace orchestra::app {
namespace {

Classifier knows_nothing() {
  return {LinearModel::trained({}, {}), LinearModel::trained({}, {})};
}

class LearningServiceTest : public testing::Test {
 protected:
  void SetUp() override { start({}); }
  void start(LearningService::Options options) {
    service_ = std::make_unique<LearningService>(
        control_, store_, clock_, key_, shipped_,
        [this](QueryModelsPtr models, RefitReportPtr report) {
          models_.push_back(std::move(models));
          reports_.push_back(std::move(report));
        },
        options);
  }
  // One second passes, and all that is due by then is done.
  void second() {
    clock_.advance(std::chrono::seconds(1));
    service_->tick();
    control_.restart();
    control_.run();
  }
  Result<void> close() { return closed(control_, *service_); }
  QueryOutcome outcome(int i) const { return {.id = test_id(static_cast<std::uint64_t>(i)), .success = true}; }

  boost::asio::io_context control_{1};
  FakeRegistryStore store_;
  FakeClock clock_;
  const FeatureKey key_{kTestKey};
  const Classifier shipped_ = knows_nothing();
  std::vector<QueryModelsPtr> models_;
  std::vector<RefitReportPtr> reports_;
  std::unique_ptr<LearningService> service_;
};

TEST_F(LearningServiceTest, OutcomesAreStoredWithWhatBecameKnownOfThem) {
  second();
  service_->note({outcome(1), outcome(2)}, {{.id = test_id(2), .quality = 0.5}});
  for (int i = 0; i < 11; ++i) second();
  service_->note({}, {{.id = test_id(1), .retried = true}});
  ASSERT_TRUE(close());
  ASSERT_EQ(store_.kept.size(), 2U);
  EXPECT_TRUE(store_.kept[0].retried);
  EXPECT_EQ(store_.kept[1].quality, 0.5);
}

TEST_F(LearningServiceTest, ASignalMayComeBeforeItsOutcome) {
  second();
  service_->note({}, {{.id = test_id(1), .quality = 0.5}});
  for (int i = 0; i < 12; ++i) second();
  EXPECT_TRUE(store_.kept.empty());
  service_->note({outcome(1)}, {});
  ASSERT_TRUE(close());
  ASSERT_EQ(store_.kept.size(), 1U);
  EXPECT_EQ(store_.kept[0].quality, 0.5);
}

TEST_F(LearningServiceTest, RefitsAtTheStartThenWhenThereIsNewsAndNotOftener) {
  second();
  EXPECT_TRUE(reports_.empty()) << "there is nothing to learn from";
  store_.kept = simulated_outcomes(2000, key_);
  start({});
  second();
  ASSERT_EQ(reports_.size(), 1U) << "what was learned before a restart is there again";
  EXPECT_EQ(reports_[0]->outcomes, 2000U);
  EXPECT_TRUE(reports_[0]->predicts);
  EXPECT_TRUE(models_[0]->routing);
  clock_.advance(std::chrono::hours(1));
  second();
  EXPECT_EQ(reports_.size(), 1U) << "nothing is new";
  service_->note({outcome(1)}, {});
  second();
  EXPECT_EQ(reports_.size(), 2U);
  service_->note({outcome(2)}, {});
  second();
  EXPECT_EQ(reports_.size(), 2U) << "the last one was a second ago";
}

TEST_F(LearningServiceTest, WhatCannotBeSavedIsTriedAgain) {
  second();
  store_.failing = true;
  service_->note({outcome(1)}, {});
  for (int i = 0; i < 11; ++i) second();
  service_->note({outcome(2)}, {{.id = test_id(1), .quality = 1}});
  store_.failing = false;
  ASSERT_TRUE(close());
  ASSERT_EQ(store_.kept.size(), 2U);
  EXPECT_EQ(store_.kept[0].quality, 1);
}

TEST_F(LearningServiceTest, WhatWasKeptUnderAnotherKeyIsForgotten) {
  store_.kept = {outcome(1)};
  start({.forget = true});
  service_->note({outcome(2)}, {});
  second();
  EXPECT_THAT(store_.kept, testing::ElementsAre(outcome(2)));
}

TEST_F(LearningServiceTest, WhereNothingIsKeptEverythingIsForgotten) {
  store_.kept = {outcome(1)};
  start({.most = 0});
  service_->note({outcome(2)}, {});
  second();
  ASSERT_TRUE(close());
  EXPECT_TRUE(store_.kept.empty());
  EXPECT_TRUE(reports_.empty());
}

}  // namespace
}  // namespace orchestra::app
