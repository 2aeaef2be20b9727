#include "gateway/repeats.h"

#include <utility>

namespace orchestra {

std::optional<Repeats::Answered> Repeats::repeated(std::uint64_t prompt, TimePoint started) {
  Slot& one = slot(prompt);
  if (!one.used || one.prompt != prompt) return std::nullopt;
  // Two requests that were under way together are no second thoughts.
  if (started < one.at) return std::nullopt;
  if (started - one.at > kSoon) {
    one.repeats = 0;
    return std::nullopt;
  }
  if (++one.repeats > kCounted) return std::nullopt;
  return one.answer;
}

void Repeats::answered(std::uint64_t prompt, Answered answer, TimePoint now) {
  Slot& one = slot(prompt);
  const int repeats = one.used && one.prompt == prompt ? one.repeats : 0;
  one = {.prompt = prompt, .answer = std::move(answer), .at = now, .repeats = repeats, .used = true};
}

}  // namespace orchestra
