#include "app/outcome_poster.h"

#include <utility>

#include "base/log.h"

namespace orchestra::app {

OutcomePoster::OutcomePoster(const Executor& loop, Post post, Options options)
    : timer_(loop), post_(std::move(post)), options_(options) {}

template <class T>
void OutcomePoster::add(std::vector<T>& to, T one) noexcept {
  try {
    to.push_back(std::move(one));
    if (told_.size() >= options_.batch) return flush();
    if (told_.size() > 1) return;
    timer_.expires_after(options_.wait);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) flush();
    });
  } catch (const std::exception& error) {
    log::warning("An outcome was not learned from: {}", error.what());
  }
}

void OutcomePoster::note(const OutcomeFact& fact) noexcept {
  add(told_.facts, fact);
}

void OutcomePoster::keep(QueryOutcome outcome) noexcept {
  add(told_.kept, std::move(outcome));
}

void OutcomePoster::ended(QueryEnd end) noexcept {
  add(told_.ends, std::move(end));
}

void OutcomePoster::amend(const OutcomeSignal& signal) noexcept {
  add(told_.signals, signal);
}

void OutcomePoster::flush() {
  timer_.cancel();
  if (told_.size() > 0) post_(std::exchange(told_, {}));
}

}  // namespace orchestra::app
