#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/fake_clock.h"
#include "dialects/codec.h"
#include "ports/fake_http_client.h"
#include "providers/local.h"
#include "providers/model_list.h"
#include "providers/remote.h"

namespace orchestra {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kRole = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n";
constexpr std::string_view kWord = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\n";
constexpr std::string_view kStop = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
constexpr std::string_view kDone = "data: [DONE]\n\n";

class ProvidersTest : public testing::Test {
 protected:
  ProvidersTest() {
    service_.name = "up";
    service_.endpoint = {.host = "up.example", .port = 80};
    service_.base_path = "/v1";
    service_.secret_fields.emplace_back("authorization", Secret("Bearer k"));
  }

  template <class T>
  Result<T> run(Task<T> task) {
    std::optional<Result<T>> result;
    boost::asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr, Result<T> got) { result = std::move(got); });
    loop_.restart();
    loop_.run();
    return std::move(*result);
  }

  Call call(std::string body) {
    Call made;
    made.body = std::move(body);
    made.shape = *codec(Dialect::kOpenAi).scan(TaskKind::kChat, made.body);
    made.decode = [](const Call& c) { return codec(Dialect::kOpenAi).decode(TaskKind::kChat, c.body); };
    return made;
  }
  Attempt attempt(const Call& call) {
    return {.call = call,
            .candidate = candidate_,
            .deadline = clock_.now() + Seconds(60),
            .first_content_by = clock_.now() + Seconds(10),
            .connect = Seconds(1),
            .idle = Seconds(5)};
  }
  static FakeHttpClient::Answer stream(std::vector<std::string> pieces) {
    FakeHttpClient::Answer answer{.status = 200, .pieces = std::move(pieces)};
    answer.fields.add("Content-Type", "text/event-stream");
    answer.fields.add("X-RateLimit-Remaining", "3");
    answer.fields.add("Set-Cookie", "secret");
    return answer;
  }

  boost::asio::io_context loop_;
  FakeClock clock_;
  FakeHttpClient client_;
  UpstreamService service_;
  Candidate candidate_{.model = {"up/m"}};
};

constexpr std::string_view kBody = R"({"model":"auto","messages":[{"role":"user","content":"x"}]})";
constexpr std::string_view kStreamBody = R"({"model":"auto","stream":true,"messages":[{"role":"user","content":"x"}]})";

TEST_F(ProvidersTest, RelaysWithTheUpstreamsModelNameAndKey) {
  client_.answer("POST /v1/chat/completions", 200, R"({"choices":[{"index":0,"message":{"content":"hi"}}]})");
  RemoteProvider provider(client_, clock_, service_);
  const Call asked = call(std::string(kBody));
  auto opened = run(provider.open(attempt(asked)));
  ASSERT_TRUE(opened.has_value()) << opened.error().what;
  EXPECT_EQ(client_.sent()[0].body, R"({"model":"m","messages":[{"role":"user","content":"x"}]})");
  EXPECT_EQ(client_.sent()[0].fields.find("authorization"), "Bearer k");
  const auto chunk = run((*opened)->next());
  EXPECT_THAT(std::string(chunk->wire), HasSubstr("\"hi\""));
  EXPECT_TRUE(chunk->marks & kEnd);
}

TEST_F(ProvidersTest, OpensAtTheFirstContentAndHandsOverWhatCameBefore) {
  client_.answer("POST /v1/chat/completions",
                 stream({std::string(kRole), std::string(kWord).substr(0, 20), std::string(kWord).substr(20),
                         std::string(kStop) + std::string(kDone)}));
  RemoteProvider provider(client_, clock_, service_);
  const Call asked = call(std::string(kStreamBody));
  auto opened = run(provider.open(attempt(asked)));
  ASSERT_TRUE(opened.has_value()) << opened.error().what;
  const auto first = run((*opened)->next());
  EXPECT_EQ(first->wire, std::string(kRole) + std::string(kWord));
  EXPECT_TRUE(first->marks & kContent);
  const auto last = run((*opened)->next());
  EXPECT_TRUE(last->marks & kEnd);
  EXPECT_TRUE((*opened)->tally().finished);
  EXPECT_EQ((*opened)->head().headers,
            (std::vector<std::pair<std::string, std::string>>{{"x-ratelimit-remaining", "3"}}));
}

TEST_F(ProvidersTest, AnErrorInsideATwoHundredIsAnErrorBeforeTheFirstContent) {
  RemoteProvider provider(client_, clock_, service_);
  const Call asked = call(std::string(kStreamBody));
  client_.answer("POST /v1/chat/completions",
                 stream({std::string(kRole), "data: {\"error\":{\"message\":\"overloaded\"}}\n\n"}));
  const auto opened = run(provider.open(attempt(asked)));
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().provider, "up");
}

TEST_F(ProvidersTest, CommentsWithoutEndAreGivenUp) {
  const std::string comment = ":" + std::string(1 << 20, ' ') + "\n\n";
  client_.answer("POST /v1/chat/completions", stream(std::vector<std::string>(40, comment)));
  RemoteProvider provider(client_, clock_, service_);
  const Call asked = call(std::string(kStreamBody));
  const auto opened = run(provider.open(attempt(asked)));
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, "upstream_invalid_response");
}

TEST_F(ProvidersTest, AStreamThatBreaksOffIsAnErrorAndKeepsItsTally) {
  auto broken = stream({std::string(kWord)});
  broken.cut = Error{.fault = Fault::kUpstream, .what = "cut"};
  client_.answer("POST /v1/chat/completions", broken);
  RemoteProvider provider(client_, clock_, service_);
  const Call asked = call(std::string(kStreamBody));
  auto opened = run(provider.open(attempt(asked)));
  ASSERT_TRUE(run((*opened)->next()).has_value());
  EXPECT_EQ(run((*opened)->next()).error().fault, Fault::kUpstream);
  EXPECT_EQ((*opened)->tally().content_events, Tokens(1));
  EXPECT_FALSE((*opened)->tally().finished);
}

TEST_F(ProvidersTest, WhatIsNoStreamWhereOneWasAskedForIsAnError) {
  const Call asked = call(std::string(kStreamBody));
  const auto error_of = [&](const char* body) {
    FakeHttpClient client;
    client.answer("POST /v1/chat/completions", 200, body);
    RemoteProvider provider(client, clock_, service_);
    return run(provider.open(attempt(asked))).error();
  };
  const Error whole = error_of(R"({"choices":[{"index":0,"message":{"content":"hi"}}]})");
  EXPECT_EQ(whole.fault, Fault::kUpstream);
  EXPECT_EQ(whole.code, "upstream_invalid_response");
  EXPECT_THAT(whole.what, HasSubstr("up did not stream its answer"));
  const Error limited = error_of(R"({"error":{"message":"slow down","type":"rate_limit_error"}})");
  EXPECT_EQ(limited.fault, Fault::kRateLimited);
  EXPECT_EQ(limited.what, "slow down");
}

TEST_F(ProvidersTest, NoSentenceHoldsTheAddressOfAnUpstream) {
  const auto told = [](std::string what) { return told_of("up", Error{.what = std::move(what)}); };
  EXPECT_EQ(told("The upstream 10.0.0.7:8000 did not answer in time.").what, "up did not answer in time.");
  EXPECT_EQ(told("The upstream [::1]:8000 cannot be reached: it refuses connections.").what,
            "up cannot be reached: it refuses connections.");
  EXPECT_EQ(told("The upstream on this machine broke off in the middle of its answer.").what,
            "The model's worker broke off in the middle of its answer.");
  EXPECT_EQ(told("The upstream cannot be reached: it refuses connections.").what,
            "up cannot be reached: it refuses connections.");
  EXPECT_EQ(told("Another sentence.").what, "Another sentence.");
  EXPECT_EQ(told("Another sentence.").provider, "up");
}

TEST_F(ProvidersTest, ARateLimitKeepsItsHeadersAndNeverTheKey) {
  FakeHttpClient::Answer limited{.status = 429, .pieces = {R"({"error":{"message":"slow down","code":"x"}})"}};
  limited.fields.add("Retry-After", "7");
  limited.fields.add("x-ratelimit-limit-requests", "10");
  client_.answer("POST /v1/chat/completions", limited);
  RemoteProvider provider(client_, clock_, service_);
  const Call asked = call(std::string(kBody));
  const auto error = run(provider.open(attempt(asked))).error();
  EXPECT_EQ(error.fault, Fault::kRateLimited);
  EXPECT_EQ(error.retry_after, Seconds(7));
  EXPECT_EQ(error.headers.size(), 2U);
  EXPECT_THAT(error.what, Not(HasSubstr("Bearer")));
}

TEST_F(ProvidersTest, StrictRefusesWhatATranslationWouldDrop) {
  service_.dialect = Dialect::kAnthropic;
  candidate_.form = Form::kEvents;
  RemoteProvider provider(client_, clock_, service_);
  Call asked = call(R"({"model":"auto","logit_bias":{"1":2},"messages":[{"role":"user","content":"x"}]})");
  asked.strict = true;
  const auto error = run(provider.open(attempt(asked))).error();
  EXPECT_EQ(error.fault, Fault::kInvalid);
  EXPECT_EQ(error.param, "logit_bias");
  EXPECT_TRUE(client_.sent().empty());
}

TEST_F(ProvidersTest, ReadsEachShapeOfModelList) {
  const auto names = [&](std::string_view body) {
    std::vector<std::string> out;
    for (const Model& model : parse_model_list(service_, body).value()) out.push_back(model.id.text);
    return out;
  };
  EXPECT_EQ(names(R"({"data":[{"id":"a"},{"id":""},{"id":5},{"no":1},{"id":"b c"}]})"),
            std::vector<std::string>{"up/a"});
  EXPECT_EQ(names(R"([{"id":"x/y"}])"), std::vector<std::string>{"up/x/y"});
  service_.list_prefix = "x/";
  EXPECT_EQ(names(R"([{"id":"x/y"},{"id":"z"},{"id":"x/"}])"), (std::vector<std::string>{"up/y", "up/z"}));
  service_.list_prefix.clear();
  EXPECT_EQ(parse_model_list(service_, R"({"error":"x"})").error().fault, Fault::kUpstream);
  service_.dialect = Dialect::kOllama;
  EXPECT_EQ(names(R"({"models":[{"name":"llama3.2:1b"}]})"), std::vector<std::string>{"up/llama3.2:1b"});
  EXPECT_EQ(listed_model(service_, "nomic-embed-text").capabilities, Capabilities{kCanEmbed});
  EXPECT_FALSE(listed_model(service_, "nomic-embed-text").features_assumed);
  EXPECT_TRUE(listed_model(service_, "some-new-chat").features_assumed) << "the name does not say what it can do";
  constexpr Capabilities kText = kCanChat | kCanComplete | kCanEmbed;
  for (const char* name : {"whisper-1", "gpt-4o-transcribe", "tts-1-hd", "dall-e-3", "omni-moderation-latest"}) {
    EXPECT_EQ(listed_model(service_, name).capabilities & kText, 0U) << name;
    EXPECT_NE(listed_model(service_, name).capabilities, 0U) << "0 would mean that nothing is known of it";
  }
  EXPECT_EQ(listed_model(service_, "davinci-002").capabilities & kText, Capabilities{kCanComplete});
  EXPECT_TRUE(listed_model(service_, "gpt-4o-audio-preview").capabilities & kCanChat);
  service_.dialect = Dialect::kAnthropic;
  EXPECT_EQ(listed_model(service_, "claude-opus-4-5").capabilities & kText, Capabilities{kCanChat});
}

TEST_F(ProvidersTest, AzureNamesDeploymentsInItsPaths) {
  service_.base_path = "";
  service_.deployment_paths = true;
  service_.query = "api-version=v";
  service_.deployments = {{"gpt-4o", "team-gpt"}};
  EXPECT_EQ(upstream_target(service_, "/chat/completions", "gpt-4o"),
            "/openai/deployments/team-gpt/chat/completions?api-version=v");
  EXPECT_EQ(upstream_target(service_, "/chat/completions", "other"),
            "/openai/deployments/other/chat/completions?api-version=v");
}

// One place, and a count of who holds it.
class OneWorker final : public Workers {
 public:
  std::optional<Lease> try_lease(const ModelId&) noexcept override {
    if (!ready) return std::nullopt;
    return take();
  }
  Task<Lease> lease(const ModelId&, TimePoint) override {
    ++loads;
    co_return take();
  }
  Lease take() {
    ++held;
    return Lease({.host = "local", .unix_path = "/run/w.sock"}, [this] { --held; });
  }
  bool ready = false;
  int loads = 0, held = 0;
};

TEST_F(ProvidersTest, ALocalStreamHoldsItsLeaseUntilItIsDestroyed) {
  client_.answer("POST /v1/chat/completions", stream({std::string(kWord), std::string(kStop) + std::string(kDone)}));
  OneWorker workers;
  LocalProvider provider(client_, clock_, workers);
  const Call asked = call(std::string(kStreamBody));
  {
    auto opened = run(provider.open(attempt(asked)));
    ASSERT_TRUE(opened.has_value()) << opened.error().what;
    EXPECT_EQ(client_.sent()[0].endpoint.unix_path, "/run/w.sock");
    EXPECT_EQ(workers.loads, 1);
    EXPECT_EQ(workers.held, 1);
  }
  EXPECT_EQ(workers.held, 0);
  workers.ready = true;
  EXPECT_TRUE(run(provider.open(attempt(asked))).has_value());
  EXPECT_EQ(workers.loads, 1);
}

}  // namespace
}  // namespace orchestra
