// Signs of discontent in what callers do, of all loops together. Owned by the control loop; no clock, no I/O.
//
//   sent again  the same caller sends the same prompt within a minute after it was answered whole: the earlier answer
//               counts as 0.2 of quality, with the weight of half a sample, and its outcome as retried. A prompt that
//               keeps coming back (a monitor, a benchmark) counts for its first two repetitions alone.
//   left        the caller leaves in the middle of a stream: 0.3, a tenth of a sample.
//               Networks fail and people change their minds, so that of each model as many signs of discontent as are
//               5 % of its latest answers do not count for its quality.
//
// Loops tell in batches, so that news of a repetition may come before those of the answer that it repeats. Ends are
// therefore looked at in their order, once those before them must have come.
//
// Prompts are remembered as keyed hashes for ten to twenty minutes, since a repetition may be answered long after it
// began; of a flood of them the latest. Memory is taken as they come.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "domain/query_end.h"
#include "domain/query_outcome.h"

namespace orchestra {

class Discontent {
 public:
  static constexpr double kRetryQuality = 0.2, kRetryWeight = 0.5, kLeftQuality = 0.3, kLeftWeight = 0.1;
  static constexpr double kUsualShare = 0.05;
  static constexpr Micros kSoon{std::chrono::seconds(60)};
  static constexpr int kCounted = 2;
  static constexpr Micros kLate{std::chrono::seconds(2)};  // news take no longer than that
  static constexpr Micros kKept{std::chrono::minutes(10)};
  static constexpr std::size_t kMost = 1U << 14U;  // prompts, before the oldest are forgotten

  void note(std::vector<QueryEnd> ends);

  struct Signs {
    std::vector<OutcomeFact> facts;      // of quality alone
    std::vector<OutcomeSignal> signals;  // of what was sent again
  };
  // Of all that ended `kLate` before `now`, on the monotonic clock. Call it every second or so.
  Signs read(TimePoint now);

 private:
  struct Answered {
    RequestId id;
    OutcomeFact about;
    TimePoint at{};
    int repeats = 0;
  };
  using Prompts = std::unordered_map<std::uint64_t, Answered>;
  // Latest answers and signs of discontent of one model.
  struct Share {
    double answers = 0, complaints = 0;
  };

  void look_at(QueryEnd end, Signs& signs);
  Answered* find(std::uint64_t prompt);
  void complain(OutcomeFact fact, double quality, double weight, Signs& signs);
  void forget_old(TimePoint now);

  std::vector<QueryEnd> waiting_;
  Prompts recent_, older_;
  TimePoint rotation_due_{};
  std::unordered_map<std::string, Share> shares_;  // by model
};

}  // namespace orchestra
