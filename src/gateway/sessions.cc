#include "gateway/sessions.h"

#include <algorithm>
#include <atomic>

namespace orchestra {
namespace {

std::uint64_t mixed(std::uint64_t session) noexcept {
  session = (session ^ session >> 32U) * 0x9e3779b97f4a7c15ULL;
  return session ^ session >> 29U;
}

// The clock may begin at 0, which stands for a place that is free.
std::uint32_t seconds_of(TimePoint now) noexcept {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<Seconds>(now.time_since_epoch()).count() + 1);
}

template <class Word>
Word load(Word& word) noexcept {
  return std::atomic_ref(word).load(std::memory_order_relaxed);
}
template <class Word>
void store(Word& word, Word value) noexcept {
  std::atomic_ref(word).store(value, std::memory_order_relaxed);
}

bool is_of(std::uint64_t entry, std::uint64_t session) noexcept {
  return entry >> 32U == mixed(session) >> 32U;
}

}  // namespace

Sessions::Sessions() : pages_(kBuckets * sizeof(Bucket)) {}

Sessions::Bucket& Sessions::bucket_of(std::uint64_t session) const noexcept {
  return static_cast<Bucket*>(pages_.data())[mixed(session) % kBuckets];
}

std::optional<std::uint32_t> Sessions::model(std::uint64_t session, TimePoint now) const noexcept {
  for (Place& place : bucket_of(session)) {
    const std::uint32_t seconds = load(place.seconds);
    const std::uint64_t entry = load(place.entry);
    if (seconds == 0 || !is_of(entry, session)) continue;
    // Another loop may have used it a moment after `now`.
    if (Seconds(static_cast<std::int32_t>(seconds_of(now) - seconds)) > kKept) return std::nullopt;
    return static_cast<std::uint32_t>(entry);
  }
  return std::nullopt;
}

void Sessions::stands(std::uint64_t session, std::uint32_t model, TimePoint now) noexcept {
  Bucket& bucket = bucket_of(session);
  auto* place = std::ranges::find_if(
      bucket, [session](Place& one) { return load(one.seconds) != 0 && is_of(load(one.entry), session); });
  if (place == bucket.end()) {
    place = std::ranges::min_element(bucket, {}, [](Place& one) { return load(one.seconds); });
  }
  store(place->entry, mixed(session) >> 32U << 32U | model);
  store(place->seconds, seconds_of(now));
}

}  // namespace orchestra
