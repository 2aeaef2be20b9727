#include "ledger/settlement.h"

#include "policy/cost.h"

namespace orchestra {

Result<Settlement> Settlement::open(Journal& journal, const Clock& clock, const SpendOpened& opened, Tokens input,
                                    TimePoint started) {
  TRY(const auto ticket, journal.open(opened));
  Settlement settlement(journal, clock, ticket, input, started);
  settlement.record_.model = opened.model;
  return settlement;
}

Settlement::Settlement(Settlement&& other) noexcept
    : journal_(std::exchange(other.journal_, nullptr)),
      clock_(other.clock_),
      ticket_(other.ticket_),
      input_(other.input_),
      started_(other.started_),
      asked_(other.asked_),
      price_(other.price_),
      lost_(other.lost_),
      lost_known_(other.lost_known_),
      stream_(std::exchange(other.stream_, nullptr)),
      record_(std::move(other.record_)) {}

Settlement::~Settlement() {
  book(Outcome::kAbandoned, http_status(Fault::kCancelled));
}

void Settlement::asking(const ModelId& model, const Price& price) {
  asked_ = true;
  record_.model = model;
  price_ = price;
}

void Settlement::first_content() noexcept {
  record_.first_content = std::chrono::duration_cast<Micros>(clock_->now() - started_);
}

void Settlement::lost(const Tally& tally, const Price& price) noexcept {
  Usage usage = tally.usage;
  if (!usage.known) {
    usage.input = std::max(usage.input, input_);
    usage.output = std::max(usage.output, tally.content_events);
  }
  const auto spent = cost(usage, price);
  lost_known_ = lost_known_ && spent.has_value();
  lost_ = lost_ + spent.value_or(MicroUsd(0));
}

void Settlement::price_usage(Outcome outcome) noexcept {
  const Tally tally = stream_ != nullptr ? stream_->tally() : Tally{};
  record_.usage = tally.usage;
  // An answer whose upstream reported nothing, and a caller who left before any report: the provider bills both.
  const bool consumed = stream_ != nullptr || (asked_ && outcome == Outcome::kAbandoned);
  if (!tally.usage.known && consumed) {
    record_.usage.input = std::max(tally.usage.input, input_);
    record_.usage.output = std::max(tally.usage.output, tally.content_events);
  }
  const auto spent = cost(record_.usage, price_);
  record_.cost_known = (!consumed || spent.has_value()) && lost_known_;
  record_.cost = lost_ + (consumed ? spent.value_or(MicroUsd(0)) : MicroUsd(0));
}

const SpendSettled& Settlement::book(Outcome outcome, int status) noexcept {
  if (booked()) return record_;
  record_.outcome = outcome;
  record_.status = status;
  // An attempt that never reported lost a hedge, or its caller left.
  for (auto& attempt : record_.attempts) {
    if (attempt.outcome.empty()) attempt.outcome = fault_code(Fault::kCancelled);
  }
  record_.latency = std::chrono::duration_cast<Micros>(clock_->now() - started_);
  price_usage(outcome);
  std::exchange(journal_, nullptr)->settle(ticket_, record_);
  return record_;
}

}  // namespace orchestra
