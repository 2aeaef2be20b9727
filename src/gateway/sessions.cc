#include "gateway/sessions.h"

#include <algorithm>

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

bool is_of(std::uint64_t entry, std::uint64_t session) noexcept {
  return entry >> 32U == mixed(session) >> 32U;
}

}  // namespace

Sessions::Sessions() : buckets_(std::make_unique<Bucket[]>(kBuckets)) {}

Sessions::Bucket& Sessions::bucket_of(std::uint64_t session) const noexcept {
  return buckets_[mixed(session) % kBuckets];
}

std::optional<std::uint32_t> Sessions::model(std::uint64_t session, TimePoint now) const noexcept {
  for (const Place& place : bucket_of(session)) {
    const std::uint32_t seconds = place.seconds.load(std::memory_order_relaxed);
    const std::uint64_t entry = place.entry.load(std::memory_order_relaxed);
    if (seconds == 0 || !is_of(entry, session)) continue;
    if (Seconds(seconds_of(now) - seconds) > kKept) return std::nullopt;
    return static_cast<std::uint32_t>(entry);
  }
  return std::nullopt;
}

void Sessions::stands(std::uint64_t session, std::uint32_t model, TimePoint now) noexcept {
  Bucket& bucket = bucket_of(session);
  auto place = std::ranges::find_if(bucket, [session](const Place& one) {
    return one.seconds.load(std::memory_order_relaxed) != 0 &&
           is_of(one.entry.load(std::memory_order_relaxed), session);
  });
  if (place == bucket.end()) {
    place = std::ranges::min_element(bucket, {},
                                     [](const Place& one) { return one.seconds.load(std::memory_order_relaxed); });
  }
  place->entry.store(mixed(session) >> 32U << 32U | model, std::memory_order_relaxed);
  place->seconds.store(seconds_of(now), std::memory_order_relaxed);
}

}  // namespace orchestra
