// Which prompts were answered a moment ago: a caller who sends the same again was not content. Loop-bound.
//
// A table of fixed size; what does not fit pushes out what stood there. A prompt that keeps coming back (a monitor, a
// benchmark) counts for its first two repetitions alone.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "domain/outcome.h"

namespace orchestra {

class Repeats {
 public:
  static constexpr Micros kSoon{std::chrono::seconds(60)};
  static constexpr int kCounted = 2;

  struct Answered {
    RequestId id;
    OutcomeFact about;  // model, task, class and stratum of the answer
  };
  // The earlier answer that a request of the same prompt, begun at `started`, is a repetition of, where that counts.
  std::optional<Answered> repeated(std::uint64_t prompt, TimePoint started);
  // `prompt` was answered whole at `now`.
  void answered(std::uint64_t prompt, Answered answer, TimePoint now);

 private:
  struct Slot {
    std::uint64_t prompt = 0;
    Answered answer;
    TimePoint at{};
    int repeats = 0;
    bool used = false;
  };
  static constexpr std::size_t kSlots = 1024;
  Slot& slot(std::uint64_t prompt) noexcept { return slots_[prompt % kSlots]; }

  std::vector<Slot> slots_ = std::vector<Slot>(kSlots);
};

}  // namespace orchestra
