#include "app/learning_service.h"

#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/log.h"
#include "store/on_pool.h"

namespace orchestra::app {

namespace asio = boost::asio;

namespace {

constexpr int kLowest = 19;

// Linux keeps a priority for each thread.
void yield_to_others() {
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kLowest);
}

void report(const Refitted& refitted) {
  const RefitReport& report = refitted.report;
  log::info("Learned from {} outcomes of queries in {} ms. {} {}", report.outcomes, report.took.count() / 1000,
            report.classifier, report.routing);
}

}  // namespace

LearningService::LearningService(asio::io_context& control, RegistryStore& store, const Clock& clock,
                                 const FeatureKey& key, const Classifier& shipped, Publish publish, Options options)
    : control_(control),
      store_(store),
      clock_(clock),
      key_(key),
      shipped_(shipped),
      publish_(std::move(publish)),
      options_(options),
      models_(std::make_shared<const QueryModels>(QueryModels{.classifier = shipped, .routing = std::nullopt})),
      forget_(options.forget || options.most == 0),
      save_due_(clock.now()),
      refit_due_(clock.now()),
      rotation_due_(clock.now() + options.save_every),
      thread_(1) {
  asio::post(thread_, yield_to_others);
}

LearningService::~LearningService() {
  thread_.join();
}

void LearningService::note(std::vector<QueryOutcome> kept, std::vector<OutcomeSignal> signals) {
  if (options_.most == 0) return;
  for (QueryOutcome& outcome : kept) take(std::move(outcome));
  for (const OutcomeSignal& signal : signals) take(signal);
  changed_ = changed_ || !kept.empty() || !signals.empty();
}

void LearningService::take(QueryOutcome outcome) {
  // The store has been failing for long: the news are dropped, as memory has an end.
  if (kept_.size() >= options_.most) return;
  const std::string id(outcome.id.text());
  for (auto* const signals : {&earlier_, &early_}) {
    const auto found = signals->find(id);
    if (found == signals->end()) continue;
    for (const OutcomeSignal& signal : found->second) apply(signal, outcome);
    signals->erase(found);
  }
  by_id_.emplace(id, kept_.size());
  kept_.push_back(std::move(outcome));
}

void LearningService::take(const OutcomeSignal& signal) {
  const std::string id(signal.id.text());
  const auto found = by_id_.find(id);
  if (found != by_id_.end()) return apply(signal, kept_[found->second]);
  if (signals_.size() < options_.most) signals_.push_back(signal);
  if (early_.size() < options_.most) early_[id].push_back(signal);
}

void LearningService::tick() {
  const TimePoint now = clock_.now();
  if (now >= rotation_due_) {
    rotation_due_ = now + options_.save_every;
    earlier_ = std::exchange(early_, {});
  }
  if (saving_ || refitting_) return;
  if (options_.most > 0 && changed_ && now >= refit_due_) {
    refit_due_ = now + options_.refit_every;
    save_due_ = now + options_.save_every;
    asio::co_spawn(control_.get_executor(), refit_now(), [](std::exception_ptr, const Result<void>& done) {
      if (!done) log::warning("The models of queries could not be refitted: {}", done.error().what);
    });
  } else if (has_news() && now >= save_due_) {
    save_due_ = now + options_.save_every;
    asio::co_spawn(control_.get_executor(), save(), [](std::exception_ptr, const Result<void>& done) {
      if (!done) log::warning("Outcomes of queries could not be saved and are tried again: {}", done.error().what);
    });
  }
}

Task<void> LearningService::save() {
  if (!has_news()) co_return Result<void>();
  saving_ = true;
  if (forget_) {
    auto forgotten = co_await store_.save_outcomes({.kept = {}, .signals = {}, .most = 0});
    saving_ = forgotten.has_value();
    if (!forgotten) co_return forgotten;
    forget_ = false;
  }
  by_id_.clear();
  OutcomeChanges changes{
      .kept = std::exchange(kept_, {}), .signals = std::exchange(signals_, {}), .most = options_.most};
  auto saved = co_await store_.save_outcomes(changes);
  saving_ = false;
  if (saved) co_return saved;
  // Back before what came meanwhile.
  auto later = std::exchange(kept_, {});
  by_id_.clear();
  for (QueryOutcome& outcome : changes.kept) take(std::move(outcome));
  for (QueryOutcome& outcome : later) take(std::move(outcome));
  for (const OutcomeSignal& signal : std::exchange(signals_, std::move(changes.signals))) take(signal);
  co_return saved;
}

Task<void> LearningService::refit_now() {
  refitting_ = true;
  changed_ = false;
  auto done = co_await fit();
  refitting_ = false;
  changed_ = changed_ || !done;
  co_return done;
}

Task<void> LearningService::fit() {
  CO_TRY_VOID(co_await save());
  CO_TRY(const auto outcomes, co_await store_.outcomes());
  if (outcomes.empty()) co_return Result<void>();
  const TimePoint began = clock_.now();
  CO_TRY(Refitted refitted, co_await on_pool<Refitted>(thread_, [this, &outcomes, current = models_] {
           return refit(shipped_, *current, outcomes, key_);
         }));
  refitted.report.at = clock_.wall();
  refitted.report.took = std::chrono::duration_cast<Micros>(clock_.now() - began);
  report(refitted);
  models_ = refitted.models;
  publish_(models_, std::make_shared<const RefitReport>(std::move(refitted.report)));
  co_return Result<void>();
}

Task<void> LearningService::close() {
  while (saving_ || refitting_) CO_TRY_VOID(co_await sleep_until(std::chrono::steady_clock::now() + Millis(1)));
  co_return co_await save();
}

}  // namespace orchestra::app
