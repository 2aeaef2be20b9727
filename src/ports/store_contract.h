// What every Store must do. An implementation's test derives a fixture and instantiates the suite:
//
//   struct SqliteFixture {
//     void book(const SpendOpened& opened, const SpendSettled& settled);  // as a ledger does
//     Store& store();
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, StoreContract, SqliteFixture);
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "ports/store.h"

namespace orchestra {

template <class Fixture>
class StoreContract : public ::testing::Test {
 protected:
  static constexpr WallTime kStart{std::chrono::seconds(1'767'348'000)};  // 2026-01-02T10:00:00Z

  template <class T>
  Result<T> run(Task<T> task) {
    boost::asio::io_context loop(1);
    std::optional<Result<T>> result;
    boost::asio::co_spawn(
        loop,
        [](Task<T> inner, std::optional<Result<T>>& out) -> boost::asio::awaitable<void, Executor> {
          out.emplace(co_await std::move(inner));
        }(std::move(task), result),
        boost::asio::detached);
    loop.run();
    return std::move(*result);
  }
  UsageReport usage(UsageQuery query) {
    auto report = run(fixture_.store().usage(std::move(query)));
    EXPECT_TRUE(report.has_value());
    return std::move(*report);
  }
  RequestId book(WallTime at, std::string tenant, std::string model, Outcome outcome = Outcome::kAnswered) {
    SpendOpened opened{.id = RequestId::make(at),
                       .at = at,
                       .tenant = std::move(tenant),
                       .asked = "asked",
                       .model = {model},
                       .reserve = MicroUsd(9),
                       .price_known = true};
    SpendSettled settled{.outcome = outcome,
                         .model = {std::move(model)},
                         .cost = MicroUsd(7),
                         .cost_known = true,
                         .latency = Micros(5000)};
    settled.usage = {.input = Tokens(3), .output = Tokens(2), .known = true};
    fixture_.book(opened, settled);
    return opened.id;
  }

  Fixture fixture_;
};

TYPED_TEST_SUITE_P(StoreContract);

TYPED_TEST_P(StoreContract, FindsARequestAsSoonAsItIsBooked) {
  this->book(this->kStart, "acme", "a/x");
  const auto id = this->book(this->kStart, "acme", "a/y", Outcome::kFailed);
  const auto stored = this->run(this->fixture_.store().request(id));
  ASSERT_TRUE(stored.has_value());
  ASSERT_TRUE(stored->has_value());
  EXPECT_EQ((*stored)->opened.id, id);
  EXPECT_EQ((*stored)->opened.at, this->kStart);
  EXPECT_EQ((*stored)->opened.tenant, "acme");
  EXPECT_EQ((*stored)->opened.asked, "asked");
  EXPECT_EQ((*stored)->opened.reserve, MicroUsd(9));
  EXPECT_EQ((*stored)->settled.model.text, "a/y");
  EXPECT_EQ((*stored)->settled.outcome, Outcome::kFailed);
  EXPECT_EQ((*stored)->settled.usage.input, Tokens(3));
  EXPECT_EQ((*stored)->settled.cost, MicroUsd(7));
  EXPECT_EQ((*stored)->settled.latency, Micros(5000));
}

TYPED_TEST_P(StoreContract, AnUnknownRequestIsNothing) {
  const auto stored = this->run(this->fixture_.store().request(RequestId::make(this->kStart)));
  ASSERT_TRUE(stored.has_value());
  EXPECT_FALSE(stored->has_value());
}

TYPED_TEST_P(StoreContract, TheSpanContainsItsStartAndNotItsEnd) {
  const auto start = this->kStart;
  for (const auto minutes : {-61, -60, -1, 0, 1, 59, 60, 61, 24 * 60}) {
    this->book(start + std::chrono::minutes(minutes), "acme", "a/x");
  }
  this->book(start - Micros(1), "acme", "a/x");
  const auto count = [&](WallTime from, WallTime to) { return this->usage({.from = from, .to = to}).total.requests; };
  EXPECT_EQ(count(start, start + std::chrono::hours(1)), 3);
  EXPECT_EQ(count(start - std::chrono::hours(1), start), 3);
  EXPECT_EQ(count(start - Micros(1), start + Micros(1)), 2);
  EXPECT_EQ(count(start - std::chrono::minutes(61), start + std::chrono::minutes(61)), 8);
  EXPECT_EQ(count(WallTime{}, start + std::chrono::hours(10'000)), 10);
  EXPECT_EQ(count(start, start), 0);
}

TYPED_TEST_P(StoreContract, GroupsAndFilters) {
  const auto start = this->kStart;
  this->book(start, "acme", "a/x");
  this->book(start, "acme", "b/y");
  this->book(start + std::chrono::hours(24), "umbrella", "a/x", Outcome::kAbandoned);
  UsageQuery query{.from = start, .to = start + std::chrono::hours(48)};
  query.group_by = {UsageGroup::kModel, UsageGroup::kDay};
  auto report = this->usage(query);
  ASSERT_EQ(report.rows.size(), 3U);
  EXPECT_EQ(report.rows[0].day, "2026-01-02");
  EXPECT_EQ(report.rows[0].model, "a/x");
  EXPECT_EQ(report.rows[2].day, "2026-01-03");
  EXPECT_EQ(report.total.requests, 3);
  EXPECT_EQ(report.total.cost, MicroUsd(21));
  EXPECT_EQ(report.total.tokens.output, Tokens(6));
  query.group_by.clear();
  query.provider = "a";
  EXPECT_EQ(this->usage(query).total.requests, 2);
  query.tenant = "umbrella";
  EXPECT_EQ(this->usage(query).total.requests, 1);
  query.outcome = Outcome::kAnswered;
  EXPECT_EQ(this->usage(query).total.requests, 0);
}

TYPED_TEST_P(StoreContract, ReadsASpanPageByPage) {
  const auto start = this->kStart;
  this->book(start - Micros(1), "acme", "a/early");
  for (int i = 0; i < 7; ++i) this->book(start + Millis(i), i == 3 ? "umbrella" : "acme", "a/" + std::to_string(i));
  this->book(start + std::chrono::hours(1), "acme", "a/late");
  const auto read = [&](std::optional<std::string> tenant) {
    std::string models;
    std::vector<std::int64_t> pages;
    RequestSpan span{.from = start, .to = start + std::chrono::hours(1), .tenant = std::move(tenant), .most = 3};
    do {
      auto page = this->run(this->fixture_.store().read(
          span, [&](const StoredRequest& stored) { models += stored.settled.model.name(); }));
      EXPECT_TRUE(page.has_value());
      if (!page) break;
      if (page->requests > 0) pages.push_back(page->requests);
      span.after = page->next;
    } while (!span.after.empty());
    return std::pair(models, pages);
  };
  EXPECT_EQ(read(std::nullopt), std::pair(std::string("0123456"), std::vector<std::int64_t>({3, 3, 1})));
  EXPECT_EQ(read("acme"), std::pair(std::string("012456"), std::vector<std::int64_t>({3, 3})));
  EXPECT_EQ(read("nobody").first, "");
}

REGISTER_TYPED_TEST_SUITE_P(StoreContract, FindsARequestAsSoonAsItIsBooked, AnUnknownRequestIsNothing,
                            TheSpanContainsItsStartAndNotItsEnd, GroupsAndFilters, ReadsASpanPageByPage);

}  // namespace orchestra
