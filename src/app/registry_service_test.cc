#include "app/registry_service.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>

#include "app/test_service.h"
#include "base/fake_clock.h"
#include "ports/fake_registry_store.h"

namespace orchestra::app {
namespace {

class RegistryServiceTest : public testing::Test {
 protected:
  void SetUp() override { start(); }
  void start() {
    service_ = std::make_unique<RegistryService>(
        control_, store_, clock_,
        RegistryService::Hooks{.records = [this](const RecordsPtr& records) { published_.push_back(records); },
                               .expect = [this](const PerformanceViewPtr& view) { views_.push_back(view); }},
        store_.contents);
  }
  // From another loop, as a resource does.
  std::vector<Result<RecordPtr>> change(const std::vector<RecordChange>& changes) {
    boost::asio::io_context loop(1);
    std::vector<Result<RecordPtr>> answers;
    for (const RecordChange& one : changes) {
      boost::asio::co_spawn(loop, service_->change(one), [&](std::exception_ptr, Result<RecordPtr> answer) {
        answers.push_back(std::move(answer));
      });
    }
    run_both(loop);
    return answers;
  }
  void run_both(boost::asio::io_context& loop) {
    while (loop.poll() + control_.poll() > 0) {
      loop.restart();
      control_.restart();
    }
  }
  Result<void> close() { return closed(control_, *service_); }
  static CreateRecord create(std::string id) { return {{.id = {std::move(id)}, .tasks = kCanChat}}; }
  OutcomeFact fact() const { return {.model = {"x/a"}, .success = false, .when = clock_.wall()}; }

  boost::asio::io_context control_{1};
  FakeRegistryStore store_;
  FakeClock clock_;
  std::vector<RecordsPtr> published_;
  std::vector<PerformanceViewPtr> views_;
  std::unique_ptr<RegistryService> service_;
};

TEST_F(RegistryServiceTest, AChangeIsStoredThenPublishedThenAnswered) {
  const auto answers = change({create("x/a")});
  ASSERT_EQ(answers.size(), 1U);
  ASSERT_TRUE(answers[0]);
  EXPECT_EQ((*answers[0])->id.text, "x/a");
  EXPECT_EQ((*answers[0])->created, clock_.wall());
  ASSERT_EQ(published_.size(), 1U);
  EXPECT_NE(published_[0]->find("x/a"), nullptr);
  EXPECT_EQ(store_.contents.records.size(), 1U);
}

TEST_F(RegistryServiceTest, ChangesThatWaitAreOneTransactionAndOneCatalogue) {
  const auto answers = change({create("x/a"), create("x/b"), create("x/a"), RemoveRecord{{"x/b"}}});
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_EQ(std::ranges::count_if(answers, [](const auto& answer) { return answer.has_value(); }), 3);
  EXPECT_EQ(published_.size(), 2U) << "the first one, and those that came while it was stored";
  EXPECT_EQ(store_.saves, 2);
  ASSERT_EQ(store_.contents.records.size(), 1U);
  EXPECT_EQ(store_.contents.records[0].id.text, "x/a");
}

TEST_F(RegistryServiceTest, WhatCannotBeStoredChangesNothing) {
  store_.failing = true;
  const auto answers = change({create("x/a")});
  ASSERT_EQ(answers.size(), 1U);
  ASSERT_FALSE(answers[0]);
  EXPECT_EQ(answers[0].error().fault, Fault::kUnavailable);
  EXPECT_TRUE(published_.empty());
  store_.failing = false;
  EXPECT_TRUE(change({create("x/a")})[0]) << "it was not kept in memory either";
}

TEST_F(RegistryServiceTest, RecordsAndFiguresSurviveARestart) {
  ASSERT_TRUE(change({create("x/a")})[0]);
  service_->note({fact(), fact()});
  ASSERT_TRUE(close());
  EXPECT_EQ(store_.contents.performance.size(), 3U);
  start();
  EXPECT_NE(service_->records()->find("x/a"), nullptr);
  auto catalogue = std::make_shared<Catalogue>();
  catalogue->models = {Model{.id = {"x/a"}}};
  EXPECT_GT(service_->set_catalogue(catalogue)->measured(0).success.samples, 0);
}

TEST_F(RegistryServiceTest, AChangeAfterTheEndIsRefused) {
  ASSERT_TRUE(close());
  const auto answers = change({create("x/a")});
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].error().fault, Fault::kUnavailable);
}

TEST_F(RegistryServiceTest, ViewsComeAtMostOnceASecondAndOnlyWhenSomethingChanged) {
  service_->tick();
  EXPECT_TRUE(views_.empty());
  service_->note({fact()});
  service_->tick();
  EXPECT_EQ(views_.size(), 1U);
  service_->note({fact()});
  service_->tick();
  EXPECT_EQ(views_.size(), 1U);
  clock_.advance(std::chrono::seconds(1));
  service_->tick();
  EXPECT_EQ(views_.size(), 2U);
  clock_.advance(std::chrono::seconds(1));
  service_->tick();
  EXPECT_EQ(views_.size(), 2U);
}

TEST_F(RegistryServiceTest, FiguresAreSavedInTheBackgroundAndTriedAgain) {
  service_->note({fact()});
  clock_.advance(std::chrono::seconds(9));
  service_->tick();
  control_.poll();
  EXPECT_EQ(store_.saves, 0);
  clock_.advance(std::chrono::seconds(1));
  store_.failing = true;
  service_->tick();
  control_.restart();
  control_.poll();
  EXPECT_EQ(store_.saves, 0);
  store_.failing = false;
  clock_.advance(std::chrono::seconds(10));
  service_->tick();
  control_.restart();
  control_.poll();
  EXPECT_EQ(store_.saves, 1);
  EXPECT_EQ(store_.contents.performance.size(), 3U);
}

}  // namespace
}  // namespace orchestra::app
