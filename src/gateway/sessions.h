// Where sessions stand: which model answered each of them last. Shared by all loops without a lock: a client's
// connections come to any of them.
//
// A table of fixed size. Of a bucket that is full the session that was quiet longest is forgotten, and every session
// after an hour. An entry is one word, so that no reader sees half of it: 32 bits of the session, beside those that
// choose the bucket, and the 32 that stand for a model (draw_key, policy/facts.h). Two sessions that agree in all 46
// bits, one pair in 70 million million, would share an entry; that harms a prompt cache at most.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/units.h"
#include "base/zero_pages.h"

namespace orchestra {

class Sessions {
 public:
  static constexpr Micros kKept{std::chrono::hours(1)};

  // Room for 65,536 sessions: 1 MB of memory, taken as it fills up.
  Sessions();

  // The model of a session that is not 0; nothing when it stands nowhere. Any thread.
  std::optional<std::uint32_t> model(std::uint64_t session, TimePoint now) const noexcept;
  void stands(std::uint64_t session, std::uint32_t model, TimePoint now) noexcept;

 private:
  static constexpr std::size_t kBuckets = 1U << 14U, kPlaces = 4;
  // Read and written as atomics. Plain words, so that the table may be pages which the system zeroes as they are used.
  struct Place {
    std::uint64_t entry;
    std::uint32_t seconds;  // when it was last used, on the monotonic clock; 0: free
  };
  using Bucket = std::array<Place, kPlaces>;

  Bucket& bucket_of(std::uint64_t session) const noexcept;

  ZeroPages pages_;
};

}  // namespace orchestra
