#include "gateway/hybrid.h"

#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "gateway/fake_asker.h"

namespace orchestra {
namespace {

namespace asio = boost::asio;
using testing::HasSubstr;

constexpr Seconds kFar{60};
const Error kBroken{.fault = Fault::kUpstream, .what = "The upstream said no."};

const Error kKeyless{.fault = Fault::kUnavailable, .what = "Its key is missing."};

class HybridTest : public testing::Test {
 protected:
  HybridParty party(const std::string& name, bool local) {
    return {.name = name, .asker = &asker_, .question = {.model = name}, .member = {.local = local, .timeout = kFar}};
  }
  Result<HybridAnswer> run(std::vector<HybridParty> parties, std::optional<Micros> limit = std::nullopt) {
    std::optional<Result<HybridAnswer>> result;
    asio::co_spawn(
        context_, run_hybrid(clock_, service_, extra_, std::move(parties), limit),
        asio::bind_cancellation_slot(leave_.slot(), [&](std::exception_ptr thrown, Result<HybridAnswer> ran) {
          EXPECT_FALSE(thrown);
          result = std::move(ran);
        }));
    context_.restart();
    const TimePoint by = clock_.now() + kFar / 2;
    while (!result && clock_.now() < by) context_.run_one_until(by);
    EXPECT_TRUE(result.has_value()) << "it did not return";
    if (!result) return fail(Fault::kInternal, "It hangs.");
    return std::move(*result);
  }
  Result<HybridAnswer> run_two(std::optional<Micros> limit = std::nullopt) {
    return run({party("near", true), party("far", false)}, limit);
  }

  asio::io_context context_{1};
  SystemClock clock_;
  asio::cancellation_signal leave_;
  FakeAsker asker_{clock_};
  HybridService service_{.latency_threshold = Millis(5), .confidence_threshold = 0.75};
  RetryBudget extra_{{.percent = 100, .floor_per_second = 0, .burst = 10, .start = 10}};
};

TEST_F(HybridTest, TheFirstInTimeIsAskedAlone) {
  service_.latency_threshold = kFar;
  asker_.replies = {{"near", {"Paris", 0.9}}};
  const auto answer = run_two();
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->calls.size(), 1U);
  EXPECT_EQ(answer->calls[0].reply.text, "Paris");
  EXPECT_EQ(answer->calls[0].party, 0U);
  EXPECT_TRUE(asker_.asked[0].limit) << "every call has its timeout";
}

TEST_F(HybridTest, TheLoserIsCancelledBeforeTheAnswerIsGiven) {
  asker_.replies = {{"near", {"late", {}, {}, kFar}}, {"far", {"Paris"}}};
  const auto answer = run_two();
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->calls.size(), 2U);
  EXPECT_EQ(answer->chosen, 1U);
  EXPECT_EQ(answer->calls[1].cause, AskCause::kLatency);
  EXPECT_EQ(asker_.cut, 1);
  EXPECT_EQ(answer->calls[0].reply.error->code, "not_needed");
}

TEST_F(HybridTest, ALowAnswerIsKeptForWhenNothingBetterComes) {
  service_.latency_threshold = kFar;
  asker_.replies = {{"near", {"Lyon", 0.3}}, {"far", {"Paris", 0.9}}};
  EXPECT_EQ(run_two()->chosen, 1U);
  asker_.replies["far"] = {"", {}, kBroken};
  const auto kept = run_two();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->chosen, 0U);
  EXPECT_EQ(kept->calls[1].reply.error->what, kBroken.what);
}

TEST_F(HybridTest, TheErrorNamesEveryProviderAndWhy) {
  service_.latency_threshold = kFar;
  asker_.replies = {{"near", {"", {}, kBroken}},
                    {"far", {"", {}, Error{.fault = Fault::kTimeout, .what = "Too slow."}}}};
  HybridParty keyless{.name = "other", .unavailable = kKeyless};
  const auto answer = run({party("near", true), party("far", false), keyless});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().what,
            "No provider gave an answer. near: The upstream said no. | far: Too slow. | other: Its key is missing.");
  EXPECT_EQ(answer.error().fault, Fault::kTimeout);
}

TEST_F(HybridTest, WithoutAProviderItIsUnavailable) {
  const auto nobody = run({HybridParty{.name = "other", .unavailable = kKeyless}});
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().fault, Fault::kUnavailable);
  EXPECT_THAT(nobody.error().what, HasSubstr("other: Its key is missing."));
  EXPECT_EQ(run({}).error().fault, Fault::kUnavailable);
  const Error too_long{.fault = Fault::kInvalid, .what = "Too long.", .code = "token_limit_exceeded"};
  const HybridParty small{.name = "small", .unavailable = too_long};
  EXPECT_EQ(run({small, small}).error().code, "token_limit_exceeded");
  EXPECT_EQ(run({small, {.name = "other", .unavailable = kKeyless}}).error().fault, Fault::kUnavailable);
}

TEST_F(HybridTest, TheDeadlineCutsWhatRuns) {
  asker_.replies = {{"near", {"late", {}, {}, kFar}}, {"far", {"late", {}, {}, kFar}}};
  const auto answer = run_two(Millis(30));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, Fault::kTimeout);
}

TEST_F(HybridTest, ACallerWhoLeavesCancelsAll) {
  asker_.replies = {{"near", {"late", {}, {}, kFar}}, {"far", {"late", {}, {}, kFar}}};
  asker_.on_ask = [&] {
    if (asker_.asked.size() == 2) {
      asio::post(context_, [&] { leave_.emit(asio::cancellation_type::terminal); });
    }
  };
  const auto answer = run_two();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, Fault::kCancelled);
  EXPECT_EQ(asker_.cut, 2);
}

}  // namespace
}  // namespace orchestra
