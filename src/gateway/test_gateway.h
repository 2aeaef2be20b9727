// What the tests of the line share: a gateway on fakes, and one call served to its end.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "gateway/gateway.h"
#include "ports/fake_journal.h"
#include "ports/fake_provider.h"
#include "ports/fake_sink.h"

namespace orchestra {

namespace asio = boost::asio;

// Far away: a test that waits so long hangs, and fails.
inline constexpr Seconds kFar{60};

inline Error error_of(Fault fault, std::optional<Seconds> retry_after = std::nullopt) {
  return Error{.fault = fault, .what = "The upstream said no.", .retry_after = retry_after};
}

inline CataloguePtr three_models() {
  auto catalogue = std::make_shared<Catalogue>();
  catalogue->version = 1;
  for (const auto* id : {"a/m", "b/m", "c/m"}) {
    Model model{.id = ModelId{id}, .context = Tokens(100'000)};
    model.price.input = model.price.output = MicroUsd(1'000'000);  // one micro-dollar a token
    catalogue->by_id[id] = catalogue->models.size();
    catalogue->by_bare_name["m"].push_back(catalogue->models.size());
    catalogue->models.push_back(std::move(model));
  }
  catalogue->aliases = {{"chain", {"a/m", "b/m"}}, {"long-chain", {"a/m", "b/m", "c/m"}}};
  return catalogue;
}

// The fixture owns them.
inline std::shared_ptr<Providers> shared(Providers& providers) {
  return {std::shared_ptr<void>(), &providers};
}

class GatewayTest : public testing::Test {
 protected:
  GatewayTest() {
    for (const auto* name : {"a", "b", "c"}) providers_[name];
    options_.select.backoff_base = Millis(1);
    start();
  }

  void start() {
    gateway_.emplace(GatewayParts{.loop = context_.get_executor(),
                                  .providers = shared(providers_),
                                  .journal = journal_,
                                  .health = health_,
                                  .sessions = sessions_,
                                  .metrics = metrics_,
                                  .clock = clock_,
                                  .admissions = admissions_,
                                  .outcomes = outcomes_told_,
                                  .classify = classify_,
                                  .count_tokens = count_tokens_,
                                  .key = key_,
                                  .begin_load = begin_load_},
                     options_);
    gateway_->set_catalogue(three_models());
  }

  Call call_for(std::string model, bool stream = true) {
    Call call;
    call.id = RequestId::make(clock_.wall());
    call.shape.model = std::move(model);
    call.shape.stream = stream;
    call.shape.text_bytes = 400;
    return call;
  }

  // Serves one call to its end.
  Result<void> serve(const Call& call) {
    std::optional<Result<void>> result;
    asio::co_spawn(context_, gateway_->serve(call, sink_),
                   asio::bind_cancellation_slot(leave_.slot(), [&](std::exception_ptr thrown, Result<void> served) {
                     EXPECT_FALSE(thrown);
                     // Whatever came: nothing of the upstream is left once serve has returned.
                     for (const auto* name : {"a", "b", "c"}) {
                       EXPECT_EQ(providers_[name].alive, 0) << name;
                       EXPECT_EQ(providers_[name].opening, 0) << name;
                     }
                     result = std::move(served);
                   }));
    const TimePoint limit = clock_.now() + kFar;
    while (!result && clock_.now() < limit) context_.run_one_until(limit);
    EXPECT_TRUE(result.has_value()) << "serve did not return";
    return result.value_or(Result<void>());
  }
  Result<void> serve(const std::string& model) { return serve(call_for(model)); }

  // The value of one series, as text.
  std::string metric(const std::string& series) {
    const std::string text = metrics_.render();
    const auto at = text.find("\n" + series + " ");
    if (at == std::string::npos) return "none";
    const auto value = at + series.size() + 2;
    return text.substr(value, text.find('\n', value) - value);
  }

  void leave_soon() {
    asio::post(context_, [this] { leave_.emit(asio::cancellation_type::terminal); });
  }

  // The one settled record.
  const SpendSettled& settled() {
    EXPECT_EQ(journal_.settled.size(), 1U);
    return journal_.settled.begin()->second;
  }
  std::vector<std::string> outcomes() {
    std::vector<std::string> list;
    for (const auto& attempt : settled().attempts) list.push_back(attempt.outcome);
    return list;
  }

  asio::io_context context_{1};
  SystemClock clock_;
  FakeProviders providers_{clock_};
  FakeJournal journal_;
  HealthTable health_{clock_};
  Sessions sessions_;
  Metrics metrics_;
  GatewayOptions options_;
  std::vector<Admission*> admissions_;
  Outcomes* outcomes_told_ = nullptr;
  Decisions::Classify classify_;
  CountTokens count_tokens_;
  std::shared_ptr<const FeatureKey> key_;
  BeginLoad begin_load_;
  std::optional<Gateway> gateway_;
  FakeSink sink_;
  asio::cancellation_signal leave_;
};

}  // namespace orchestra
