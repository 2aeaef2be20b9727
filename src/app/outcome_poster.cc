#include "app/outcome_poster.h"

#include <utility>

#include "base/log.h"

namespace orchestra::app {

OutcomePoster::OutcomePoster(const Executor& loop, Post post, Options options)
    : timer_(loop), post_(std::move(post)), options_(options) {}

void OutcomePoster::note(const OutcomeFact& fact) noexcept {
  try {
    facts_.push_back(fact);
    if (facts_.size() >= options_.batch) return flush();
    if (facts_.size() > 1) return;
    timer_.expires_after(options_.wait);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) flush();
    });
  } catch (const std::exception& error) {
    log::warning("An outcome was not learned from: {}", error.what());
  }
}

void OutcomePoster::flush() {
  timer_.cancel();
  if (!facts_.empty()) post_(std::exchange(facts_, {}));
}

}  // namespace orchestra::app
