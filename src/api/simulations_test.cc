#include "api/simulations.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "api/dispatcher.h"
#include "base/fake_clock.h"
#include "base/json.h"
#include "ledger/decision_json.h"
#include "ports/fake_exchange.h"
#include "ports/fake_store.h"

namespace orchestra {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class SimulationsTest : public testing::Test {
 protected:
  SimulationsTest() { add_simulation_routes(router_, store_, clock_); }

  // Books requests that chose "a/x" before "b/y", one per second until now.
  void book(int requests) {
    Decision decision{.asked = "auto", .rule = "auto", .features = {.strategy = "balanced"}};
    for (const auto& [model, verdict, index] : {std::tuple("a/x", "chosen", 0U), std::tuple("b/y", "fallback", 1U)}) {
      decision.considered.push_back({.model = {model},
                                     .verdict = verdict,
                                     .reason = "",
                                     .contender = Contender{.model = index, .terms = {0.8F, 1, 0.5F, 0.5F, 1}}});
    }
    for (int i = 0; i < requests; ++i) {
      StoredRequest stored;
      stored.opened.at = clock_.wall() - Seconds(requests - i);
      stored.opened.tenant = i % 2 == 0 ? "acme" : "umbrella";
      stored.decision = decision_to_json(decision);
      store_.book(std::move(stored));
    }
  }
  FakeExchange ask(std::string body, const std::string& key = "") {
    HttpRequest request{.method = "POST", .path = "/api/v1/simulations", .body = std::move(body)};
    if (!key.empty()) request.fields.add("x-api-key", key);
    FakeExchange exchange(std::move(request));
    exchange.leave_after_writes = leave_after_;
    Dispatcher dispatcher(router_, clock_, keys_);
    boost::asio::io_context loop(1);
    boost::asio::co_spawn(loop, dispatcher.handle(exchange), boost::asio::detached);
    loop.run();
    return exchange;
  }

  FakeClock clock_;
  FakeStore store_;
  Router router_;
  std::shared_ptr<const ApiKeys> keys_ = std::make_shared<const ApiKeys>(std::vector<ApiKeys::Key>{});
  int leave_after_ = -1;
};

TEST_F(SimulationsTest, AnswersWhole) {
  book(3);
  const auto exchange = ask(R"({"policy":{"providers":{"deny":["a"]}}})");
  ASSERT_EQ(exchange.answer.status, 200) << exchange.answer.body;
  const auto sums = parse_json(exchange.answer.body);
  EXPECT_EQ(find_int(*sums, "replayed"), 3);
  EXPECT_EQ(find_string(sums->at("changes").at(0), "to"), "b/y");
  EXPECT_EQ(find_bool(*sums, "limited"), false);
}

TEST_F(SimulationsTest, StreamsHowFarItIs) {
  book(1200);
  const auto exchange = ask(R"({"policy":{"strategy":"cost"},"stream":true})");
  ASSERT_TRUE(exchange.finished);
  EXPECT_EQ(exchange.answer.content_type, "application/x-ndjson");
  ASSERT_EQ(exchange.written.size(), 3U);
  EXPECT_EQ(exchange.written[0], "{\"progress\":{\"requests\":500,\"of\":1200}}\n");
  EXPECT_EQ(exchange.written[1], "{\"progress\":{\"requests\":1000,\"of\":1200}}\n");
  EXPECT_THAT(exchange.written[2], StartsWith(R"({"simulation":{"requests":1200,)"));
}

TEST_F(SimulationsTest, ReadsTheSpanTenantAndLimit) {
  book(40);
  EXPECT_THAT(ask(R"({"policy":{},"tenant":"acme"})").answer.body, StartsWith(R"({"requests":20,)"));
  const auto limited = parse_json(ask(R"({"policy":{},"limit":7})").answer.body);
  EXPECT_EQ(find_int(*limited, "requests"), 7);
  EXPECT_EQ(find_bool(*limited, "limited"), true);
  EXPECT_THAT(ask(R"({"policy":{},"to":"2020-01-02","from":"2020-01-01"})").answer.body,
              StartsWith(R"({"requests":0,)"));
}

TEST_F(SimulationsTest, SaysWhatIsWrong) {
  for (const auto& [body, what] :
       {std::pair("[]", "JSON object"), std::pair("{}", "policy"),
        std::pair(R"({"policy":{"strategy":"cheep"}})", "least_loaded"),
        std::pair(R"({"policy":{"weights":{"cost":-1}}})", "cost"),
        std::pair(R"({"policy":{"classes":{"simple":7}}})", "simple"), std::pair(R"({"policy":{},"limit":0})", "limit"),
        std::pair(R"({"policy":{},"from":"yesterday"})", "from")}) {
    const auto exchange = ask(body);
    EXPECT_GE(exchange.answer.status, 400) << body;
    EXPECT_LT(exchange.answer.status, 500) << body;
    EXPECT_THAT(exchange.answer.body, HasSubstr(what)) << body;
  }
  store_.failing = true;
  EXPECT_EQ(ask(R"({"policy":{},"stream":true})").answer.status, 503);
}

TEST_F(SimulationsTest, NeedsAnAdministrator) {
  keys_ = std::make_shared<const ApiKeys>(
      std::vector<ApiKeys::Key>{{.name = "app", .sha256 = sha256_hex("k"), .admin = false}});
  EXPECT_EQ(ask(R"({"policy":{}})").answer.status, 401);
  EXPECT_EQ(ask(R"({"policy":{}})", "k").answer.status, 403);
}

TEST_F(SimulationsTest, StopsWhenItsCallerLeaves) {
  book(5000);
  leave_after_ = 2;
  const auto exchange = ask(R"({"policy":{"strategy":"cost"},"stream":true})");
  EXPECT_FALSE(exchange.finished);
  EXPECT_EQ(exchange.written.size(), 2U);
}

}  // namespace
}  // namespace orchestra
