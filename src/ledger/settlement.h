// One request's entry in the spend journal, as an object: opened by `open`, settled exactly once, whatever happens.
//
// Loop-bound; owned by Gateway::serve for the length of one request. The journal, the clock and the watched stream must
// outlive it: declare it behind the stream, so that it is destroyed first.
#pragma once

#include <utility>

#include "base/clock.h"
#include "domain/model.h"
#include "domain/spend.h"
#include "ports/journal.h"
#include "ports/provider.h"

namespace orchestra {

class Settlement {
 public:
  // Writes `opened`; kUnavailable when the journal has no room: the request must be refused.
  // `input` is the estimate that is booked for an answer without a usage report.
  static Result<Settlement> open(Journal& journal, const Clock& clock, const SpendOpened& opened, Tokens input,
                                 TimePoint started);
  // Books `abandoned` with what the watched stream's tally shows, unless the request has been booked.
  ~Settlement();
  Settlement(Settlement&& other) noexcept;
  Settlement& operator=(Settlement&&) = delete;

  // What the record will say.
  SpendSettled& record() noexcept { return record_; }
  const SpendSettled& record() const noexcept { return record_; }
  TimePoint started() const noexcept { return started_; }
  // The model that is being asked, and its prices. From now on an abandoned request costs at least its input.
  void asking(const ModelId& model, const Price& price);
  // The stream whose tally counts; null to forget it.
  void watch(const Stream* stream) noexcept { stream_ = stream; }
  void first_content() noexcept;
  // What an attempt used that lost to another: its money counts too, its tokens are not the answer's. Where its
  // upstream reported nothing, that is at least the input.
  void lost(const Tally& tally, const Price& price) noexcept;
  bool booked() const noexcept { return journal_ == nullptr; }

  // Books the outcome with the watched stream's tally and the status the caller got. Once; later calls do nothing.
  // Returns what was booked.
  const SpendSettled& book(Outcome outcome, int status) noexcept;

 private:
  Settlement(Journal& journal, const Clock& clock, JournalTicket ticket, Tokens input, TimePoint started) noexcept
      : journal_(&journal), clock_(&clock), ticket_(ticket), input_(input), started_(started) {}
  void price_usage(Outcome outcome) noexcept;

  Journal* journal_;  // null once booked or moved from
  const Clock* clock_;
  JournalTicket ticket_;
  Tokens input_;
  TimePoint started_;
  bool asked_ = false;
  Price price_;
  MicroUsd lost_;
  bool lost_known_ = true;
  const Stream* stream_ = nullptr;
  SpendSettled record_;
};

}  // namespace orchestra
