#include "gateway/gateway.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "gateway/learning.h"
#include "ledger/usage.h"
#include "policy/wants.h"

namespace orchestra {

namespace asio = boost::asio;

namespace {

// Counts the requests under way.
class InFlight {
 public:
  explicit InFlight(Gauge& gauge) noexcept : gauge_(gauge) { gauge_.add(1); }
  ~InFlight() { gauge_.add(-1); }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

 private:
  Gauge& gauge_;
};

Task<void> pause(Executor loop, const Clock& clock, TimePoint until) {
  Timer timer(loop, until - clock.now());
  auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable_t<Executor>()));
  if (error) co_return caller_left();
  co_return Result<void>();
}

}  // namespace

Gateway::Gateway(GatewayParts parts, GatewayOptions options)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      series_(parts_.metrics),
      decisions_(parts_.health, parts_.sessions, series_, parts_.clock, options_.select, parts_.classify, parts_.key),
      learning_(parts_.keeps_queries ? parts_.key : nullptr, parts_.outcomes, parts_.clock),
      budgets_{RetryBudget(options_.retries), RetryBudget(options_.hedges)},
      holds_(parts_.loop, parts_.clock, options_.hold, options_.keep_alive) {}

void Gateway::set_catalogue(CataloguePtr catalogue) {
  decisions_.set_catalogue(std::move(catalogue));
}

void Gateway::set_fleet(FleetViewPtr fleet) {
  decisions_.set_fleet(std::move(fleet));
}

void Gateway::set_performance(PerformanceViewPtr performance) {
  decisions_.set_performance(std::move(performance));
}

void Gateway::set_options(GatewayOptions options) {
  options_ = std::move(options);
  decisions_.set_options(options_.select);
  budgets_ = {RetryBudget(options_.retries), RetryBudget(options_.hedges)};
  holds_.set(options_.hold, options_.keep_alive);
}

void Gateway::set_providers(std::shared_ptr<Providers> providers) {
  parts_.providers = std::move(providers);
}

Decided Gateway::decide(const Call& call) {
  const auto choice = decisions_.choose(call);
  return {choice->decision, choice->refused};
}

Task<void> Gateway::serve(const Call& call, Sink& sink) {
  // Cancellation comes as an error of the operation under way; an exception would skip the settling below.
  co_await asio::this_coro::throw_if_cancelled(false);
  const InFlight counted(series_.in_flight());
  const TimePoint now = parts_.clock.now();
  Walk walk{call, sink, parts_.loop, parts_.providers, parts_.clock, parts_.outcomes, now, now};

  if (auto admitted = admit(call); !admitted) co_return co_await refuse(walk, admitted.error(), 0);
  // Recall stands here: a saved answer would end the walk.
  std::optional<CountedPrompt> prompt;
  if (const auto doubt = parts_.count_tokens ? decisions_.fit_doubt(call) : std::nullopt) {
    if (auto tokens = co_await count(call, *doubt)) prompt = *tokens;
  }
  walk.choice = decisions_.choose(call, prompt);
  if (auto opened = open_settlement(walk); !opened) co_return co_await refuse(walk, opened.error(), 0);
  if (const auto& refused = walk.choice->refused) {
    co_return co_await refuse(walk, *refused, http_status(refused->fault));
  }
  if (const auto& loading = walk.choice->decision->loading; loading && parts_.begin_load) parts_.begin_load(*loading);
  std::optional<Contest> contest;
  auto result = co_await run(walk, contest);
  if (result) result = co_await deliver(walk);
  // Remember stands here: an answer that was delivered whole may be kept.
  if (contest) co_await contest->join();
  co_return result;
}

Task<CountedPrompt> Gateway::count(const Call& call, FitDoubt doubt) {
  CO_TRY(const Request& request, call.request());
  const Tokens between = tokens_between(request);
  CO_TRY(const Tokens counted, co_await parts_.count_tokens(prompt_texts(request), doubt.encoding, doubt.window));
  // Counting stopped behind the window: then the estimate may be nearer.
  const Tokens tokens = counted > doubt.window ? std::max(counted, estimated_input(call.shape)) : counted;
  co_return CountedPrompt{tokens + between, doubt.exact};
}

Result<void> Gateway::admit(const Call& call) noexcept {
  for (Admission* admission : parts_.admissions) TRY_VOID(admission->admit(call));
  return {};
}

Result<void> Gateway::open_settlement(Walk& walk) {
  const Plan& plan = walk.plan();
  SpendOpened opened{
      .id = walk.call.id, .at = parts_.clock.wall(), .tenant = walk.call.caller.tenant, .task = walk.call.shape.task};
  // The ledger keeps a table of names. A name that leads nowhere stands in the decision only: callers make it up.
  if (!walk.choice->refused) opened.asked = walk.choice->decision->asked;
  if (!plan.order.empty()) {
    opened.model = plan.order.front().model;
    opened.reserve = plan.order.front().reserve;
    opened.price_known = plan.order.front().price_known;
  }
  TRY(auto settlement,
      Settlement::open(parts_.journal, parts_.clock, opened, estimated_input(walk.call.shape), walk.started));
  walk.settlement.emplace(std::move(settlement));
  walk.settlement->record().decision = walk.choice->decision;
  walk.settlement->record().stream = walk.call.shape.stream;
  return {};
}

Task<void> Gateway::run(Walk& walk, std::optional<Contest>& contest) {
  const Plan& plan = walk.plan();
  const auto& wanted = walk.call.deadline;
  walk.deadline_is_callers = wanted && *wanted < plan.timeouts.total;
  walk.deadline = walk.started + (walk.deadline_is_callers ? *wanted : plan.timeouts.total);
  budgets_.deposit(walk.started);
  Race race(plan, budgets_, walk.deadline, random_bits());
  std::optional<Holds::Place> hold;
  if (walk.call.shape.stream) hold.emplace(holds_, walk.sink);

  Result<void> ran;
  if (plan.hedge_after.count() > 0 && plan.order.size() > 1) {
    contest.emplace(walk);
    ran = co_await run_hedged(walk, race, *contest);
    const bool left = !ran && (co_await cancelled() || ran.error().fault == Fault::kCancelled);
    if (ran || left) contest->book_losers(left);
    contest->stop();
  } else {
    ran = co_await run_in_turn(walk, race);
  }
  if (hold) co_await hold->release();
  if (ran) co_return ran;
  if (co_await cancelled() || ran.error().fault == Fault::kCancelled) {
    abandon(walk);
    co_return caller_left();
  }
  const bool status_sent = hold && hold->kept_alive();
  co_return co_await refuse(walk, ran.error(), status_sent ? 200 : http_status(ran.error().fault));
}

Task<void> Gateway::run_in_turn(Walk& walk, Race& race) {
  RaceInput input = Tick{};
  for (;;) {
    RaceStep step = race.step(parts_.clock.now(), input);
    if (std::holds_alternative<Commit>(step)) co_return Result<void>();
    if (auto* error = std::get_if<Error>(&step)) co_return fail(std::move(*error));
    if (const auto* wait = std::get_if<WaitUntil>(&step)) {
      co_await pause(parts_.loop, parts_.clock, wait->when);
      input = Tick{};
    } else {
      const Start start = std::get<Start>(step);
      auto opened = co_await attempt(walk, start);
      if (opened) {
        walk.answer.emplace(std::move(*opened));
        input = Opened{start.attempt};
        continue;
      }
      input = Failed{start.attempt, std::move(opened).error()};
    }
    if (co_await cancelled()) co_return caller_left();
  }
}

Task<void> Gateway::run_hedged(Walk& walk, Race& race, Contest& contest) {
  RaceInput input = Tick{};
  for (;;) {
    RaceStep step = race.step(parts_.clock.now(), input);
    input = Tick{};
    if (const auto* commit = std::get_if<Commit>(&step)) {
      walk.answer.emplace(contest.take(commit->attempt));
      co_return Result<void>();
    }
    if (auto* error = std::get_if<Error>(&step)) co_return fail(std::move(*error));
    if (const auto* start = std::get_if<Start>(&step)) {
      contest.enter(*start);
    } else {
      input = co_await contest.report(std::get<WaitUntil>(step).when);
      if (co_await cancelled()) co_return caller_left();
    }
  }
}

Task<void> Gateway::deliver(Walk& walk) {
  Answer& answer = *walk.answer;
  const Candidate& candidate = walk.plan().order[answer.candidate];
  const Target& target = walk.choice->targets[answer.candidate];
  walk.settlement->asking(candidate.model, target.price);
  walk.settlement->watch(answer.stream.get());
  walk.settlement->first_content();
  if (answer.candidate != 0) target.series->fallback(walk.plan().order.front().model);
  const int status = answer.stream->head().status;

  auto sent = co_await walk.sink.begin(answer.stream->head());
  Result<Chunk> chunk = answer.first;
  while (sent && (chunk->marks & kEnd) == 0) {
    sent = co_await walk.sink.write(*chunk);
    if (!sent) break;
    chunk = co_await answer.stream->next();
    if (chunk) continue;
    if (co_await cancelled()) break;
    if (!callers_haste(walk, chunk.error())) answer.pass.failed(chunk.error());
    tell_failed(walk, answer.candidate, chunk.error());
    co_return co_await refuse(walk, chunk.error(), status);
  }
  if (!sent || !chunk) {
    abandon(walk);
    co_return caller_left();
  }
  answer.pass.succeeded();
  decisions_.answered(walk.call, walk.choice->decision->loading.value_or(candidate.model));
  settle(walk, Outcome::kAnswered, status);
  tell_answered(walk, true);
  if (parts_.journal.waits_for_disk()) {
    const auto synced = co_await parts_.journal.synced();
    if (!synced) log::warning("The journal could not be synced: {}", synced.error().what);
  }
  co_return co_await walk.sink.write(*chunk);
}

Task<void> Gateway::refuse(Walk& walk, const Error& error, int status) {
  if (walk.settlement) settle(walk, Outcome::kFailed, status);
  walk.answer.reset();
  const auto sent = co_await walk.sink.fail(error);
  if (!sent) log::debug("{}: the error could not be sent: {}", walk.call.id.text(), sent.error().what);
  co_return fail(error);
}

void Gateway::abandon(Walk& walk) {
  settle(walk, Outcome::kAbandoned, http_status(Fault::kCancelled));
  // Content came, so the model did its part.
  if (walk.answer) {
    walk.answer->pass.succeeded();
    tell_answered(walk, std::nullopt);
  }
  walk.answer.reset();
}

void Gateway::settle(Walk& walk, Outcome outcome, int status) {
  const SpendSettled& settled = walk.settlement->book(outcome, status);
  walk.settlement->watch(nullptr);
  walk.sink.booked(settled);
  const bool asked = !settled.attempts.empty();
  ModelSeries& series = series_.of(asked ? std::string_view(settled.model.text) : std::string_view());
  series.request(settled);
  if (walk.choice && asked) {
    if (const auto& query = walk.choice->decision->features.query) series.classified(query->type);
  }
  if (walk.choice) learning_.settled(walk, outcome);
  log::debug("{}: {} with {} by {} after {} us", walk.call.id.text(), outcome_name(outcome), status,
             asked ? std::string_view(settled.model.text) : "no model", settled.latency.count());
}

}  // namespace orchestra
