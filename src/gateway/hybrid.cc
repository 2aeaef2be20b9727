#include "gateway/hybrid.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <deque>

#include "gateway/crew.h"

namespace orchestra {
namespace {

struct Running {
  HybridCall call;
  bool done = false;
  bool reported = false;
};

// One request at work. Loop-bound; lives in the frame of run_hybrid.
class HybridRun {
 public:
  HybridRun(const Clock& clock, const Executor& loop, const HybridService& service, RetryBudget& extra,
            std::vector<HybridParty> parties, std::optional<Micros> limit)
      : clock_(clock),
        began_(clock.now()),
        parties_(std::move(parties)),
        crew_(loop),
        race_(service, askable(), extra, limit ? began_ + *limit : TimePoint::max()) {}

  Task<HybridAnswer> run() {
    HybridInput input = HybridTick{};
    std::optional<std::size_t> taken;
    for (;;) {
      const HybridStep step = race_.step(clock_.now(), input);
      input = HybridTick{};
      if (const auto* ask_one = std::get_if<AskMember>(&step)) {
        begin(*ask_one);
        continue;
      }
      if (const auto* take = std::get_if<TakeAnswer>(&step)) taken = members_[take->member];
      if (!std::holds_alternative<AwaitUntil>(step)) break;
      input = co_await report(std::get<AwaitUntil>(step).when);
      if (co_await cancelled()) break;
    }
    crew_.cancel();
    co_await crew_.join();
    if (co_await cancelled()) co_return caller_left();
    if (!taken) co_return fail(nobody());
    co_return answer(*taken);
  }

 private:
  // Those that can be asked, as the race sees them.
  std::vector<HybridMember> askable() {
    std::vector<HybridMember> members;
    for (std::size_t i = 0; i < parties_.size(); ++i) {
      if (parties_[i].unavailable) continue;
      members_.push_back(i);
      members.push_back(parties_[i].member);
    }
    return members;
  }

  void begin(const AskMember& step) {
    const std::size_t party = members_[step.member];
    Running& mine =
        calls_.emplace_back(Running{.call = {.party = party,
                                             .cause = step.cause,
                                             .began = std::chrono::duration_cast<Micros>(clock_.now() - began_),
                                             .reply = {.model = parties_[party].question.model}}});
    crew_.start([this, &mine, limit = std::max(step.limit, Micros(1))] { return ask(mine, limit); });
  }

  Task<void> ask(Running& mine, Micros limit) {
    const HybridParty& party = parties_[mine.call.party];
    Question question = party.question;
    question.limit = limit;
    auto reply = co_await party.asker->ask(std::move(question));
    if (reply) {
      mine.call.reply = std::move(*reply);
    } else {
      mine.call.reply.error = std::move(reply).error();
    }
    mine.done = true;
    co_return Result<void>();
  }

  // What the next call to end came to, or a tick at `until`, or at once when the caller was cancelled.
  boost::asio::awaitable<HybridInput, Executor> report(TimePoint until) {
    for (bool waited = false;; waited = true) {
      for (Running& one : calls_) {
        if (!one.done || one.reported) continue;
        one.reported = true;
        const auto member = static_cast<std::size_t>(std::ranges::find(members_, one.call.party) - members_.begin());
        if (one.call.reply.error) co_return MemberFailed{member};
        co_return MemberAnswered{member, one.call.reply.confidence};
      }
      if (waited) co_return HybridTick{};
      co_await crew_.wait(until != TimePoint::max() ? std::optional(until) : std::nullopt, clock_);
    }
  }

  HybridAnswer answer(std::size_t party) {
    HybridAnswer answer;
    for (Running& one : calls_) {
      if (one.call.party == party) answer.chosen = answer.calls.size();
      HybridCall& call = answer.calls.emplace_back(std::move(one.call));
      if (!call.reply.error || call.reply.error->fault != Fault::kCancelled) continue;
      call.reply.error = Error{.fault = Fault::kCancelled,
                               .what = "Another provider's answer was taken before it came.",
                               .code = "not_needed"};
    }
    return answer;
  }

  // Smaller tells more of what the caller can do.
  static int rank(const Error& error) noexcept {
    switch (error.fault) {
      case Fault::kInvalid:
      case Fault::kUnprocessable:
      case Fault::kTooLarge: return 0;
      case Fault::kRateLimited: return 1;
      case Fault::kTimeout: return 2;
      case Fault::kUpstream: return 3;
      default: return 4;
    }
  }

  Error nobody() const {
    std::vector<std::string> said;
    const Error* telling = calls_.empty() ? common_refusal() : nullptr;
    for (const HybridParty& party : parties_) {
      const auto call =
          std::ranges::find_if(calls_, [&](const Running& one) { return &parties_[one.call.party] == &party; });
      const bool asked = call != calls_.end();
      const Error* error = asked && call->call.reply.error ? &*call->call.reply.error : nullptr;
      // What was cut off at the deadline does not say so by itself.
      if (error != nullptr && error->fault == Fault::kCancelled) error = &kTooLate;
      if (error != nullptr && (telling == nullptr || rank(*error) < rank(*telling))) telling = error;
      said.push_back(fmt::format("{}: {}", party.name,
                                 error != nullptr    ? error->what
                                 : party.unavailable ? party.unavailable->what
                                                     : "It was not asked: the time was over."));
    }
    if (telling == nullptr) telling = &kNobody;
    Error error = *telling;
    error.what = said.empty() ? std::string("The policy names no provider for this service.")
                              : fmt::format("No provider gave an answer. {}", fmt::join(said, " | "));
    return error;
  }

  // What is wrong with the request where every provider refuses it for the same reason.
  const Error* common_refusal() const noexcept {
    const auto same = [&](const HybridParty& party) {
      return party.unavailable && party.unavailable->fault == parties_.front().unavailable->fault &&
             party.unavailable->code == parties_.front().unavailable->code;
    };
    if (parties_.empty() || !parties_.front().unavailable || !std::ranges::all_of(parties_, same)) return nullptr;
    const Error& first = *parties_.front().unavailable;
    return rank(first) == 0 ? &first : nullptr;
  }

  inline static const Error kTooLate{.fault = Fault::kTimeout, .what = "It had not answered by the deadline."};
  inline static const Error kNobody{.fault = Fault::kUnavailable, .what = "", .code = "no_provider_available"};

  const Clock& clock_;
  const TimePoint began_;
  const std::vector<HybridParty> parties_;
  std::vector<std::size_t> members_;  // of the race, as indexes into parties_
  std::deque<Running> calls_;         // in the order of their starts; addresses stay
  Crew crew_;
  HybridRace race_;
};

}  // namespace

Task<HybridAnswer> run_hybrid(const Clock& clock, const HybridService& service, RetryBudget& extra,
                              std::vector<HybridParty> parties, std::optional<Micros> limit) {
  // Cancellation comes as an end of the wait: the calls must have ended before their owner's frame goes.
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  const Executor loop = co_await this_loop();
  extra.deposit(clock.now());
  HybridRun run(clock, loop, service, extra, std::move(parties), limit);
  co_return co_await run.run();
}

}  // namespace orchestra
